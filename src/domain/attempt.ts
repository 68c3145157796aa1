/**
 * One try to move the money of one refund. Everything that may happen to it is in this file: the states,
 * the moves between them, and how a channel's word becomes a fact.
 */
import type { Capabilities } from './capabilities.ts'
import type { Outcome, WaitReason } from './outcome.ts'

export const ATTEMPT_STATES = [
  'submitted',
  'processing',
  'stuck',
  'succeeded',
  'declined',
  'returned',
] as const
export type AttemptState = (typeof ATTEMPT_STATES)[number]

export const ATTEMPT_KINDS = ['refund', 'void', 'cash', 'transfer', 'outside'] as const
export type AttemptKind = (typeof ATTEMPT_KINDS)[number]

/** Every move there is. `declined → processing | stuck` only where the decline was inferred: see `mayMove`. */
export const ATTEMPT_MOVES: Readonly<Record<AttemptState, readonly AttemptState[]>> = {
  submitted: ['processing', 'stuck', 'succeeded', 'returned', 'declined'],
  processing: ['stuck', 'succeeded', 'returned', 'declined'],
  stuck: ['processing', 'succeeded', 'returned', 'declined'],
  succeeded: ['returned'],
  declined: ['succeeded', 'returned', 'processing', 'stuck'],
  returned: ['succeeded'],
}

/** The states in which the channel may still move money for this attempt. */
export const OPEN_STATES: readonly AttemptState[] = ['submitted', 'processing', 'stuck']

export type Attempt = {
  readonly kind: AttemptKind
  readonly state: AttemptState
  /** Declined without a signed word of the channel: a later sign of life reopens it. */
  readonly inferred: boolean
  /** Open again after an inferred decline; the room it once had may be gone. */
  readonly reopened: boolean
  /** A person ended all further sends. */
  readonly stopped: boolean
  /** A remedy was sent after the attempt got stuck, so `processing` is news and not an echo. */
  readonly remedySent: boolean
  /** The refusal the channel gave without a signature, waiting for a query to confirm it; null: none. */
  readonly hint: { readonly code: string; readonly final: boolean } | null
  readonly notFoundCount: number
  readonly firstSentAt: Date | null
  /** Channel's time of the latest success or return we were told of; orders the two. */
  readonly channelTime: Date | null
  readonly channelNo: string | null
  readonly waiting: WaitReason | null
  readonly tries: number
}

export const isOpen = (attempt: Pick<Attempt, 'state' | 'reopened'>): boolean =>
  OPEN_STATES.includes(attempt.state)

export const mayMove = (attempt: Pick<Attempt, 'state' | 'inferred'>, to: AttemptState): boolean =>
  ATTEMPT_MOVES[attempt.state].includes(to) &&
  (attempt.state !== 'declined' || to === 'succeeded' || to === 'returned' || attempt.inferred)

/**
 * What an outcome means for the attempt.
 * - `move`: a truth; the state changes.
 * - `stay`: nothing is decided; `next` says what to do at the next turn.
 * - `alarm`: contradicts what we know; nothing moves, a person is called.
 */
export type Fact =
  | {
      readonly kind: 'move'
      readonly to: AttemptState
      readonly inferred: boolean
      readonly reopens: boolean
    }
  | {
      readonly kind: 'stay'
      readonly notFoundCount: number
      readonly hint: Attempt['hint']
      readonly waiting: WaitReason | null
      readonly next: 'ask' | 'send_again' | 'rest'
      readonly alarm: string | null
      /** See `Attempt`: a repeated truth may carry a later time. */
      readonly channelTime: Date | null
      /** False once a decline that was only inferred has got its proof. */
      readonly inferred: boolean
    }

/**
 * @param quietMs ms since the last moment at which a send of this attempt could still have been accepted
 *   (last `send_by` plus the channel's tolerance); null when the channel sets no such end. Measured on the
 *   database's clock. Negative while a request may still arrive.
 */
export function factOf(
  attempt: Attempt,
  outcome: Outcome,
  can: Pick<Capabilities, 'refusal' | 'notFound' | 'replaySafe'>,
  quietMs: number | null,
): Fact {
  switch (outcome.kind) {
    case 'succeeded':
      if (attempt.state === 'succeeded') return said(attempt, outcome.at)
      // Which of the two came last cannot be told from this word; the channel's answer can.
      if (attempt.state === 'returned' && !isLater(outcome.at, attempt.channelTime))
        return stay(attempt, { next: 'ask' })
      return moveTo(attempt, 'succeeded')
    case 'returned':
      if (attempt.state === 'returned') return said(attempt, outcome.at)
      if (attempt.state === 'succeeded' && isEarlier(outcome.at, attempt.channelTime))
        return rest(attempt)
      return moveTo(attempt, 'returned')
    case 'stuck':
      return moveTo(attempt, 'stuck')
    case 'processing':
      // The channel repeats "processing" while an attempt is stuck; it is news only after a remedy was sent.
      if (attempt.state === 'stuck' && !attempt.remedySent) return rest(attempt)
      return moveTo(attempt, 'processing')
    case 'refused':
      return refused(attempt, outcome, can)
    case 'not_found':
      return notFound(attempt, can, quietMs)
    case 'wait':
      return isOpen(attempt)
        ? stay(attempt, { waiting: outcome.reason, next: 'send_again', notFoundCount: 0 })
        : rest(attempt)
    case 'unknown':
      return stay(attempt, {
        next: isOpen(attempt) ? 'ask' : 'rest',
        notFoundCount: 0,
        alarm: outcome.alarm ? outcome.cause : null,
      })
  }
}

