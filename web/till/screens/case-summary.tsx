/** All that somebody who helps needs to know of one refund, as plain text to copy or print; nothing personal in it. */
import './case-summary.css'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { TFunction } from 'i18next'
import type { RefundShown, SaleShown } from '../../../src/api/contract.ts'
import { reasonText } from '../../../src/texts/reasons.ts'
import { stateTexts } from '../../../src/texts/states.ts'
import { money } from '../../shared/amount.tsx'
import { currentLanguage } from '../../shared/language.ts'
import { exactly } from '../../shared/when.ts'
import { useNo } from '../address.ts'
import { useRefund } from '../follow.ts'
import { CopyButton } from '../parts/copy-button.tsx'
import { Screen } from '../parts/screen.tsx'
import { Trouble } from '../parts/trouble.tsx'
import { useSale, useTill, type TillFacts } from '../queries.ts'
import { useSession } from '../session.ts'
import { destinationOf } from './not-arrived.tsx'
import { channelName } from './sale.tsx'

export function CaseSummaryScreen() {
  const { t } = useTranslation()
  const refund = useRefund(useNo())
  return (
    <Screen title={t('caseSummary.title')}>
      {refund.isPending && <p className="muted">{t('common.loading')}</p>}
      {refund.isError && <Trouble error={refund.error} onRetry={() => void refund.refetch()} />}
      {refund.data && <Summary refund={refund.data} />}
    </Screen>
  )
}

function Summary({ refund }: { refund: RefundShown }) {
  const { t } = useTranslation()
  const sale = useSale(refund.sale)
  const till = useTill(useSession().terminal)
  const [madeAt] = useState(() => new Date())
  if (sale.isError) return <Trouble error={sale.error} onRetry={() => void sale.refetch()} />
  if (!sale.data) return <p className="muted">{t('common.loading')}</p>
  const text = caseText(t, refund, sale.data, till.data ?? null, madeAt)
  return (
    <>
      <p className="muted">{t('caseSummary.lead')}</p>
      <pre className="card case-text number">{text}</pre>
      <div className="form-gap case-acts">
        <CopyButton text={text} label={t('caseSummary.copy')} />
        <button className="act act-second" type="button" onClick={() => window.print()}>
          {t('common.print')}
        </button>
      </div>
    </>
  )
}

type Line = readonly [name: string, value: string | null]

function caseText(
  t: TFunction,
  refund: RefundShown,
  sale: SaleShown,
  till: TillFacts | null,
  now: Date,
): string {
  const payment = sale.payments.find(({ no }) => no === refund.payment)
  const paid = refund.attempts.findLast((attempt) => attempt.state === 'succeeded')
  const lines: readonly Line[] = [
    [t('caseSummary.state'), stateTexts[currentLanguage()][refund.shows].title],
    [t('caseSummary.refundNo'), refund.no],
    [t('caseSummary.refundAmount'), money(refund.amount)],
    [t('caseSummary.payerAmount'), paid?.payerAmount == null ? null : money(paid.payerAmount)],
    [t('caseSummary.feeKept'), refund.feeKept === 0 ? null : money(refund.feeKept)],
    [t('caseSummary.reason'), reasonText(currentLanguage(), refund.reason)],
    [t('caseSummary.requestedAt'), exactly(refund.createdAt)],
    [t('caseSummary.settledAt'), refund.settledAt === null ? null : exactly(refund.settledAt)],
    [t('caseSummary.orderNo'), sale.no],
    [t('caseSummary.channel'), payment === undefined ? null : channelName(payment.channel)],
    [t('caseSummary.billNo'), payment?.billNo ?? null],
    [t('caseSummary.channelNo'), payment?.channelNo ?? null],
    [t('caseSummary.paidAt'), payment?.paidAt == null ? null : exactly(payment.paidAt)],
    [t('caseSummary.paidAmount'), payment === undefined ? null : money(payment.amount)],
    [t('caseSummary.payer'), payment?.payer ?? null],
    ...refund.attempts.flatMap((attempt) => attemptLines(t, attempt)),
    [t('caseSummary.store'), till === null ? null : `${till.merchant.name} ${till.store.name}`],
    [t('caseSummary.phone'), till?.store.phone ?? null],
    [t('caseSummary.madeAt'), exactly(now.toISOString())],
  ]
  const title =
    payment?.sandbox === true
      ? `${t('caseSummary.title')} (${t('caseSummary.sandbox')})`
      : t('caseSummary.title')
  const said = lines.flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}`]))
  return [title, ...said].join('\n')
}

function attemptLines(t: TFunction, attempt: RefundShown['attempts'][number]): readonly Line[] {
  const states: Readonly<Record<string, string>> = t('caseSummary.attemptStates', {
    returnObjects: true,
  })
  return [
    [t('caseSummary.attempt', { seq: attempt.seq }), states[attempt.state] ?? attempt.state],
    [t('caseSummary.attemptNo'), attempt.channelNumber],
    [t('caseSummary.attemptChannelNo'), attempt.channelNo],
    [t('caseSummary.sentAt'), attempt.firstSentAt === null ? null : exactly(attempt.firstSentAt)],
    [t('caseSummary.endedAt'), attempt.settledAt === null ? null : exactly(attempt.settledAt)],
    [
      t('caseSummary.destination'),
      attempt.destination === null
        ? null
        : (attempt.destinationText ?? t(`caseSummary.destinations.${destinationOf(attempt)}`)),
    ],
    [t('caseSummary.code'), attempt.code],
  ]
}
