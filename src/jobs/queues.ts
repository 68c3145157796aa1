/**
 * The queues as data: what may wait for a worker, how often it is tried again and where it ends. A job here is never
 * the truth about money: lost, late or run twice it costs time and nothing else.
 */
import { z } from 'zod'
import type { JobQueue } from '../db/job-schema.ts'

export const WEBHOOK_QUEUE = 'webhook'
export const SLIP_QUEUE = 'slip'
export const AUDIT_QUEUE = 'audit'
/** Where jobs end that were tried often enough; `pg-boss` can send them back from there. */
const deadLetterOf = (queue: string): string => `${queue}_dead`

const MINUTE_S = 60
const HOUR_S = 60 * MINUTE_S
const DAY_S = 24 * HOUR_S

/**
 * 5 s, 10 s, 20 s … up to 4 h apart (each shortened by up to a half at random): a restart costs seconds, and a
 * receiver that is down for two days still gets everything.
 */
const WEBHOOK_RETRY = { limit: 30, firstSeconds: 5, mostSeconds: 4 * HOUR_S }
const SLIP_RETRY = { limit: 10, firstSeconds: 5, mostSeconds: HOUR_S }
/** The next audit of the same books is due soon anyway. */
const AUDIT_RETRY = { limit: 2, firstSeconds: MINUTE_S, mostSeconds: 5 * MINUTE_S }

/** A job whose worker died is handed out again after this long. */
const EXPIRES_S = { webhook: MINUTE_S, slip: MINUTE_S, audit: 5 * MINUTE_S }
/** Longer than any retrying, and long enough for a person to look into dead letters. */
const KEPT_S = 90 * DAY_S
const DONE_KEPT_S = 3 * DAY_S

const retried = (retry: typeof WEBHOOK_RETRY) => ({
  retryLimit: retry.limit,
  retryDelay: retry.firstSeconds,
  retryDelayMax: retry.mostSeconds,
  retryBackoff: true,
  retentionSeconds: KEPT_S,
  deleteAfterSeconds: DONE_KEPT_S,
})

const dead = (queue: string): JobQueue => ({
  name: deadLetterOf(queue),
  retentionSeconds: KEPT_S,
  deleteAfterSeconds: KEPT_S,
})

const queue = (name: string, retry: typeof WEBHOOK_RETRY, expireInSeconds: number): JobQueue => ({
  name,
  deadLetter: deadLetterOf(name),
  expireInSeconds,
  ...retried(retry),
})

/** Given to `migrate`, which makes them as the owner of the schema. */
export const QUEUES: readonly JobQueue[] = [
  queue(WEBHOOK_QUEUE, WEBHOOK_RETRY, EXPIRES_S.webhook),
  queue(SLIP_QUEUE, SLIP_RETRY, EXPIRES_S.slip),
  queue(AUDIT_QUEUE, AUDIT_RETRY, EXPIRES_S.audit),
  dead(WEBHOOK_QUEUE),
  dead(SLIP_QUEUE),
  dead(AUDIT_QUEUE),
]

const tenant = z.int().positive()

export const webhookJob = z.strictObject({ tenant, webhook: z.string(), event: z.int().positive() })
export type WebhookJob = z.output<typeof webhookJob>

export const slipJob = z.strictObject({
  tenant,
  refund: z.string(),
  seq: z.int().positive(),
  type: z.string(),
})
export type SlipJob = z.output<typeof slipJob>

export const auditJob = z.strictObject({ tenant })
export type AuditJob = z.output<typeof auditJob>
