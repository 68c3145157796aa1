/** The network between a story's nodes and its channel: it loses, delays and garbles. */
import type { Channel } from '../src/channels/channel.ts'
import type { Said } from '../src/channels/wechatpay/client.ts'
import { WECHAT_HABITS, type Bank, type Habits } from './bank.ts'
import { storyChannel } from './channel.ts'
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

/** One request that moves something, and how its answer is read. */
type Request<T> = {
  readonly number: string
  /** What the request is called in the story. */
  readonly what: string
  readonly execute: () => Promise<Said>
  readonly read: (said: Said) => T
}
type Question<T> = {
  readonly number: string
  readonly ask: (isHidden: boolean) => Promise<Said>
  readonly read: (said: Said) => T
}
type Unknown = { readonly kind: 'unknown'; readonly cause: string; readonly alarm: boolean }

/** What the channel of a story is reached by. */
export type Wire = {
  /** Signed now; what it returns lets it leave. */
  readonly send: <T>(request: Request<T>) => () => Promise<T | Unknown>
  readonly ask: <T>(question: Question<T>) => Promise<T | Unknown>
}

export function openNetwork(parts: NetworkParts): Network {
  const { bank, time, draw, faults, gate, tell, habits = WECHAT_HABITS } = parts
  const { requestToleranceMs } = habits.can
  let chances = faults
  const underWay: LateRequest[] = []
  const arrive = async (execute: () => Promise<Said>, signedAt: number): Promise<Said> =>
    requestToleranceMs !== null && time.now().getTime() - signedAt > requestToleranceMs
      ? { kind: 'refusal', status: 401, code: 'SIGN_ERROR', date: time.now() }
      : execute()

  const leave = async <T>(request: Request<T>, signedAt: number): Promise<T | Unknown> => {
    const { number, what, execute, read } = request
    await gate(`${what} ${number} leaves`)
    if (draw.chance(chances.requestLost)) {
      tell(`the ${what} ${number} is lost`)
      return LOST
    }
    if (draw.chance(chances.requestLate)) {
      tell(`the ${what} ${number} is slow; nobody waits for its answer any more`)
      const late: LateRequest = {
        number,
        arrive: async () => {
          underWay.splice(underWay.indexOf(late), 1)
          await arrive(execute, signedAt)
        },
      }
      underWay.push(late)
      return LOST
    }
    const error = draw.chance(chances.serverError) ? draw.pick(SERVER_ERRORS) : null
    if (error && draw.chance(0.5)) {
      tell(`the channel fails before it looks at ${number}`)
      return read(error)
    }
    const said = await arrive(execute, signedAt)
    tell(`the channel answers ${number}: ${shortOf(said)}`)
    await gate(`answer to ${number}`)
    if (error) return read(error)
    if (draw.chance(chances.answerLost)) {
      tell(`the answer to ${number} is lost`)
      return LOST
    }
    if (draw.chance(chances.badSignature)) {
      return { kind: 'unknown', cause: 'bad_signature', alarm: true }
    }
    return read(said)
  }
  const wire: Wire = {
    send: (request) => {
      const signedAt = time.now().getTime()
      return () => leave(request, signedAt)
    },
    ask: async ({ number, ask, read }) => {
      await gate(`question about ${number}`)
      if (draw.chance(chances.requestLost + chances.answerLost)) return LOST
      const said = await ask(draw.chance(chances.hidden))
      tell(`asked about ${number}: ${shortOf(said)}`)
      await gate(`what is said of ${number}`)
      return read(said)
    },
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
    channel: storyChannel(bank, wire, habits),
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

const LOST: Unknown = { kind: 'unknown', cause: 'lost', alarm: false }

const shortOf = (said: Said): string =>
  said.kind === 'signed' ? stateOf(said) : said.kind === 'refusal' ? said.code : said.cause

/** Refunds and orders each have their own word for it; that a code is shown or an order undone has none. */
function stateOf({ status, json }: Extract<Said, { kind: 'signed' }>): string {
  const said = (json ?? {}) as { readonly status?: string; readonly trade_state?: string }
  return said.status ?? said.trade_state ?? String(status)
}
