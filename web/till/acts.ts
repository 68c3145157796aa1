/** What a person at the till may do with a refund as it stands. The server judges each act again, and has the last word. */
import type { RefundShown } from '../../src/api/contract.ts'

export const REFUND_ACTS = [
  'cash_paid',
  'cash_not_paid',
  'approve',
  'reject',
  'lower',
  'replace',
  'withdraw',
  'send_again',
  'cash_instead',
  'to_merchant',
  'stop',
  'close',
] as const
export type RefundAct = (typeof REFUND_ACTS)[number]

type Person = { readonly no: string; readonly role: string }

/** May approve, reject and stand second. */
export const decides = ({ role }: Pick<Person, 'role'>): boolean =>
  role === 'supervisor' || role === 'owner'

/** Stopping means something only while we may still send: what the channel has goes its way. */
const MAY_STILL_SEND: readonly RefundShown['shows'][] = [
  'not_sent_yet',
  'outcome_unknown',
  'waiting_for_funds',
  'waiting_for_channel',
]

export function actsOf(
  refund: Pick<RefundShown, 'state' | 'shows' | 'requestedBy' | 'attempts'>,
  person: Person,
): readonly RefundAct[] {
  const decider = decides(person)
  const own = refund.requestedBy === person.no
  const when = (fits: boolean, ...acts: RefundAct[]) => (fits ? acts : [])
  switch (refund.state) {
    case 'requested':
    case 'awaiting_goods':
      return [
        ...when(decider && !own, 'approve', 'reject', 'lower'),
        ...when(decider, 'replace'),
        ...when(own, 'withdraw'),
      ]
    case 'approved':
      return [...when(decider && !own, 'lower'), ...when(decider || own, 'withdraw')]
    case 'sending':
      if (refund.shows === 'cash_to_hand_out') return ['cash_paid', 'cash_not_paid']
      return [
        ...when(MAY_STILL_SEND.includes(refund.shows) && !isStopped(refund), 'stop'),
        ...when(decider && isStuckUnanswered(refund), 'to_merchant'),
      ]
    case 'owed':
      return when(decider, 'send_again', 'cash_instead', 'close')
    case 'succeeded':
    case 'closed':
    case 'rejected':
    case 'withdrawn':
      return []
  }
}

const openOf = ({ attempts }: Pick<RefundShown, 'attempts'>) =>
  attempts.filter(
    ({ state }) => state === 'submitted' || state === 'processing' || state === 'stuck',
  )

const isStopped = (refund: Pick<RefundShown, 'attempts'>): boolean =>
  openOf(refund).every((attempt) => attempt.stopped)

const isStuckUnanswered = (refund: Pick<RefundShown, 'attempts'>): boolean =>
  openOf(refund).some((attempt) => attempt.state === 'stuck' && attempt.remedy === null)
