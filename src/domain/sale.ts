/** A sale, its items, and what part of them may go back. */
import { addFen, fen, minFen, shareOut, subFen, ZERO, type Fen } from './money.ts'

/** What the till rang up: `fen` is the item's price times its quantity, before any discount of the order. */
export type ItemInput = { readonly name: string; readonly quantity: number; readonly fen: Fen }

/**
 * Spreads what was paid over the items by their prices, so that Σ shares = paid: the discount of the order
 * belongs to every item in proportion, and refunding one item never gives back more than was paid for it.
 */
export function spreadOverItems(items: readonly ItemInput[], paid: Fen): Fen[] {
  return items.length === 0
    ? []
    : shareOut(
        paid,
        items.map((item) => item.fen),
      )
}

/** One line of a sale with its counters; `fen` is its share of what was paid. */
export type Item = {
  readonly line: number
  readonly quantity: number
  readonly heldQuantity: number
  readonly refundedQuantity: number
  readonly fen: Fen
  readonly heldFen: Fen
  readonly refundedFen: Fen
}

export type ItemTake = { readonly line: number; readonly quantity: number }
export type ItemPart = ItemTake & { readonly fen: Fen }

export const quantityLeft = (item: Item): number =>
  item.quantity - item.heldQuantity - item.refundedQuantity

/**
 * What `quantity` pieces of a line are worth: the pieces' shares of what was paid for it, rounded so that taking
 * all of a line, in whatever steps, gives exactly its share: the last pieces take the remainder.
 */
export function fenOf(item: Item, quantity: number): Fen {
  const left = subFen(item.fen, item.heldFen, item.refundedFen)
  if (quantity >= quantityLeft(item)) return left
  const [taken = ZERO] = shareOut(item.fen, [fen(quantity), fen(item.quantity - quantity)])
  return minFen(taken, left)
}

export type TakenItems =
  | { readonly kind: 'taken'; readonly parts: readonly ItemPart[]; readonly fen: Fen }
  | { readonly kind: 'no_such_line'; readonly line: number }
  | {
      readonly kind: 'too_many'
      readonly line: number
      readonly left: number
      readonly held: number
    }

/** Prices a choice of items; nothing is taken unless all of it can be. Lines named twice count together. */
export function takeItems(items: readonly Item[], takes: readonly ItemTake[]): TakenItems {
  const byLine = new Map(items.map((item) => [item.line, item]))
  const wanted = new Map<number, number>()
  for (const take of takes) wanted.set(take.line, (wanted.get(take.line) ?? 0) + take.quantity)
  const parts: ItemPart[] = []
  for (const [line, quantity] of wanted) {
    const item = byLine.get(line)
    if (!item) return { kind: 'no_such_line', line }
    if (quantity > quantityLeft(item)) {
      return { kind: 'too_many', line, left: quantityLeft(item), held: item.heldQuantity }
    }
    parts.push({ line, quantity, fen: fenOf(item, quantity) })
  }
  return { kind: 'taken', parts, fen: addFen(...parts.map((part) => part.fen)) }
}

/** A refund's items go from nowhere to held, from held to refunded, and back, with the refund's position. */
export const STANDINGS = ['none', 'held', 'refunded'] as const
export type ItemStanding = (typeof STANDINGS)[number]

/** One line of a refund: what it asked for and what of it the item's counters carry now. */
export type RefundItem = ItemPart & {
  readonly standing: ItemStanding
  /** The refund was lowered: it is a matter of its amount alone, and this line never counts again. */
  readonly letGo: boolean
  readonly countedQuantity: number
  readonly countedFen: Fen
}

/**
 * Item and refund line after the line changed its standing. A truth may come when the pieces have been given to
 * another refund: then the item takes what its own limits leave, and the rest counts by amount only.
 */
export function moveItem(
  item: Item,
  line: RefundItem,
  to: ItemStanding,
): { readonly item: Item; readonly line: RefundItem } {
  if (line.standing === to || line.letGo) return { item, line }
  const without: Item = {
    ...item,
    heldQuantity: item.heldQuantity - (line.standing === 'held' ? line.countedQuantity : 0),
    heldFen: subFen(item.heldFen, line.standing === 'held' ? line.countedFen : ZERO),
    refundedQuantity:
      item.refundedQuantity - (line.standing === 'refunded' ? line.countedQuantity : 0),
    refundedFen: subFen(item.refundedFen, line.standing === 'refunded' ? line.countedFen : ZERO),
  }
  const countedQuantity = to === 'none' ? 0 : Math.min(line.quantity, quantityLeft(without))
  const countedFen =
    to === 'none'
      ? ZERO
      : minFen(line.fen, subFen(without.fen, without.heldFen, without.refundedFen))
  const moved = { ...line, standing: to, countedQuantity, countedFen }
  if (to === 'held') {
    const heldQuantity = without.heldQuantity + countedQuantity
    return {
      item: { ...without, heldQuantity, heldFen: addFen(without.heldFen, countedFen) },
      line: moved,
    }
  }
  const refundedQuantity = without.refundedQuantity + countedQuantity
  return {
    item: { ...without, refundedQuantity, refundedFen: addFen(without.refundedFen, countedFen) },
    line: moved,
  }
}
