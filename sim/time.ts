/** Time that only moves when the story says so. */
import type { Clock } from '../sandbox/clock.ts'

export type StoryTime = {
  readonly now: () => Date
  /** The same time as the sandbox knows it. */
  readonly sandbox: Clock
  /** @param ms forward; what became due in the sandbox happens on the way, in order. */
  readonly advance: (ms: number) => Promise<void>
}

type Due = { readonly at: number; readonly order: number; readonly act: (dueAt: number) => void }

export function storyTime(startMs: number): StoryTime {
  let now = startMs
  let order = 0
  let due: Due[] = []
  const working = new Set<Promise<unknown>>()
  const settle = async () => {
    for (;;) {
      due.sort((a, b) => a.at - b.at || a.order - b.order)
      const [first] = due
      if (first === undefined || first.at > now) break
      due = due.slice(1)
      first.act(first.at)
    }
    await Promise.allSettled(working)
  }
  const advance = async (ms: number) => {
    now += ms
    await settle()
  }
  return {
    now: () => new Date(now),
    advance,
    sandbox: {
      now: () => now,
      offsetMs: () => 0,
      at: (at, act) => void due.push({ at, order: order++, act }),
      track: (work) => {
        const tracked = work.finally(() => working.delete(tracked))
        working.add(tracked)
      },
      advance,
      settle,
      close: () => undefined,
    },
  }
}
