/** What may go wrong in one story: each seed switches families on and off and draws their chances. */
import type { Draw } from './draw.ts'
import { NO_FAULTS, type NetworkFaults } from './network.ts'

export type Trouble = {
  readonly network: NetworkFaults
  /** Of a refund: it gets stuck, is closed, refused or sent back to the merchant. */
  readonly fate: number
  /** Of a statement: its connection ends before or after it was done; the server refuses it. */
  readonly cut: number
  readonly fail: number
  /** Of a COMMIT, beside that: the connection ends, and it was done or was not. */
  readonly commitLost: number
  /** Of a step: a node falls, a node sleeps past its leases, time jumps. */
  readonly kill: number
  readonly hang: number
  readonly time: number
  /** Of a step: a request that was slow arrives after all. */
  readonly arrival: number
  /** Of a step: the channel's notice of something it once said arrives. */
  readonly notice: number
  /** Of a step: a customer scans, types the password or walks away. */
  readonly customer: number
}

export const FAMILIES = [
  'network',
  'errors',
  'fates',
  'hidden',
  'database',
  'nodes',
  'notices',
] as const
export type Family = (typeof FAMILIES)[number]

export function troubleOf(draw: Draw, families: readonly Family[]): Trouble {
  const rate = (family: Family, most: number): number => {
    const isOn = draw.chance(0.6)
    const drawn = most * (0.2 + 0.8 * (draw.below(1000) / 1000))
    return isOn && families.includes(family) ? drawn : 0
  }
  return {
    network: {
      ...NO_FAULTS,
      requestLost: rate('network', 0.3),
      requestLate: rate('network', 0.3),
      answerLost: rate('network', 0.4),
      serverError: rate('errors', 0.3),
      badSignature: rate('errors', 0.2),
      hidden: rate('hidden', 0.4),
    },
    fate: rate('fates', 0.8),
    cut: rate('database', 0.02),
    fail: rate('database', 0.02),
    commitLost: rate('database', 0.2),
    kill: rate('nodes', 0.02),
    hang: rate('nodes', 0.02),
    time: draw.pick([0.01, 0.03, 0.1]),
    arrival: 0.05,
    notice: rate('notices', 0.05),
    customer: 0.05,
  }
}
