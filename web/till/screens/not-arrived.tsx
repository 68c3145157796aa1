/** "I did not get it": what became of the money, by when it should be there, where to look, whom to call. */
import '../help/help.css'
import './not-arrived.css'
import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import type { RefundShown, SaleShown } from '../../../src/api/contract.ts'
import type { ChannelsShown } from '../../../src/api/contract-till.ts'
import { expectedArrival, type ExpectedArrival } from '../../../src/domain/arrival.ts'
import { stateTexts } from '../../../src/texts/states.ts'
import { Amount, money } from '../../shared/amount.tsx'
import { currentLanguage } from '../../shared/language.ts'
import { FAMILY, FamilyIcon, Standing } from '../../shared/standing.tsx'
import { onDay, when } from '../../shared/when.ts'
import { useNo } from '../address.ts'
import { useRefund } from '../follow.ts'
import { useKept } from '../kept.ts'
import { useServerNow } from '../now.ts'
import { Choices } from '../parts/choices.tsx'
import { ContactRows, useShopContacts } from '../parts/contacts.tsx'
import { Facts } from '../parts/facts.tsx'
import { Screen } from '../parts/screen.tsx'
import { Trouble } from '../parts/trouble.tsx'
import { useSale } from '../queries.ts'
import { useCodes } from '../scan/codes.ts'
import { tell } from '../session.ts'
import { Number } from './sale.tsx'

const FIND_TIMEOUT_MS = 20_000
type Found = { readonly sales: readonly SaleShown[]; readonly refund: string | null }

export function NotArrivedScreen() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const [text, setText] = useState('')
  const open = (no: string) => void navigate({ to: '/not-arrived/$no', params: { no } })
  const find = useMutation({
    mutationFn: (code: string) =>
      tell<Found>('/sales/find', { method: 'POST', body: { code }, timeoutMs: FIND_TIMEOUT_MS }),
    onSuccess: ({ sales, refund }) => {
      const [only, ...others] = sales.flatMap((sale) => sale.refunds)
      if (refund !== null) open(refund)
      else if (only && others.length === 0) open(only.no)
    },
    gcTime: 0,
  })
  useCodes(find.mutate)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (text.trim() !== '') find.mutate(text)
  }
  const found = find.data?.refund === null ? find.data.sales : []
  const refunds = found.flatMap((sale) => sale.refunds)
  return (
    <Screen
      title={t('notArrived.title')}
      help="notArrived"
      foot={
        <button
          className="act"
          type="submit"
          form="not-arrived"
          disabled={text.trim() === '' || find.isPending}
        >
          {t('notArrived.find')}
        </button>
      }
    >
      <form id="not-arrived" className="card" onSubmit={submit}>
        <label className="label" htmlFor="not-arrived-no">
          {t('notArrived.lead')}
        </label>
        <input
          id="not-arrived-no"
          className="field number"
          inputMode="numeric"
          autoComplete="off"
          spellCheck={false}
          placeholder={t('notArrived.placeholder')}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </form>
      {find.isPending && (
        <output className="strip strip-on-its-way form-gap">{t('scan.looking')}</output>
      )}
      {find.isError && <Trouble error={find.error} />}
      {found.length > 0 && refunds.length === 0 && <NeverRefunded sale={found[0]} />}
      {refunds.length > 1 && <Which refunds={refunds} onChoose={open} />}
    </Screen>
  )
}

function NeverRefunded({ sale }: { sale: SaleShown | undefined }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  if (sale === undefined) return null
  return (
    <section className="card">
      <p>{t('notArrived.none')}</p>
      <button
        className="link"
        type="button"
        onClick={() => void navigate({ to: '/sale/$no', params: { no: sale.no } })}
      >
        {t('notArrived.openSale')}
      </button>
    </section>
  )
}

function Which({
  refunds,
  onChoose,
}: {
  refunds: readonly RefundShown[]
  onChoose: (no: string) => void
}) {
  const { t } = useTranslation()
  return (
    <section className="card">
      <h2>{t('notArrived.choose', { count: refunds.length })}</h2>
      {refunds.map(({ no, amount, shows, createdAt }) => (
        <button key={no} className="row" type="button" onClick={() => onChoose(no)}>
          <span>
            <Amount fen={amount} />
            <span className="muted small row-second">{when(createdAt)}</span>
          </span>
          <Standing word={shows} text={stateTexts[currentLanguage()][shows].title} />
        </button>
      ))}
    </section>
  )
}

