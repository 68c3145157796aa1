/** What a shift or a day came to: by channel, by how refunds stand, in cash, and what is not finished. */
import './totals.css'
import { useNavigate } from '@tanstack/react-router'
import type { TFunction } from 'i18next'
import { useTranslation } from 'react-i18next'
import type { ShiftShown } from '../../../src/api/contract-shifts.ts'
import { REFUND_STANDINGS } from '../../../src/domain/shift.ts'
import { stateTexts } from '../../../src/texts/states.ts'
import { Amount } from '../../shared/amount.tsx'
import { currentLanguage } from '../../shared/language.ts'
import { Standing } from '../../shared/standing.tsx'
import { when } from '../../shared/when.ts'
import { channelName } from '../screens/sale.tsx'
import { Facts } from './facts.tsx'

type All = ShiftShown['totals']
type Sums = Omit<All, 'unfinished' | 'cashNotAnswered'>
type Tally = Sums['payments']

export function Totals({ totals }: { totals: Sums }) {
  const { t } = useTranslation()
  return (
    <section className="card totals">
      <h2>{t('shift.totals')}</h2>
      <Facts
        rows={[
          [t('shift.payments'), <Sum key="p" of={totals.payments} />],
          ...some(t('shift.unclear'), totals.paymentsUnclear),
          ...standings(t, totals.refunds),
          ...some(t('shift.cashHandedOut'), totals.cashHandedOut),
        ]}
      />
      {totals.channels.length > 1 &&
        totals.channels.map(({ channel, payments, refunds }) => (
          <div key={channel}>
            <h3>{channelName(channel)}</h3>
            <Facts rows={[...some(t('shift.payments'), payments), ...standings(t, refunds)]} />
          </div>
        ))}
    </section>
  )
}

const some = (name: string, of: Tally) =>
  of.count === 0 ? [] : [[name, <Sum key={name} of={of} />] as const]

/** What was paid back is always said, the rest where there is any. */
const standings = (t: TFunction, refunds: Sums['refunds']) =>
  REFUND_STANDINGS.filter((each) => each === 'succeeded' || refunds[each].count > 0).map(
    (each) => [t(`shift.refunds.${each}`), <Sum key={each} of={refunds[each]} />] as const,
  )

const Sum = ({ of: { count, amount } }: { of: Tally }) => {
  const { t } = useTranslation()
  return (
    <>
      <span className="muted small totals-count">{t('shift.count', { count })}</span>
      <Amount fen={amount} />
    </>
  )
}

/** Nothing of this keeps anybody from handing over: the next person sees it in the same place. */
export function NotFinished({ totals }: { totals: Pick<All, 'unfinished' | 'cashNotAnswered'> }) {
  const { t } = useTranslation()
  const { unfinished, cashNotAnswered } = totals
  if (unfinished.count + cashNotAnswered.length === 0) return null
  const rest = unfinished.count - unfinished.refunds.length
  return (
    <>
      {cashNotAnswered.length > 0 && (
        <section className="card">
          <h2>{t('shift.cashNotAnswered')}</h2>
          <p className="muted small">{t('shift.cashNotAnsweredWhat')}</p>
          <RefundLines refunds={cashNotAnswered} />
        </section>
      )}
      {unfinished.count > 0 && (
        <section className="card">
          <h2>{t('shift.unfinished', { count: unfinished.count })}</h2>
          <p className="muted small">{t('shift.unfinishedWhat')}</p>
          <RefundLines refunds={unfinished.refunds} />
          {rest > 0 && <p className="muted small">{t('shift.more', { count: rest })}</p>}
        </section>
      )}
    </>
  )
}

function RefundLines({ refunds }: { refunds: All['unfinished']['refunds'] }) {
  const navigate = useNavigate()
  return (
    <>
      {refunds.map(({ no, amount, shows, since }) => (
        <button
          key={no}
          className="row"
          type="button"
          onClick={() => void navigate({ to: '/refund/$no', params: { no } })}
        >
          <span>
            <Amount fen={amount} />
            <span className="muted small row-second">{when(since)}</span>
          </span>
          <Standing word={shows} text={stateTexts[currentLanguage()][shows].title} />
        </button>
      ))}
    </>
  )
}
