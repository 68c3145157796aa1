/**
 * The channel of a story: the sandbox's own logic and its book, without its sockets and signatures. Nothing is lost or late
 * here; that is the network's doing (`network.ts`).
 */
import type { Account as Merchant, Accounts } from '../sandbox/accounts.ts'
import { createBook } from '../sandbox/book.ts'
import { createFaults } from '../sandbox/faults.ts'
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
import type { World } from '../sandbox/world.ts'
import type { Said } from '../src/channels/wechatpay/client.ts'
import type { Draw } from './draw.ts'
import type { StoryTime } from './time.ts'

export type Bank = {
  readonly world: World
  readonly helpers: Helpers
  readonly merchant: Merchant
  /** Executes a refund, or refuses it; asked again with the same number it answers as it stands. */
  readonly refund: (body: string) => Promise<Said>
  /** @param isHidden it is answered as if the refund were not known. */
  readonly askRefund: (number: string, isHidden: boolean) => Promise<Said>
  /** What the channel has ever had to say of refunds, oldest first: any of it may be delivered, again and late. */
  readonly notices: () => readonly SpokenRefund[]
  /** Of what is asked from now on, nothing gets stuck, is closed, sent back or refused. */
  readonly heal: () => void
}

export type SpokenRefund = { readonly number: string; readonly said: Fields }

export const MCHID = '1900000001'
const FUNDS_FEN = 1_000_000_000
const FATES = ['abnormal', 'closed', 'returned_to_merchant', 'user_account_abnormal'] as const

/** @param fate how likely it is, from 0 to 1, that a refund gets stuck, is closed, sent back to the merchant or refused. */
export function openBank(time: StoryTime, draw: Draw, fate: number): Bank {
  const merchant = {
    mchid: MCHID,
    appid: 'wx',
    name: 'shop',
    kind: 'direct',
    subMchids: [] as string[],
    feeBasisPoints: 60,
    // Keys and certificates: nothing is signed here.
  } as unknown as Merchant
  const world = openWorld(time, draw, merchant)
  for (const kind of FATES) {
    world.faults.set({ on: 'refund', kind, probability: fate / FATES.length })
  }
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
  return {
    world,
    helpers: createHelpers(world),
    merchant,
    refund: async (body) => {
      const said = await answerOf(() => createRefund(world, merchant, JSON.parse(body) as Fields))
      listen()
      return said
    },
    askRefund: (number, isHidden) =>
      answerOf(async () => queryRefund(world, merchant, number, {}, isHidden)),
    notices: () => {
      listen()
      return notices
    },
    heal: () => world.faults.clear(),
  }
}

async function answerOf(work: () => Promise<Answer>): Promise<Said> {
  try {
    const { status, body } = await work()
    return { kind: 'signed', status, json: JSON.parse(JSON.stringify(body)) as unknown }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { kind: 'refusal', status: error.status, code: error.code, date: null }
  }
}

function openWorld(time: StoryTime, draw: Draw, merchant: Merchant): World {
  const journal = openJournal(undefined)
  const random = createRandom(draw.below(0x7fffffff))
  const settings = {
    ...defaultSettings,
    // Counted by real time, which has no place here.
    refundsPerSecond: null,
    refundErrorsPerSecond: null,
    refundQueriesPerSecond: null,
    arrivalToBalanceMs: draw.pick([0, 2_000, 300_000]),
    refundVisibleAfterMs: draw.pick([0, 0, 60_000]),
    failureAfterMs: draw.pick([0, 2_000, 3_600_000]),
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
    // Nobody gave an address, so nothing is ever posted; notices are delivered by the story.
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
