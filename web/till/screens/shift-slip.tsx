/** The papers of the shop for itself: a shift handed over, a day closed. */
import { useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useDay, useNo, useNth } from '../address.ts'
import { SlipFrame } from '../parts/slip-frame.tsx'

export function ShiftSlipScreen() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  return (
    <SlipFrame
      title={t('shift.slip')}
      slip={{ path: `/shifts/${useNo()}`, which: {} }}
      back={() => void navigate({ to: '/shifts' })}
    />
  )
}

export function DaySlipScreen() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const [day, nth] = [useDay(), useNth()]
  return (
    <SlipFrame
      title={t('day.slip')}
      slip={{ path: `/days/${day}`, which: { nth } }}
      back={() => void navigate({ to: '/day' })}
    />
  )
}
