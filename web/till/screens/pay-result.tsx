/** What becomes of a payment: until it is clear nobody takes the money a second time, and afterwards its receipt. */
import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { PaymentShown } from '../../../src/api/contract.ts'
import { paymentTexts, refusalText } from '../../../src/texts/payments.ts'
import { Refused } from '../../shared/api.ts'
import { Amount, money } from '../../shared/amount.tsx'
import { PrintIcon, ScanIcon } from '../../shared/icons.tsx'
import { currentLanguage } from '../../shared/language.ts'
import { PAYMENT_FAMILY } from '../../shared/standing.tsx'
import { when } from '../../shared/when.ts'
import { useNo } from '../address.ts'
import { useCustomerDisplay } from '../display/send.ts'
import { useNow, useServerNow } from '../now.ts'
import { dropIntent, readIntent, type Intent } from '../outbox.ts'
import { Facts } from '../parts/facts.tsx'
import { Qr } from '../parts/qr.tsx'
import { SandboxLine } from '../parts/sandbox-line.tsx'
import { Screen } from '../parts/screen.tsx'
import { Trouble } from '../parts/trouble.tsx'
import { Verdict } from '../parts/verdict.tsx'
import { usePaymentAnnouncement } from '../pay/announce.ts'
import { useIgnoredCodes, usePaymentCodes } from '../pay/codes.ts'
import { currentPayDraft, newPayDraft, setPayDraft, tryAgain, type PayDraft } from '../pay/draft.ts'
import { hasEnded, isNotThere, paymentQuery, usePayment } from '../pay/follow.ts'
import { bodyOf, CODE_DIES_MS, sendAgain, useSending } from '../pay/take.ts'
import { useTaking } from '../pay/taking.ts'
import { queryClient } from '../queries.ts'
import { tell } from '../session.ts'
import { refreshIntents } from '../submit.ts'
import { Number } from './sale.tsx'
import './pay.css'

export function PayResultScreen() {
  const navigate = useNavigate()
  const no = useNo()
  const sending = useSending(no)
  const payment = usePayment(no)
  const kept = useQuery({ queryKey: ['intents', no], queryFn: () => readIntent(no) })
  const home = () => void navigate({ to: '/' })
  const intent = kept.data ?? null
  if (sending?.kind === 'refused')
    return <NothingStored no={no} amount={sending.amount} error={sending.error} onHome={home} />
  if (sending?.kind === 'under_way' && (!payment.data || payment.data.shows === 'unclear'))
    return <UnderWay amount={sending.amount} silent={sending.silent} onHome={home} />
  if (payment.data)
    return (
      <Stored
        key={no}
        payment={payment.data}
        silence={payment.isError ? payment.error : null}
        intent={intent}
        onHome={home}
      />
    )
  if (intent !== null)
    return <Kept intent={intent} isNotThere={isNotThere(payment.error)} onHome={home} />
  return (
    <NotSeenYet
      error={kept.isPending ? null : payment.error}
      onRetry={() => void payment.refetch()}
      onHome={home}
    />
  )
}

/** Neither the server's word nor the device's own note has been read. */
function NotSeenYet({
  error,
  onRetry,
  onHome,
}: {
  error: unknown
  onRetry: () => void
  onHome: () => void
}) {
  const { t } = useTranslation()
  useIgnoredCodes()
  return (
    <Screen title={t('pay.title')} help="pay" back={onHome}>
      {error === null ? (
        <p className="muted">{t('common.loading')}</p>
      ) : (
        <Trouble error={error} onRetry={onRetry} />
      )}
    </Screen>
  )
}

/** The request is on its way; nobody knows more than that. */
function UnderWay({
  amount,
  silent,
  onHome,
}: {
  amount: number
  silent: boolean
  onHome: () => void
}) {
  const { t } = useTranslation()
  useIgnoredCodes()
  useCustomerDisplay({ kind: 'payment', word: 'unclear', fen: amount, codeUrl: null })
  return (
    <Screen title={t('pay.title')} help="pay" back={onHome}>
      <Verdict
        family={silent ? 'not-known' : 'on-its-way'}
        title={t(silent ? 'pay.noAnswer' : 'pay.underWay')}
        fen={amount}
        lines={[t(silent ? 'pay.noAnswerWhat' : 'pay.underWayWhat')]}
      />
    </Screen>
  )
}

