/** One refund, or one sale, as a row of a list: enough to know it again, and a way to it. */
import { useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { PaymentShown, RefundShown, SaleShown } from '../../../src/api/contract.ts'
import { stateTexts } from '../../../src/texts/states.ts'
import { Amount } from '../../shared/amount.tsx'
import { currentLanguage } from '../../shared/language.ts'
import { Standing } from '../../shared/standing.tsx'
import { when } from '../../shared/when.ts'
import { useNames } from '../names.ts'
import { channelName } from '../screens/sale.tsx'

export function RefundRow({ refund }: { refund: RefundShown }) {
  const navigate = useNavigate()
  const names = useNames()
  return (
    <button
      className="row"
      type="button"
      onClick={() => void navigate({ to: '/refund/$no', params: { no: refund.no } })}
    >
      <span className="row-main">
        <Standing word={refund.shows} text={stateTexts[currentLanguage()][refund.shows].title} />
        <span className="muted small row-second">
          {when(refund.createdAt)} · {names.terminal(refund.terminal)}{' '}
          {names.staff(refund.requestedBy)}
        </span>
      </span>
      <Amount fen={refund.amount} size="line" />
    </button>
  )
}

export function SaleRow({ sale }: { sale: SaleShown }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const names = useNames()
  const [payment] = sale.payments
  const refunded = sale.payments.reduce((sum, each) => sum + each.refunded, 0)
  const held = sale.payments.reduce((sum, each) => sum + each.held, 0)
  return (
    <button
      className="row"
      type="button"
      onClick={() => void navigate({ to: '/sale/$no', params: { no: sale.no } })}
    >
      <span className="row-main">
        {when(payment?.paidAt ?? sale.createdAt)}
        {payment && payment.state !== 'paid' && (
          <span className="note small muted">{t(`bills.payment.${standingOf(payment)}`)}</span>
        )}
        <span className="muted small row-second">
          {payment && `${channelName(payment.channel)} ${payment.payer ?? ''} · `}
          <span className="unbroken">
            {names.terminal(sale.terminal)} {names.staff(sale.staff)}
          </span>
        </span>
        {(refunded > 0 || held > 0) && (
          <span className="small row-second sale-row-refunded">
            {refunded > 0 && (
              <span className="unbroken">
                {t('sale.refunded')} <Amount fen={refunded} />{' '}
              </span>
            )}
            {held > 0 && (
              <span className="unbroken">
                {t('sale.held')} <Amount fen={held} />
              </span>
            )}
          </span>
        )}
      </span>
      <Amount fen={payment?.amount ?? sale.paidAmount} size="line" />
    </button>
  )
}

const standingOf = ({ state }: PaymentShown): 'cancelled' | 'unclear' =>
  state === 'closed' || state === 'reversed' ? 'cancelled' : 'unclear'
