/** What the age of an answer makes of it: when "not found" counts, and when an answer is too old to prove anything. */
import type { Capabilities } from './capabilities.ts'
import type { Outcome } from './outcome.ts'

/**
 * ms since a send could last have been accepted; null when there is no such end.
 * @param sinceSendByMs ms since the last moment at which a request may have left; null: none ever did.
 */
export function quietMs(toleranceMs: number | null, sinceSendByMs: number | null): number | null {
  if (toleranceMs === null) return null
  // Nothing was ever sent, so nothing can arrive.
  if (sinceSendByMs === null) return Number.MAX_SAFE_INTEGER
  return sinceSendByMs - toleranceMs
}

/**
 * The quiet time in which a "not found" counts; negative, so that it does not, too soon after the last that did. It is
 * true of the moment at which the question was asked: a process that slept over its answer brings it late.
 * @param since ms since the last moment at which a request may have left, since the last "not found" that counted, and
 *   since the question at the earliest.
 */
export function countableMs(
  can: Pick<Capabilities, 'notFound' | 'requestToleranceMs'>,
  since: {
    readonly sendByMs: number | null
    readonly notFoundMs: number | null
    readonly askedMs: number
  },
): number | null {
  const before = (ms: number | null) => (ms === null ? null : ms - since.askedMs)
  const notFoundMs = before(since.notFoundMs)
  if (can.notFound && notFoundMs !== null && notFoundMs < can.notFound.apartMs) return -1
  return quietMs(can.requestToleranceMs, before(since.sendByMs))
}

/**
 * ms since the question that a word answers was asked, at the most: since its holder took what it holds. A word that came
 * by itself is no answer.
 * @param fence of who speaks; null: the word came by itself.
 * @param pastSendByMs ms since the end of the holder's time to send, which is `sendWithinMs` long
 */
export const askedMs = (
  fence: number | null,
  pastSendByMs: number | null,
  sendWithinMs: number,
): number => (fence === null || pastSendByMs === null ? 0 : pastSendByMs + sendWithinMs)

const AGES: readonly Outcome['kind'][] = ['not_found', 'wait']

/**
 * What such a word says was true when it was asked for. From a process that no longer holds the attempt it may be
 * older than a send of the next holder, so it proves nothing and permits nothing.
 * @param fence of who speaks; null: the word came by itself.
 */
export const isOutOfDate = (outcome: Outcome, fence: number | null, heldUnder: number): boolean =>
  fence !== null && fence !== heldUnder && AGES.includes(outcome.kind)
