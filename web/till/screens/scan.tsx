/** Finding the sale by whatever the customer holds. */
import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import type { SaleShown } from '../../../src/api/contract.ts'
import { Amount } from '../../shared/amount.tsx'
import { when } from '../../shared/when.ts'
import { useScannedCode } from '../address.ts'
import { Screen } from '../parts/screen.tsx'
import { Trouble } from '../parts/trouble.tsx'
import { queryClient } from '../queries.ts'
import { tell } from '../session.ts'

type Found = { readonly sales: readonly SaleShown[]; readonly refund: string | null }

/** Looking up at a channel takes as long as the channel does. */
const FIND_TIMEOUT_MS = 20_000

export function ScanScreen() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const scanned = useScannedCode()
  const [typed, setTyped] = useState('')
  const find = useMutation({
    mutationFn: (code: string) =>
      tell<Found>('/sales/find', { method: 'POST', body: { code }, timeoutMs: FIND_TIMEOUT_MS }),
    onSuccess: ({ sales, refund }) => {
      for (const sale of sales) queryClient.setQueryData(['sale', sale.no], sale)
      // Somebody else's refund goes on here, whatever became of the till it was begun at.
      if (refund !== null)
        void navigate({ to: '/refund/$no', params: { no: refund }, replace: true })
      else if (sales.length === 1 && sales[0])
        void navigate({ to: '/sale/$no', params: { no: sales[0].no }, replace: true })
    },
  })
  const { mutate } = find
  useEffect(() => {
    if (scanned !== '') mutate(scanned)
  }, [scanned, mutate])

  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (typed.trim() !== '') mutate(typed)
  }
  const several = find.data && find.data.sales.length > 1 ? find.data.sales : []
  return (
    <Screen title={t('scan.title')}>
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
      {find.isPending && <output className="strip strip-on-its-way">{t('scan.looking')}</output>}
      {find.isError && <Trouble error={find.error} />}
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
      <section className="card">
        <h2>{t('scan.whereTitle')}</h2>
        <p className="small">{t('scan.whereWechat')}</p>
      </section>
    </Screen>
  )
}
