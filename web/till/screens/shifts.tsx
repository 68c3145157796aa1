/** Shifts of this terminal and of one's own; of the store for those who oversee it. Newest first. */
import '../parts/totals.css'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { ShiftLineShown } from '../../../src/api/contract-shifts.ts'
import { Amount } from '../../shared/amount.tsx'
import { when } from '../../shared/when.ts'
import { useNames } from '../names.ts'
import { Screen } from '../parts/screen.tsx'
import { Trouble } from '../parts/trouble.tsx'
import { tell } from '../session.ts'

type Page = { readonly shifts: readonly ShiftLineShown[]; readonly next: string | null }

export function ShiftsScreen() {
  const { t } = useTranslation()
  const pages = useInfiniteQuery({
    queryKey: ['shift', 'list'],
    queryFn: ({ pageParam }) =>
      tell<Page>(`/shifts${pageParam === '' ? '' : `?cursor=${encodeURIComponent(pageParam)}`}`),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next,
  })
  const shifts = pages.data?.pages.flatMap((page) => page.shifts) ?? []
  return (
    <Screen title={t('shift.list')} help="shift">
      {pages.isPending && <p className="muted">{t('common.loading')}</p>}
      {pages.isError && <Trouble error={pages.error} onRetry={() => void pages.refetch()} />}
      {pages.data && shifts.length === 0 && <p className="card muted">{t('shift.none')}</p>}
      {shifts.length > 0 && (
        <section className="card">
          {shifts.map((shift) => (
            <Line key={shift.no} shift={shift} />
          ))}
        </section>
      )}
      {pages.hasNextPage && (
        <button
          className="act act-second"
          type="button"
          disabled={pages.isFetchingNextPage}
          onClick={() => void pages.fetchNextPage()}
        >
          {t('common.more')}
        </button>
      )}
    </Screen>
  )
}

function Line({ shift }: { shift: ShiftLineShown }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const names = useNames()
  const { no, closedAt, difference } = shift
  return (
    <button
      className="row"
      type="button"
      onClick={() =>
        void (closedAt === null
          ? navigate({ to: '/shift' })
          : navigate({ to: '/shift-slip/$no', params: { no } }))
      }
    >
      <span>
        {names.staff(shift.staff)} · {names.terminal(shift.terminal)}
        <span className="muted small row-second">
          {when(shift.openedAt)} – {closedAt === null ? t('shift.running') : when(closedAt)}
        </span>
      </span>
      {difference === null ? null : difference === 0 ? (
        <span className="muted">{t('shift.even')}</span>
      ) : (
        <span className={difference > 0 ? 'over' : 'short'}>
          {t(difference > 0 ? 'shift.over' : 'shift.short')} <Amount fen={Math.abs(difference)} />
        </span>
      )}
    </button>
  )
}
