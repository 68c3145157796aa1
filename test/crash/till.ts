/** A till in a process of its own that is killed at a named point: `node till.ts <json>`; see crash.test.ts. */
import type { CrashPoint } from '../../src/commands/core.ts'
import { drivePayment } from '../../src/commands/drive-payments.ts'
import { requestRefunds } from '../../src/commands/request-refunds.ts'
import { sendAttempts } from '../../src/commands/send-attempts.ts'
import { takePayment } from '../../src/commands/take-payment.ts'
import { connect } from '../../src/db/connect.ts'
import type { PaymentInput } from '../../src/commands/take-payment.ts'
import type { RefundRequest } from '../../src/domain/request.ts'
import { cashier, TENANT, testClock, testCore } from '../support/core.ts'

export type Job = {
  readonly databaseUrl: string
  readonly masterKey: string
  /** Of the clock of whoever started this. */
  readonly offsetMs: number
  readonly dieAt: CrashPoint | null
  readonly settings: { readonly leaseMs: number; readonly sendWithinMs: number }
  readonly act:
    | { readonly kind: 'pay'; readonly input: PaymentInput }
    | { readonly kind: 'refund'; readonly input: RefundRequest }
}

const job = JSON.parse(process.argv[2] ?? '') as Job
const db = connect({ url: job.databaseUrl, applicationName: 'till', maxConnections: 4 })
const core = testCore(db, {
  clock: testClock(job.offsetMs),
  masterKey: Buffer.from(job.masterKey, 'base64'),
  settings: job.settings,
  crashPoint: (name) => {
    // Nothing after this line runs: no finally, no flush, no goodbye to the database.
    if (name === job.dieAt) process.kill(process.pid, 'SIGKILL')
  },
})

if (job.act.kind === 'pay') {
  const taken = await takePayment(core, cashier, job.act.input, core.clock.now())
  if (taken.kind === 'stored' && taken.lease) await drivePayment(core, TENANT, taken.lease)
} else {
  const results = await requestRefunds(core, cashier, [job.act.input], core.clock.now())
  await sendAttempts(
    core,
    TENANT,
    results.flatMap((each) => (each.kind === 'stored' && each.lease ? [each.lease] : [])),
  )
}
await db.destroy()
