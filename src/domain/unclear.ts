/** What stays unclear for long is asked about as ever, and also put on a person's list until it is clear. */
import type { Attempt } from './attempt.ts'

const UNCLEAR_LONG_MS = 30 * 60_000

/** The node's clock may be behind the database's: a look that came too early is repeated after this, in ms. */
const LOOK_AGAIN_MS = 10_000

/** Since when nobody knows what became of it; null: it is known, or it never left, or the channel said to wait. */
export const unclearSince = (
  attempt: Pick<Attempt, 'state' | 'firstSentAt' | 'waiting'>,
): Date | null =>
  attempt.state === 'submitted' && attempt.waiting === null ? attempt.firstSentAt : null

const isLongUnclear = (since: Date | null, now: Date): boolean =>
  since !== null && now.getTime() - since.getTime() >= UNCLEAR_LONG_MS

/** `long`: a person should look; `over`: it was long unclear and is no more. */
export function unclearChange(
  before: Date | null,
  after: Date | null,
  now: Date,
): 'long' | 'over' | null {
  if (isLongUnclear(after, now)) return 'long'
  return isLongUnclear(before, now) ? 'over' : null
}

/** A next look, brought forward to the moment from which it is long unclear, so that the list is not late. */
export function lookBy(next: Date, since: Date | null, now: Date): Date {
  if (since === null || isLongUnclear(since, now)) return next
  const long = Math.max(since.getTime() + UNCLEAR_LONG_MS, now.getTime() + LOOK_AGAIN_MS)
  return next.getTime() > long ? new Date(long) : next
}
