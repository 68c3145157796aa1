/**
 * Where a story is played: everything that could happen at the same time waits at a gate, and one thing at a time is let
 * through, as the seed draws. Between two steps nothing runs.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { setImmediate } from 'node:timers/promises'
import type { Draw } from './draw.ts'

export type StepKind = 'statement' | 'commit' | 'step'
/** What becomes of the step that is let through; `cut` ends the connection, before or after the statement was done. */
export type Verdict = 'go' | 'cut_before' | 'cut_after' | 'fail'

type Waiting = {
  readonly work: Work
  readonly what: string
  /** Tells it from all others that wait. */
  readonly key: string
  readonly kind: StepKind
  /** Not let through before this step, unless nobody else could be. */
  readonly notBefore: number
  readonly go: (verdict: Verdict) => void
}

/** One command under way on a node; it ends with its node. */
type Work = { readonly who: string; readonly node: Node }

export type Node = {
  readonly name: string
  life: number
  /** Until this step nothing of it is let through: a pause long enough to lose its leases in. */
  hangsUntil: number
  readonly fallen: Set<() => void>
}

type InFlight = {
  readonly work: Work | undefined
  readonly key: string
  readonly done: Promise<unknown>
  readonly pid: number
  waits: boolean
}

export type Stage = {
  readonly node: (name: string) => Node
  /** Runs a command on a node. @returns null: the node fell before it answered. */
  readonly run: <T>(node: Node, who: string, work: () => Promise<T>) => Promise<T | null>
  /** Waits for its turn; never comes back once the node has fallen. */
  readonly gate: (kind: StepKind, what: string, more?: string) => Promise<Verdict>
  /** The same for whoever has nothing to do for about so many steps. */
  readonly rest: (steps: number, what: string) => Promise<void>
  /** The node of whoever asks has fallen meanwhile. */
  readonly hasFallen: () => boolean
  /** A statement that was let through: the stage waits until it is done, or waits for a lock. */
  readonly inFlight: (done: Promise<unknown>, pid: number, key: string) => void
  /** Something real that takes its time and is no step: nothing is let through until it is over. */
  readonly during: <T>(work: Promise<T>) => Promise<T>
  /** A transaction has ended, and with it its locks. */
  readonly freed: () => void
  readonly kill: (node: Node) => void
  /** Lets one step through. @returns false: nothing waits. */
  readonly step: () => Promise<boolean>
  /** Nothing waits at gates any more: what is left runs through. */
  readonly open: () => void
  readonly steps: () => number
}

export type StageOptions = {
  readonly draw: Draw
  readonly verdict: (kind: StepKind) => Verdict
  /** Which of these server processes wait for a lock. */
  readonly blocked: (pids: readonly number[]) => Promise<ReadonlySet<number>>
  readonly tell: (line: string) => void
}

/** A statement is given this long, in real ms, before somebody looks whether it waits for a lock. */
const PATIENCE_MS = 2
const NEVER_MS = 20_000

