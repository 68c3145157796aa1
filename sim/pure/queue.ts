/**
 * Everything that is under way at once, in one process and without a database: each piece of work stops between two steps,
 * and the seed draws which of them goes on.
 */
import type { Draw } from '../draw.ts'

export type Queue = {
  readonly begin: (who: string, work: () => Promise<void>) => Promise<void>
  /** Where the work that runs stops until it is drawn. */
  readonly gate: (what: string) => Promise<void>
  /** @returns false: nothing is under way. */
  readonly step: () => Promise<boolean>
  /** One of those that wait never goes on: its process has fallen. */
  readonly fall: () => void
  /** One of those that wait is not drawn any more until it is woken; rather one that waits for this. */
  readonly sleep: (what: string) => void
  readonly wake: () => void
  /** Nothing stops any more; what still waited goes on. */
  readonly open: () => Promise<void>
  readonly steps: () => number
}

type Waiting = { readonly who: string; readonly what: string; readonly go: () => void }

/** @param onFault what a piece of work threw. */
export function openQueue(
  draw: Draw,
  tell: (line: string) => void,
  onFault: (who: string, error: unknown) => void,
): Queue {
  const waiting: Waiting[] = []
  const asleep: Waiting[] = []
  let running = ''
  let isOpen = false
  let steps = 0
  let onStop = (): void => undefined

  /** Only one piece of work ever runs, so whoever set it going waits for it to stop, or to end. */
  const until = (who: string, go: () => void): Promise<void> => {
    running = who
    const stops = new Promise<void>((resolve) => {
      onStop = resolve
    })
    go()
    return stops
  }
  const move = (from: Waiting[], among: readonly Waiting[], to: Waiting[]): void => {
    const one = among[draw.below(Math.max(1, among.length))]
    if (one) to.push(...from.splice(from.indexOf(one), 1))
  }
  const goOn = ({ who, what, go }: Waiting): Promise<void> => {
    tell(`${who}: ${what}`)
    return until(who, go)
  }
  return {
    begin: (who, work) =>
      until(who, () => {
        void work()
          .catch((error: unknown) => onFault(who, error))
          .then(() => onStop())
      }),
    gate: (what) =>
      isOpen
        ? Promise.resolve()
        : new Promise((go) => {
            waiting.push({ who: running, what, go })
            onStop()
          }),
    step: async () => {
      if (waiting.length === 0) return false
      steps += 1
      const [next] = waiting.splice(draw.below(waiting.length), 1)
      if (next) await goOn(next)
      return true
    },
    fall: () => {
      if (waiting.length === 0) return
      const [lost] = waiting.splice(draw.below(waiting.length), 1)
      if (lost) tell(`${lost.who} falls before: ${lost.what}`)
    },
    sleep: (what) => {
      const fitting = waiting.filter((each) => each.what === what)
      move(waiting, fitting.length > 0 ? fitting : waiting, asleep)
    },
    wake: () => move(asleep, asleep, waiting),
    open: async () => {
      isOpen = true
      waiting.push(...asleep.splice(0))
      for (let next = waiting.shift(); next; next = waiting.shift()) await goOn(next)
    },
    steps: () => steps,
  }
}