/** The server refused before anything was stored: in its own words. */
function NothingStored({
  no,
  amount,
  error,
  onHome,
}: {
  no: string
  amount: number
  error: unknown
  onHome: () => void
}) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const other = error instanceof Refused ? error.params['payment'] : undefined
  const again = useAgain(no, null)
  return (
    <Screen
      title={t('pay.title')}
      help="pay"
      back={onHome}
      foot={
        typeof other === 'string' && other !== '' ? (
          <button
            className="act"
            type="button"
            onClick={() => void navigate({ to: '/pay/$no', params: { no: other } })}
          >
            {t('pay.seeOther')}
          </button>
        ) : (
          <AgainActs again={again} />
        )
      }
    >
      <Verdict family="needs-person" title={t('pay.nothingTaken')} fen={amount} lines={[]} />
      <div className="pay-strip">
        <Trouble error={error} />
      </div>
    </Screen>
  )
}

function Stored({
  payment,
  silence,
  intent,
  onHome,
}: {
  payment: PaymentShown
  /** The last question was not answered; what is shown is from before. */
  silence: unknown
  intent: Intent | null
  onHome: () => void
}) {
  const { t } = useTranslation()
  const { no, shows } = payment
  const texts = paymentTexts[currentLanguage()][shows]
  usePaymentAnnouncement(payment, intent !== null)
  useOutcomeSeen(payment, intent)
  useCustomerDisplay({
    kind: 'payment',
    word: shows,
    fen: payment.amount,
    codeUrl: payment.codeUrl,
  })
  const reverse = useMutation({
    mutationFn: () => tell<PaymentShown>(`/payments/${no}/reverse`, { method: 'POST' }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: paymentQuery(no).queryKey }),
  })
  const ask = useMutation({
    mutationFn: () => tell<PaymentShown>(`/payments/${no}/query`, { method: 'POST' }),
    onSuccess: (asked) => queryClient.setQueryData(paymentQuery(no).queryKey, asked),
  })
  return (
    <Screen
      title={t('pay.title')}
      help="pay"
      back={onHome}
      foot={
        payment.state === 'paid' ? (
          <PaidActs payment={payment} onHome={onHome} />
        ) : hasEnded(payment) ? (
          <GivenUpActs payment={payment} />
        ) : (
          <OpenActs
            payment={payment}
            isBusy={ask.isPending || reverse.isPending}
            onAsk={() => ask.mutate()}
            onReverse={() => reverse.mutate()}
          />
        )
      }
    >
      {payment.sandbox && <SandboxLine />}
      {silence !== null && (
        <div className="pay-strip">
          <Trouble error={silence} />
        </div>
      )}
      {ask.isError && <Trouble error={ask.error} />}
      {reverse.isError && <Trouble error={reverse.error} />}
      {payment.codeUrl === null ? (
        <Verdict
          family={PAYMENT_FAMILY[shows]}
          title={texts.title}
          fen={payment.amount}
          lines={[
            shows === 'refused' && payment.refusal !== null
              ? refusalText(currentLanguage(), payment.refusal)
              : texts.next,
          ]}
        />
      ) : (
        <ShownCode payment={payment} codeUrl={payment.codeUrl} title={texts.title} />
      )}
      <section className="card">
        <Facts
          rows={[
            ...discountRows(intent, t('sale.order'), t('sale.discount')),
            ...(payment.payerAmount === null || payment.payerAmount === payment.amount
              ? []
              : [[t('pay.payerPaid'), <Amount key="p" fen={payment.payerAmount} />] as const]),
            ...(payment.payer === null ? [] : [[t('pay.payer'), payment.payer] as const]),
            [t('sale.orderNo'), <Number key="o" text={payment.sale} />],
            [t('result.at'), when(payment.paidAt ?? payment.createdAt)],
          ]}
        />
        {shows === 'paid' && <RefundLink sale={payment.sale} />}
      </section>
    </Screen>
  )
}

