import { expect, test } from 'vitest'
import { pathOf, readFilter, type BillFilter } from './bills.ts'
import { dateOf, daysAfter, isDate, spanOf } from './days.ts'

const AT = { staff: 'zhang', terminal: 't1', store: 's1' }
const filter = (change: Partial<BillFilter>): BillFilter => ({
  kind: 'refunds',
  scope: 'till',
  day: '',
  state: 'all',
  ...change,
})
const asked = (change: Partial<BillFilter>, cursor: string | null = null) => {
  const [path, query] = pathOf(filter(change), AT, '2026-11-26', cursor).split('?')
  return [path, Object.fromEntries(new URLSearchParams(query))]
}

test('a day is the shop’s, from its first moment to its last', () => {
  expect(spanOf('2026-11-26')).toEqual({
    from: '2026-11-25T16:00:00.000Z',
    to: '2026-11-26T15:59:59.999Z',
  })
  expect(dateOf(Date.parse('2026-11-25T16:00:00Z'))).toBe('2026-11-26')
  expect(dateOf(Date.parse('2026-11-25T15:59:59Z'))).toBe('2026-11-25')
  expect([daysAfter('2026-03-01', -1), daysAfter('2026-12-31', 1)]).toEqual([
    '2026-02-28',
    '2027-01-01',
  ])
  expect(['2026-11-26', '2026-13-01', '26-11-26', 'today'].map(isDate)).toEqual([
    true,
    false,
    false,
    false,
  ])
})

test('a list is asked for by whose it is, its day and its state', () => {
  const day = { from: '2026-11-25T16:00:00.000Z', to: '2026-11-26T15:59:59.999Z' }
  expect(asked({})).toEqual(['/refunds', { terminal: 't1', ...day }])
  expect(asked({ scope: 'mine', state: 'rejected' }, 'c')).toEqual([
    '/refunds',
    { staff: 'zhang', state: 'rejected', cursor: 'c', ...day },
  ])
  expect(asked({ kind: 'sales', scope: 'store', day: '2026-11-26', state: 'rejected' })).toEqual([
    '/sales',
    { store: 's1', ...day },
  ])
})

test('what is unfinished is asked for of all days', () => {
  expect(asked({ state: 'unfinished', day: '2026-01-01' })).toEqual([
    '/refunds',
    { terminal: 't1', unfinished: 'true' },
  ])
})

test('an address that says nothing sound shows what is seen most', () => {
  expect(readFilter({ kind: 'x', scope: 1, day: 'soon', state: [] })).toEqual({
    kind: 'refunds',
    scope: 'till',
    state: 'all',
  })
  expect(readFilter({ kind: 'sales', scope: 'mine', day: '2026-11-26', state: 'owed' })).toEqual({
    kind: 'sales',
    scope: 'mine',
    day: '2026-11-26',
    state: 'owed',
  })
})
