/** A one-time code for a colleague's refund, to be read out over the phone: bound to the sale, the amount and the way. */
import './more.css'
import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import type { PaymentShown, SaleShown } from '../../../src/api/contract.ts'
import { Amount, money } from '../../shared/amount.tsx'
import { when } from '../../shared/when.ts'
import { Choices } from '../parts/choices.tsx'
import { Facts } from '../parts/facts.tsx'
import { fenOfText, Keypad, typed } from '../parts/keypad.tsx'
import { Screen } from '../parts/screen.tsx'
import { TimeLeft, useTimeLeft } from '../parts/time-left.tsx'
import { Trouble } from '../parts/trouble.tsx'
import { useCodes } from '../scan/codes.ts'
import { tell } from '../session.ts'
import { channelName, Number } from './sale.tsx'

type Found = { readonly sales: readonly SaleShown[]; readonly refund: string | null }
type Method = 'original' | 'cash'
type Made = { readonly code: string; readonly expiresAt: string }

const FIND_TIMEOUT_MS = 20_000

export function ApprovalCodeScreen() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const [number, setNumber] = useState('')
  const find = useMutation({
    mutationFn: (code: string) =>
      tell<Found>('/sales/find', { method: 'POST', body: { code }, timeoutMs: FIND_TIMEOUT_MS }),
    onSuccess: ({ refund }) => {
      // Already asked for: it is decided on, and not confirmed beforehand.
      if (refund !== null) void navigate({ to: '/refund/$no', params: { no: refund } })
    },
    gcTime: 0,
  })
  const look = (code: string) => find.mutate(code)
  useCodes(look)
  const payments = (find.data?.sales ?? []).flatMap((sale) =>
    sale.payments.filter((each) => each.refundable > 0).map((payment) => ({ sale, payment })),
  )
  const [chosen, setChosen] = useState<string | null>(null)
  const of = payments.find(({ payment }) => payment.no === chosen) ?? payments[0]
  if (of)
    return (
      <Claim
        key={of.payment.no}
        sale={of.sale}
        payment={of.payment}
        among={payments.map(({ payment }) => payment)}
        onChoose={setChosen}
        onOther={find.reset}
      />
    )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (number.trim() !== '') look(number)
  }
  return (
    <Screen
      title={t('approval.title')}
      help="approval"
      foot={
        <button
          className="act"
          type="submit"
          form="find"
          disabled={number.trim() === '' || find.isPending}
        >
          {t('scan.find')}
        </button>
      }
    >
      <form id="find" className="card" onSubmit={submit}>
        <label className="label" htmlFor="number">
          {t('approval.number')}
        </label>
        <input
          id="number"
          className="field number"
          inputMode="numeric"
          autoComplete="off"
          spellCheck={false}
          placeholder={t('scan.typed')}
          value={number}
          onChange={(event) => setNumber(event.target.value)}
        />
        <p className="muted small form-gap">{t('approval.lead')}</p>
      </form>
      {find.isPending && (
        <output className="strip strip-on-its-way form-gap">{t('scan.looking')}</output>
      )}
      {find.isError && <Trouble error={find.error} />}
      {find.data && find.data.refund === null && (
        <output className="strip strip-ended form-gap">{t('approval.nothing')}</output>
      )}
    </Screen>
  )
}

function Claim({
  sale,
  payment,
  among,
  onChoose,
  onOther,
}: {
  sale: SaleShown
  payment: PaymentShown
  /** A sale paid in parts: the claim is one of its payments'. */
  among: readonly PaymentShown[]
  onChoose: (no: string) => void
  onOther: () => void
}) {
  const { t } = useTranslation()
  const [method, setMethod] = useState<Method>('original')
  // Empty: all that is left, which is asked for most.
  const [text, setText] = useState('')
  const fen = text === '' ? payment.refundable : fenOfText(text)
  const fits = fen !== null && fen > 0 && fen <= payment.refundable
  const make = useMutation({
    mutationFn: (amount: number) =>
      tell<Made>('/approval-codes', {
        method: 'POST',
        body: { for: { act: 'refund', payment: payment.no, amount, method } },
      }),
  })
  if (make.data && fen !== null)
    return (
      <Shown
        made={make.data}
        sale={sale}
        fen={fen}
        method={method}
        onAgain={() => make.mutate(fen)}
      />
    )
  return (
    <Screen
      title={t('approval.title')}
      help="approval"
      back={onOther}
      foot={
        <button
          className="act"
          type="button"
          disabled={!fits || make.isPending}
          onClick={() => fen !== null && make.mutate(fen)}
        >
          {t('approval.make', { amount: money(fen ?? 0) })}
        </button>
      }
    >
      {make.isError && <Trouble error={make.error} />}
      <section className="card">
        {among.length > 1 && (
          <Choices
            label={t('sale.channel')}
            of={among.map((each) => ({
              value: each.no,
              label: `${channelName(each.channel)} ${money(each.amount)}`,
            }))}
            value={payment.no}
            onChange={onChoose}
          />
        )}
        <Facts
          rows={[
            [t('sale.paid'), <Amount key="p" fen={payment.amount} />],
            [t('sale.refundable'), <Amount key="r" fen={payment.refundable} />],
            ...(payment.paidAt === null ? [] : [[t('sale.paidAt'), when(payment.paidAt)] as const]),
          ]}
        />
      </section>
      <div className="form-gap">
        <Choices
          wide
          label={t('confirm.route')}
          of={(['original', 'cash'] as const).map((value) => ({
            value,
            label: t(`confirm.${value}`),
          }))}
          value={method}
          onChange={setMethod}
        />
      </div>
      <p className="center" aria-live="polite">
        <Amount fen={fen ?? 0} size="large" />
      </p>
      <output className="center error amount-fault">
        {!fits && text !== '' && t('amount.over', { room: money(payment.refundable) })}
      </output>
      <Keypad onKey={(key) => setText(typed(text, key))} />
    </Screen>
  )
}

function Shown({
  made,
  sale,
  fen,
  method,
  onAgain,
}: {
  made: Made
  sale: SaleShown
  fen: number
  method: Method
  onAgain: () => void
}) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const left = useTimeLeft(made.expiresAt)
  const over = left === 0
  return (
    <Screen
      title={t('approval.title')}
      help="approval"
      foot={
        over ? (
          <button className="act" type="button" onClick={onAgain}>
            {t('approval.again')}
          </button>
        ) : (
          <button className="act" type="button" onClick={() => void navigate({ to: '/' })}>
            {t('approval.done')}
          </button>
        )
      }
    >
      <section className={over ? 'card code-shown code-over' : 'card code-shown'}>
        <p className="muted">{t('approval.read')}</p>
        <p className="code-digits number" data-testid="code">
          {made.code.replace(/(\d{4})(?=\d)/, '$1 ')}
        </p>
        <TimeLeft ms={left} />
      </section>
      <section className="card">
        <Facts
          rows={[
            [t('confirm.amount'), <Amount key="a" fen={fen} />],
            [t('confirm.route'), t(`confirm.${method}`)],
            [t('sale.orderNo'), <Number key="n" text={sale.no} />],
          ]}
        />
        <p className="muted small form-gap">{t('approval.only')}</p>
      </section>
    </Screen>
  )
}
