/** Handing over: the drawer is counted first, and only then is said what it should hold. */
import { useMutation } from '@tanstack/react-query'
import { Navigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ShiftShown } from '../../../src/api/contract-shifts.ts'
import { Amount, money } from '../../shared/amount.tsx'
import { Facts } from '../parts/facts.tsx'
import { fenOfText, Keypad, typed } from '../parts/keypad.tsx'
import { Screen } from '../parts/screen.tsx'
import { NotFinished } from '../parts/totals.tsx'
import { Trouble } from '../parts/trouble.tsx'
import { handOver, useCurrentShift } from '../shift.ts'

const NOTE_MAX = 500

export function ShiftCloseScreen() {
  const { t } = useTranslation()
  const current = useCurrentShift()
  const [counted, setCounted] = useState<number | null>(null)
  /** Told to close; once no shift is open any more, this is the one that was closed, whether its answer came or not. */
  const [closing, setClosing] = useState<string | null>(null)
  if (current.data === null) {
    if (closing === null) return <Navigate to="/shift" replace />
    return <Navigate to="/shift-slip/$no" params={{ no: closing }} replace />
  }
  const shift = current.data
  if (!shift)
    return (
      <Screen title={t('shift.close')} help="shift">
        {current.isError ? (
          <Trouble error={current.error} onRetry={() => void current.refetch()} />
        ) : (
          <p className="muted">{t('common.loading')}</p>
        )}
      </Screen>
    )
  return counted === null ? (
    <Count onCounted={setCounted} />
  ) : (
    <Confirm
      shift={shift}
      counted={counted}
      onAgain={() => setCounted(null)}
      onClosing={() => setClosing(shift.no)}
      onLook={() => void current.refetch()}
    />
  )
}

function Count({ onCounted }: { onCounted: (fen: number) => void }) {
  const { t } = useTranslation()
  const [text, setText] = useState('')
  const counted = fenOfText(text)
  return (
    <Screen
      title={t('shift.close')}
      help="shift"
      foot={
        <button
          className="act"
          type="button"
          disabled={counted === null}
          onClick={() => counted !== null && onCounted(counted)}
        >
          {t('common.next')}
        </button>
      }
    >
      <p className="muted">{t('shift.countLead')}</p>
      <p className="amount-line-big" aria-live="polite">
        <span className="visually-hidden">{t('shift.counted')}</span>
        <Amount fen={counted ?? 0} size="huge" />
      </p>
      <Keypad onKey={(key) => setText(typed(text, key))} />
    </Screen>
  )
}

function Confirm({
  shift,
  counted,
  onAgain,
  onClosing,
  onLook,
}: {
  shift: ShiftShown
  counted: number
  onAgain: () => void
  onClosing: () => void
  onLook: () => void
}) {
  const { t } = useTranslation()
  const [note, setNote] = useState('')
  const close = useMutation({
    mutationFn: () => handOver(shift.no, counted, note.trim()),
    onMutate: onClosing,
  })
  const expected = shift.expectedCash ?? shift.openingCash
  const difference = counted - expected
  return (
    <Screen
      title={t('shift.close')}
      help="shift"
      back={onAgain}
      foot={
        <>
          <button
            className="act"
            type="button"
            disabled={close.isPending}
            onClick={() => close.mutate()}
          >
            {close.isPending ? t('confirm.working') : t('shift.confirm', { cash: money(counted) })}
          </button>
          {close.isError && (
            <button className="act act-second" type="button" onClick={onLook}>
              {t('shift.look')}
            </button>
          )}
        </>
      }
    >
      {close.isError && <Trouble error={close.error} />}
      <section className="card">
        <Facts
          rows={[
            [t('shift.openingCash'), <Amount key="o" fen={shift.openingCash} />],
            [t('shift.cashHandedOut'), <Amount key="h" fen={-shift.totals.cashHandedOut.amount} />],
            [t('shift.expected'), <Amount key="e" fen={expected} />],
            [t('shift.counted'), <Amount key="c" fen={counted} />],
            [
              t(difference === 0 ? 'shift.even' : difference > 0 ? 'shift.over' : 'shift.short'),
              <strong key="d" className={difference === 0 ? '' : difference > 0 ? 'over' : 'short'}>
                <Amount fen={Math.abs(difference)} />
              </strong>,
            ],
          ]}
        />
        {difference !== 0 && (
          <>
            <label className="label note-label" htmlFor="shift-note">
              {t('shift.note')}
            </label>
            <input
              id="shift-note"
              className="field"
              maxLength={NOTE_MAX}
              value={note}
              onChange={(event) => setNote(event.target.value)}
            />
          </>
        )}
      </section>
      <NotFinished totals={shift.totals} />
    </Screen>
  )
}
