/** The shift at this terminal: opened with what is in the drawer, looked at, and handed over from here. */
import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ShiftShown } from '../../../src/api/contract-shifts.ts'
import { Amount, money } from '../../shared/amount.tsx'
import { when } from '../../shared/when.ts'
import { useNames } from '../names.ts'
import { Facts } from '../parts/facts.tsx'
import { fenOfText, Keypad, typed } from '../parts/keypad.tsx'
import { Screen } from '../parts/screen.tsx'
import { NotFinished, Totals } from '../parts/totals.tsx'
import { Trouble } from '../parts/trouble.tsx'
import { openShift, useCurrentShift } from '../shift.ts'

export function ShiftScreen() {
  const { t } = useTranslation()
  const current = useCurrentShift()
  if (current.data) return <Running shift={current.data} />
  if (current.data === null) return <Begin />
  return (
    <Screen title={t('shift.title')} help="shift">
      {current.isError ? (
        <Trouble error={current.error} onRetry={() => void current.refetch()} />
      ) : (
        <p className="muted">{t('common.loading')}</p>
      )}
    </Screen>
  )
}

function Begin() {
  const { t } = useTranslation()
  const [text, setText] = useState('')
  const cash = text === '' ? 0 : fenOfText(text)
  const open = useMutation({ mutationFn: openShift })
  return (
    <Screen
      title={t('shift.title')}
      help="shift"
      side={<ToEarlier />}
      foot={
        <button
          className="act"
          type="button"
          disabled={cash === null || open.isPending}
          onClick={() => cash !== null && open.mutate(cash)}
        >
          {t('shift.open', { cash: money(cash ?? 0) })}
        </button>
      }
    >
      {open.isError && <Trouble error={open.error} />}
      <p className="muted">{t('shift.openLead')}</p>
      <p className="amount-line-big" aria-live="polite">
        <span className="visually-hidden">{t('shift.openingCash')}</span>
        <Amount fen={cash ?? 0} size="huge" />
      </p>
      <Keypad onKey={(key) => setText(typed(text, key))} />
    </Screen>
  )
}

function Running({ shift }: { shift: ShiftShown }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const names = useNames()
  return (
    <Screen
      title={t('shift.title')}
      help="shift"
      side={<ToEarlier />}
      foot={
        <button className="act" type="button" onClick={() => void navigate({ to: '/shift/close' })}>
          {t('shift.toCount')}
        </button>
      }
    >
      <section className="card">
        <Facts
          rows={[
            [t('shift.staff'), names.staff(shift.staff)],
            [t('shift.openedAt'), when(shift.openedAt)],
            [t('shift.openingCash'), <Amount key="o" fen={shift.openingCash} />],
          ]}
        />
      </section>
      <Totals totals={shift.totals} />
      <NotFinished totals={shift.totals} />
    </Screen>
  )
}

function ToEarlier() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  return (
    <button className="bar-text" type="button" onClick={() => void navigate({ to: '/shifts' })}>
      {t('shift.earlier')}
    </button>
  )
}
