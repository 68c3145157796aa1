/** What is always there: a terminal that is enrolled, a person who signed in, and the scan key. */
import { Outlet, useNavigate, useRouterState } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { Device } from './device/beside.tsx'
import { useIdleLock } from './idle.ts'
import { giveCode, leaveCode, useCodes } from './scan/codes.ts'
import { listenToGun } from './scan/gun.ts'
import { EnrolScreen } from './screens/enrol.tsx'
import { SignInScreen } from './screens/sign-in.tsx'
import { useSession } from './session.ts'
import { readySound } from './voice/speak.ts'

export function App() {
  const { terminal, person } = useSession()
  const path = useRouterState({ select: ({ location }) => location.pathname })
  if (path.startsWith('/enrol')) return <Outlet />
  if (terminal === null) return <EnrolScreen />
  // The customer's side of the counter: nobody signs in there.
  if (path === '/display') return <Outlet />
  if (person === null)
    return OPEN.test(path) ? (
      <>
        <ScanKey />
        <Outlet />
      </>
    ) : (
      <SignInScreen />
    )
  return (
    <>
      <IdleLock />
      <Sound />
      <ScanKey />
      <Device />
      <Outlet />
    </>
  )
}

/** Shown to whoever stands there: a till that does not work is found out before anybody signs in. */
const OPEN = /^\/(help|self-check|rules)(\/|$)/

function IdleLock() {
  useIdleLock()
  return null
}

/** The first touch or key opens the way for sound. */
function Sound() {
  useEffect(() => {
    const open = () => readySound()
    const once = { once: true, capture: true }
    document.addEventListener('pointerdown', open, once)
    document.addEventListener('keydown', open, once)
    return () => {
      document.removeEventListener('pointerdown', open, once)
      document.removeEventListener('keydown', open, once)
    }
  }, [])
  return null
}

/** Android hands what its input methods say to a field and to nothing else. */
const SPEAKS_TO_FIELDS = /Android/.test(navigator.userAgent)

/** A code read anywhere leads to its sale: nobody has to find the right screen first. */
function ScanKey() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const catcher = useRef<HTMLInputElement>(null)
  useCodes((code) => {
    leaveCode(code)
    void navigate({ to: '/scan' })
  })
  useEffect(() => listenToGun(document, catcher.current, giveCode), [])
  if (!SPEAKS_TO_FIELDS) return null
  return (
    <input
      ref={catcher}
      className="visually-hidden"
      aria-label={t('scan.catcher')}
      // Brings up no keyboard.
      inputMode="none"
      tabIndex={-1}
      autoComplete="off"
      autoCapitalize="off"
      spellCheck={false}
    />
  )
}
