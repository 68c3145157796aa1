/**
 * The sale a cashier is taking money for: kept for the tab, so that a reload goes on where it was. One sale has one
 * number however often it is tried; each try has a number of its own, and the server lets no second one begin while one
 * is unclear. So whatever is pressed, scanned or lost on the way, a sale is paid once.
 */
import { useSyncExternalStore } from 'react'
import { newNumber } from '../numbers.ts'

export type PayDraft = {
  readonly sale: string
  /** The number of the next try, or of the one under way. */
  readonly no: string
  /** fen: what the order comes to, and what the shop takes off. */
  readonly order: number
  readonly discount: number
  /** The server may know the sale: other amounts need another sale. */
  readonly tried: boolean
  /** The try under `no` was begun and has not ended. */
  readonly open: boolean
}

const KEPT_AS = 'yuanlu.pay'

let draft: PayDraft | null = kept()
const listeners = new Set<() => void>()

function kept(): PayDraft | null {
  const text = sessionStorage.getItem(KEPT_AS)
  return text === null ? null : (JSON.parse(text) as PayDraft)
}

export const currentPayDraft = (): PayDraft | null => draft

export const usePayDraft = (): PayDraft | null =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => draft,
  )

export function setPayDraft(next: PayDraft | null): void {
  draft = next
  if (next === null) sessionStorage.removeItem(KEPT_AS)
  else sessionStorage.setItem(KEPT_AS, JSON.stringify(next))
  for (const listener of listeners) listener()
}

export const newPayDraft = (): PayDraft => ({
  sale: newNumber('sale'),
  no: newNumber('payment'),
  order: 0,
  discount: 0,
  tried: false,
  open: false,
})

/** The same sale under other amounts; one the server may know under the old ones is left behind. */
export function withAmounts(of: PayDraft, order: number, discount: number): PayDraft {
  if (order === of.order && discount === of.discount) return of
  return of.tried ? { ...newPayDraft(), order, discount } : { ...of, order, discount }
}

/** The same sale once more, after a try that ended without money. */
export const tryAgain = (of: PayDraft): PayDraft => ({
  ...of,
  no: newNumber('payment'),
  tried: true,
  open: false,
})

export const toPay = ({ order, discount }: Pick<PayDraft, 'order' | 'discount'>): number =>
  order - discount
