/** What was begun here and has not ended: always in sight, and one tap away. */
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { paymentTexts } from '../../../src/texts/payments.ts'
import { money } from '../../shared/amount.tsx'
import { UnknownIcon } from '../../shared/icons.tsx'
import { currentLanguage } from '../../shared/language.ts'
import { FamilyIcon, PAYMENT_FAMILY } from '../../shared/standing.tsx'
import { when } from '../../shared/when.ts'
import { readIntents, type Intent } from '../outbox.ts'
import { paymentQuery } from '../pay/follow.ts'
import { isPayment } from '../pay/take.ts'
import { OpenRefunds } from './open-refunds.tsx'

const LOOK_MS = 5_000

export function Unfinished() {
  const kept = useQuery({ queryKey: ['intents'], queryFn: readIntents, refetchInterval: LOOK_MS })
  return (
    <>
      <OpenRefunds />
      {(kept.data ?? []).map((intent) =>
        isPayment(intent) ? (
          <UnfinishedPayment key={intent.no} intent={intent} />
        ) : (
          <UnfinishedRefund key={intent.no} intent={intent} />
        ),
      )}
    </>
  )
}

function UnfinishedRefund({ intent }: { intent: Intent }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  return (
    <button
      className="strip strip-not-known"
      type="button"
      onClick={() => void navigate({ to: '/refund/$no', params: { no: intent.no } })}
    >
      <UnknownIcon />
      {intent.sent ? t('result.sent') : t('result.unsent')} {money(intent.amount)} ·{' '}
      {when(intent.at)}
    </button>
  )
}

/** Its outcome has not been seen here, whatever it has come to in the meantime. */
function UnfinishedPayment({ intent }: { intent: Intent }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const payment = useQuery({
    ...paymentQuery(intent.no),
    retry: false,
    refetchInterval: LOOK_MS,
  })
  const word = payment.data?.shows
  const family = word === undefined ? 'not-known' : PAYMENT_FAMILY[word]
  return (
    <button
      className={`strip strip-${family}`}
      type="button"
      onClick={() => void navigate({ to: '/pay/$no', params: { no: intent.no } })}
    >
      <FamilyIcon family={family} size={24} />
      <span>
        {t('home.pay')} {money(intent.amount)} ·{' '}
        {word === undefined ? t('pay.noAnswer') : paymentTexts[currentLanguage()][word].title} ·{' '}
        {when(intent.at)}
      </span>
    </button>
  )
}
