/** The refunds of this terminal that have not ended, whoever began them: those that need a person stand first. */
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { RefundShown } from '../../../src/api/contract.ts'
import { stateTexts } from '../../../src/texts/states.ts'
import { money } from '../../shared/amount.tsx'
import { currentLanguage } from '../../shared/language.ts'
import { FAMILY, FamilyIcon, type Family } from '../../shared/standing.tsx'
import { when } from '../../shared/when.ts'
import { readIntents } from '../outbox.ts'
import { useTill } from '../queries.ts'
import { tell, useSession } from '../session.ts'
import { useWhomToCall } from './call.tsx'

const LOOK_MS = 5_000
/** More would push the scan key off the screen. */
const SHOWN_MAX = 3

const URGENCY: Readonly<Record<Family, number>> = {
  'needs-person': 0,
  'not-known': 1,
  'on-its-way': 2,
  'paid-back': 3,
  ended: 3,
}
const urgency = (refund: RefundShown): number => URGENCY[FAMILY[refund.shows]]

export function OpenRefunds() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const till = useTill(useSession().terminal)
  const terminal = till.data?.terminal.no
  const open = useQuery({
    queryKey: ['refunds', 'unfinished', terminal],
    queryFn: () =>
      tell<{ refunds: readonly RefundShown[] }>(
        `/refunds?unfinished=true&limit=100&terminal=${encodeURIComponent(terminal ?? '')}`,
      ),
    enabled: terminal !== undefined,
    refetchInterval: LOOK_MS,
  })
  // What this device still asks about has a strip of its own.
  const kept = useQuery({ queryKey: ['intents'], queryFn: readIntents })
  const known = new Set((kept.data ?? []).map((intent) => intent.no))
  const refunds = (open.data?.refunds ?? [])
    .filter((refund) => !known.has(refund.no))
    .toSorted((a, b) => urgency(a) - urgency(b))
  const rest = refunds.length - SHOWN_MAX
  return (
    <>
      {refunds.slice(0, SHOWN_MAX).map((refund) => (
        <OpenRefund key={refund.no} refund={refund} />
      ))}
      {rest > 0 && (
        <button
          className="strip strip-ended"
          type="button"
          onClick={() =>
            void navigate({
              to: '/bills',
              search: { kind: 'refunds', scope: 'till', state: 'unfinished' },
            })
          }
        >
          {t('unfinished.more', { count: rest })}
        </button>
      )}
    </>
  )
}

function OpenRefund({ refund }: { refund: RefundShown }) {
  const navigate = useNavigate()
  const call = useWhomToCall()
  const family = FAMILY[refund.shows]
  return (
    <button
      className={`strip strip-${family}`}
      type="button"
      onClick={() => void navigate({ to: '/refund/$no', params: { no: refund.no } })}
    >
      <FamilyIcon family={family} size={24} />
      <span>
        <strong>{stateTexts[currentLanguage()][refund.shows].title}</strong> {money(refund.amount)}{' '}
        · {when(refund.createdAt)}
        {family === 'needs-person' && <span className="row-second small">{call}</span>}
      </span>
    </button>
  )
}
