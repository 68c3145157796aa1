/** A node killed with SIGKILL at each point, on the first path that passes it. */
import { expect, test } from 'vitest'
import { fallsOf, onceEach, play } from './cell.ts'
import { at } from './falls.ts'
import { endOtherNodes } from './other-node.ts'
import { openStand } from './stand.ts'

const stand = await openStand()
endOtherNodes(stand)

test.each(onceEach(fallsOf()))('killed $sentence', async (fall) => {
  expect(await play(stand, fall, at(fall.point, 'killed'))).toEqual([])
})
