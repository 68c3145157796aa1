/** How much is to be paid. A payment code that is scanned here is charged at once. */
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Amount, money } from '../../shared/amount.tsx'
import { OfflineIcon, ScanIcon, UnknownIcon } from '../../shared/icons.tsx'
import { useCustomerDisplay } from '../display/send.ts'
import { fenOfText, Keypad, typed } from '../parts/keypad.tsx'
import { SandboxLine } from '../parts/sandbox-line.tsx'
import { Screen } from '../parts/screen.tsx'
import { usePaymentCodes } from '../pay/codes.ts'
import {
  newPayDraft,
  setPayDraft,
  toPay,
  usePayDraft,
  withAmounts,
  type PayDraft,
} from '../pay/draft.ts'
import { useTaking } from '../pay/taking.ts'
import { ToOpenTry } from '../pay/to-open-try.tsx'
import { useTill } from '../queries.ts'
import { useSession } from '../session.ts'
import './pay.css'

export function PayScreen() {
  const draft = usePayDraft()
  useEffect(() => {
    if (draft === null) setPayDraft(newPayDraft())
  }, [draft])
  if (draft === null) return null
  return draft.open ? <ToOpenTry no={draft.no} /> : <HowMuch draft={draft} />
}

type Field = 'order' | 'discount'
type Note = 'offline' | 'noAmount' | 'notPaymentCode'

const asText = (fen: number): string =>
  fen === 0 ? '' : (fen / 100).toFixed(2).replace(/\.?0+$/, '')

function HowMuch({ draft }: { draft: PayDraft }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const take = useTaking()
  const till = useTill(useSession().terminal)
  const [field, setField] = useState<Field>('order')
  const [texts, setTexts] = useState({
    order: asText(draft.order),
    discount: asText(draft.discount),
  })
  const [note, setNote] = useState<Note | null>(null)
  const order = fenOfText(texts.order) ?? 0
  const discount = fenOfText(texts.discount) ?? 0
  const tooMuchOff = discount > 0 && discount >= order
  const ready = order > 0 && !tooMuchOff
  const next = withAmounts(draft, order, discount)

  const goOn = (begin: (of: PayDraft) => void) => {
    if (!ready) return setNote('noAmount')
    setPayDraft(next)
    begin(next)
  }
  const begin = (paymentCode: string | null) =>
    goOn((of) => {
      if (!take(of, paymentCode)) setNote('offline')
    })
  usePaymentCodes(begin, () => setNote('notPaymentCode'))
  useCustomerDisplay({ kind: 'amount', fen: ready ? toPay(next) : 0 })
  return (
    <Screen
      title={t('pay.title')}
      help="pay"
      back={() => void navigate({ to: '/' })}
      foot={
        <>
          <button
            className="act"
            type="button"
            disabled={!ready}
            onClick={() => goOn(() => void navigate({ to: '/pay/code' }))}
          >
            <ScanIcon />
            {t('pay.scan')}
          </button>
          <button
            className="act act-second"
            type="button"
            disabled={!ready}
            onClick={() => begin(null)}
          >
            {t('pay.showCode')}
          </button>
        </>
      }
    >
      {till.data?.sandbox && <SandboxLine />}
      <div className="pay-fields">
        {(['order', 'discount'] as const).map((each) => (
          <button
            key={each}
            className={each === field ? 'pay-field pay-field-on' : 'pay-field'}
            type="button"
            aria-pressed={each === field}
            onClick={() => setField(each)}
          >
            <span className="muted small">{t(`pay.${each}`)}</span>
            <span className="number pay-field-text">
              {texts[each] === '' ? t('pay.nothing') : `¥${texts[each]}`}
            </span>
          </button>
        ))}
      </div>
      <p className="amount-line-big" aria-live="polite">
        <span className="visually-hidden">{t('pay.toPay')}</span>
        <Amount fen={Math.max(0, order - discount)} size="huge" />
      </p>
      <output className="pay-note">
        {tooMuchOff && <span className="error">{t('pay.discountTooLarge')}</span>}
        {!tooMuchOff && note !== null && (
          <span className="not-known-text">
            {note === 'offline' ? <OfflineIcon size={18} /> : <UnknownIcon size={18} />}{' '}
            {t(`pay.${note}`)}
          </span>
        )}
        {!tooMuchOff && note === null && (
          <span className="muted small">
            {discount > 0
              ? t('pay.sum', { order: money(order), discount: money(discount) })
              : t('pay.scanAtOnce')}
          </span>
        )}
      </output>
      <Keypad
        onKey={(key) => {
          setNote(null)
          setTexts({ ...texts, [field]: typed(texts[field], key) })
        }}
      />
    </Screen>
  )
}
