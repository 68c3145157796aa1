/** Says and shakes when a payment that was begun here comes to stand somewhere new. */
import { useEffect, useRef } from 'react'
import type { PaymentShown } from '../../../src/api/contract.ts'
import { paymentTexts } from '../../../src/texts/payments.ts'
import { money } from '../../shared/amount.tsx'
import { currentLanguage } from '../../shared/language.ts'
import { shake } from '../voice/shake.ts'
import { say } from '../voice/say.ts'

/** @param unseen begun on this device, and its outcome not seen yet: what is opened later is old news. */
export function usePaymentAnnouncement({ no, shows, amount }: PaymentShown, unseen: boolean): void {
  const said = useRef<string | null>(null)
  useEffect(() => {
    const about = `${no}/${shows}`
    if (!unseen || said.current === about) return
    said.current = about
    const words = `${paymentTexts[currentLanguage()][shows].title} ${money(amount)}`
    if (shows === 'paid') {
      shake('done')
      say('paid', amount, words)
    } else if (shows === 'unclear' || shows === 'reversing') {
      shake('wait')
      say('payment_unclear', amount, words)
    } else if (shows === 'refused' || shows === 'closed' || shows === 'reversed') shake('person')
  }, [no, shows, amount, unseen])
}
