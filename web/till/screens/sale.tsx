/** One sale: is it the right one, what of it may go back, to whom, and is somebody else at work on it. */
import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { PaymentShown, SaleShown } from '../../../src/api/contract.ts'
import { stateTexts } from '../../../src/texts/states.ts'
import { Amount, money } from '../../shared/amount.tsx'
import { PersonNeededIcon, UnderWayIcon, UnknownIcon } from '../../shared/icons.tsx'
import { currentLanguage } from '../../shared/language.ts'
import { Standing } from '../../shared/standing.tsx'
import { when } from '../../shared/when.ts'
import { Facts } from '../parts/facts.tsx'
import { KeepLost, LostPayment } from '../parts/lost-payment.tsx'
import { SandboxLine } from '../parts/sandbox-line.tsx'
import { useNo } from '../address.ts'
import { Screen } from '../parts/screen.tsx'
import { Trouble } from '../parts/trouble.tsx'
import { startDraft } from '../draft.ts'
import { useNames } from '../names.ts'
import { queryClient, useSale } from '../queries.ts'
import { tell, useSession } from '../session.ts'

export function SaleScreen() {
  const { t } = useTranslation()
  const no = useNo()
  const sale = useSale(no)
  return (
    <Screen title={t('sale.title')} help="sale" foot={sale.data && <RefundActs sale={sale.data} />}>
      {sale.isPending && <p className="muted">{t('common.loading')}</p>}
      {sale.isError && <Trouble error={sale.error} onRetry={() => void sale.refetch()} />}
      {sale.data && <SaleFacts sale={sale.data} />}
    </Screen>
  )
}

function SaleFacts({ sale }: { sale: SaleShown }) {
  const { t } = useTranslation()
  const refundable = sale.payments.reduce((sum, payment) => sum + payment.refundable, 0)
  const atMost = sale.payments.some((payment) => payment.refundableAtMost)
  return (
    <>
      {sale.payments.some((payment) => payment.sandbox) && <SandboxLine />}
      <AtWork sale={sale} />
      {sale.payments.map((payment) => (
        <PaymentTrouble key={payment.no} sale={sale.no} payment={payment} />
      ))}
      {sale.payments.map((payment) => (
        <LostPayment key={payment.no} payment={payment} />
      ))}
      <section className="card sale-money">
        <p className="muted">{atMost ? t('sale.refundableAtMost') : t('sale.refundable')}</p>
        <Amount fen={refundable} size="large" />
        {atMost && <p className="muted small">{t('sale.atMostWhy')}</p>}
        <Facts
          rows={[
            ...(sale.discountAmount > 0
              ? [
                  [t('sale.order'), <Amount key="o" fen={sale.orderAmount} />] as const,
                  [t('sale.discount'), <Amount key="d" fen={-sale.discountAmount} />] as const,
                ]
              : []),
            [t('sale.paid'), <Amount key="p" fen={sale.paidAmount} />],
            ...sale.payments.flatMap((payment) => [
              ...(payment.refunded > 0
                ? [[t('sale.refunded'), <Amount key="r" fen={payment.refunded} />] as const]
                : []),
              ...(payment.held > 0
                ? [[t('sale.held'), <Amount key="h" fen={payment.held} />] as const]
                : []),
            ]),
          ]}
        />
      </section>
      {sale.items.length > 0 && (
        <section className="card">
          <h2>{t('sale.items')}</h2>
          {sale.items.map((item) => (
            <div className="row-static" key={item.line}>
              <span>
                {t('sale.item', { name: item.name, quantity: item.quantity })}
                {item.refunded.quantity > 0 && (
                  <span className="muted small note">
                    {t('sale.itemRefunded', { quantity: item.refunded.quantity })}
                  </span>
                )}
                {item.held.quantity > 0 && (
                  <span className="muted small note">
                    {t('sale.itemHeld', { quantity: item.held.quantity })}
                  </span>
                )}
              </span>
              <Amount fen={item.amount} />
            </div>
          ))}
        </section>
      )}
      <section className="card">
        {sale.payments.map((payment) => (
          <Facts
            key={payment.no}
            rows={[
              [t('sale.channel'), channelName(payment.channel)],
              [t('sale.payer'), payment.payer ?? t('sale.payerNone')],
              ...(payment.paidAt === null
                ? []
                : [[t('sale.paidAt'), when(payment.paidAt)] as const]),
              [t('sale.orderNo'), <Number key="n" text={sale.no} />],
              ...(payment.billNo === null || payment.billNo === sale.no
                ? []
                : [[t('sale.billNo'), <Number key="b" text={payment.billNo} />] as const]),
              ...(payment.channelNo === null
                ? []
                : [[t('sale.channelNo'), <Number key="c" text={payment.channelNo} />] as const]),
            ]}
          />
        ))}
      </section>
      <RefundRows sale={sale} />
    </>
  )
}

