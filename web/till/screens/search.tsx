/** No receipt, no bill: the sale by what was paid, when about, and the last digits somebody can still read. */
import './lists.css'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import type { SaleShown } from '../../../src/api/contract.ts'
import { dateOf, daysAfter, isDate, spanOf } from '../days.ts'
import { useNow } from '../now.ts'
import { SaleRow } from '../parts/bill-rows.tsx'
import { Choices } from '../parts/choices.tsx'
import { fenOfText } from '../parts/keypad.tsx'
import { PageList } from '../parts/pages.tsx'
import { Screen } from '../parts/screen.tsx'
import { tell } from '../session.ts'

const SPANS = ['hour', 'today', 'yesterday', 'week', 'month', 'day'] as const
type Span = (typeof SPANS)[number]

const HOUR_MS = 3_600_000
/** The server looks at no more at once. */
const MONTH_DAYS = 30

function boundsOf(span: Span, day: string): { from: string; to: string } {
  const now = Date.now()
  const today = dateOf(now)
  switch (span) {
    case 'hour':
      return { from: new Date(now - HOUR_MS).toISOString(), to: spanOf(today).to }
    case 'today':
      return spanOf(today)
    case 'yesterday':
      return spanOf(daysAfter(today, -1))
    case 'week':
      return spanOf(daysAfter(today, -6), today)
    case 'month':
      return spanOf(daysAfter(today, -MONTH_DAYS), today)
    case 'day':
      return spanOf(day)
  }
}

const LAST_DIGITS = /^\d{4,6}$/

type Page = { readonly sales: readonly SaleShown[]; readonly next: string | null }

export function SearchScreen() {
  const { t } = useTranslation()
  const [amount, setAmount] = useState('')
  const [last, setLast] = useState('')
  const [span, setSpan] = useState<Span>('today')
  const today = dateOf(useNow(HOUR_MS))
  const [day, setDay] = useState(today)
  const [query, setQuery] = useState<string | null>(null)
  const fen = fenOfText(amount)
  const wrongAmount = amount !== '' && (fen === null || fen === 0)
  const wrongLast = last !== '' && !LAST_DIGITS.test(last)
  const ready = !wrongAmount && !wrongLast && (amount !== '' || last !== '')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const { from, to } = boundsOf(span, day)
    const search = new URLSearchParams({ from, to })
    if (fen !== null) search.set('amount', String(fen))
    if (last !== '') search.set('last', last)
    setQuery(search.toString())
  }
  return (
    <Screen
      title={t('search.title')}
      help="bills"
      foot={
        <button className="act" type="submit" form="search" disabled={!ready}>
          {t('scan.find')}
        </button>
      }
    >
      <form id="search" className="card search-fields" onSubmit={submit}>
        <label className="label" htmlFor="amount">
          {t('search.amount')}
        </label>
        <input
          id="amount"
          className="field number"
          inputMode="decimal"
          autoComplete="off"
          placeholder="12.00"
          value={amount}
          aria-invalid={wrongAmount}
          onChange={(event) => setAmount(event.target.value.trim())}
        />
        <label className="label" htmlFor="last">
          {t('search.last')}
        </label>
        <input
          id="last"
          className="field number"
          inputMode="numeric"
          autoComplete="off"
          maxLength={6}
          placeholder={t('search.lastHint')}
          value={last}
          aria-invalid={wrongLast}
          onChange={(event) => setLast(event.target.value.replace(/\D/g, ''))}
        />
        <span className="label">{t('search.when')}</span>
        <Choices
          label={t('search.when')}
          of={SPANS.map((value) => ({ value, label: t(`search.spans.${value}`) }))}
          value={span}
          onChange={setSpan}
        />
        {span === 'day' && (
          <input
            className="field number"
            type="date"
            aria-label={t('bills.day')}
            max={today}
            value={day}
            onChange={(event) => {
              if (isDate(event.target.value)) setDay(event.target.value)
            }}
          />
        )}
        {!ready && (
          <output className="muted small">
            {wrongAmount
              ? t('search.wrongAmount')
              : wrongLast
                ? t('search.wrongLast')
                : t('search.needs')}
          </output>
        )}
      </form>
      {query !== null && <Found query={query} />}
    </Screen>
  )
}

function Found({ query }: { query: string }) {
  const { t } = useTranslation()
  const pages = useInfiniteQuery({
    queryKey: ['sales', 'search', query],
    queryFn: ({ pageParam }) =>
      tell<Page>(`/sales?${query}${pageParam === null ? '' : `&cursor=${pageParam}`}`),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
  })
  const box = useRef<HTMLDivElement>(null)
  const isThere = !pages.isPending
  // At a counter nobody looks for the answer below the fold.
  useEffect(() => {
    if (isThere) box.current?.scrollIntoView({ block: 'start' })
  }, [isThere, query])
  const sales = new Map(
    (pages.data?.pages ?? []).flatMap((page) => page.sales).map((sale) => [sale.no, sale]),
  )
  return (
    <div className="found" ref={box}>
      <PageList pages={pages} empty={[t('search.none'), t('search.noneNext')]}>
        {[...sales.values()].map((sale) => (
          <SaleRow key={sale.no} sale={sale} />
        ))}
      </PageList>
    </div>
  )
}
