import { expect, test } from 'vitest'
import { sparingly } from '../../src/api/sparingly.ts'

test('work is done once in a while for each key; in between the last answer is repeated', async () => {
  let now = 0
  let done = 0
  const once = sparingly<number>(5_000, () => now)
  const work = async () => (done += 1)
  expect(await Promise.all([once('a', work), once('a', work)])).toEqual([1, 1])
  now = 4_999
  expect(await once('a', work)).toBe(1)
  expect(await once('b', work)).toBe(2)
  now = 5_000
  expect(await once('a', work)).toBe(3)
})

test('a failure is told to all who waited for it and kept for nobody after', async () => {
  const once = sparingly<string>(5_000, () => 0)
  const fails = () => Promise.reject(new Error('away'))
  const both = await Promise.allSettled([once('a', fails), once('a', fails)])
  expect(both.map((each) => each.status)).toEqual(['rejected', 'rejected'])
  expect(await once('a', async () => 'back')).toBe('back')
})
