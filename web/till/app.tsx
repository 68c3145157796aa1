/** What is always there: a terminal that is enrolled, a person who signed in, and the scan key. */
import { Outlet, useNavigate, useRouterState } from '@tanstack/react-router'
import { useEffect } from 'react'
import { listenToGun } from './scan/gun.ts'
import { EnrolScreen } from './screens/enrol.tsx'
import { SignInScreen } from './screens/sign-in.tsx'
import { useSession } from './session.ts'

export function App() {
  const { terminal, person } = useSession()
  const path = useRouterState({ select: ({ location }) => location.pathname })
  if (path.startsWith('/enrol')) return <Outlet />
  if (terminal === null) return <EnrolScreen />
  if (person === null) return <SignInScreen />
  return (
    <>
      <ScanKey />
      <Outlet />
    </>
  )
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
