/**
 * The channel of a story: the sandbox's own logic and its book, without its sockets and signatures. Nothing is lost or late
 * here; that is the network's doing (`network.ts`).
 */
import type { Account as Merchant, Accounts } from '../sandbox/accounts.ts'
import { createBook } from '../sandbox/book.ts'
import { createFaults, type FaultKind } from '../sandbox/faults.ts'
import { createHelpers, type Helpers } from '../sandbox/helpers.ts'
import { openJournal } from '../sandbox/journal.ts'
import { createRandom } from '../sandbox/random.ts'
import { createRates } from '../sandbox/rates.ts'
import { createRequestLog } from '../sandbox/request-log.ts'
import { defaultSettings } from '../sandbox/settings.ts'
import { createCustomers } from '../sandbox/wallet/customers.ts'
import type { Answer } from '../sandbox/wechatpay/answer.ts'
import type { Fields } from '../sandbox/wechatpay/fields.ts'
import { createLedger } from '../sandbox/wechatpay/ledger.ts'
import { Refusal } from '../sandbox/wechatpay/problem.ts'
import { createRefund, describeRefund, queryRefund } from '../sandbox/wechatpay/refunds.ts'
import { remedyRefund, type Remedied } from '../sandbox/wechatpay/remedy.ts'
import type { World } from '../sandbox/world.ts'
import { can } from '../src/channels/wechatpay/capabilities.ts'
import type { Said } from '../src/channels/wechatpay/client.ts'
import { REFUND_CODES, refundRefused } from '../src/channels/wechatpay/errors.ts'
import { isMerchants } from '../src/channels/wechatpay/refund.ts'
import type { Capabilities } from '../src/domain/capabilities.ts'
import { openOrders, type Orders } from './bank-orders.ts'
import type { Draw } from './draw.ts'
import type { StoryTime } from './time.ts'

export type Bank = {
  readonly world: World
  readonly helpers: Helpers
  readonly merchant: Merchant
  readonly orders: Orders
  /** Executes a refund, or refuses it; asked again with the same number it answers as it stands. */
  readonly refund: (body: string) => Promise<Said>
  /** @param isHidden it is answered as if the refund were not known, where its habits allow that. */
  readonly askRefund: (number: string, isHidden: boolean) => Promise<Said>
  /** A stuck refund goes on: to another card, or to the merchant. @param channelNo the channel's number of it. */
  readonly remedy: (channelNo: string, body: string) => Promise<Said>
  /** The customer's bank sends back what it had taken: days after its success the money is with the merchant. */
  readonly bounce: (number: string) => boolean
  readonly bounced: ReadonlySet<string>
  /** What the channel has ever had to say of refunds, oldest first: any of it may be delivered, again and late. */
  readonly notices: () => readonly SpokenRefund[]
  /** Of what is asked from now on, nothing gets stuck, is closed, sent back or refused. */
  readonly heal: () => void
}

export type SpokenRefund = { readonly number: string; readonly said: Fields }

/** What a channel is like where channels differ; its answers are worded as WeChat Pay's whatever it is like. */
export type Habits = {
  readonly can: Capabilities
  /** The same number again is another refund: the channel does not know it by its number. */
  readonly forgetsNumbers: boolean
  /** It denies what it has for no longer than `can.notFound` allows for. */
  readonly isHonest: boolean
}

export const WECHAT_HABITS: Habits = {
  can: { ...can, rate: { perSecond: 1_000_000 } },
  forgetsNumbers: false,
  isHonest: true,
}

export const MCHID = '1900000001'
const FUNDS_FEN = 1_000_000_000
/** What becomes of refunds that do not simply arrive, and which part of those it is; a stuck one has the longest way to go. */
const FATES = {
  abnormal: 0.4,
  closed: 0.15,
  returned_to_merchant: 0.15,
  user_account_abnormal: 0.15,
  not_enough: 0.15,
} as const satisfies Partial<Record<FaultKind, number>>

