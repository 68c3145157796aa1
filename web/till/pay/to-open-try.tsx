/** Before a second try somebody looks at what became of the first. */
import { Navigate } from '@tanstack/react-router'
import { useIgnoredCodes } from './codes.ts'

export function ToOpenTry({ no }: { no: string }) {
  // Until the other screen has come, a gun whose trigger is pulled twice must lead nowhere else.
  useIgnoredCodes()
  return <Navigate to="/pay/$no" params={{ no }} replace />
}
