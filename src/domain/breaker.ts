/**
 * When a channel stops answering one account, new refunds are kept back instead of being made unclear one by one: after
 * so many failures in a row the breaker is open, and from then on one send after each pause tries. Any answer closes it.
 * Attempts that were sent are asked about as ever.
 */

export type BreakerRules = {
  /** This many failures in a row open it, */
  readonly failures: number
  /** as far as the first of them is no older than this, in ms. */
  readonly windowMs: number
  /** Between two sends that try, in ms. */
  readonly pauseMs: number
}

export type Health = {
  readonly failures: number
  readonly failingSince: Date | null
  /** When the next send may try whether the channel answers; null: sends go freely. */
  readonly probeAt: Date | null
}

/** How an exchange ended: with an answer, whatever it said, or without one that could be relied on. */
export type Ending = 'answered' | 'failed'

export const WELL: Health = { failures: 0, failingSince: null, probeAt: null }

export const isWell = (health: Health): boolean => health.failures === 0 && health.probeAt === null

/** @param status of the answer, null when none came. A server's fault says as little as silence. */
export const endingOf = (status: number | null): Ending =>
  status === null || status >= 500 ? 'failed' : 'answered'

export function healthAfter(
  health: Health,
  endings: readonly Ending[],
  rules: BreakerRules,
  now: Date,
): Health {
  return endings.reduce(
    (before, ending) => (ending === 'answered' ? WELL : failed(before, rules, now)),
    health,
  )
}

function failed(health: Health, rules: BreakerRules, now: Date): Health {
  const { failingSince, probeAt } = health
  const inWindow = failingSince !== null && now.getTime() - failingSince.getTime() <= rules.windowMs
  const failures = inWindow || probeAt !== null ? health.failures + 1 : 1
  const opens = probeAt === null && failures >= rules.failures
  return {
    failures,
    failingSince: inWindow || probeAt !== null ? failingSince : now,
    probeAt: opens ? nextProbe(rules, now) : probeAt,
  }
}

export const nextProbe = (rules: Pick<BreakerRules, 'pauseMs'>, now: Date): Date =>
  new Date(now.getTime() + rules.pauseMs)
