/** What is always there: a terminal that is enrolled, a person who signed in, and the scan key. */
import { Outlet, useNavigate, useRouterState } from '@tanstack/react-router'
import { useEffect } from 'react'
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
  if (person === null) return <SignInScreen />
  return (
    <>
      <Sound />
      <ScanKey />
      <Outlet />
    </>
  )
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

/** A code read anywhere leads to its sale: nobody has to find the right screen first. */
function ScanKey() {
  const navigate = useNavigate()
  useEffect(
    () => listenToGun(document, (code) => void navigate({ to: '/scan', search: { code } })),
    [navigate],
  )
  return null
}
