/** The stories themselves: the same seed tells the same one, and a broken promise does not go unseen. */
import { inject, expect, onTestFinished, test } from 'vitest'
import { openStoryDatabase, type StoryDatabase } from '../../sim/database.ts'
import { FULL_SIZE, playGated, smallerThan } from '../../sim/gated.ts'
import { playPure } from '../../sim/pure/story.ts'
import { shrink } from '../../sim/shrink.ts'
import type { Story } from '../../sim/story.ts'
import { cloneTemplate, dropDatabase } from '../support/server.ts'

const LONG = { timeout: 120_000 }

/** One that the audit does not go over afterwards: the story puts to rest what would still be due. */
async function storyDatabase(): Promise<StoryDatabase> {
  const server = inject('databaseServer')
  const url = await cloneTemplate(server, inject('databaseTemplate'))
  const database = await openStoryDatabase(url)
  onTestFinished(async () => {
    await database.end()
    await dropDatabase(server, url)
  })
  return database
}

test('the same seed tells the same story, whatever was played before it', LONG, async () => {
  const database = await storyDatabase()
  const told: Story[] = []
  for (const seed of [3, 7, 21]) told.push(await playGated(database, seed, seed))
  const again = await playGated(database, 7, 10)
  expect(again).toMatchObject({ hash: told[1]?.hash, findings: [], steps: told[1]?.steps })
  expect(new Set(told.map((each) => each.hash)).size).toBe(3)
})

test('a story that breaks a promise is told again as small as it gets', LONG, async () => {
  const database = await storyDatabase()
  const whole = await playGated(database, 7, 1)
  const finding = { promise: 'no refund is paid twice', what: 'said by this test' }
  const broken = { ...whole, findings: [finding] }
  let tenant = 1
  const { story, size } = await shrink(broken, FULL_SIZE, smallerThan, async (smaller) => {
    const played = await playGated(database, 7, (tenant += 1), smaller)
    return smaller.tills > 1 ? { ...played, findings: [finding] } : played
  })
  expect(size).toEqual({ tills: 2, actsEach: 1, nodes: 1, payments: 1, families: [] })
  expect(story.lines.length).toBeLessThan(whole.lines.length)
})

test('stories in memory tell the same twice, and keep all promises', LONG, async () => {
  const hashes: string[] = []
  for (let seed = 1; seed <= 200; seed += 1) {
    const story = await playPure(seed)
    expect(story.findings).toEqual([])
    hashes.push(story.hash)
  }
  expect(new Set(hashes).size).toBe(hashes.length)
  expect((await playPure(7)).hash).toBe(hashes[6])
})
