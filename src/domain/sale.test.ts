import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anItem } from '../../test/support/arbitraries.ts'
import { addFen, fen, ZERO } from './money.ts'
import {
  fenOf,
  moveItem,
  quantityLeft,
  spreadOverItems,
  STANDINGS,
  takeItems,
  type Item,
  type ItemPart,
  type RefundItem,
} from './sale.ts'

const asLine = (part: ItemPart): RefundItem => ({
  ...part,
  standing: 'none',
  letGo: false,
  countedQuantity: 0,
  countedFen: ZERO,
})

test('a discount is spread over the items by their prices and nothing is lost', () => {
  const items = [
    { name: '牛肉面', quantity: 1, fen: fen(3000) },
    { name: '可乐', quantity: 2, fen: fen(1000) },
    { name: '纸巾', quantity: 1, fen: fen(0) },
  ]
  expect(spreadOverItems(items, fen(3500))).toEqual([2625, 875, 0])
  expect(spreadOverItems([], fen(3500))).toEqual([])
})

test.each([
  ['the first of three', anItem(1, 3, 1000), 1, 333],
  ['two of three', anItem(1, 3, 1000), 2, 667],
  ['all', anItem(1, 3, 1000), 3, 1000],
  [
    'the last, with the remainder',
    anItem(1, 3, 1000, { heldQuantity: 2, heldFen: fen(666) }),
    1,
    334,
  ],
  [
    'the last after refunds and holds',
    anItem(1, 3, 1000, {
      heldQuantity: 1,
      heldFen: fen(333),
      refundedQuantity: 1,
      refundedFen: fen(333),
    }),
    1,
    334,
  ],
  ['a gift', anItem(1, 2, 0), 1, 0],
  [
    'what late truths have left, when it is less than a share',
    anItem(1, 3, 1000, { refundedQuantity: 1, refundedFen: fen(900) }),
    1,
    100,
  ],
])('%s is worth its share', (_name, item, quantity, worth) => {
  expect(fenOf(item, quantity)).toBe(worth)
})

test('a choice of items is priced whole, and lines named twice count together', () => {
  const items = [anItem(1, 2, 1000), anItem(2, 1, 300)]
  expect(
    takeItems(items, [
      { line: 1, quantity: 1 },
      { line: 2, quantity: 1 },
      { line: 1, quantity: 1 },
    ]),
  ).toEqual({
    kind: 'taken',
    parts: [
      { line: 1, quantity: 2, fen: 1000 },
      { line: 2, quantity: 1, fen: 300 },
    ],
    fen: 1300,
  })
  expect(takeItems(items, [])).toEqual({ kind: 'taken', parts: [], fen: 0 })
})

test('nothing is taken when a line does not exist or one piece is too many', () => {
  const items = [anItem(1, 2, 1000, { heldQuantity: 1, heldFen: fen(500) })]
  expect(takeItems(items, [{ line: 9, quantity: 1 }])).toEqual({ kind: 'no_such_line', line: 9 })
  expect(takeItems(items, [{ line: 1, quantity: 2 }])).toEqual({
    kind: 'too_many',
    line: 1,
    left: 1,
    held: 1,
  })
  const twice = [
    { line: 1, quantity: 1 },
    { line: 1, quantity: 1 },
  ]
  expect(takeItems(items, twice)).toMatchObject({ kind: 'too_many' })
})

const fresh = anItem(1, 3, 1000)
const line = asLine({ line: 1, quantity: 2, fen: fen(667) })

test('a line goes from nothing to held to refunded and back, and leaves no trace', () => {
  const held = moveItem(fresh, line, 'held')
  expect(held.item).toMatchObject({ heldQuantity: 2, heldFen: 667, refundedQuantity: 0 })
  const refunded = moveItem(held.item, held.line, 'refunded')
  expect(refunded.item).toMatchObject({ heldQuantity: 0, heldFen: 0, refundedQuantity: 2 })
  const back = moveItem(refunded.item, refunded.line, 'held')
  expect(back).toEqual(held)
  const none = moveItem(back.item, back.line, 'none')
  expect(none.item).toEqual(fresh)
  expect(none.line).toEqual(line)
})

