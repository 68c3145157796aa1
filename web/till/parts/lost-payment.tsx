/** Money that the channel had and our books had not (掉单): somebody keeps it, or gives it back. */
import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { PaymentShown } from '../../../src/api/contract.ts'
import { money } from '../../shared/amount.tsx'
import { DoneIcon, PersonNeededIcon } from '../../shared/icons.tsx'
import { queryClient } from '../queries.ts'
import { tell } from '../session.ts'
import { Trouble } from './trouble.tsx'

/** Whoever has begun to give it back has decided. */
const isUndecided = ({ restored, held, refunded }: PaymentShown): boolean =>
  restored === 'undecided' && held === 0 && refunded === 0

export function LostPayment({ payment }: { payment: PaymentShown }) {
  const { t } = useTranslation()
  if (payment.restored === 'accepted')
    return (
      <p className="strip strip-paid-back">
        <DoneIcon />
        {t('lost.kept', { amount: money(payment.amount) })}
      </p>
    )
  if (!isUndecided(payment)) return null
  return (
    <div className="strip strip-needs-person" role="alert">
      <PersonNeededIcon />
      <div>
        <strong>{t('lost.title', { amount: money(payment.amount) })}</strong>
        <div>{t('lost.what')}</div>
      </div>
    </div>
  )
}

/** Beside the refund that is the other way. */
export function KeepLost({ payment }: { payment: PaymentShown }) {
  const { t } = useTranslation()
  const keep = useMutation({
    mutationFn: () => tell(`/payments/${payment.no}/accept`, { method: 'POST' }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['sale', payment.sale] }),
  })
  if (!isUndecided(payment)) return null
  return (
    <>
      {keep.isError && <Trouble error={keep.error} />}
      <button
        className="act act-second"
        type="button"
        disabled={keep.isPending}
        onClick={() => keep.mutate()}
      >
        {t('lost.keep')}
      </button>
    </>
  )
}
