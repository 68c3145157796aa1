/** Finding the sale by whatever the customer holds: a gun and the scan key at any time, the camera, typing. */
import './scan.css'
import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import type { SaleShown } from '../../../src/api/contract.ts'
import { readScan, scanShown } from '../../../src/domain/numbers.ts'
import { Amount } from '../../shared/amount.tsx'
import { Refused, Unanswered } from '../../shared/api.ts'
import { CameraIcon } from '../../shared/icons.tsx'
import { when } from '../../shared/when.ts'
import { dropNoted, note, numberIn, useNoted } from '../noted.ts'
import { BillPictures } from '../parts/bill-pictures.tsx'
import { Screen } from '../parts/screen.tsx'
import { Trouble } from '../parts/trouble.tsx'
import { queryClient } from '../queries.ts'
import { CameraView, useCamera } from '../scan/camera-view.tsx'
import { takeLeftCode, useCodes } from '../scan/codes.ts'
import { tell } from '../session.ts'

type Found = { readonly sales: readonly SaleShown[]; readonly refund: string | null }

/** Looking up at a channel takes as long as the channel does. */
const FIND_TIMEOUT_MS = 20_000

export function ScanScreen() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const [typed, setTyped] = useState('')
  const camera = useCamera()
  const find = useMutation({
    mutationFn: (code: string) =>
      tell<Found>('/sales/find', { method: 'POST', body: { code }, timeoutMs: FIND_TIMEOUT_MS }),
    onSuccess: ({ sales, refund }, code) => {
      dropNoted(numberIn(code) ?? '')
      for (const sale of sales) queryClient.setQueryData(['sale', sale.no], sale)
      // Somebody else's refund goes on here, whatever became of the till it was begun at.
      if (refund !== null)
        void navigate({ to: '/refund/$no', params: { no: refund }, replace: true })
      else if (sales.length === 1 && sales[0])
        void navigate({ to: '/sale/$no', params: { no: sales[0].no }, replace: true })
    },
    // What was read must not stay behind: it may be a payment code.
    gcTime: 0,
  })
  const { mutate } = find
  useCodes(mutate)
  useEffect(() => {
    const left = takeLeftCode()
    if (left !== null) mutate(left)
  }, [mutate])

  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (typed.trim() === '') return
    mutate(typed)
    if (readScan(typed).kind === 'payment_code') setTyped('')
  }
  const several = find.data && find.data.sales.length > 1 ? find.data.sales : []
  return (
    <Screen
      title={t('scan.title')}
      help="scan"
      foot={
        <button
          className={camera.isOpen ? 'act act-second act-alone' : 'act'}
          type="button"
          onClick={camera.isOpen ? camera.close : camera.open}
        >
          <CameraIcon />
          {t(camera.isOpen ? 'camera.close' : 'camera.open')}
        </button>
      }
    >
      <CameraView camera={camera} paused={find.isPending} onCode={mutate} />
      <div className="scan-answer">
        {find.isPending && <output className="strip strip-on-its-way">{t('scan.looking')}</output>}
        {find.isError && (
          <>
            <Trouble
              error={find.error}
              {...(find.error instanceof Unanswered && { onRetry: () => mutate(find.variables) })}
            />
            <WasRead code={find.variables} error={find.error} />
            {find.error instanceof Unanswered && <NoteIt code={find.variables} />}
          </>
        )}
      </div>
      {several.length > 0 && (
        <section className="card">
          <h2>{t('scan.several', { count: several.length })}</h2>
          {several.map((sale) => (
            <button
              key={sale.no}
              className="row"
              type="button"
              onClick={() => void navigate({ to: '/sale/$no', params: { no: sale.no } })}
            >
              <span>{when(sale.createdAt)}</span>
              <Amount fen={sale.paidAmount} size="line" />
            </button>
          ))}
        </section>
      )}
      <form className="card" onSubmit={submit}>
        <label className="label" htmlFor="typed">
          {t('scan.lead')}
        </label>
        <input
          id="typed"
          className="field number"
          value={typed}
          placeholder={t('scan.typed')}
          autoComplete="off"
          autoCapitalize="off"
          autoCorrect="off"
          spellCheck={false}
          onChange={(event) => setTyped(event.target.value)}
        />
        <button
          className="act act-second"
          type="submit"
          disabled={typed.trim() === '' || find.isPending}
        >
          {t('scan.find')}
        </button>
      </form>
      <BillPictures />
    </Screen>
  )
}

/** What was scanned, where the answer does not name it: perhaps another paper got before the scanner. */
function WasRead({ code, error }: { code: string; error: Error }) {
  const { t } = useTranslation()
  const shown = scanShown(code)
  if (error instanceof Refused && error.title.includes(shown)) return null
  return <p className="small muted scan-read number">{t('scan.read', { code: shown })}</p>
}

/** The customer need not wait for the network: what they came with is found again from the home screen. */
function NoteIt({ code }: { code: string }) {
  const { t } = useTranslation()
  const number = numberIn(code)
  const isNoted = useNoted().some((each) => each.number === number)
  if (number === null) return null
  if (isNoted) return <output className="small scan-read">{t('scan.isNoted')}</output>
  return (
    <button className="act act-second" type="button" onClick={() => note(number)}>
      {t('scan.noteIt')}
    </button>
  )
}
