/** The first statement, COMMIT or call goes wrong, then the second, and so on: in every step of every path. */
import { describe, expect, test } from 'vitest'
import { eachInTurn, WRONGS } from './failing-node.ts'
import { PATHS } from './paths.ts'
import { openStand } from './stand.ts'

const stand = await openStand()
const steps = PATHS.flatMap((path) =>
  path.steps.map(({ name }, step) => ({ path, step, sentence: `while ${name}: ${path.name}` })),
)

describe.each(WRONGS)('%s', (wrong) => {
  test.each(steps)('$sentence', { timeout: 300_000 }, async (place) => {
    const { findings } = await eachInTurn(stand, place, wrong)
    expect(findings).toEqual([])
  })
})
