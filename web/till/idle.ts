/** A till that nobody touches locks itself: its drawer and its rights belong to whoever stood there. */
import { useEffect } from 'react'
import { lock } from './session.ts'

const IDLE_MS = 10 * 60_000
const LOOK_MS = 5_000

const TOUCHES = ['pointerdown', 'keydown', 'wheel'] as const

export function useIdleLock(): void {
  useEffect(() => {
    let touchedAt = Date.now()
    const touch = () => {
      touchedAt = Date.now()
    }
    // Looked at and not waited for: a device that slept has no timers, but its clock went on.
    const look = () => {
      if (Date.now() - touchedAt >= IDLE_MS) lock()
    }
    const timer = setInterval(look, LOOK_MS)
    for (const each of TOUCHES) document.addEventListener(each, touch, { capture: true })
    document.addEventListener('visibilitychange', look)
    return () => {
      clearInterval(timer)
      for (const each of TOUCHES) document.removeEventListener(each, touch, { capture: true })
      document.removeEventListener('visibilitychange', look)
    }
  }, [])
}