test('a line already where it should be, and one that was let go, never move again', () => {
  const held = moveItem(fresh, line, 'held')
  expect(moveItem(held.item, held.line, 'held')).toEqual(held)
  const gone = { ...line, letGo: true }
  for (const to of STANDINGS) {
    expect(moveItem(fresh, gone, to)).toEqual({ item: fresh, line: gone })
  }
})

test('a late truth takes what the item has left and counts no more than that', () => {
  const taken = anItem(1, 3, 1000, { heldQuantity: 2, heldFen: fen(667) })
  const late = moveItem(taken, line, 'refunded')
  expect(late.item).toMatchObject({ refundedQuantity: 1, refundedFen: 333, heldQuantity: 2 })
  expect(late.line).toMatchObject({ countedQuantity: 1, countedFen: 333 })
  const undone = moveItem(late.item, late.line, 'none')
  expect(undone.item).toEqual(taken)
})

const items = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 100_000 })), {
    minLength: 1,
    maxLength: 5,
  })
  .map((lines) => lines.map(([quantity, paid], place) => anItem(place + 1, quantity, paid)))

test('taking all of a sale by items, in whatever steps, gives exactly what was paid for it', () => {
  fc.assert(
    fc.property(
      items,
      fc.array(fc.tuple(fc.nat(4), fc.integer({ min: 1, max: 7 })), { maxLength: 60 }),
      (sale, steps) => {
        const rest = sale.map((_, place) => [place, 100] as const)
        let books: readonly Item[] = sale
        let sum = ZERO
        for (const [place, wish] of [...steps, ...rest]) {
          const item = books[place]
          const quantity = Math.min(wish, item ? quantityLeft(item) : 0)
          if (!item || quantity === 0) continue
          const taken = takeItems(books, [{ line: item.line, quantity }])
          if (taken.kind !== 'taken') throw new Error(taken.kind)
          sum = addFen(sum, taken.fen)
          const moved = moveItem(item, asLine(taken.parts[0]!), 'held').item
          books = books.map((each) => (each.line === moved.line ? moved : each))
        }
        expect(sum).toBe(addFen(...sale.map((item) => item.fen)))
        expect(books.every((item) => quantityLeft(item) === 0)).toBe(true)
      },
    ),
    { numRuns: 1_000 },
  )
})

test('whatever lines do to one item, it is never beyond its quantity or its fen, and Σ lines is what it counts', () => {
  const wish = fc.record({ quantity: fc.integer({ min: 1, max: 5 }), fen: fc.nat(1_200) })
  fc.assert(
    fc.property(
      fc.array(wish, { minLength: 1, maxLength: 4 }),
      fc.array(fc.tuple(fc.nat(3), fc.constantFrom(...STANDINGS)), { maxLength: 30 }),
      (wishes, moves) => {
        let item = anItem(1, 5, 1000)
        const lines = wishes.map((each) =>
          asLine({ line: 1, quantity: each.quantity, fen: fen(each.fen) }),
        )
        for (const [place, to] of moves) {
          const each = lines[place]
          if (!each) continue
          const moved = moveItem(item, each, to)
          item = moved.item
          lines[place] = moved.line
          const counted = (standing: string, of: 'countedQuantity' | 'countedFen') =>
            lines.filter((at) => at.standing === standing).reduce((sum, at) => sum + at[of], 0)
          expect([item.heldQuantity, item.heldFen]).toEqual([
            counted('held', 'countedQuantity'),
            counted('held', 'countedFen'),
          ])
          expect([item.refundedQuantity, item.refundedFen]).toEqual([
            counted('refunded', 'countedQuantity'),
            counted('refunded', 'countedFen'),
          ])
          expect(quantityLeft(item)).toBeGreaterThanOrEqual(0)
          expect(item.heldFen + item.refundedFen).toBeLessThanOrEqual(item.fen)
        }
      },
    ),
    { numRuns: 1_000 },
  )
})
