/** What every command stands on. `main.ts` puts it together; nothing else is global. */
import type { Pins } from '../auth/pins.ts'
import type { Vault } from '../auth/vault.ts'
import type { Channel } from '../channels/channel.ts'
import type { Db } from '../db/connect.ts'
import type { BreakerRules } from '../domain/breaker.ts'
import type { ShopRules } from '../domain/request.ts'
import type { Log } from '../log.ts'

export type Core = {
  readonly db: Db
  readonly channel: (id: string) => Channel
  readonly vault: Vault
  readonly pins: Pins
  readonly clock: Clock
  readonly random: Random
  readonly settings: CoreSettings
  readonly log: Pick<Log, 'info' | 'warn' | 'error'>
  /** A reason's code as the sentence that a channel shows to the customer. */
  readonly reasonText: (code: string) => string
  /** A named place at which a test may end the process, or hold it; does nothing otherwise. */
  readonly crashPoint: (name: CrashPoint) => void
}

export type CoreSettings = {
  readonly channelTimeoutMs: number
  readonly leaseMs: number
  /** How long the holder of a lease may let a send go; shorter than the lease, so that no two holders overlap. */
  readonly sendWithinMs: number
  /** Base address for channels' notifications, null when none can reach us. */
  readonly notifyBase: string | null
  /** Base of links that leave the shop, for customers; null: none is set. */
  readonly publicUrl: string | null
  readonly shop: ShopRules
  readonly breaker: BreakerRules
  /** Webhooks may go to plain http on this very machine: for development, never in production. */
  readonly loopbackWebhooks: boolean
}

/** Business time; a test may move it. Leases and signatures stay on real time. */
export type Clock = { readonly now: () => Date; readonly offsetMs: () => number }

export type Random = {
  readonly digits: (count: number) => string
  readonly bytes: (count: number) => Buffer
}

export const CRASH_POINTS = [
  'request.before_commit',
  'request.after_commit',
  'send.before_mark',
  'send.after_mark',
  'send.after_answer',
  'settle.before_commit',
  'settle.after_commit',
  'sweep.after_claim',
  'start.before_commit',
  'start.after_commit',
  'act.before_commit',
  'act.after_commit',
  'pay.before_commit',
  'pay.after_commit',
  'pay.before_mark',
  'pay.after_mark',
  'pay.after_answer',
  'pay.before_settled',
  'pay.after_settled',
  'reverse.before_commit',
  'reverse.after_commit',
  'notice.after_keep',
  'notice.before_answer',
  'outside.before_commit',
  'relay.after_enqueue',
] as const
export type CrashPoint = (typeof CRASH_POINTS)[number]