export function NotArrivedGuideScreen() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const no = useNo()
  const refund = useRefund(no)
  return (
    <Screen
      title={t('notArrived.title')}
      help="notArrived"
      foot={
        refund.data && (
          <button
            className="act"
            type="button"
            onClick={() => void navigate({ to: '/case/$no', params: { no } })}
          >
            {t('notArrived.summary')}
          </button>
        )
      }
    >
      {refund.isPending && <p className="muted">{t('common.loading')}</p>}
      {refund.isError && <Trouble error={refund.error} onRetry={() => void refund.refetch()} />}
      {refund.data && <Guide refund={refund.data} />}
    </Screen>
  )
}

function Guide({ refund }: { refund: RefundShown }) {
  const paid = refund.attempts.findLast((attempt) => attempt.state === 'succeeded')
  if (refund.shows !== 'succeeded' || paid === undefined) return <NotPaidBack refund={refund} />
  return <PaidBack refund={refund} paid={paid} />
}

/** The money has not left: the customer is right, and hears what comes next. */
function NotPaidBack({ refund }: { refund: RefundShown }) {
  const { t } = useTranslation()
  const { title, tellCustomer, next } = stateTexts[currentLanguage()][refund.shows]
  const family = FAMILY[refund.shows]
  return (
    <>
      <output className={`strip strip-${family}`}>
        <FamilyIcon family={family} size={24} />
        <span>
          <strong>
            {title} {money(refund.amount)}
          </strong>
          <span className="row-second">
            {t(family === 'ended' ? 'notArrived.notEver' : 'notArrived.notYet')}
          </span>
        </span>
      </output>
      {tellCustomer !== '' && (
        <section className="card tell">
          <h2>{t('result.tell')}</h2>
          <p>{tellCustomer}</p>
        </section>
      )}
      {next !== '' && (
        <section className="card">
          <h2>{t('notArrived.doThis')}</h2>
          <p>{next}</p>
          <OpenRefund no={refund.no} />
        </section>
      )}
    </>
  )
}

function OpenRefund({ no }: { no: string }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  return (
    <button
      className="link"
      type="button"
      onClick={() => void navigate({ to: '/refund/$no', params: { no } })}
    >
      {t('slipCheck.openRefund')}
    </button>
  )
}

type Paid = RefundShown['attempts'][number]

function PaidBack({ refund, paid }: { refund: RefundShown; paid: Paid }) {
  const { t } = useTranslation()
  const sale = useSale(refund.sale)
  const channels = useKept<ChannelsShown>('/channels')
  const payment = sale.data?.payments.find(({ no }) => no === refund.payment)
  const at = paid.settledAt ?? refund.settledAt ?? refund.createdAt
  if (paid.kind === 'cash') return <p className="card">{t('notArrived.cash', { at: when(at) })}</p>
  if (paid.destination === 'merchant') return <p className="card">{t('notArrived.atMerchant')}</p>
  const channel = channels.data?.answer.channels.find(({ no }) => no === payment?.account)
  const promise = channel?.arrival.find(({ destination }) => destination === paid.destination)
  const expected = promise === undefined ? null : expectedArrival(promise.when, new Date(at))
  return (
    <>
      {sale.isError && <Trouble error={sale.error} onRetry={() => void sale.refetch()} />}
      <section className="card">
        <h2>{t('notArrived.where')}</h2>
        <Facts
          rows={[
            [t('notArrived.amount'), <Amount key="a" fen={paid.payerAmount ?? refund.amount} />],
            [
              t('notArrived.whereTo'),
              paid.destinationText ?? t(`caseSummary.destinations.${destinationOf(paid)}`),
            ],
            [t('notArrived.payer'), payment?.payer ?? t('sale.payerNone')],
            [t('notArrived.paidBackAt'), when(at)],
          ]}
        />
        <p className="muted small form-gap">{t('notArrived.payerNote')}</p>
      </section>
      <ByWhen expected={expected} says={promise?.says ?? null} />
      <WhereToLook destination={destinationOf(paid)} channel={channel?.channel ?? null} />
      <WhomToCall
        expected={expected}
        isCard={paid.destination === 'bank_card'}
        hotline={channel?.hotline ?? null}
        numbers={[payment?.channelNo ?? null, paid.channelNo].filter((each) => each !== null)}
      />
    </>
  )
}

