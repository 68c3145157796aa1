import { expect, test } from 'vitest'
import { LaneFull, openLane } from './coalesce.ts'

/** Work that notes its lists and ends each when the test says so. */
function held() {
  const lists: { readonly tenant: number; readonly inputs: readonly string[]; end: () => void }[] =
    []
  const work = async (tenant: number, inputs: readonly string[]) => {
    const { promise, resolve } = Promise.withResolvers<void>()
    lists.push({ tenant, inputs, end: resolve })
    await promise
    if (inputs.includes('bad')) throw new Error(`${inputs.length} with a bad one`)
    return inputs.map((input) => `${input} of ${tenant}`)
  }
  return { lists, work, listsOf: () => lists.map(({ tenant, inputs }) => [tenant, ...inputs]) }
}

/** Everything that is ready to happen has happened. */
const calm = () => new Promise((resolve) => setImmediate(resolve))

async function endAll(lists: ReturnType<typeof held>['lists']): Promise<void> {
  for (let place = 0; place < lists.length; place += 1) {
    lists[place]?.end()
    await calm()
  }
}

test('one that comes alone goes at once; what comes meanwhile forms the next list, in order', async () => {
  const { lists, work, listsOf } = held()
  const lane = openLane(work, 10)
  const first = lane.give(1, 'a')
  await calm()
  expect(listsOf()).toEqual([[1, 'a']])
  const others = ['b', 'c', 'd'].map((input) => lane.give(1, input))
  await calm()
  expect(lists).toHaveLength(1)
  await endAll(lists)
  expect(listsOf()).toEqual([
    [1, 'a'],
    [1, 'b', 'c', 'd'],
  ])
  expect(await Promise.all([first, ...others])).toEqual(['a of 1', 'b of 1', 'c of 1', 'd of 1'])
})

test('what is given in one breath is one list, up to its greatest length', async () => {
  const { lists, work } = held()
  const lane = openLane(work, 1_000)
  const given = Array.from({ length: 100 }, (_, place) => lane.give(1, String(place)))
  await calm()
  await endAll(lists)
  expect(lists.map(({ inputs }) => inputs.length)).toEqual([64, 36])
  expect(await Promise.all(given)).toEqual(given.map((_, place) => `${place} of 1`))
})

test('one bad input fails alone, with its own fault', async () => {
  const { lists, work, listsOf } = held()
  const lane = openLane(work, 10)
  const given = ['a', 'bad', 'b'].map((input) => lane.give(1, input))
  const results = Promise.allSettled(given)
  await calm()
  await endAll(lists)
  expect(await results).toMatchObject([
    { value: 'a of 1' },
    { reason: { message: '1 with a bad one' } },
    { value: 'b of 1' },
  ])
  expect(listsOf()).toEqual([
    [1, 'a', 'bad', 'b'],
    [1, 'a'],
    [1, 'bad'],
    [1, 'b'],
  ])
})

test('two merchants never share a list, and neither waits for the other', async () => {
  const { lists, work, listsOf } = held()
  const lane = openLane(work, 10)
  const given = [lane.give(1, 'a'), lane.give(2, 'b'), lane.give(1, 'c'), lane.give(2, 'd')]
  await calm()
  expect(listsOf()).toEqual([
    [1, 'a', 'c'],
    [2, 'b', 'd'],
  ])
  lists[1]?.end()
  expect(await Promise.all([given[1], given[3]])).toEqual(['b of 2', 'd of 2'])
  lists[0]?.end()
  expect(await Promise.all([given[0], given[2]])).toEqual(['a of 1', 'c of 1'])
})

test('a full lane refuses before anything is done, and takes more once there is place', async () => {
  const { lists, work } = held()
  const lane = openLane(work, 2)
  const first = lane.give(1, 'a')
  await calm()
  const waiting = [lane.give(1, 'b'), lane.give(1, 'c')]
  await expect(lane.give(1, 'd')).rejects.toThrow(LaneFull)
  const elsewhere = lane.give(2, 'e')
  await calm()
  await endAll(lists)
  expect(await Promise.all([first, ...waiting, elsewhere])).toHaveLength(4)
  const last = lane.give(1, 'f')
  await calm()
  lists.at(-1)?.end()
  expect(await last).toBe('f of 1')
  expect(lists.flatMap(({ inputs }) => inputs)).not.toContain('d')
})

test('it is drained when all that waits is done, lists that begin meanwhile too', async () => {
  const { lists, work } = held()
  const lane = openLane(work, 10)
  const done: string[] = []
  const note = (input: string) => lane.give(1, input).then((result) => done.push(result))
  const given = [note('a')]
  await calm()
  given.push(note('b'))
  const drained = lane.drained().then(() => done.push('drained'))
  await endAll(lists)
  await Promise.all([...given, drained])
  expect(done).toEqual(['a of 1', 'b of 1', 'drained'])
})

test('work that answers too few is a fault of each, never the result of another', async () => {
  const lane = openLane(async (_tenant: number, inputs: readonly string[]) => inputs.slice(1), 10)
  const results = await Promise.allSettled([lane.give(1, 'a'), lane.give(1, 'b')])
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
})
