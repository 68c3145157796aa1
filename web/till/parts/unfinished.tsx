/** What was begun here and has not ended: always in sight, and one tap away. */
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { money } from '../../shared/amount.tsx'
import { UnknownIcon } from '../../shared/icons.tsx'
import { when } from '../../shared/when.ts'
import { readIntents } from '../outbox.ts'
import { OpenRefunds } from './open-refunds.tsx'

export function Unfinished() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const kept = useQuery({ queryKey: ['intents'], queryFn: readIntents, refetchInterval: 5_000 })
  return (
    <>
      <OpenRefunds />
      {(kept.data ?? []).map((intent) => (
        <button
          key={intent.no}
          className="strip strip-not-known"
          type="button"
          onClick={() => void navigate({ to: '/refund/$no', params: { no: intent.no } })}
        >
          <UnknownIcon />
          {intent.sent ? t('result.sent') : t('result.unsent')} {money(intent.amount)} ·{' '}
          {when(intent.at)}
        </button>
      ))}
    </>
  )
}
