/** Another PIN of one's own. Whatever the old one opened is closed, so whoever changes it signs in again. */
import './more.css'
import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { isEasyPin, PIN_FORMAT } from '../../../src/domain/pin.ts'
import { Screen } from '../parts/screen.tsx'
import { Trouble } from '../parts/trouble.tsx'
import { forgetPerson, tell } from '../session.ts'

const FIELDS = ['old', 'fresh', 'again'] as const
type Pins = Readonly<Record<(typeof FIELDS)[number], string>>

export function PinScreen() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const [pins, setPins] = useState<Pins>({ old: '', fresh: '', again: '' })
  const change = useMutation({
    mutationFn: ({ old, fresh }: Pins) =>
      tell('/staff/me/pin', { method: 'PUT', body: { pin: old, newPin: fresh } }),
    onError: () => setPins((typed) => ({ ...typed, old: '' })),
  })
  const fault = faultOf(pins)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (fault === null) change.mutate(pins)
  }
  if (change.isSuccess)
    return (
      <Screen
        title={t('pin.title')}
        back={false}
        foot={
          <button
            className="act"
            type="button"
            onClick={() => void navigate({ to: '/' }).then(forgetPerson)}
          >
            {t('pin.signIn')}
          </button>
        }
      >
        <output className="strip strip-paid-back">{t('pin.done')}</output>
      </Screen>
    )
  return (
    <Screen
      title={t('pin.title')}
      foot={
        <button
          className="act"
          type="submit"
          form="pins"
          disabled={fault !== null || change.isPending}
        >
          {t('pin.act')}
        </button>
      }
    >
      {change.isError && <Trouble error={change.error} />}
      <form id="pins" className="card pin-fields" onSubmit={submit}>
        {FIELDS.map((field) => (
          <div key={field}>
            <label className="label" htmlFor={field}>
              {t(`pin.${field}`)}
            </label>
            <input
              id={field}
              className="field number pin"
              type="password"
              inputMode="numeric"
              autoComplete="off"
              maxLength={8}
              value={pins[field]}
              onChange={(event) =>
                setPins({ ...pins, [field]: event.target.value.replace(/\D/g, '') })
              }
            />
          </div>
        ))}
        <output className="muted small">
          {t(fault === null ? 'pin.ready' : `pin.faults.${fault}`)}
        </output>
      </form>
    </Screen>
  )
}

function faultOf({ old, fresh, again }: Pins): 'short' | 'easy' | 'same' | 'differs' | null {
  if (![old, fresh].every((pin) => PIN_FORMAT.test(pin))) return 'short'
  if (isEasyPin(fresh)) return 'easy'
  if (fresh === old) return 'same'
  return fresh === again ? null : 'differs'
}
