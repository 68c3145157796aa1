/** Begins a payment and goes to where it is followed. */
import { useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useTill } from '../queries.ts'
import { useSession } from '../session.ts'
import type { PayDraft } from './draft.ts'
import { takePayment } from './take.ts'

/** @returns false: the device has no network, nothing was begun and nothing can have been sent. */
export function useTaking(): (draft: PayDraft, paymentCode: string | null) => boolean {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const { terminal, person } = useSession()
  const till = useTill(terminal)
  return (draft, paymentCode) => {
    if (!navigator.onLine) return false
    // What the customer reads in their bill.
    const description = till.data?.store.name ?? t('home.pay')
    void takePayment(draft, paymentCode, { description, by: person?.name ?? '' })
    void navigate({ to: '/pay/$no', params: { no: draft.no }, replace: true })
    return true
  }
}
