/** Which bills a list shows, kept in its address so that coming back finds it as it was. */
import { REFUND_STATES, type RefundState } from '../../src/domain/refund.ts'
import { isDate, spanOf } from './days.ts'

export const BILL_SCOPES = ['mine', 'till', 'store'] as const
export const BILL_STATES = ['all', 'unfinished', ...REFUND_STATES] as const

export type BillFilter = {
  readonly kind: 'refunds' | 'sales'
  readonly scope: (typeof BILL_SCOPES)[number]
  /** A date; empty: today, whichever day that is by then. */
  readonly day: string
  /** Of refunds. What is unfinished is listed of all days: it matters until it ends. */
  readonly state: 'all' | 'unfinished' | RefundState
}

const oneOf = <Value extends string>(of: readonly Value[], value: unknown, otherwise: Value) =>
  of.find((each) => each === value) ?? otherwise

export const readFilter = (search: Record<string, unknown>): Partial<BillFilter> => ({
  kind: oneOf(['refunds', 'sales'], search['kind'], 'refunds'),
  scope: oneOf(BILL_SCOPES, search['scope'], 'till'),
  ...(typeof search['day'] === 'string' && isDate(search['day']) && { day: search['day'] }),
  state: oneOf(BILL_STATES, search['state'], 'all'),
})

export type Place = { readonly staff: string; readonly terminal: string; readonly store: string }

/** Of the list's next page; `today` is a date. */
export function pathOf(
  { kind, scope, day, state }: BillFilter,
  at: Place,
  today: string,
  cursor: string | null,
): string {
  const query = new URLSearchParams()
  if (scope === 'mine') query.set('staff', at.staff)
  if (scope === 'till') query.set('terminal', at.terminal)
  if (scope === 'store') query.set('store', at.store)
  const unfinished = kind === 'refunds' && state === 'unfinished'
  if (unfinished) query.set('unfinished', 'true')
  else {
    const { from, to } = spanOf(day === '' ? today : day)
    query.set('from', from)
    query.set('to', to)
    if (kind === 'refunds' && state !== 'all') query.set('state', state)
  }
  if (cursor !== null) query.set('cursor', cursor)
  return `/${kind}?${query.toString()}`
}
