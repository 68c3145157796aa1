/**
 * The channel of a story: the sandbox's own logic and its book, without its sockets and signatures, behind a network that
 * loses, delays and garbles. What it answers is read by the channel's own code.
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
import type { AttemptOnWire, Channel } from '../src/channels/channel.ts'
import { can } from '../src/channels/wechatpay/capabilities.ts'
import type { Said } from '../src/channels/wechatpay/client.ts'
import { REFUND_CODES, REFUND_QUERY_CODES } from '../src/channels/wechatpay/errors.ts'
import { isMerchants, readRefundAnswer } from '../src/channels/wechatpay/refund.ts'
import type { Capabilities } from '../src/domain/capabilities.ts'
import type { Outcome } from '../src/domain/outcome.ts'
import type { Draw } from './draw.ts'
import type { StoryTime } from './time.ts'

/** Chances, each from 0 to 1. */
export type BankFaults = {
  readonly requestLost: number
  readonly requestLate: number
  readonly answerLost: number
  /** 5xx and 429, executed or not. */
  readonly serverError: number
  readonly badSignature: number
  /** A question is answered as if the refund were not known. */
  readonly hidden: number
  /** What the channel makes of a refund: stuck, closed, back to the merchant, refused. */
  readonly fate: number
}

export type Bank = {
  readonly world: World
  readonly helpers: Helpers
  readonly channel: Channel
  readonly merchant: Merchant
  /** Requests that left and have not arrived yet. */
  readonly underWay: () => readonly LateRequest[]
  /** What the channel has ever had to say of refunds, oldest first: any of it may be delivered, again and late. */
  readonly notices: () => readonly SpokenRefund[]
  /** The customer's bank sends back what it had taken: days after its success the money is with the merchant. */
  readonly bounce: (number: string) => void
  readonly bounced: ReadonlySet<string>
  /** From now on nothing goes wrong. */
  readonly heal: () => void
}

export type LateRequest = { readonly number: string; readonly arrive: () => Promise<void> }
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

/** One step of an exchange waits here for its turn. */
export type ExchangeGate = (what: string) => Promise<void>

export const MCHID = '1900000001'
const FUNDS_FEN = 1_000_000_000
const FATES = [
  'abnormal',
  'closed',
  'returned_to_merchant',
  'user_account_abnormal',
  'not_enough',
] as const

export function openBank(
  time: StoryTime,
  draw: Draw,
  faults: BankFaults,
  gate: ExchangeGate,
  tell: (line: string) => void,
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
  let chances = faults
  for (const kind of FATES) {
    world.faults.set({ on: 'refund', kind, probability: faults.fate / FATES.length })
  }
  const underWay: LateRequest[] = []
  const bounced = new Set<string>()
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

  const refused = new Map<string, Said>()
  /** When a question about a number was first denied an answer though it was known for long. */
  const glitches = new Map<string, number>()
  const denied = new Map<string, boolean>()
  const nameOf = (number: string): string => {
    if (!habits.forgetsNumbers || !isKnown(number)) return number
    let times = 1
    while (isKnown(`${number}x${times}`)) times += 1
    return `${number}x${times}`
  }
  const refundOf = (number: string) =>
    world.ledger.refund({ mchid: merchant.mchid, subMchid: null }, number)
  const isKnown = (number: string): boolean => refundOf(number) !== undefined
  /** Some refunds are never found by such a channel, until all is mended. */
  const isDenied = (number: string): boolean => {
    if (habits.isHonest || chances.hidden === 0) return false
    const known = denied.get(number) ?? draw.chance(chances.hidden)
    denied.set(number, known)
    return known
  }
  const mayDeny = (number: string): boolean => {
    const { notFound } = habits.can
    const since = time.now().getTime() - (refundOf(number)?.createdAt ?? 0)
    if (!habits.isHonest || notFound === null || since < notFound.quietMs) return true
    if (notFound.times < 2) return false
    // Once, and for less than the time that must lie between two such answers.
    const began = glitches.get(number) ?? time.now().getTime()
    glitches.set(number, began)
    return time.now().getTime() - began < notFound.apartMs
  }

  const create = async (attempt: AttemptOnWire, signedAt: number): Promise<Said> => {
    const { requestToleranceMs } = habits.can
    if (requestToleranceMs !== null && time.now().getTime() - signedAt > requestToleranceMs) {
      return { kind: 'refusal', status: 401, code: 'SIGN_ERROR', date: time.now() }
    }
    const number = attempt.channelNumber
    const before = refused.get(number)
    if (before) return before
    const fields = { ...(JSON.parse(attempt.body) as Fields), out_refund_no: nameOf(number) }
    const said = await answerOf(() => createRefund(world, merchant, fields))
    // What it refused with its signature, it has refused for good.
    const isNo = readRefundAnswer(said, attempt, REFUND_CODES).kind === 'refused'
    if (isNo && habits.can.refusal === 'signed') refused.set(number, said)
    listen()
    return said
  }
  const ask = (attempt: AttemptOnWire): Promise<Said> => {
    const number = attempt.channelNumber
    const isHidden = isDenied(number) || (draw.chance(chances.hidden) && mayDeny(number))
    return answerOf(async () => queryRefund(world, merchant, number, {}, isHidden))
  }

  const read: typeof readRefundAnswer = (said, attempt, table) => {
    const outcome = readRefundAnswer(said, attempt, table)
    const isSigned = outcome.kind === 'refused' && habits.can.refusal === 'signed'
    return isSigned ? { ...outcome, proof: 'signed' } : outcome
  }
  const send = async (attempt: AttemptOnWire, signedAt: number): Promise<Outcome> => {
    const number = attempt.channelNumber
    await gate(`request ${number} leaves`)
    if (draw.chance(chances.requestLost)) {
      tell(`the request ${number} is lost`)
      return LOST
    }
    if (draw.chance(chances.requestLate)) {
      tell(`the request ${number} is slow; nobody waits for its answer any more`)
      const late: LateRequest = {
        number,
        arrive: async () => {
          underWay.splice(underWay.indexOf(late), 1)
          await create(attempt, signedAt)
        },
      }
      underWay.push(late)
      return LOST
    }
    const error = draw.chance(chances.serverError) ? draw.pick(SERVER_ERRORS) : null
    if (error && draw.chance(0.5)) {
      tell(`the channel fails before it looks at ${number}`)
      return read(error, attempt, REFUND_CODES)
    }
    const said = await create(attempt, signedAt)
    tell(`the channel answers ${number}: ${shortOf(said)}`)
    await gate(`answer to ${number}`)
    if (error) return read(error, attempt, REFUND_CODES)
    if (draw.chance(chances.answerLost)) {
      tell(`the answer to ${number} is lost`)
      return LOST
    }
    if (draw.chance(chances.badSignature)) {
      return { kind: 'unknown', cause: 'bad_signature', alarm: true }
    }
    return read(said, attempt, REFUND_CODES)
  }
  const query = async (attempt: AttemptOnWire): Promise<Outcome> => {
    await gate(`question about ${attempt.channelNumber}`)
    if (draw.chance(chances.requestLost + chances.answerLost)) return LOST
    const said = await ask(attempt)
    tell(`asked about ${attempt.channelNumber}: ${shortOf(said)}`)
    await gate(`what is said of ${attempt.channelNumber}`)
    return read(said, attempt, REFUND_QUERY_CODES)
  }

  return {
    world,
    helpers: createHelpers(world),
    merchant,
    underWay: () => underWay,
    notices: () => {
      listen()
      return notices
    },
    bounced,
    bounce: (number) => {
      const refund = refundOf(number)
      if (refund?.state !== 'SUCCESS' || isMerchants(refund.account ?? '')) return
      tell(`the bank sends ${number} back`)
      bounced.add(number)
      refund.account = '商户基本账户'
      refund.endedAt = time.now().getTime()
      listen()
    },
    heal: () => {
      chances = NO_FAULTS
      world.faults.clear()
    },
    channel: {
      ...NOTHING_ELSE,
      id: 'sim',
      can: habits.can,
      checkSettings: () => undefined,
      freezePayment: () => '',
      freezeRefund: ({ channelNumber, payment, amount }) =>
        JSON.stringify({
          out_trade_no: payment.channelNumber,
          out_refund_no: channelNumber,
          amount: { refund: amount, total: payment.paid, currency: 'CNY' },
        }),
      refund: (attempt) => {
        const signedAt = time.now().getTime()
        return () => send(attempt, signedAt)
      },
      queryRefund: query,
    },
  }
}

