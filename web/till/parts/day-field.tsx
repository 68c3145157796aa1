/** Which day is looked at: no later one than today. */
import '../screens/lists.css'
import { useTranslation } from 'react-i18next'
import { BackIcon } from '../../shared/icons.tsx'
import { daysAfter, isDate } from '../days.ts'

/** @param day and `today` as date fields write them, `2026-11-26`. */
export function DayField({
  day,
  today,
  onChange,
}: {
  day: string
  today: string
  onChange: (day: string) => void
}) {
  const { t } = useTranslation()
  return (
    <div className="day">
      <button
        className="day-step"
        type="button"
        aria-label={t('bills.dayBefore')}
        onClick={() => onChange(daysAfter(day, -1))}
      >
        <BackIcon />
      </button>
      <input
        className="field number"
        type="date"
        aria-label={t('bills.day')}
        max={today}
        value={day}
        onChange={(event) => {
          if (isDate(event.target.value)) onChange(event.target.value)
        }}
      />
      <button
        className="day-step day-after"
        type="button"
        aria-label={t('bills.dayAfter')}
        disabled={day >= today}
        onClick={() => onChange(daysAfter(day, 1))}
      >
        <BackIcon />
      </button>
    </div>
  )
}
