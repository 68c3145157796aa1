/**
 * Who this device is and who stands at it. The terminal's key stays on the device; the person's token lives as long as
 * the tab, so that a reload goes on and a restart asks for the PIN again.
 */
import { useSyncExternalStore } from 'react'
import { ask, type Asking, type Credentials } from '../shared/api.ts'

export type Person = {
  readonly token: string
  readonly no: string
  readonly name: string
  readonly role: string
}

/** Whose turn it was when the till locked itself: their PIN goes on where they were. */
export type Locked = Omit<Person, 'token'>

export type Session = {
  readonly terminal: string | null
  readonly person: Person | null
  readonly locked: Locked | null
}

const TERMINAL = 'yuanlu.terminal'
const PERSON = 'yuanlu.person'
const LOCKED = 'yuanlu.locked'

let session: Session = {
  terminal: localStorage.getItem(TERMINAL),
  person: kept<Person>(PERSON),
  locked: kept<Locked>(LOCKED),
}
const listeners = new Set<() => void>()

function kept<Value>(as: string): Value | null {
  const text = sessionStorage.getItem(as)
  return text === null ? null : (JSON.parse(text) as Value)
}

function change(next: Session): void {
  session = next
  for (const listener of listeners) listener()
}

export const useSession = (): Session =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => session,
  )

export function enrolled(key: string): void {
  localStorage.setItem(TERMINAL, key)
  sessionStorage.removeItem(PERSON)
  sessionStorage.removeItem(LOCKED)
  change({ terminal: key, person: null, locked: null })
}

export function signedIn(person: Person): void {
  sessionStorage.setItem(PERSON, JSON.stringify(person))
  sessionStorage.removeItem(LOCKED)
  change({ ...session, person, locked: null })
}

/** Nobody has touched it for long: the token is given up, here and at the server, and only the name stays. */
export function lock(): void {
  const { person } = session
  if (person === null) return
  const { token, ...locked } = person
  sessionStorage.setItem(LOCKED, JSON.stringify(locked))
  sessionStorage.removeItem(PERSON)
  change({ ...session, person: null, locked })
  const leaving = { terminal: session.terminal, staff: token }
  // Out of reach, the server lets it run out; this device has forgotten it.
  ask(leaving, '/sessions/current', { method: 'DELETE' }).catch(() => undefined)
}

/** On this device; `signOut` tells the server too. */
export function forgetPerson(): void {
  sessionStorage.removeItem(PERSON)
  change({ ...session, person: null })
}

export async function signOut(): Promise<void> {
  try {
    await tell('/sessions/current', { method: 'DELETE' })
  } finally {
    forgetPerson()
  }
}

export const credentials = (): Credentials => ({
  terminal: session.terminal,
  staff: session.person?.token ?? null,
})

/** Speaks to the server as this terminal and this person. Throws Refused or Unanswered. */
export async function tell<Answer>(path: string, asking: Asking = {}): Promise<Answer> {
  const { token } = session.person ?? { token: null }
  try {
    return await ask<Answer>(credentials(), path, asking)
  } catch (error) {
    if (endsSession(error) && token !== null && session.person?.token === token) forgetPerson()
    throw error
  }
}

/** The token ran out, or its owner left: whoever stands here signs in again. */
const endsSession = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'not_signed_in'
