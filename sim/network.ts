/** The network between a story's nodes and its channel: it loses, delays and garbles. Answers are read by the channel's own code. */
import type { AttemptOnWire, Channel } from '../src/channels/channel.ts'
import type { Said } from '../src/channels/wechatpay/client.ts'
import { REFUND_CODES, REFUND_QUERY_CODES } from '../src/channels/wechatpay/errors.ts'
import { readRefundAnswer } from '../src/channels/wechatpay/refund.ts'
import type { Outcome } from '../src/domain/outcome.ts'
import { WECHAT_HABITS, type Bank, type Habits } from './bank.ts'
import type { Draw } from './draw.ts'
import type { StoryTime } from './time.ts'

/** Chances, each from 0 to 1. */
export type NetworkFaults = {
  readonly requestLost: number
  readonly requestLate: number
  readonly answerLost: number
  /** 5xx and 429, executed or not. */
  readonly serverError: number
  readonly badSignature: number
  /** A question is answered as if the refund were not known. */
  readonly hidden: number
}

export type Network = {
  readonly channel: Channel
  /** Requests that left and have not arrived yet. */
  readonly underWay: () => readonly LateRequest[]
  /** From now on this goes wrong, and nothing else; */
  readonly become: (faults: NetworkFaults) => void
  /** and now nothing at all. */
  readonly heal: () => void
}

export type LateRequest = { readonly number: string; readonly arrive: () => Promise<void> }

/** One step of an exchange waits here for its turn. */
export type ExchangeGate = (what: string) => Promise<void>

export type NetworkParts = {
  readonly bank: Bank
  readonly time: StoryTime
  readonly draw: Draw
  readonly faults: NetworkFaults
  readonly gate: ExchangeGate
  readonly tell: (line: string) => void
  readonly habits?: Habits
}

export function openNetwork(parts: NetworkParts): Network {
  const { bank, time, draw, faults, gate, tell, habits = WECHAT_HABITS } = parts
  const { refusal, requestToleranceMs } = habits.can
  let chances = faults
  const underWay: LateRequest[] = []
  const arrive = async ({ body }: AttemptOnWire, signedAt: number): Promise<Said> =>
    requestToleranceMs !== null && time.now().getTime() - signedAt > requestToleranceMs
      ? { kind: 'refusal', status: 401, code: 'SIGN_ERROR', date: time.now() }
      : bank.refund(body)
  const read: typeof readRefundAnswer = (said, attempt, table) => {
    const outcome = readRefundAnswer(said, attempt, table)
    const isSigned = outcome.kind === 'refused' && refusal === 'signed'
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
          await arrive(attempt, signedAt)
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
    const said = await arrive(attempt, signedAt)
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
    const said = await bank.askRefund(attempt.channelNumber, draw.chance(chances.hidden))
    tell(`asked about ${attempt.channelNumber}: ${shortOf(said)}`)
    await gate(`what is said of ${attempt.channelNumber}`)
    return read(said, attempt, REFUND_QUERY_CODES)
  }

  return {
    underWay: () => underWay,
    become: (next) => {
      chances = next
    },
    heal: () => {
      chances = NO_FAULTS
      bank.heal()
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

export const NO_FAULTS: NetworkFaults = {
  requestLost: 0,
  requestLate: 0,
  answerLost: 0,
  serverError: 0,
  badSignature: 0,
  hidden: 0,
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
