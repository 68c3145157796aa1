/** Where a refund or a payment stands, by colour, icon and word together. */
import type { PaymentWord } from '../../src/domain/payment-shown.ts'
import type { ShownWord } from '../../src/domain/shown.ts'
import { DoneIcon, EndedIcon, PersonNeededIcon, UnderWayIcon, UnknownIcon } from './icons.tsx'
import './standing.css'

/** Five families; the word itself comes from the texts. */
export type Family = 'paid-back' | 'on-its-way' | 'not-known' | 'needs-person' | 'ended'

export const FAMILY: Readonly<Record<ShownWord, Family>> = {
  requested: 'not-known',
  awaiting_goods: 'on-its-way',
  approved: 'on-its-way',
  not_sent_yet: 'on-its-way',
  outcome_unknown: 'not-known',
  waiting_for_funds: 'not-known',
  waiting_for_channel: 'on-its-way',
  cash_to_hand_out: 'not-known',
  processing: 'on-its-way',
  stuck: 'needs-person',
  succeeded: 'paid-back',
  owed: 'needs-person',
  closed: 'ended',
  rejected: 'ended',
  withdrawn: 'ended',
}

export const PAYMENT_FAMILY: Readonly<Record<PaymentWord, Family>> = {
  unclear: 'not-known',
  password: 'on-its-way',
  code_shown: 'on-its-way',
  paid: 'paid-back',
  reversing: 'not-known',
  reversed: 'ended',
  refused: 'needs-person',
  closed: 'ended',
}

const ICON = {
  'paid-back': DoneIcon,
  'on-its-way': UnderWayIcon,
  'not-known': UnknownIcon,
  'needs-person': PersonNeededIcon,
  ended: EndedIcon,
} as const

export function FamilyIcon({ family, size }: { family: Family; size: number }) {
  const Icon = ICON[family]
  return <Icon size={size} />
}

/** A small badge, for lists. */
export function Standing({ word, text }: { word: ShownWord; text: string }) {
  const family = FAMILY[word]
  return (
    <span className={`standing standing-${family}`}>
      <FamilyIcon family={family} size={16} />
      {text}
    </span>
  )
}
