/** Turns at a channel that an answer waits for, but not for long: what takes longer goes on without the answer. */
import type { Api } from './api.ts'

/** Longer, and a cashier presses again; what is stored by then is answered, and told by events afterwards. */
const ANSWER_WITHIN_MS = 4_000

export type TakeTurn = (turn: () => Promise<void>) => Promise<void>

/**
 * A turn that fails is logged and changes nothing for the caller: the thing is stored, and the sweeper takes its next
 * turn. Closing the server waits for turns under way, so that their answers are not lost.
 */
export function turnsOf(app: Api): TakeTurn {
  const underWay = new Set<Promise<void>>()
  app.addHook('onClose', async () => {
    while (underWay.size > 0) await Promise.all(underWay)
  })
  return async (turn) => {
    const taken = turn()
      .catch((error: unknown) => app.facts.error({ err: error }, 'turn.failed'))
      .finally(() => underWay.delete(taken))
    underWay.add(taken)
    const { promise: late, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, ANSWER_WITHIN_MS)
    await Promise.race([taken, late])
    clearTimeout(timer)
  }
}
