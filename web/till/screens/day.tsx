/** A day of the store: what it has come to by now, and its closes. For those who oversee the store. */
import '../parts/totals.css'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { DayShown } from '../../../src/api/contract-shifts.ts'
import { Amount } from '../../shared/amount.tsx'
import { PersonNeededIcon } from '../../shared/icons.tsx'
import { exactly, when } from '../../shared/when.ts'
import { dateOf } from '../days.ts'
import { useNames } from '../names.ts'
import { useNow } from '../now.ts'
import { DayField } from '../parts/day-field.tsx'
import { Facts } from '../parts/facts.tsx'
import { Screen } from '../parts/screen.tsx'
import { NotFinished, Totals } from '../parts/totals.tsx'
import { Trouble } from '../parts/trouble.tsx'
import { tell } from '../session.ts'
import { closeDay } from '../shift.ts'

const LOOK_MS = 30_000
const MINUTE_MS = 60_000

export function DayScreen() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const today = dateOf(useNow(MINUTE_MS))
  const [chosen, setChosen] = useState<string | null>(null)
  const date = chosen ?? today
  const day = date.slice(2).replaceAll('-', '')
  const seen = useQuery({
    queryKey: ['day', day],
    queryFn: () => tell<DayShown>(`/days/${day}`),
    refetchInterval: LOOK_MS,
  })
  const openSlip = (nth: number) =>
    void navigate({ to: '/day-slip/$day/$nth', params: { day, nth: String(nth) } })
  const close = useMutation({
    mutationFn: () => closeDay(day),
    onSuccess: ({ nth }) => openSlip(nth),
    onSettled: () => void seen.refetch(),
  })
  const next = (seen.data?.closes.length ?? 0) + 1
  return (
    <Screen
      title={t('day.title')}
      help="shift"
      foot={
        seen.data && (
          <button
            className="act"
            type="button"
            disabled={close.isPending}
            onClick={() => close.mutate()}
          >
            {t(next === 1 ? 'day.close' : 'day.closeAgain', { nth: next })}
          </button>
        )
      }
    >
      <DayField
        day={date}
        today={today}
        onChange={(picked) => setChosen(picked === today ? null : picked)}
      />
      {close.isError && <Trouble error={close.error} />}
      {seen.isPending && <p className="muted">{t('common.loading')}</p>}
      {seen.isError && <Trouble error={seen.error} onRetry={() => void seen.refetch()} />}
      {seen.data && <DayFacts seen={seen.data} onSlip={openSlip} />}
    </Screen>
  )
}

function DayFacts({ seen, onSlip }: { seen: DayShown; onSlip: (nth: number) => void }) {
  const { t } = useTranslation()
  const names = useNames()
  const { totals, closes } = seen
  const open = totals.shifts.filter(({ closedAt }) => closedAt === null)
  return (
    <>
      {open.length > 0 && (
        <p className="strip strip-not-known day-strip">
          <PersonNeededIcon />
          {t('day.openShifts', {
            who: open
              .map(({ staff, terminal }) => `${names.terminal(terminal)} ${names.staff(staff)}`)
              .join(t('call.and')),
          })}
        </p>
      )}
      <Totals totals={totals} />
      {totals.terminals.length > 1 && (
        <section className="card">
          <h2>{t('day.terminals')}</h2>
          <Facts
            rows={totals.terminals.map(
              ({ terminal, payments, refunds }) =>
                [
                  terminal === null ? t('day.outside') : names.terminal(terminal),
                  <span key="v">
                    <Amount fen={payments.amount} />
                    <span className="row-second muted small">
                      {t('day.refunded')} <Amount fen={refunds.succeeded.amount} />
                    </span>
                  </span>,
                ] as const,
            )}
          />
        </section>
      )}
      <NotFinished totals={totals} />
      {closes.length > 0 && (
        <section className="card">
          <h2>{t('day.closes')}</h2>
          {closes.map(({ nth, by, at }) => (
            <button key={nth} className="row" type="button" onClick={() => onSlip(nth)}>
              <span>
                {t('day.nth', { nth })}
                <span className="muted small row-second">{names.staff(by)}</span>
              </span>
              <span className="muted number" title={exactly(at)}>
                {when(at)}
              </span>
            </button>
          ))}
        </section>
      )}
    </>
  )
}
