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
import { readRefundAnswer } from '../src/channels/wechatpay/refund.ts'
import { TIMESTAMP_TOLERANCE_MS } from '../src/channels/wechatpay/sign.ts'
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
  /** From now on nothing goes wrong. */
  readonly heal: () => void
}

export type LateRequest = { readonly number: string; readonly arrive: () => Promise<void> }
export type SpokenRefund = { readonly number: string; readonly said: Fields }

/** One step of an exchange waits here for its turn. */
export type ExchangeGate = (what: string) => Promise<void>

export const MCHID = '1900000001'
const FUNDS_FEN = 1_000_000_000
const FATES = ['abnormal', 'closed', 'returned_to_merchant', 'user_account_abnormal'] as const

export function openBank(
  time: StoryTime,
  draw: Draw,
  faults: BankFaults,
  gate: ExchangeGate,
  tell: (line: string) => void,
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
  const world = openWorld(time, draw, merchant)
  let chances = faults
  for (const kind of FATES) {
    world.faults.set({ on: 'refund', kind, probability: faults.fate / FATES.length })
  }
  const underWay: LateRequest[] = []
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

  const create = async (attempt: AttemptOnWire, signedAt: number): Promise<Said> => {
    if (time.now().getTime() - signedAt > TIMESTAMP_TOLERANCE_MS) {
      return { kind: 'refusal', status: 401, code: 'SIGN_ERROR', date: time.now() }
    }
    const fields = JSON.parse(attempt.body) as Fields
    const said = await answerOf(() => createRefund(world, merchant, fields))
    listen()
    return said
  }
  const ask = (attempt: AttemptOnWire): Promise<Said> => {
    const isHidden = draw.chance(chances.hidden)
    return answerOf(async () => queryRefund(world, merchant, attempt.channelNumber, {}, isHidden))
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
    const isError = draw.chance(chances.serverError)
    if (isError && draw.chance(0.5)) {
      tell(`the channel fails before it looks at ${number}`)
      return { kind: 'unknown', cause: 'http_500', alarm: false }
    }
    const said = await create(attempt, signedAt)
    tell(`the channel answers ${number}: ${shortOf(said)}`)
    await gate(`answer to ${number}`)
    if (isError || draw.chance(chances.answerLost)) {
      tell(`the answer to ${number} is lost`)
      return isError ? { kind: 'unknown', cause: 'http_500', alarm: false } : LOST
    }
    if (draw.chance(chances.badSignature)) {
      return { kind: 'unknown', cause: 'bad_signature', alarm: true }
    }
    return readRefundAnswer(said, attempt, REFUND_CODES)
  }
  const query = async (attempt: AttemptOnWire): Promise<Outcome> => {
    await gate(`question about ${attempt.channelNumber}`)
    if (draw.chance(chances.requestLost + chances.answerLost)) return LOST
    const said = await ask(attempt)
    tell(`asked about ${attempt.channelNumber}: ${shortOf(said)}`)
    await gate(`what is said of ${attempt.channelNumber}`)
    return readRefundAnswer(said, attempt, REFUND_QUERY_CODES)
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
    heal: () => {
      chances = NO_FAULTS
      world.faults.clear()
    },
    channel: {
      ...NOTHING_ELSE,
      id: 'sim',
      can: { ...can, rate: { perSecond: 1_000_000 } },
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
