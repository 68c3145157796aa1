/** Says and shakes when a payment that was begun here comes to stand somewhere new. */
import { useEffect, useRef } from 'react'
import type { PaymentShown } from '../../../src/api/contract.ts'
import { shake } from '../voice/shake.ts'
import { speak } from '../voice/speak.ts'

/** @param unseen begun on this device, and its outcome not seen yet: what is opened later is old news. */
export function usePaymentAnnouncement({ no, shows, amount }: PaymentShown, unseen: boolean): void {
  const said = useRef<string | null>(null)
  useEffect(() => {
    const about = `${no}/${shows}`
    if (!unseen || said.current === about) return
    said.current = about
    if (shows === 'paid') {
      shake('done')
      void speak('paid', amount).catch(() => undefined)
    } else if (shows === 'unclear' || shows === 'reversing') {
      shake('wait')
      void speak('payment_unclear', amount).catch(() => undefined)
    } else if (shows === 'refused' || shows === 'closed' || shows === 'reversed') shake('person')
  }, [no, shows, amount, unseen])
}
