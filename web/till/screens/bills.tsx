/** Refunds and sales of a day: mine, this till's, the store's. */
import './lists.css'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { RefundShown, SaleShown } from '../../../src/api/contract.ts'
import type { RefundState } from '../../../src/domain/refund.ts'
import { stateTexts } from '../../../src/texts/states.ts'
import { SearchIcon } from '../../shared/icons.tsx'
import { currentLanguage } from '../../shared/language.ts'
import {
  BILL_SCOPES,
  BILL_STATES,
  pathOf,
  readFilter,
  type BillFilter,
  type Place,
} from '../bills.ts'
import { dateOf } from '../days.ts'
import { useNow } from '../now.ts'
import { RefundRow, SaleRow } from '../parts/bill-rows.tsx'
import { Choices } from '../parts/choices.tsx'
import { DayField } from '../parts/day-field.tsx'
import { PageList } from '../parts/pages.tsx'
import { Screen } from '../parts/screen.tsx'
import { Trouble } from '../parts/trouble.tsx'
import { useTill } from '../queries.ts'
import { tell, useSession } from '../session.ts'

type Page = {
  readonly refunds?: readonly RefundShown[]
  readonly sales?: readonly SaleShown[]
  readonly next: string | null
}

const MINUTE_MS = 60_000

const ALL: BillFilter = { kind: 'refunds', scope: 'till', day: '', state: 'all' }

export function BillsScreen() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const { terminal, person } = useSession()
  const till = useTill(terminal)
  const filter: BillFilter = { ...ALL, ...readFilter(useSearch({ strict: false })) }
  const show = (change: Partial<BillFilter>) =>
    void navigate({ to: '/bills', search: { ...filter, ...change }, replace: true })
  return (
    <Screen
      title={t('bills.title')}
      help="bills"
      side={
        <button
          className="bar-text"
          type="button"
          aria-label={t('home.search')}
          onClick={() => void navigate({ to: '/search' })}
        >
          <SearchIcon />
        </button>
      }
    >
      <Filters filter={filter} onChange={show} />
      {till.isError && <Trouble error={till.error} onRetry={() => void till.refetch()} />}
      {till.data && person && (
        <Bills
          filter={filter}
          at={{ staff: person.no, terminal: till.data.terminal.no, store: till.data.store.no }}
        />
      )}
    </Screen>
  )
}

function Filters({
  filter,
  onChange,
}: {
  filter: BillFilter
  onChange: (change: Partial<BillFilter>) => void
}) {
  const { t } = useTranslation()
  const today = dateOf(useNow(MINUTE_MS))
  const day = filter.day === '' ? today : filter.day
  const ofAllDays = filter.kind === 'refunds' && filter.state === 'unfinished'
  // Today is whichever day it is when somebody looks again.
  const toDay = (next: string) => onChange({ day: next === today ? '' : next })
  return (
    <div className="filters">
      <Choices
        wide
        label={t('bills.kind')}
        of={(['refunds', 'sales'] as const).map((kind) => ({
          value: kind,
          label: t(`bills.${kind}`),
        }))}
        value={filter.kind}
        onChange={(kind) => onChange({ kind })}
      />
      <Choices
        wide
        label={t('bills.scope')}
        of={BILL_SCOPES.map((scope) => ({ value: scope, label: t(`bills.${scope}`) }))}
        value={filter.scope}
        onChange={(scope) => onChange({ scope })}
      />
      {filter.kind === 'refunds' && (
        <select
          className="field"
          aria-label={t('bills.state')}
          value={filter.state}
          onChange={(event) => {
            const state = BILL_STATES.find((each) => each === event.target.value)
            if (state) onChange({ state })
          }}
        >
          <option value="all">{t('bills.all')}</option>
          <option value="unfinished">{t('bills.unfinished')}</option>
          {BILL_STATES.filter(isState).map((state) => (
            <option key={state} value={state}>
              {state === 'sending'
                ? t('bills.sending')
                : stateTexts[currentLanguage()][state].title}
            </option>
          ))}
        </select>
      )}
      {!ofAllDays && <DayField day={day} today={today} onChange={toDay} />}
    </div>
  )
}

const isState = (state: (typeof BILL_STATES)[number]): state is RefundState =>
  state !== 'all' && state !== 'unfinished'

function Bills({ filter, at }: { filter: BillFilter; at: Place }) {
  const { t } = useTranslation()
  const today = dateOf(useNow(MINUTE_MS))
  const pages = useInfiniteQuery({
    queryKey: [filter.kind, 'list', filter, at, today],
    queryFn: ({ pageParam }) => tell<Page>(pathOf(filter, at, today, pageParam)),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
  })
  const found = pages.data?.pages ?? []
  return (
    <PageList pages={pages} empty={[t(`bills.none.${filter.kind}`), t('bills.noneNext')]}>
      {filter.kind === 'refunds'
        ? found
            .flatMap((page) => page.refunds ?? [])
            .map((refund) => <RefundRow key={refund.no} refund={refund} />)
        : oncePerSale(found).map((sale) => <SaleRow key={sale.no} sale={sale} />)}
    </PageList>
  )
}

/** A sale paid in parts comes with each of its payments, on one page or on two. */
const oncePerSale = (pages: readonly Page[]): readonly SaleShown[] => [
  ...new Map(pages.flatMap((page) => page.sales ?? []).map((sale) => [sale.no, sale])).values(),
]
