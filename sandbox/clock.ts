// Business time is real time plus an offset that only moves forward. Windows, arrivals, ladders and
// bills follow it; signature timestamps never do, because a client's own clock stays real.

export type Clock = {
  /** Business time, milliseconds since the epoch. */
  readonly now: () => number
  /** How far business time runs ahead of real time, ms. */
  readonly offsetMs: () => number
  /** Runs `act` once business time reaches `at`; `act` gets the time it was due, not the present. */
  readonly at: (at: number, act: (dueAt: number) => void) => void
  /** Counts background work so that `settle` can wait for it. */
  readonly track: (work: Promise<unknown>) => void
  /** Moves business time forward and runs everything that became due, to the end. */
  readonly advance: (ms: number) => Promise<void>
  /** Runs everything due now and waits until the work it caused has ended. */
  readonly settle: () => Promise<void>
  readonly close: () => void
}

type Due = { readonly at: number; readonly order: number; readonly act: (dueAt: number) => void }

const earlier = (a: Due, b: Due) => a.at < b.at || (a.at === b.at && a.order < b.order)

/** A binary heap: thousands of refunds may be waiting for their arrival at the same moment. */
const createHeap = () => {
  const items: Due[] = []
  const push = (item: Due) => {
    let at = items.length
    while (at > 0) {
      const above = (at - 1) >> 1
      const parent = items[above]
      if (parent === undefined || !earlier(item, parent)) break
      items[at] = parent
      at = above
    }
    items[at] = item
  }
  const earlierChild = (at: number) => {
    const left = items[2 * at + 1]
    const right = items[2 * at + 2]
    if (left === undefined) return undefined
    return right !== undefined && earlier(right, left)
      ? { at: 2 * at + 2, item: right }
      : { at: 2 * at + 1, item: left }
  }
  const pop = () => {
    const first = items[0]
    const last = items.pop()
    if (first === undefined || last === undefined || items.length === 0) return first
    let at = 0
    let child = earlierChild(at)
    while (child !== undefined && earlier(child.item, last)) {
      items[at] = child.item
      at = child.at
      child = earlierChild(at)
    }
    items[at] = last
    return first
  }
  return { push, pop, peek: () => items[0] }
}

/** Longer waits would overflow the timer; waking up early only re-arms it. */
const TIMER_MAX_MS = 3_600_000

export const createClock = (
  startOffsetMs: number,
  onMoved: (offsetMs: number) => void = () => {},
): Clock => {
  let offset = startOffsetMs
  let order = 0
  let timer: NodeJS.Timeout | undefined
  let closed = false
  const heap = createHeap()
  const working = new Set<Promise<unknown>>()
  const now = () => Date.now() + offset

  const arm = () => {
    clearTimeout(timer)
    const next = heap.peek()
    if (next === undefined || closed) return
    timer = setTimeout(runDue, Math.min(Math.max(next.at - now(), 0), TIMER_MAX_MS))
    timer.unref()
  }
  const runDue = () => {
    for (let next = heap.peek(); next !== undefined && next.at <= now(); next = heap.peek()) {
      heap.pop()
      next.act(next.at)
    }
    arm()
  }
  const at = (time: number, act: (dueAt: number) => void) => {
    if (closed) return
    const item = { at: time, order: order++, act }
    heap.push(item)
    if (heap.peek() === item) arm()
  }
  const track = (work: Promise<unknown>) => {
    const tracked = work.finally(() => working.delete(tracked))
    working.add(tracked)
  }
  const settle = async () => {
    for (runDue(); working.size > 0; runDue()) await Promise.allSettled(working)
  }
  const advance = async (ms: number) => {
    if (!Number.isFinite(ms) || ms < 0) throw new RangeError('business time only moves forward')
    offset += ms
    onMoved(offset)
    await settle()
  }
  const close = () => {
    closed = true
    clearTimeout(timer)
  }
  return { now, offsetMs: () => offset, at, track, advance, settle, close }
}

/** China has had one offset and no summer time since 1991. */
const CHINA_OFFSET_MS = 8 * 3_600_000

/** `2026-11-22T20:00:00+08:00` */
export const chinaTime = (ms: number): string =>
  `${new Date(ms + CHINA_OFFSET_MS).toISOString().slice(0, 19)}+08:00`

/** `2026-11-22` */
export const chinaDate = (ms: number): string =>
  new Date(ms + CHINA_OFFSET_MS).toISOString().slice(0, 10)

/** `2026-11-22 20:00:00`, as bills write it. */
export const chinaStamp = (ms: number): string =>
  new Date(ms + CHINA_OFFSET_MS).toISOString().slice(0, 19).replace('T', ' ')

/** The first moment of a China calendar day (`2026-11-22`), ms; NaN when it is no real day. */
export const chinaDayStart = (date: string): number => {
  const start = Date.parse(`${date}T00:00:00+08:00`)
  return Number.isNaN(start) || chinaDate(start) !== date ? NaN : start
}