const KNOWN = ['balance', 'bank_card', 'original', 'merchant', 'cash'] as const
export const destinationOf = ({ destination }: Pick<Paid, 'destination'>) =>
  KNOWN.find((each) => each === destination) ?? 'unknown'

function ByWhen({ expected, says }: { expected: ExpectedArrival | null; says: string | null }) {
  const { t } = useTranslation()
  const now = useServerNow(60_000)
  const isLate = expected !== null && now !== null && now >= expected.askFrom.getTime()
  return (
    <section className="card">
      <h2>{t('notArrived.when')}</h2>
      {says !== null && <p>{says}</p>}
      {expected === null ? (
        <p>{t('notArrived.noPromise')}</p>
      ) : (
        <>
          <p>
            <strong>
              {expected.wholeDay
                ? t('notArrived.byDay', { day: onDay(expected.by.toISOString()) })
                : t('notArrived.byMoment', { at: when(expected.by.toISOString()) })}
            </strong>
            {expected.wholeDay && (
              <span className="muted small note">{t('notArrived.holidays')}</span>
            )}
          </p>
          <p className={isLate ? 'late' : 'early'}>
            {t(isLate ? 'notArrived.late' : 'notArrived.early')}
          </p>
        </>
      )}
    </section>
  )
}

const LOOKS = ['balance', 'bank_card', 'credit', 'unsure'] as const
type Look = (typeof LOOKS)[number]

function WhereToLook({
  destination,
  channel,
}: {
  destination: ReturnType<typeof destinationOf>
  channel: string | null
}) {
  const { t } = useTranslation()
  const first: Look =
    destination === 'balance' || destination === 'bank_card' ? destination : 'unsure'
  const [chosen, setChosen] = useState<Look | null>(null)
  const look = chosen ?? first
  return (
    <section className="card">
      <h2>{t('notArrived.look')}</h2>
      <p className="label">{t('notArrived.lookHow')}</p>
      <Choices
        label={t('notArrived.lookHow')}
        of={LOOKS.map((each) => ({ value: each, label: t(`notArrived.kinds.${each}`) }))}
        value={look}
        onChange={setChosen}
      />
      <p className="form-gap">{t(`notArrived.looks.${look}`)}</p>
      <p className="muted small form-gap">
        {t(channel === 'wechatpay' ? 'notArrived.wallets.wechatpay' : 'notArrived.wallets.other')}
      </p>
    </section>
  )
}

function WhomToCall({
  expected,
  isCard,
  hotline,
  numbers,
}: {
  expected: ExpectedArrival | null
  isCard: boolean
  hotline: ChannelsShown['channels'][number]['hotline']
  numbers: readonly string[]
}) {
  const { t } = useTranslation()
  const now = useServerNow(60_000)
  const shop = useShopContacts()
  const isTime = expected === null || now === null || now >= expected.askFrom.getTime()
  return (
    <section className="card">
      <h2>{t('notArrived.call')}</h2>
      <p>
        <strong>
          {isTime
            ? t('notArrived.callNow')
            : expected.wholeDay
              ? t('notArrived.callFromDay', { day: onDay(expected.askFrom.toISOString()) })
              : t('notArrived.callFrom', { at: when(expected.askFrom.toISOString()) })}
        </strong>
      </p>
      {isCard && <p className="form-gap">{t('notArrived.callBank')}</p>}
      {hotline === null ? (
        <p className="form-gap">{t('notArrived.noHotline')}</p>
      ) : (
        <ContactRows
          contacts={[
            {
              name: t(isCard ? 'notArrived.callChannel' : 'notArrived.callChannelOnly'),
              phone: hotline.phone,
            },
          ]}
        />
      )}
      {numbers.length > 0 && (
        <Facts
          rows={numbers.map(
            (each) => [t('notArrived.quote'), <Number key={each} text={each} />] as const,
          )}
        />
      )}
      {shop.length > 0 && (
        <>
          <h3>{t('notArrived.store')}</h3>
          <ContactRows contacts={shop} />
        </>
      )}
    </section>
  )
}
