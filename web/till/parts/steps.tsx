/** What happened to a refund, step by step in plain words: who, where, when. */
import './steps.css'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { EventShown } from '../../../src/api/contract.ts'
import { eventText } from '../../../src/texts/events.ts'
import { currentLanguage } from '../../shared/language.ts'
import { exactly } from '../../shared/when.ts'
import { useNames } from '../names.ts'
import { refundQuery } from '../queries.ts'
import { tell } from '../session.ts'
import { Trouble } from './trouble.tsx'

const PAGE = 100

type Page = { readonly events: readonly EventShown[]; readonly next: number }

async function readSteps(no: string): Promise<readonly EventShown[]> {
  const steps: EventShown[] = []
  for (let after = 0; ;) {
    const { events, next } = await tell<Page>(`/refunds/${no}/events?limit=${PAGE}&after=${after}`)
    steps.push(...events)
    if (events.length < PAGE) return steps
    after = next
  }
}

export function Steps({ no }: { no: string }) {
  const { t } = useTranslation()
  const [open, setOpen] = useState(false)
  return (
    <details
      className="card steps"
      open={open}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>{t('result.steps')}</summary>
      {open && <StepList no={no} />}
    </details>
  )
}

function StepList({ no }: { no: string }) {
  const { t } = useTranslation()
  // Below the refund's own key: whatever makes that stale makes its steps stale.
  const steps = useQuery({
    queryKey: [...refundQuery(no).queryKey, 'steps'],
    queryFn: () => readSteps(no),
  })
  if (steps.isError) return <Trouble error={steps.error} onRetry={() => void steps.refetch()} />
  if (!steps.data) return <p className="muted">{t('common.loading')}</p>
  return (
    <ol>
      {steps.data.map((step) => (
        <li key={step.seq}>
          <span className="step-what">{eventText(currentLanguage(), step.type, step.facts)}</span>
          <span className="muted small row-second">
            <span className="number">{exactly(step.at)}</span> <By step={step} />
          </span>
        </li>
      ))}
    </ol>
  )
}

function By({ step: { by } }: { step: EventShown }) {
  const { t } = useTranslation()
  const names = useNames()
  if (by.staff === null) return <>{t('steps.bySystem')}</>
  return (
    <>
      {names.terminal(by.terminal)} {names.staff(by.staff)}
      {by.second !== null &&
        t(`steps.second.${by.secondWay ?? 'key'}`, { name: names.staff(by.second) })}
    </>
  )
}
