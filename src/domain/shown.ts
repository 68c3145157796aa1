/** The one word people see of a refund, on screens and on paper. */
import { isOpen, type Attempt } from './attempt.ts'
import type { RefundState } from './refund.ts'
import type { RefundFacts } from './slip.ts'

/** While a refund is sending, its open attempt has the word; otherwise the refund itself. */
export const SHOWN_WORDS = [
  'requested',
  'awaiting_goods',
  'approved',
  'not_sent_yet',
  'outcome_unknown',
  'waiting_for_funds',
  'waiting_for_channel',
  'cash_to_hand_out',
  'processing',
  'stuck',
  'succeeded',
  'owed',
  'closed',
  'rejected',
  'withdrawn',
] as const
export type ShownWord = (typeof SHOWN_WORDS)[number]

type Part = Pick<Attempt, 'kind' | 'state' | 'reopened' | 'waiting' | 'firstSentAt'>

export function shownWord(state: RefundState, attempts: readonly Part[]): ShownWord {
  if (state !== 'sending') return state
  const open = attempts.find(isOpen)
  if (!open) throw new Error('a refund is sending without an open attempt')
  if (open.kind === 'cash') return 'cash_to_hand_out'
  if (open.state === 'processing' || open.state === 'stuck') return open.state
  if (open.waiting === 'funds') return 'waiting_for_funds'
  if (open.waiting !== null) return 'waiting_for_channel'
  return open.firstSentAt === null ? 'not_sent_yet' : 'outcome_unknown'
}

/**
 * The word a slip carries; null where there is nothing to hand over: after an end without money, and while the cashier
 * has not said whether the cash was handed out.
 */
export function slipState(word: ShownWord): RefundFacts['state'] | null {
  switch (word) {
    case 'requested':
    case 'awaiting_goods':
    case 'succeeded':
    case 'approved':
    case 'processing':
    case 'stuck':
    case 'owed':
      return word
    case 'not_sent_yet':
      return 'approved'
    case 'waiting_for_funds':
      return 'waiting_funds'
    case 'outcome_unknown':
    case 'waiting_for_channel':
      return 'submitted'
    case 'cash_to_hand_out':
    case 'closed':
    case 'rejected':
    case 'withdrawn':
      return null
  }
}
