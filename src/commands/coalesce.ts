/**
 * Makes one list of what many ask for at the same moment: a command on a list costs little more than on one thing.
 * What is given while a list of the same merchant is under way forms the next one, in the order it came; when none is,
 * it goes at once. There is no timer, so in a quiet shop nobody waits.
 */

/** Longer lists gain little more, and what stands at the head of one waits for its end. */
const BATCH_MAX = 64

/** Too many wait already; nothing was done. */
export class LaneFull extends Error {
  constructor() {
    super('too many of one kind wait already')
    this.name = 'LaneFull'
  }
}

export type Lane<Input, Result> = {
  /** Resolves to this input's own result, or rejects with its own fault. Rejects with LaneFull before anything is done. */
  readonly give: (tenant: number, input: Input) => Promise<Result>
  /** When nothing is left of what was given. Whoever closes the database waits for this first. */
  readonly drained: () => Promise<void>
}

type Given<Input, Result> = {
  readonly input: Input
  readonly resolve: (result: Result) => void
  readonly reject: (fault: unknown) => void
}

/**
 * @param work does a list of one merchant: one result for each input, in order. A list that faults is done again one by
 *   one, so that one input's fault is not another's: it must be harmless to do what a lost commit has done already.
 * @param waitingMax of one merchant
 */
export function openLane<Input, Result>(
  work: (tenant: number, inputs: readonly Input[]) => Promise<readonly Result[]>,
  waitingMax: number,
): Lane<Input, Result> {
  type Entry = Given<Input, Result>
  const queues = new Map<number, Entry[]>()
  const underWay = new Set<Promise<void>>()

  const answer = async (tenant: number, batch: readonly Entry[]): Promise<void> => {
    try {
      const inputs = batch.map((each) => each.input)
      const results = await work(tenant, inputs)
      if (results.length !== batch.length) throw new Error('a list was answered in part')
      for (const [place, each] of batch.entries()) each.resolve(results[place] as Result)
    } catch (fault) {
      const [only, ...others] = batch
      if (others.length === 0) only?.reject(fault)
      else for (const each of batch) await answer(tenant, [each])
    }
  }
  const workOff = async (tenant: number, queue: Entry[]): Promise<void> => {
    // A list that is given in one breath is one list.
    await Promise.resolve()
    while (queue.length > 0) await answer(tenant, queue.splice(0, BATCH_MAX))
    queues.delete(tenant)
  }
  return {
    give: (tenant, input) =>
      new Promise((resolve, reject) => {
        const queue = queues.get(tenant) ?? []
        if (queue.length >= waitingMax) {
          reject(new LaneFull())
          return
        }
        queue.push({ input, resolve, reject })
        if (queues.has(tenant)) return
        queues.set(tenant, queue)
        const done = workOff(tenant, queue).finally(() => underWay.delete(done))
        underWay.add(done)
      }),
    drained: async () => {
      while (underWay.size > 0) await Promise.all(underWay)
    },
  }
}
