/** Another device becomes one of the shop's terminals: a code to type there, and the same as a square to scan. */
import './more.css'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useDirectory } from '../names.ts'
import { Choices } from '../parts/choices.tsx'
import { Qr } from '../parts/qr.tsx'
import { Screen } from '../parts/screen.tsx'
import { TimeLeft, useTimeLeft } from '../parts/time-left.tsx'
import { Trouble } from '../parts/trouble.tsx'
import { useTill } from '../queries.ts'
import { tell, useSession } from '../session.ts'

type Made = { readonly code: string; readonly expiresAt: string }

export function EnrolmentScreen() {
  const { t } = useTranslation()
  const { terminal, person } = useSession()
  const till = useTill(terminal)
  const directory = useDirectory()
  const [which, setWhich] = useState<string | null>(null)
  const make = useMutation({
    mutationFn: (no: string) =>
      tell<Made>('/enrolments', { method: 'POST', body: { terminal: no } }),
  })
  const home = directory.data?.staff.find((each) => each.no === person?.no)?.store ?? null
  const own = till.data?.terminal.no
  // Enrolled anew, this very device would be out in the middle of it.
  const terminals = (directory.data?.terminals ?? []).filter(
    (each) => each.no !== own && (home === null || each.store === home),
  )
  const stores = directory.data?.stores ?? []
  if (make.data && which !== null)
    return (
      <Shown
        made={make.data}
        name={terminals.find((each) => each.no === which)?.name ?? which}
        onAgain={() => make.mutate(which)}
      />
    )
  return (
    <Screen
      title={t('enrolment.title')}
      foot={
        <button
          className="act"
          type="button"
          disabled={which === null || make.isPending}
          onClick={() => which !== null && make.mutate(which)}
        >
          {t('enrolment.make')}
        </button>
      }
    >
      {directory.isPending && <p className="muted">{t('common.loading')}</p>}
      {directory.isError && (
        <Trouble error={directory.error} onRetry={() => void directory.refetch()} />
      )}
      {make.isError && <Trouble error={make.error} />}
      {directory.data && (
        <section className="card">
          <h2>{t('enrolment.which')}</h2>
          {terminals.length === 0 && <p className="muted">{t('enrolment.none')}</p>}
          {stores
            .filter((store) => terminals.some((each) => each.store === store.no))
            .map((store) => (
              <div key={store.no} className="form-gap">
                {stores.length > 1 && <p className="muted small label">{store.name}</p>}
                <Choices
                  label={store.name}
                  of={terminals
                    .filter((each) => each.store === store.no)
                    .map((each) => ({ value: each.no, label: each.name }))}
                  value={which}
                  onChange={setWhich}
                />
              </div>
            ))}
          <p className="small form-gap not-known-text">{t('enrolment.ends')}</p>
        </section>
      )}
    </Screen>
  )
}

function Shown({ made, name, onAgain }: { made: Made; name: string; onAgain: () => void }) {
  const { t } = useTranslation()
  const left = useTimeLeft(made.expiresAt)
  const over = left === 0
  return (
    <Screen
      title={t('enrolment.title')}
      foot={
        over && (
          <button className="act" type="button" onClick={onAgain}>
            {t('enrolment.make')}
          </button>
        )
      }
    >
      <section className={`card code-shown enrolment${over ? ' code-over' : ''}`}>
        <p className="muted">{t('enrolment.on', { name })}</p>
        <p className="code-text number">{made.code}</p>
        <TimeLeft ms={left} />
        {!over && (
          <Qr
            text={`${location.origin}${location.pathname}#/enrol/${made.code}`}
            label={t('enrolment.square')}
          />
        )}
      </section>
      <section className="card">
        <p className="small">{t('enrolment.how')}</p>
      </section>
    </Screen>
  )
}
