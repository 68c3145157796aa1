/** A fault thrown at every point of every path: the command ends there, the process goes on. */
import { expect, test } from 'vitest'
import { fallsOf, play } from './cell.ts'
import { at } from './falls.ts'
import { openStand } from './stand.ts'

const stand = await openStand()

test.each(fallsOf())('a fault $sentence', async (fall) => {
  expect(await play(stand, fall, at(fall.point, 'a fault thrown'))).toEqual([])
})
