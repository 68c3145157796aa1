/** Waits for the customer's payment code: by gun, by camera, or typed. */
import { Navigate, useNavigate } from '@tanstack/react-router'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { Amount } from '../../shared/amount.tsx'
import { CameraIcon, OfflineIcon, ScanIcon, UnknownIcon } from '../../shared/icons.tsx'
import { useCustomerDisplay } from '../display/send.ts'
import { SandboxLine } from '../parts/sandbox-line.tsx'
import { Screen } from '../parts/screen.tsx'
import { usePaymentCodes } from '../pay/codes.ts'
import { toPay, usePayDraft, type PayDraft } from '../pay/draft.ts'
import { useTaking } from '../pay/taking.ts'
import { ToOpenTry } from '../pay/to-open-try.tsx'
import { useTill } from '../queries.ts'
import { CameraView, useCamera } from '../scan/camera-view.tsx'
import { useSession } from '../session.ts'
import './pay.css'

export function PayCodeScreen() {
  const draft = usePayDraft()
  if (draft === null || toPay(draft) <= 0) return <Navigate to="/pay" replace />
  return draft.open ? <ToOpenTry no={draft.no} /> : <WaitForCode draft={draft} />
}

function WaitForCode({ draft }: { draft: PayDraft }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const take = useTaking()
  const camera = useCamera()
  const till = useTill(useSession().terminal)
  const [text, setText] = useState('')
  const [note, setNote] = useState<'offline' | 'notPaymentCode' | null>(null)
  const begin = (paymentCode: string | null) => {
    if (!take(draft, paymentCode)) setNote('offline')
  }
  const read = usePaymentCodes(begin, () => setNote('notPaymentCode'))
  useCustomerDisplay({ kind: 'amount', fen: toPay(draft) })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    read(text)
    // It may be money: it stays nowhere longer than it is needed.
    setText('')
  }
  return (
    <Screen
      title={t('pay.title')}
      help="pay"
      back={() => void navigate({ to: '/pay', replace: true })}
      foot={
        <>
          <button
            className="act"
            type="button"
            onClick={camera.isOpen ? camera.close : camera.open}
          >
            <CameraIcon />
            {t(camera.isOpen ? 'camera.close' : 'camera.open')}
          </button>
          <button className="act act-second" type="button" onClick={() => begin(null)}>
            {t('pay.showCode')}
          </button>
        </>
      }
    >
      {till.data?.sandbox && <SandboxLine />}
      <p className="center pay-strip">
        <Amount fen={toPay(draft)} size="huge" />
      </p>
      {note !== null && (
        <p className="strip strip-not-known pay-strip" role="alert">
          {note === 'offline' ? <OfflineIcon /> : <UnknownIcon />}
          {t(`pay.${note}`)}
        </p>
      )}
      <CameraView camera={camera} paused={false} onCode={read} />
      {!camera.isOpen && (
        <section className="card pay-ask">
          <ScanIcon size={56} />
          <h2>{t('pay.askCode')}</h2>
          <p className="small">{t('pay.askCodeHow')}</p>
        </section>
      )}
      <form className="card pay-typed" onSubmit={submit}>
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
