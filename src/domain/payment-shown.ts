/** The one word people see of a payment, and whether somebody has to decide about it. */
import type { PaymentState } from './payment.ts'

export const PAYMENT_WORDS = [
  'unclear',
  'password',
  'code_shown',
  'paid',
  'reversing',
  'reversed',
  'refused',
  'closed',
] as const
export type PaymentWord = (typeof PAYMENT_WORDS)[number]

type Seen = {
  readonly state: PaymentState
  readonly method: 'code' | 'qr' | 'outside'
  readonly codeUrl: string | null
  readonly refusal: string | null
}

export function paymentWord({ state, method, codeUrl, refusal }: Seen): PaymentWord {
  switch (state) {
    case 'created':
    case 'submitted':
      return 'unclear'
    case 'waiting':
      if (method === 'code') return 'password'
      return codeUrl === null ? 'unclear' : 'code_shown'
    case 'closed':
      return refusal === null ? 'closed' : 'refused'
    case 'paid':
    case 'reversing':
    case 'reversed':
      return state
  }
}

/** The channel has money that our books did not have: found by asking, or brought in by the number on a bill. */
export const RESTORED = ['undecided', 'accepted'] as const
export type Restored = (typeof RESTORED)[number]

/** Null for a payment that came into the books as it was taken. */
export function restoredOf(of: {
  readonly state: PaymentState
  readonly source: 'till' | 'import' | 'channel'
  /** It had been given up here before it was found paid. */
  readonly restored: boolean
  readonly accepted: boolean
}): Restored | null {
  if (of.state !== 'paid' || (!of.restored && of.source !== 'channel')) return null
  return of.accepted ? 'accepted' : 'undecided'
}
