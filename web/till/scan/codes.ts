/**
 * Where codes go, whoever read them. The screen that asked last has them; without one they lead to their sale. A code may
 * be a payment code, which is money: it waits in memory only, and never in an address, which browsers keep on the disk.
 */
import { useEffect, useEffectEvent } from 'react'

type Taker = (code: string) => void

const takers: Taker[] = []
let waiting: string | null = null

export function giveCode(code: string): void {
  takers[takers.length - 1]?.(code)
}

/** As long as the caller is on the screen, codes are its own. */
export function useCodes(take: Taker): void {
  const taken = useEffectEvent(take)
  useEffect(() => {
    const taker: Taker = (code) => taken(code)
    takers.push(taker)
    return () => {
      takers.splice(takers.indexOf(taker), 1)
    }
  }, [])
}

/** For the screen that is about to come. */
export function leaveCode(code: string): void {
  waiting = code
}

export function takeLeftCode(): string | null {
  const left = waiting
  waiting = null
  return left
}