export const NO_FAULTS: BankFaults = {
  requestLost: 0,
  requestLate: 0,
  answerLost: 0,
  serverError: 0,
  badSignature: 0,
  hidden: 0,
  fate: 0,
}

/** Whatever code such an answer names, it says nothing of what became of the request. */
const SERVER_ERRORS = (
  [
    [500, 'SYSTEM_ERROR'],
    [502, 'PARAM_ERROR'],
    [503, 'INVALID_REQUEST'],
    [429, 'FREQUENCY_LIMITED'],
    [429, 'REQUEST_BLOCKED'],
  ] as const
).map(([status, code]) => ({ kind: 'refusal' as const, status, code, date: null }))

const LOST: Outcome = { kind: 'unknown', cause: 'lost', alarm: false }

const shortOf = (said: Said): string =>
  said.kind === 'signed'
    ? String((said.json as { status?: unknown }).status)
    : said.kind === 'refusal'
      ? said.code
      : said.cause

async function answerOf(work: () => Promise<Answer>): Promise<Said> {
  try {
    const { status, body } = await work()
    return { kind: 'signed', status, json: JSON.parse(JSON.stringify(body)) as unknown }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { kind: 'refusal', status: error.status, code: error.code, date: null }
  }
}

/** Payments are there from the beginning; nobody pays in a story of refunds. */
const notPlayed = () => {
  throw new Error('stories are about refunds')
}
const NOTHING_ELSE = {
  pay: notPlayed,
  reversePayment: notPlayed,
  closePayment: notPlayed,
  queryPayment: notPlayed,
  check: notPlayed,
  readNotice: notPlayed,
  answerNotice: notPlayed,
}

function openWorld(time: StoryTime, draw: Draw, merchant: Merchant, can: Capabilities): World {
  const journal = openJournal(undefined)
  const random = createRandom(draw.below(0x7fffffff))
  const settings = {
    ...defaultSettings,
    // Counted by real time, which has no place here.
    refundsPerSecond: null,
    refundErrorsPerSecond: null,
    refundQueriesPerSecond: null,
    refundSpacingMs: can.spacingMs,
    refundsPerOrder: can.countMax ?? defaultSettings.refundsPerOrder,
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
  return {
    list: () => [merchant],
    get: (mchid) => (mchid === merchant.mchid ? merchant : undefined),
    keys: notPlayed,
    create: notPlayed,
    change: notPlayed,
    renewCertificate: notPlayed,
    funds: () => funds,
    setFunds: (_, fen) => {
      funds = fen
    },
    nameOf: () => merchant.name,
  }
}
