/** The refund a cashier is putting together: kept for the tab, so that a reload goes on where it was. */
import { useSyncExternalStore } from 'react'
import type { RefundReason } from '../../src/domain/reasons.ts'
import type { Ask } from '../../src/domain/request.ts'
import { newNumber } from './numbers.ts'

export type Draft = {
  /** The number it will have: made once, so that pressing twice is one refund. */
  readonly no: string
  readonly sale: string
  readonly payment: string
  readonly ask: DraftAsk
  readonly method: 'original' | 'cash'
  readonly reason: RefundReason
  readonly note: string
  /** The open request it takes the place of; null: none. */
  readonly replaces: string | null
}

export type DraftAsk =
  | { readonly kind: 'full' }
  | { readonly kind: 'amount'; readonly fen: number }
  | { readonly kind: 'items'; readonly items: Extract<Ask, { kind: 'items' }>['items'] }

const KEPT_AS = 'yuanlu.draft'

let draft: Draft | null = kept()
const listeners = new Set<() => void>()

function kept(): Draft | null {
  const text = sessionStorage.getItem(KEPT_AS)
  return text === null ? null : (JSON.parse(text) as Draft)
}

export const useDraft = (): Draft | null =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => draft,
  )

export function setDraft(next: Draft | null): void {
  draft = next
  if (next === null) sessionStorage.removeItem(KEPT_AS)
  else sessionStorage.setItem(KEPT_AS, JSON.stringify(next))
  for (const listener of listeners) listener()
}

/** All of what is left, by the original route: what is wanted most often. */
export const startDraft = (sale: string, payment: string, replaces: string | null = null): void =>
  setDraft({
    no: newNumber('refund'),
    sale,
    payment,
    ask: { kind: 'full' },
    method: 'original',
    reason: 'quality',
    note: '',
    replaces,
  })

/** The body of the request as the API takes it, without its number. */
export const bodyOf = (of: Omit<Draft, 'no'>) => ({
  payment: of.payment,
  ...(of.ask.kind === 'full' && { full: true as const }),
  ...(of.ask.kind === 'amount' && { amount: of.ask.fen }),
  ...(of.ask.kind === 'items' && { items: of.ask.items }),
  method: of.method,
  reason: of.reason,
  note: of.note,
  ...(of.replaces !== null && { replaces: of.replaces }),
})
