/** The table of falls is true: every path passes the points that it says it does, and every point is passed by a path. */
import { expect, test } from 'vitest'
import { CRASH_POINTS } from '../../src/commands/core.ts'
import { playBare } from './cell.ts'
import { PATHS } from './paths.ts'
import { openStand } from './stand.ts'

const stand = await openStand()

test.each(PATHS)('$name passes the points of its steps and ends well', async (path) => {
  const { passed, findings } = await playBare(stand, path)
  expect(findings).toEqual([])
  expect(passed).toEqual(path.steps.map((step) => step.passes))
})

test('there is no point that no path passes', () => {
  const passed = new Set(PATHS.flatMap(({ steps }) => steps.flatMap((step) => step.passes)))
  expect([...passed].toSorted()).toEqual([...CRASH_POINTS].toSorted())
})
