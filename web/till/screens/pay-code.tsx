/** Waits for the customer's payment code: by gun, by camera, or typed. */
import { Navigate, useNavigate } from '@tanstack/react-router'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { readScan } from '../../../src/domain/numbers.ts'
import { Amount } from '../../shared/amount.tsx'
import { OfflineIcon, ScanIcon, UnknownIcon } from '../../shared/icons.tsx'
import { useCustomerDisplay } from '../display/send.ts'
import { Screen } from '../parts/screen.tsx'
import { toPay, usePayDraft, type PayDraft } from '../pay/draft.ts'
import { useTaking } from '../pay/taking.ts'
import { useCodes } from '../scan/codes.ts'
import './pay.css'

export function PayCodeScreen() {
  const draft = usePayDraft()
  if (draft === null || toPay(draft) <= 0) return <Navigate to="/pay" replace />
  return draft.open ? (
    <Navigate to="/pay/$no" params={{ no: draft.no }} replace />
  ) : (
    <WaitForCode draft={draft} />
  )
}

function WaitForCode({ draft }: { draft: PayDraft }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const take = useTaking()
  const [text, setText] = useState('')
  const [note, setNote] = useState<'offline' | 'notPaymentCode' | null>(null)
  const begin = (paymentCode: string | null) => {
    if (!take(draft, paymentCode)) setNote('offline')
  }
  /** Every way a code is read ends here: gun, camera, field. */
  const onCode = (code: string): boolean => {
    const scanned = readScan(code)
    if (scanned.kind === 'own' || scanned.kind === 'slip') return false
    if (scanned.kind === 'payment_code') begin(code)
    else setNote('notPaymentCode')
    return true
  }
  useCodes(onCode)
  useCustomerDisplay({ kind: 'amount', fen: toPay(draft) })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!onCode(text)) setNote('notPaymentCode')
  }
  return (
    <Screen
      title={t('pay.title')}
      back={() => void navigate({ to: '/pay', replace: true })}
      foot={
        <button className="act act-second" type="button" onClick={() => begin(null)}>
          {t('pay.showCode')}
        </button>
      }
    >
      <p className="center">
        <Amount fen={toPay(draft)} size="huge" />
      </p>
      <section className="card pay-ask">
        <ScanIcon size={56} />
        <h2>{t('pay.askCode')}</h2>
        <p className="small">{t('pay.askCodeHow')}</p>
      </section>
      {note !== null && (
        <p className="strip strip-not-known" role="alert">
          {note === 'offline' ? <OfflineIcon /> : <UnknownIcon />}
          {t(`pay.${note}`)}
        </p>
      )}
      <form className="card" onSubmit={submit}>
        <label className="label" htmlFor="payment-code">
          {t('pay.typeCode')}
        </label>
        <input
          id="payment-code"
          className="field number"
          value={text}
          inputMode="numeric"
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => setText(event.target.value)}
        />
        <button className="act act-second" type="submit" disabled={text.trim() === ''}>
          {t('pay.charge')}
        </button>
      </form>
    </Screen>
  )
}