function discountRows(intent: Intent | null, order: string, discount: string) {
  if (intent === null) return []
  const { orderAmount, paidAmount } = bodyOf(intent).sale
  if (orderAmount === paidAmount) return []
  return [
    [order, <Amount key="o" fen={orderAmount} />] as const,
    [discount, <Amount key="d" fen={paidAmount - orderAmount} />] as const,
  ]
}

function RefundLink({ sale }: { sale: string }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  return (
    <button
      className="link"
      type="button"
      onClick={() => void navigate({ to: '/sale/$no', params: { no: sale } })}
    >
      {t('pay.refundThis')}
    </button>
  )
}

/** No more than it is good for as a whole, whatever the clocks of two machines say. */
const secondsLeft = (now: number, until: string, since: string): number =>
  Math.floor((Date.parse(until) - Math.max(now, Date.parse(since))) / 1_000)

/** For the customer to scan, with the time it has left. */
function ShownCode({
  payment,
  codeUrl,
  title,
}: {
  payment: PaymentShown
  codeUrl: string
  title: string
}) {
  const { t } = useTranslation()
  const now = useServerNow(1_000)
  const until = payment.codeValidUntil
  const left = now === null || until === null ? null : secondsLeft(now, until, payment.createdAt)
  const isOver = left !== null && left <= 0
  return (
    <section className="pay-code">
      <h2>{isOver ? t('pay.codeOver') : title}</h2>
      <Amount fen={payment.amount} size="large" />
      {isOver ? (
        <p className="muted">{t('pay.codeOverWhat')}</p>
      ) : (
        <>
          <Qr text={codeUrl} label={title} />
          {left !== null && (
            <p className="muted small pay-left">
              {t('pay.codeLeft', {
                left: `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`,
              })}
            </p>
          )}
        </>
      )}
    </section>
  )
}

/** Not clear yet: asked about, and given up only by two taps. */
function OpenActs({
  payment,
  isBusy,
  onAsk,
  onReverse,
}: {
  payment: PaymentShown
  isBusy: boolean
  onAsk: () => void
  onReverse: () => void
}) {
  const { t } = useTranslation()
  const [isSure, setIsSure] = useState(false)
  useIgnoredCodes()
  const label = t(payment.shows === 'code_shown' ? 'pay.cancel' : 'pay.reverse')
  if (isSure && payment.state !== 'reversing')
    return (
      <>
        <p className="small center pay-sure">{t('pay.reverseWhat')}</p>
        <button
          className="act act-danger"
          type="button"
          disabled={isBusy}
          onClick={() => {
            onReverse()
            setIsSure(false)
          }}
        >
          {label} {money(payment.amount)}
        </button>
        <button className="act act-second" type="button" onClick={() => setIsSure(false)}>
          {t('pay.reverseNot')}
        </button>
      </>
    )
  return (
    <>
      <button className="act" type="button" disabled={isBusy} onClick={onAsk}>
        {t('sale.ask')}
      </button>
      {payment.state !== 'reversing' && (
        <button className="act act-second" type="button" onClick={() => setIsSure(true)}>
          {label}
        </button>
      )}
    </>
  )
}

/** Nothing was taken: the same sale may be tried once more. */
function GivenUpActs({ payment }: { payment: PaymentShown }) {
  return <AgainActs again={useAgain(payment.no, payment)} />
}

function PaidActs({ payment, onHome }: { payment: PaymentShown; onHome: () => void }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  useIgnoredCodes()
  return (
    <>
      <button
        className="act"
        type="button"
        onClick={() => void navigate({ to: '/receipt/$no', params: { no: payment.sale } })}
      >
        <PrintIcon />
        {t('sale.printReceipt')}
      </button>
      <button className="act act-second" type="button" onClick={onHome}>
        {t('result.next')}
      </button>
    </>
  )
}