/** @param fate how likely it is, from 0 to 1, that a refund gets stuck, is closed, sent back to the merchant or refused. */
export function openBank(
  time: StoryTime,
  draw: Draw,
  fate: number,
  habits: Habits = WECHAT_HABITS,
): Bank {
  const merchant = {
    mchid: MCHID,
    appid: 'wx',
    name: 'shop',
    kind: 'direct',
    subMchids: [] as string[],
    feeBasisPoints: 60,
    // Keys and certificates: nothing is signed here.
  } as unknown as Merchant
  const world = openWorld(time, draw, merchant, habits.can)
  for (const [kind, part] of Object.entries(FATES)) {
    world.faults.set({ on: 'refund', kind: kind as keyof typeof FATES, probability: fate * part })
  }
  // Notices are delivered by the story, and by nobody else.
  const silence = () => world.faults.set({ on: 'notify', kind: 'never' })
  silence()
  const notices: SpokenRefund[] = []
  /** What it says of each refund now; each time that changes, a notice is on its way. */
  const spoken = new Map<string, string>()
  const listen = () => {
    for (const refund of world.ledger.allRefunds()) {
      const said = describeRefund(refund)
      const text = JSON.stringify(said)
      if (spoken.get(refund.outRefundNo) === text) continue
      spoken.set(refund.outRefundNo, text)
      notices.push({ number: refund.outRefundNo, said: JSON.parse(text) as Fields })
    }
  }
  const refundOf = (number: string) =>
    world.ledger.refund({ mchid: merchant.mchid, subMchid: null }, number)
  const memory = openMemory(time, habits, refundOf)
  const bounced = new Set<string>()
  const helpers = createHelpers(world)
  return {
    world,
    helpers,
    merchant,
    orders: openOrders(world, helpers, merchant, answerOf),
    refund: async (body) => {
      const fields = JSON.parse(body) as Fields
      const number = String(fields['out_refund_no'])
      const before = memory.refused(number)
      if (before) return before
      const named = { ...fields, out_refund_no: memory.nameOf(number) }
      const said = await answerOf(() => createRefund(world, merchant, named))
      memory.keep(number, said)
      listen()
      return said
    },
    askRefund: (number, isHidden) =>
      answerOf(async () =>
        queryRefund(world, merchant, number, {}, memory.denies(number, isHidden)),
      ),
    remedy: async (channelNo, body) => {
      const type = (JSON.parse(body) as Fields)['type'] as Remedied['type']
      const target = type === 'USER_BANK_CARD' ? '招商银行借记卡0403' : '商户结算银行账户'
      const outRefundNo = world.ledger.refundById(channelNo)?.outRefundNo ?? ''
      const of = { mchid: merchant.mchid, subMchid: null, refundId: channelNo, outRefundNo }
      const said = await answerOf(() => remedyRefund(world, { ...of, type, target }))
      listen()
      return said
    },
    bounce: (number) => {
      const refund = refundOf(number)
      if (refund?.state !== 'SUCCESS' || isMerchants(refund.account ?? '')) return false
      bounced.add(number)
      refund.account = '商户基本账户'
      refund.endedAt = time.now().getTime()
      listen()
      return true
    },
    bounced,
    notices: () => {
      listen()
      return notices
    },
    heal: () => {
      world.faults.clear()
      silence()
      memory.heal()
    },
  }
}

/** What the channel remembers of numbers, and what of that it admits. */
function openMemory(
  time: StoryTime,
  { can: { refusal, notFound }, forgetsNumbers, isHonest }: Habits,
  refundOf: (number: string) => { readonly createdAt: number } | undefined,
) {
  const refused = new Map<string, Said>()
  /** When a question about a number was first denied an answer though it was known for long. */
  const glitches = new Map<string, number>()
  const denied = new Set<string>()
  let isMended = false
  return {
    refused: (number: string): Said | undefined => refused.get(number),
    /** What it refused with its signature, it has refused for good. */
    keep: (number: string, said: Said): void => {
      if (said.kind !== 'refusal' || refusal !== 'signed') return
      if (refundRefused(said, REFUND_CODES).kind === 'refused') refused.set(number, said)
    },
    nameOf: (number: string): string => {
      let name = number
      for (let times = 1; forgetsNumbers && refundOf(name) !== undefined; times += 1) {
        name = `${number}x${times}`
      }
      return name
    },
    denies: (number: string, wishes: boolean): boolean => {
      const now = time.now().getTime()
      const since = now - (refundOf(number)?.createdAt ?? 0)
      if (!isHonest && wishes) denied.add(number)
      if (denied.has(number)) return !isMended
      if (!wishes || notFound === null || since < notFound.quietMs) return wishes
      if (notFound.times < 2) return false
      // Once, and for less than the time that must lie between two such answers.
      const began = glitches.get(number) ?? now
      glitches.set(number, began)
      return now - began < notFound.apartMs
    },
    heal: () => {
      isMended = true
    },
  }
}

async function answerOf(work: () => Answer | Promise<Answer>): Promise<Said> {
  try {
    const { status, body } = await work()
    return { kind: 'signed', status, json: JSON.parse(JSON.stringify(body)) as unknown }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { kind: 'refusal', status: error.status, code: error.code, date: null }
  }
}

function openWorld(
  time: StoryTime,
  draw: Draw,
  merchant: Merchant,
  { spacingMs, countMax }: Capabilities,
): World {
  const journal = openJournal(undefined)
  const random = createRandom(draw.below(0x7fffffff))
  const settings = {
    ...defaultSettings,
    // Counted by real time, which has no place here.
    refundsPerSecond: null,
    refundErrorsPerSecond: null,
    refundQueriesPerSecond: null,
    refundSpacingMs: spacingMs,
    refundsPerOrder: countMax ?? defaultSettings.refundsPerOrder,
    arrivalToBalanceMs: draw.pick([0, 2_000, 300_000]),
    refundVisibleAfterMs: draw.pick([0, 0, 60_000]),
    failureAfterMs: draw.pick([0, 2_000, 3_600_000]),
    paymentCodeLifeMs: draw.pick([60_000, 600_000]),
  }
  return {
    accounts: oneMerchant(merchant),
    book: createBook(journal),
    caPem: '',
    clock: time.sandbox,
    customers: createCustomers(journal, time.sandbox, random, settings),
    faults: createFaults(random),
    journal,
    ledger: createLedger(journal, time.sandbox, random),
    // Nothing is ever posted: notices are delivered by the story.
    postman: undefined as never,
    random,
    rates: createRates(),
    requests: createRequestLog(),
    serverTls: { key: '', cert: '' },
    settings,
    tickets: new Map(),
  }
}

function oneMerchant(merchant: Merchant): Accounts {
  let funds = FUNDS_FEN
  const fixed = () => {
    throw new Error('the merchant of a story stays as it is')
  }
  return {
    list: () => [merchant],
    get: (mchid) => (mchid === merchant.mchid ? merchant : undefined),
    keys: fixed,
    create: fixed,
    change: fixed,
    renewCertificate: fixed,
    funds: () => funds,
    setFunds: (_, fen) => {
      funds = fen
    },
    nameOf: () => merchant.name,
  }
}
