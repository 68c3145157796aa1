/** What a process of its own can suffer, at every point of every path. */
import { describe, expect, test } from 'vitest'
import { fallsOf, play } from './cell.ts'
import { at } from './falls.ts'
import { endOtherNodes } from './other-node.ts'
import { openStand } from './stand.ts'

const stand = await openStand()
endOtherNodes(stand)

describe.each(['killed', 'its connections cut', 'asleep for a minute', 'asleep for days'] as const)(
  '%s',
  (kind) => {
    test.each(fallsOf())('$sentence', async (fall) => {
      expect(await play(stand, fall, at(fall.point, kind))).toEqual([])
    })
  },
)