function refused(
  attempt: Attempt,
  outcome: Extract<Outcome, { kind: 'refused' }>,
  can: Pick<Capabilities, 'refusal'>,
): Fact {
  const proven =
    outcome.proof === 'person' ||
    outcome.proof === 'statement' ||
    (outcome.proof === 'signed' && can.refusal !== 'statement_only')
  // The proof may come after we inferred it; from then on an old "processing" must not open the attempt again.
  if (attempt.state === 'declined' && proven)
    return stay(attempt, { next: 'rest', inferred: false })
  if (!isOpen(attempt)) return rest(attempt)
  if (proven) return moveTo(attempt, 'declined')
  // Once the channel verifiably has the refund, an unsigned "no" is about this request and not about the refund.
  if (attempt.state !== 'submitted') return stay(attempt, { next: 'ask', notFoundCount: 0 })
  return stay(attempt, {
    hint: { code: outcome.code, final: outcome.final },
    next: 'ask',
    notFoundCount: 0,
  })
}

function notFound(
  attempt: Attempt,
  can: Pick<Capabilities, 'refusal' | 'notFound' | 'replaySafe'>,
  quietMs: number | null,
): Fact {
  if (attempt.state === 'processing' || attempt.state === 'stuck') {
    // The channel had it and now denies it: a truth of its own kind, for a person.
    return stay(attempt, { next: 'ask', notFoundCount: 0, alarm: 'not_found_after_accepted' })
  }
  if (attempt.state !== 'submitted') return rest(attempt)
  const sendingHasEnded = attempt.stopped || attempt.hint?.final === true
  if (!sendingHasEnded) {
    return stay(attempt, {
      next: can.replaySafe ? 'send_again' : 'ask',
      notFoundCount: attempt.notFoundCount,
    })
  }
  const quiet = can.notFound !== null && quietMs !== null && quietMs >= can.notFound.quietMs
  const count = quiet ? attempt.notFoundCount + 1 : attempt.notFoundCount
  const proves = can.refusal === 'confirm_by_query' || (can.refusal === 'signed' && attempt.stopped)
  if (proves && can.notFound !== null && quiet && count >= can.notFound.times) {
    return { kind: 'move', to: 'declined', inferred: true, reopens: false }
  }
  return stay(attempt, { next: 'ask', notFoundCount: count })
}

function moveTo(attempt: Attempt, to: AttemptState): Fact {
  if (attempt.state === to || !mayMove(attempt, to)) return rest(attempt)
  const reopens = attempt.state === 'declined' && (to === 'processing' || to === 'stuck')
  return { kind: 'move', to, inferred: false, reopens }
}

/**
 * What we know already, said again. A later time counts: success, return and success again may reach us as success,
 * success and return, and the return in the middle must find the time of the last success.
 */
function said(attempt: Attempt, at: Date): Fact {
  return stay(attempt, {
    next: 'rest',
    channelTime: isLater(at, attempt.channelTime) ? at : attempt.channelTime,
  })
}

/** Nothing new was said. An open attempt is still asked about. */
function rest(attempt: Attempt): Fact {
  return stay(attempt, { next: isOpen(attempt) ? 'ask' : 'rest' })
}

function stay(
  attempt: Attempt,
  change: Partial<Omit<Extract<Fact, { kind: 'stay' }>, 'kind'>>,
): Fact {
  return {
    kind: 'stay',
    notFoundCount: attempt.notFoundCount,
    hint: attempt.hint,
    waiting: null,
    next: 'ask',
    alarm: null,
    channelTime: attempt.channelTime,
    inferred: attempt.inferred,
    ...change,
  }
}

const isLater = (at: Date, than: Date | null): boolean => than === null || at > than
const isEarlier = (at: Date, than: Date | null): boolean => than !== null && at < than

/** What the next turn of an open attempt does. */
export type Turn = 'send' | 'ask'

/**
 * A first send while nothing left the building; otherwise a question, unless the last answer was one that
 * permits the identical body under the same number (`sendAgain`). A stopped or reopened attempt and one with
 * a final hint are only ever asked about; so is one beside which the customer has been paid, or still may be.
 */
export function turnOf(
  attempt: Attempt,
  circumstances: {
    sendAgain: boolean
    replaySafe: boolean
    paidBackOtherwise: boolean
    /** See `takesSends`. */
    blocked: boolean
  },
): Turn {
  const fenced =
    attempt.stopped ||
    attempt.reopened ||
    attempt.hint?.final === true ||
    circumstances.paidBackOtherwise ||
    circumstances.blocked
  if (fenced || attempt.state !== 'submitted') return 'ask'
  if (attempt.firstSentAt === null) return 'send'
  return circumstances.sendAgain && circumstances.replaySafe ? 'send' : 'ask'
}

/** The wait before the `tries`-th question, in ms; the schedule's last step repeats for ever: no unknown expires. */
export function nextWaitMs(schedule: readonly number[], tries: number): number {
  const wait = schedule[Math.min(tries, schedule.length - 1)]
  if (wait === undefined) throw new RangeError('a query schedule has at least one step')
  return wait
}