/** No answer, and the server does not have it or cannot be asked: see `pay/take.ts` for what may be done when. */
function Kept({
  intent,
  isNotThere: notThere,
  onHome,
}: {
  intent: Intent
  isNotThere: boolean
  onHome: () => void
}) {
  const { t } = useTranslation()
  const now = useNow(1_000)
  const byCode = bodyOf(intent).method === 'code'
  const isDead = !byCode || now - Date.parse(intent.at) > CODE_DIES_MS
  const again = useAgain(intent.no, null)
  useCustomerDisplay({ kind: 'payment', word: 'unclear', fen: intent.amount, codeUrl: null })
  const resend = useMutation({ mutationFn: () => sendAgain(intent) })
  const drop = useMutation({
    mutationFn: () => dropIntent(intent.no),
    onSuccess: () => {
      if (currentPayDraft()?.no === intent.no) setPayDraft(null)
      refreshIntents()
      onHome()
    },
  })
  return (
    <Screen
      title={t('pay.title')}
      help="pay"
      back={onHome}
      foot={
        notThere && (
          <>
            {byCode ? (
              <AgainActs again={again} />
            ) : (
              <button
                className="act"
                type="button"
                disabled={resend.isPending}
                onClick={() => resend.mutate()}
              >
                {t('result.goOn')}
              </button>
            )}
            {isDead && (
              <button className="act act-second" type="button" onClick={() => drop.mutate()}>
                {t('result.drop')}
              </button>
            )}
          </>
        )
      }
    >
      <Verdict
        family="not-known"
        title={t(notThere ? 'pay.notThere' : 'pay.noAnswer')}
        fen={intent.amount}
        lines={
          notThere
            ? [t(byCode ? 'pay.notThereCode' : 'pay.notThereQr')]
            : [t('pay.noAnswerWhat'), t('pay.noAnswerNext')]
        }
      />
      <section className="card">
        <Facts
          rows={[
            [t('sale.orderNo'), <Number key="o" text={intent.sale} />],
            [t('result.at'), when(intent.at)],
          ]}
        />
      </section>
    </Screen>
  )
}

type Again = { readonly scan: () => void; readonly show: () => void }

function AgainActs({ again }: { again: Again }) {
  const { t } = useTranslation()
  return (
    <>
      <button className="act" type="button" onClick={again.scan}>
        <ScanIcon />
        {t('pay.scanAgain')}
      </button>
      <button className="act act-second" type="button" onClick={again.show}>
        {t('pay.showCode')}
      </button>
    </>
  )
}

/** The same sale under a new number; a payment code that is read here begins it at once. */
function useAgain(no: string, payment: PaymentShown | null): Again {
  const navigate = useNavigate()
  const take = useTaking()
  const kept = useQuery({ queryKey: ['intents', no], queryFn: () => readIntent(no) })
  const begin = (paymentCode: string | null) => {
    const draft = draftAgain(no, payment, kept.data ?? null)
    setPayDraft(draft)
    // Without a network that screen says so, and waits.
    if (!take(draft, paymentCode)) void navigate({ to: '/pay/code', replace: true })
  }
  usePaymentCodes(begin, null)
  return {
    show: () => begin(null),
    scan: () => {
      setPayDraft(draftAgain(no, payment, kept.data ?? null))
      void navigate({ to: '/pay/code', replace: true })
    },
  }
}

/** From the tab, else from the disk; of a payment that another device began only the amount is known here. */
function draftAgain(no: string, payment: PaymentShown | null, intent: Intent | null): PayDraft {
  const draft = currentPayDraft()
  if (draft?.no === no) return tryAgain(draft)
  if (intent !== null) {
    const { sale } = bodyOf(intent)
    const discount = sale.orderAmount - sale.paidAmount
    return tryAgain({ ...newPayDraft(), sale: sale.no, order: sale.orderAmount, discount })
  }
  return { ...newPayDraft(), order: payment?.amount ?? 0 }
}

/** From here on the server alone knows; a paid sale is over, and whatever comes next is another one. */
function useOutcomeSeen(payment: PaymentShown, intent: Intent | null): void {
  const { no, state } = payment
  const isKept = intent !== null
  const ended = hasEnded(payment)
  useEffect(() => {
    if (!ended) return
    if (state === 'paid' && currentPayDraft()?.no === no) setPayDraft(null)
    if (isKept) void dropIntent(no).then(refreshIntentList)
  }, [no, state, ended, isKept])
}

/** Of the list alone: what is on the screen still tells of the discount. */
const refreshIntentList = (): void =>
  void queryClient.invalidateQueries({ queryKey: ['intents'], exact: true })
