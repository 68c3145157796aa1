/** Who stands here: a name, and the person's own PIN. */
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { LockIcon, OfflineIcon } from '../../shared/icons.tsx'
import { setDraft } from '../draft.ts'
import { useKept } from '../kept.ts'
import { readIntents } from '../outbox.ts'
import { Keypad } from '../parts/keypad.tsx'
import { LanguageSwitch } from '../parts/language-switch.tsx'
import { NewVersionAtOnce } from '../parts/new-version.tsx'
import { SandboxLine } from '../parts/sandbox-line.tsx'
import { Screen } from '../parts/screen.tsx'
import { Trouble } from '../parts/trouble.tsx'
import type { TillFacts } from '../queries.ts'
import { signedIn, tell, useSession, type Locked, type Person } from '../session.ts'

const PIN_MIN = 4
const PIN_MAX = 8

export function SignInScreen() {
  const { t } = useTranslation()
  const { locked } = useSession()
  const till = useKept<TillFacts>('/till')
  const facts = till.data?.answer
  const [who, setWho] = useState<TillFacts['people'][number] | null>(locked)
  if (who) return <PinScreen who={who} locked={locked} onOther={() => setWho(null)} />
  return (
    <Screen
      title={facts ? `${facts.store.name} · ${facts.terminal.name}` : t('app.name')}
      back={false}
      side={<LanguageSwitch />}
      help="signIn"
    >
      <NewVersionAtOnce />
      {facts?.sandbox === true && <SandboxLine />}
      {till.data && till.data.keptAt !== null && <Away onRetry={() => void till.refetch()} />}
      {till.isError && <Trouble error={till.error} onRetry={() => void till.refetch()} />}
      {till.isPending && <p className="muted">{t('common.loading')}</p>}
      {facts && (
        <section className="card">
          <h2>{t('signIn.title')}</h2>
          {facts.people.length === 0 && <p className="muted">{t('signIn.nobody')}</p>}
          <div className="people">
            {facts.people.map((person) => (
              <button
                key={person.no}
                className="person"
                type="button"
                onClick={() => setWho(person)}
              >
                <span className="person-initial" aria-hidden="true">
                  {person.name.slice(0, 1)}
                </span>
                <span>
                  <strong>{person.name}</strong>
                  <span className="muted small person-role">
                    {t(`signIn.roles.${roleOf(person.role)}`)}
                  </span>
                </span>
              </button>
            ))}
          </div>
        </section>
      )}
    </Screen>
  )
}

/** Who somebody is can only be found out by the server; what this device holds is safe meanwhile. */
function Away({ onRetry }: { onRetry: () => void }) {
  const { t } = useTranslation()
  const kept = useQuery({ queryKey: ['intents'], queryFn: readIntents })
  const count = kept.data?.length ?? 0
  return (
    <div className="strip strip-not-known away" role="alert">
      <OfflineIcon />
      <div>
        <strong>{t('signIn.away')}</strong>
        <div>{t(count === 0 ? 'signIn.awayWhat' : 'signIn.awayKept', { count })}</div>
        <button className="link" type="button" onClick={onRetry}>
          {t('common.retry')}
        </button>
      </div>
    </div>
  )
}

const roleOf = (role: string): 'cashier' | 'supervisor' | 'owner' | 'system' =>
  role === 'cashier' || role === 'supervisor' || role === 'owner' ? role : 'system'

/** Digits of a keyboard or a card reader go in without a tap; a soft keyboard stays away (`inputMode`). */
const focusAtOnce = (field: HTMLInputElement | null): void => field?.focus()

function PinScreen({
  who,
  locked,
  onOther,
}: {
  who: TillFacts['people'][number]
  /** Whom the till was locked on; null: it was not. */
  locked: Locked | null
  onOther: () => void
}) {
  const { t } = useTranslation()
  const [pin, setPin] = useState('')
  const signIn = useMutation({
    mutationFn: (text: string) =>
      tell<{ token: string; staff: Omit<Person, 'token'> }>('/sessions', {
        method: 'POST',
        body: { staff: who.no, pin: text },
      }),
    onSuccess: ({ token, staff }) => {
      // What a colleague had begun is theirs.
      if (locked !== null && locked.no !== staff.no) setDraft(null)
      signedIn({ token, no: staff.no, name: staff.name, role: staff.role })
    },
    onError: () => setPin(''),
  })
  const onKey = (key: string) => {
    if (key === '⌫') return setPin(pin.slice(0, -1))
    if (pin.length < PIN_MAX) setPin(pin + key)
  }
  return (
    <Screen
      title={t('signIn.pin', { name: who.name })}
      back={onOther}
      help="signIn"
      foot={
        <button
          className="act"
          type="button"
          disabled={pin.length < PIN_MIN || signIn.isPending}
          onClick={() => signIn.mutate(pin)}
        >
          {signIn.isPending ? t('common.loading') : t('common.confirm')}
        </button>
      }
    >
      {locked?.no === who.no && (
        <p className="strip strip-ended">
          <LockIcon />
          {t('lock.says')}
        </p>
      )}
      <input
        className="field number pin"
        type="password"
        inputMode="none"
        autoComplete="off"
        aria-label={t('signIn.pinLabel')}
        ref={focusAtOnce}
        maxLength={PIN_MAX}
        value={pin}
        onChange={(event) => setPin(event.target.value.replace(/\D/g, ''))}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && pin.length >= PIN_MIN) signIn.mutate(pin)
        }}
      />
      {signIn.isError && <Trouble error={signIn.error} />}
      <div className="pin-keys">
        <Keypad onKey={onKey} decimals={false} />
      </div>
    </Screen>
  )
}