export function openStage({ draw, verdict, blocked, tell }: StageOptions): Stage {
  const context = new AsyncLocalStorage<{ readonly work: Work; readonly life: number }>()
  const waiting: Waiting[] = []
  const works = new Set<Work>()
  const flying = new Set<InFlight>()
  const unseen = new Set<Promise<void>>()
  let steps = 0
  let isOpen = false
  /** A transaction has ended since somebody looked who waits for a lock. */
  let mayBeFree = false

  const isDead = (): boolean => {
    const here = context.getStore()
    return here !== undefined && here.life !== here.work.node.life
  }
  const wait = (kind: StepKind, what: string, more: string, notBefore: number) => {
    const here = context.getStore()
    if (here === undefined || (isOpen && !isDead())) return Promise.resolve<Verdict>('go')
    return new Promise<Verdict>((go) => {
      if (isDead()) return
      const key = `${here.work.who} ${what} ${more}`
      waiting.push({ work: here.work, what, key, kind, notBefore, go })
    })
  }

  /** Finds out which of them wait for a lock; those are held still, so that the seed and no race decides who gets it. */
  const lookAt = async (flights: readonly InFlight[]): Promise<void> => {
    const held = await blocked(flights.map((each) => each.pid))
    for (const each of flights) {
      each.waits = held.has(each.pid)
      if (!each.waits || !flying.has(each)) continue
      holdStill(each.pid)
      tell(`${each.work?.who} waits for a lock`)
    }
  }

  /** Until each of them is done or waits for a lock. */
  const settle = async (flights: readonly InFlight[]): Promise<void> => {
    for (;;) {
      const open = flights.filter((each) => flying.has(each) && !each.waits)
      if (open.length === 0) return
      if (!(await soon(Promise.all(open.map((each) => each.done))))) await lookAt(open)
    }
  }

  /** Until each command waits at a gate, for a lock, or has ended. */
  const calm = async (): Promise<void> => {
    const until = performance.now() + NEVER_MS
    for (;;) {
      await setImmediate()
      await setImmediate()
      if (unseen.size > 0) {
        await Promise.all(unseen)
        continue
      }
      const fresh = [...flying].filter((each) => !each.waits)
      if (fresh.length > 0) {
        await settle(fresh)
        continue
      }
      if (mayBeFree) {
        mayBeFree = await wakeOne()
        continue
      }
      const idle = [...works].filter(
        (work) =>
          !waiting.some((each) => each.work === work) &&
          ![...flying].some((each) => each.work === work),
      )
      if (idle.length === 0) return
      if (performance.now() > until) throw new Error(`${idle[0]?.who} waits for nothing we know of`)
    }
  }

  /**
   * Whoever was given the lock it waited for goes on; where several were, one after the other, as the seed draws: the next
   * one once that one has done what it does. @returns whether somebody was.
   */
  const wakeOne = async (): Promise<boolean> => {
    const held = [...flying].filter((each) => each.waits)
    if (held.length === 0) return false
    const still = await blocked(held.map((each) => each.pid))
    const free = held.filter((each) => !still.has(each.pid))
    if (free.length === 0) return false
    const next = draw.pick(free.toSorted((a, b) => (a.key < b.key ? -1 : 1)))
    next.waits = false
    tell(`${next.work?.who} waits no longer`)
    goOn(next.pid)
    return true
  }

  /** The server finds out by itself who waits for whom in a ring, and ends one of them. */
  const untangle = async (): Promise<void> => {
    for (const each of flying) {
      each.waits = false
      goOn(each.pid)
    }
    await Promise.race([...flying].map((each) => each.done))
    await calm()
  }

  return {
    node: (name) => ({ name, life: 1, hangsUntil: 0, fallen: new Set() }),
    run: (node, who, work) => {
      const mine: Work = { who, node }
      works.add(mine)
      const { life } = node
      return new Promise((resolve, reject) => {
        const fall = () => {
          works.delete(mine)
          resolve(null)
        }
        node.fallen.add(fall)
        const end = () => {
          node.fallen.delete(fall)
          works.delete(mine)
        }
        void context.run({ work: mine, life }, work).then(
          (value) => {
            end()
            resolve(value)
          },
          (error: unknown) => {
            end()
            if (life === node.life)
              reject(error instanceof Error ? error : new Error(String(error)))
          },
        )
      })
    },
    gate: (kind, what, more = '') => wait(kind, what, more, 0),
    rest: async (about, what) => void (await wait('step', what, '', steps + about)),
    hasFallen: isDead,
    inFlight: (done, pid, key) => {
      const work = context.getStore()?.work
      const flight: InFlight = {
        work,
        key: `${work?.who} ${key}`,
        done: done.catch(() => undefined),
        pid,
        waits: false,
      }
      flying.add(flight)
      void flight.done.then(() => {
        flying.delete(flight)
        // It may have got through in the moment in which it was to be held still.
        if (flight.waits) goOn(pid)
      })
    },
    during: (work) => {
      const over = work.then(
        () => undefined,
        () => undefined,
      )
      unseen.add(over)
      void over.then(() => unseen.delete(over))
      return work
    },
    freed: () => {
      mayBeFree = true
    },
    kill: (node) => {
      node.life += 1
      node.hangsUntil = 0
      for (let place = waiting.length - 1; place >= 0; place -= 1) {
        if (waiting[place]?.work.node === node) waiting.splice(place, 1)
      }
      for (const fall of node.fallen) fall()
      node.fallen.clear()
    },
    step: async () => {
      await calm()
      if (waiting.length === 0 && flying.size > 0) {
        tell('everybody waits for a lock of somebody else')
        await untangle()
        return true
      }
      if (waiting.length === 0) return false
      steps += 1
      // In an order of its own: which of several answers came first is the machine's doing, not the seed's.
      const sorted = waiting.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
      const awake = sorted.filter(
        ({ work, notBefore }) => work.node.hangsUntil < steps && notBefore <= steps,
      )
      const next = draw.pick(awake.length > 0 ? awake : sorted)
      waiting.splice(waiting.indexOf(next), 1)
      const said = verdict(next.kind)
      tell(`${next.work.who}: ${next.what}${said === 'go' ? '' : ` — ${said.replace('_', ' ')}`}`)
      next.go(said)
      await calm()
      return true
    },
    open: () => {
      isOpen = true
      for (const each of flying) goOn(each.pid)
      for (const each of waiting.splice(0)) each.go('go')
    },
    steps: () => steps,
  }
}

/** A server process that waits for a lock is kept from taking it. */
function holdStill(pid: number): void {
  stopped.add(pid)
  signal(pid, 'SIGSTOP')
}

/** One that nobody wakes would keep the whole server from dropping databases. */
const stopped = new Set<number>()
process.once('exit', () => {
  for (const pid of stopped) goOn(pid)
})

/** Harmless where it was not held still. */
export function goOn(pid: number): void {
  stopped.delete(pid)
  signal(pid, 'SIGCONT')
}

function signal(pid: number, name: 'SIGSTOP' | 'SIGCONT'): void {
  try {
    process.kill(pid, name)
  } catch {
    // It has ended.
  }
}

/** @returns whether it ended within the stage's patience. */
function soon(work: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), PATIENCE_MS)
    void work.then(() => {
      clearTimeout(timer)
      resolve(true)
    })
  })
}
