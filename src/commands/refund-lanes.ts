/** One node's work on refunds that people and channels ask for one by one, done list by list. */
import type { Actor } from '../domain/actor.ts'
import type { RefundRequest } from '../domain/request.ts'
import { openAnswers } from './answers.ts'
import { openLane } from './coalesce.ts'
import type { Core } from './core.ts'
import { requestRefunds, takeRequests, type Asked, type Requested } from './request-refunds.ts'
import { getReady, takeTurn, type Lease } from './send-attempts.ts'
import type { Word } from './settle-attempts.ts'

export type RefundLanes = {
  /** Throws LaneFull, before anything was done, when too many wait already. */
  readonly request: (actor: Actor, input: RefundRequest) => Promise<Requested>
  /** As `sendAttempts` of the one. */
  readonly send: (tenant: number, lease: Lease) => Promise<void>
  /** As `settleAttempts` by the system. */
  readonly settle: (tenant: number, word: Word) => Promise<void>
  readonly drained: () => Promise<void>
}

/** Of one merchant, at one node; at some seconds' work somebody who waits is better told to come back. */
const WAITING_MAX = 1_000

export function openRefundLanes(core: Core): RefundLanes {
  const answers = openAnswers(core)
  const requests = openLane<Asked, Requested>(
    (tenant, asked) => takeRequests(core, tenant, asked, core.clock.now()),
    WAITING_MAX,
  )
  const ready = openLane(
    (tenant, leases: readonly Lease[]) => getReady(core, tenant, leases),
    WAITING_MAX,
  )
  return {
    request: async (actor, input) => {
      // It changes the books by two refunds at once, and comes alone.
      if (input.replaces === null) return requests.give(actor.tenant, { actor, input })
      const [answer] = await requestRefunds(core, actor, [input], core.clock.now())
      if (!answer) throw new Error('a request got no answer')
      return answer
    },
    send: async (tenant, lease) => {
      const turn = await ready.give(tenant, lease)
      if (turn) await takeTurn(core, tenant, turn, answers)
    },
    settle: async (tenant, word) => void (await answers.settle.give(tenant, word)),
    drained: async () => {
      for (const lane of [requests, ready, answers.settle, answers.keep]) await lane.drained()
    },
  }
}
