/** Everything that runs beside the requests, apart from the sweeper: the relay of events, the queues and the audit. */
import type { JobResult, PgBoss, WorkOptions } from 'pg-boss'
import type { z } from 'zod'
import type { Core } from '../commands/core.ts'
import type { WebhookSettings } from '../notify/webhook.ts'
import { auditTenant, requestAudits } from './audit.ts'
import { openBoss } from './boss.ts'
import { deliverWebhook } from './deliver-webhook.ts'
import { relayEvents } from './event-relay.ts'
import { startLoop } from './loop.ts'
import { SLIP_JOBS_TOGETHER, slipMaker } from './make-slip.ts'
import { AUDIT_QUEUE, auditJob, SLIP_QUEUE, slipJob, WEBHOOK_QUEUE, webhookJob } from './queues.ts'

export type JobSettings = {
  /** Of the database; pg-boss has a pool of its own. */
  readonly url: string
  readonly relayIntervalMs: number
  readonly auditEverySeconds: number
  readonly webhooks: WebhookSettings
}

export type Jobs = {
  /** When the last round of the relay ended well, ms of the process's clock; null before the first. */
  readonly lastRelayMs: () => number | null
  /** No job starts after this is called; running ones finish, or are handed back for another try. */
  readonly stop: () => Promise<void>
}

export const RELAY_INTERVAL_MS = 1_000
export const AUDIT_EVERY_SECONDS = 600

/** Work that another node enqueued, or that was put off, is found by looking. */
const POLL_SECONDS = 2
const WEBHOOK_WORKERS = 8
/** Of them for one receiver, so that one that hangs leaves the others theirs. */
const WEBHOOK_WORKERS_EACH = 2
/** Asking more often than once a stretch lets any node take over from one that died. */
const AUDIT_ASKS_EACH = 5

export async function startJobs(core: Core, settings: JobSettings): Promise<Jobs> {
  const { boss, stop } = await openBoss(settings.url, core.log)
  try {
    const workers = new Map([
      await work(boss, WEBHOOK_QUEUE, WEBHOOK_WORK, webhookJob, (job, signal) =>
        deliverWebhook(core, job, { ...settings.webhooks, signal }),
      ),
      await workTogether(boss, SLIP_QUEUE, SLIP_JOBS_TOGETHER, slipJob, slipMaker(core)),
      await work(boss, AUDIT_QUEUE, ONE_WORKER, auditJob, (job) => auditTenant(core, job)),
    ])
    const relay = startLoop(
      async () => {
        const { events, again, queues } = await relayEvents(core, boss)
        // Only now are the jobs committed and to be seen; the workers need not wait for their next look.
        for (const queue of queues) boss.notifyWorker(workers.get(queue) ?? '')
        return events + again
      },
      settings.relayIntervalMs,
      (err) => core.log.error({ err }, 'relay.failed'),
    )
    const audits = startLoop(
      async () => {
        await requestAudits(core, boss, settings.auditEverySeconds)
        return 0
      },
      (settings.auditEverySeconds * 1000) / AUDIT_ASKS_EACH,
      (err) => core.log.error({ err }, 'audit.failed'),
    )
    return {
      lastRelayMs: relay.lastEndedMs,
      stop: async () => {
        await Promise.all([relay.stop(), audits.stop()])
        await stop()
      },
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** A team is woken as one: its first worker goes on at once, the others join at their next look. */
type Teams = { readonly teams: number; readonly each?: WorkOptions }

const ONE_WORKER: Teams = { teams: 1 }
const WEBHOOK_WORK: Teams = {
  teams: WEBHOOK_WORKERS / WEBHOOK_WORKERS_EACH,
  each: {
    localConcurrency: WEBHOOK_WORKERS_EACH,
    // Kept for the queue as a whole, whatever the team.
    localGroupConcurrency: WEBHOOK_WORKERS_EACH,
  },
}

/**
 * One job at a time for each worker; what it throws makes the queue try again.
 *
 * @returns the queue and its first worker
 */
async function work<Shape extends z.ZodType>(
  boss: PgBoss,
  queue: string,
  { teams, each }: Teams,
  shape: Shape,
  handle: (job: z.output<Shape>, signal: AbortSignal) => Promise<void>,
): Promise<readonly [string, string]> {
  const first: string[] = []
  for (let team = 0; team < teams; team += 1) {
    const worker = await boss.work(
      queue,
      { pollingIntervalSeconds: POLL_SECONDS, ...each, batchSize: 1 },
      async (jobs) => {
        try {
          for (const job of jobs) await handle(shape.parse(job.data), job.signal)
        } finally {
          // Where there was one job there may be more: a team rests only after it has found none.
          boss.notifyWorker(first[team] ?? '')
        }
      },
    )
    first.push(worker)
  }
  return [queue, first[0] ?? '']
}

/** One worker that takes up to `most` jobs at once; each ends for itself, and what it throws makes the queue try it again. */
async function workTogether<Shape extends z.ZodType>(
  boss: PgBoss,
  queue: string,
  most: number,
  shape: Shape,
  handle: (job: z.output<Shape>) => Promise<void>,
): Promise<readonly [string, string]> {
  let worker = ''
  worker = await boss.work(
    queue,
    { pollingIntervalSeconds: POLL_SECONDS, batchSize: most, perJobResults: true },
    async (jobs): Promise<JobResult[]> => {
      const ends = await Promise.allSettled(jobs.map(async (job) => handle(shape.parse(job.data))))
      boss.notifyWorker(worker)
      return jobs.map(({ id }, place) => {
        const end = ends[place]
        return end?.status === 'fulfilled'
          ? { id, status: 'completed' }
          : { id, status: 'failed', output: errorText(end?.reason) }
      })
    },
  )
  return [queue, worker]
}

const errorText = (fault: unknown) => ({
  message: fault instanceof Error ? fault.message : String(fault),
})
