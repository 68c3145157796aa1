/** The time, as this device or as the server sees it. */
import { useEffect, useState } from 'react'
import { useTill } from './queries.ts'
import { useSession } from './session.ts'

/** Changes every `everyMs`. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
  return now
}

/** The server's, whatever this device's clock says; null until the server has said it once. */
export function useServerNow(everyMs: number): number | null {
  const now = useNow(everyMs)
  const till = useTill(useSession().terminal)
  return till.data ? now + Date.parse(till.data.time) - till.dataUpdatedAt : null
}
