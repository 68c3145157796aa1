/** The first statement, COMMIT or call goes wrong, then the second, and so on: the till asks for a refund. */
import { expect, test } from 'vitest'
import { eachInTurn, WRONGS } from './failing-node.ts'
import { PATHS } from './paths.ts'
import { openStand } from './stand.ts'

const stand = await openStand()
const [path] = PATHS

test.each(WRONGS)('%s', { timeout: 120_000 }, async (wrong) => {
  if (!path) throw new Error('no path')
  const { runs, findings } = await eachInTurn(stand, { path, step: 0 }, wrong)
  expect(findings).toEqual([])
  expect(runs).toBeGreaterThan(0)
})