/** A long number in groups of four, so that two people can compare it. */
export const Number = ({ text }: { text: string }) => (
  <span className="number long-number">{text.replace(/(.{4})(?=.)/g, '$1\u200a')}</span>
)

export const channelName = (channel: string): string =>
  currentLanguage() === 'zh' ? (CHANNELS_ZH[channel] ?? channel) : (CHANNELS_EN[channel] ?? channel)
const CHANNELS_ZH: Readonly<Record<string, string>> = { wechatpay: '微信支付', cash: '现金' }
const CHANNELS_EN: Readonly<Record<string, string>> = { wechatpay: 'WeChat Pay', cash: 'Cash' }

/** Somebody is refunding this sale right now, perhaps at another till: seen before anybody begins a second one. */
function AtWork({ sale }: { sale: SaleShown }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const names = useNames()
  return (
    <>
      {sale.atWork.map((work) => (
        <button
          key={work.refund}
          className="strip strip-not-known"
          type="button"
          onClick={() => void navigate({ to: '/refund/$no', params: { no: work.refund } })}
        >
          <UnderWayIcon />
          {t('sale.atWork', {
            terminal: names.terminal(work.terminal),
            by: names.staff(work.by),
            at: when(work.since),
            amount: money(sale.refunds.find((each) => each.no === work.refund)?.amount ?? 0),
          })}
        </button>
      ))}
    </>
  )
}

const UNCLEAR: readonly PaymentShown['state'][] = ['created', 'submitted', 'waiting', 'reversing']

function PaymentTrouble({ sale, payment }: { sale: string; payment: PaymentShown }) {
  const { t } = useTranslation()
  const again = useMutation({
    mutationFn: () => tell(`/payments/${payment.no}/query`, { method: 'POST' }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['sale', sale] }),
  })
  if (payment.blocked !== null)
    return (
      <p className="strip strip-needs-person" role="alert">
        <PersonNeededIcon />
        {t('sale.blocked')}
      </p>
    )
  if (UNCLEAR.includes(payment.state))
    return (
      <div className="strip strip-not-known" role="alert">
        <UnknownIcon />
        <div>
          {t('sale.unclear')}
          <button
            className="link"
            type="button"
            disabled={again.isPending}
            onClick={() => again.mutate()}
          >
            {t('sale.ask')}
          </button>
        </div>
      </div>
    )
  return payment.state === 'closed' || payment.state === 'reversed' ? (
    <p className="strip strip-ended">{t('sale.cancelled')}</p>
  ) : null
}

function RefundRows({ sale }: { sale: SaleShown }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  if (sale.refunds.length === 0) return null
  return (
    <section className="card">
      <h2>{t('sale.refunds')}</h2>
      {sale.refunds.map((refund) => (
        <button
          key={refund.no}
          className="row"
          type="button"
          onClick={() => void navigate({ to: '/refund/$no', params: { no: refund.no } })}
        >
          <span>
            <Standing
              word={refund.shows}
              text={stateTexts[currentLanguage()][refund.shows].title}
            />
            <span className="muted small row-second">{when(refund.createdAt)}</span>
          </span>
          <Amount fen={refund.amount} size="line" />
        </button>
      ))}
    </section>
  )
}

/** A sale paid in parts has a refund for each payment: each its own button, with its amount. */
function RefundActs({ sale }: { sale: SaleShown }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const { person } = useSession()
  const open = sale.payments.filter((payment) => payment.refundable > 0)
  if (person === null) return null
  if (open.length === 0)
    return sale.payments.some((payment) => payment.state === 'paid') ? (
      <p className="muted center">{t('sale.nothingLeft')}</p>
    ) : null
  return (
    <>
      {open.map((payment) => (
        <button
          key={payment.no}
          className="act"
          type="button"
          onClick={() => {
            startDraft(sale.no, payment.no)
            void navigate({ to: '/amount' })
          }}
        >
          {open.length === 1
            ? t('sale.refund')
            : `${t('sale.refund')} · ${channelName(payment.channel)} ${money(payment.refundable)}`}
        </button>
      ))}
      {sale.payments.map((payment) => (
        <KeepLost key={payment.no} payment={payment} />
      ))}
    </>
  )
}
