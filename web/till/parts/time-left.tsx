/** How long something is still good, counted down by the server's clock. */
import { useTranslation } from 'react-i18next'
import { useServerNow } from '../now.ts'

/** ms; null while the server's time is not known. */
export function useTimeLeft(until: string): number | null {
  const now = useServerNow(1_000)
  return now === null ? null : Math.max(0, Date.parse(until) - now)
}

export function TimeLeft({ ms }: { ms: number | null }) {
  const { t } = useTranslation()
  if (ms === null) return null
  const seconds = Math.ceil(ms / 1_000)
  const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
  return (
    <p className="code-left muted number" role="timer">
      {ms === 0 ? t('timeLeft.over') : t('timeLeft.left', { clock })}
    </p>
  )
}
