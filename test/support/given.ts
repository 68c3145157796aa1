/** Ready-made beginnings for tests of commands: paid sales, requested refunds. Everything goes through the real commands. */
import type { Sandbox } from '../../sandbox/main.ts'
import type { Core } from '../../src/commands/core.ts'
import { drivePayment } from '../../src/commands/drive-payments.ts'
import { requestRefunds, type Requested } from '../../src/commands/request-refunds.ts'
import { sendAttempts } from '../../src/commands/send-attempts.ts'
import { sweepRefunds } from '../../src/commands/sweep-refunds.ts'
import { sweepPayments } from '../../src/commands/drive-payments.ts'
import { takePayment } from '../../src/commands/take-payment.ts'
import { inTenant } from '../../src/db/connect.ts'
import type { Actor } from '../../src/domain/actor.ts'
import { fen } from '../../src/domain/money.ts'
import { makeNumber, type NumberKind } from '../../src/domain/numbers.ts'
import type { Ask, RefundRequest } from '../../src/domain/request.ts'
import { cashier, digits, TENANT, type TestClock } from './core.ts'

export const newNumber = (kind: NumberKind): string => makeNumber(kind, '261122', digits(13))

type SaleWish = {
  /** Fen. */
  readonly order?: number
  readonly items?: readonly {
    readonly name: string
    readonly quantity: number
    readonly fen: number
  }[]
}

/** A sale paid by the customer's code, seen paid by us and by the channel. @returns its payment's number. */
export async function paidSale(core: Core, sandbox: Sandbox, wish: SaleWish = {}): Promise<string> {
  const order = fen(wish.order ?? wish.items?.reduce((sum, item) => sum + item.fen, 0) ?? 12_800)
  const paymentNo = newNumber('payment')
  const taken = await takePayment(
    core,
    cashier,
    {
      no: paymentNo,
      sale: {
        no: newNumber('sale'),
        orderFen: order,
        paidFen: order,
        description: '堂食',
        items: (wish.items ?? []).map((item) => ({ ...item, fen: fen(item.fen) })),
      },
      amount: order,
      method: 'code',
      paymentCode: sandbox.paymentCode(sandbox.createCustomer()),
      accountNo: null,
    },
    core.clock.now(),
  )
  if (taken.kind !== 'stored' || !taken.lease)
    throw new Error(`not taken: ${JSON.stringify(taken)}`)
  await drivePayment(core, TENANT, taken.lease)
  const { state } = await readPayment(core, paymentNo)
  if (state !== 'paid') throw new Error(`not paid: ${state}`)
  return paymentNo
}

export const request = (
  paymentNo: string,
  ask: Ask = { kind: 'full' },
  more: Partial<RefundRequest> = {},
): RefundRequest => ({
  no: newNumber('refund'),
  paymentNo,
  ask,
  method: 'original',
  reason: 'quality',
  note: '',
  replaces: null,
  ...more,
})

/** Asks for refunds and takes the first turn of those that may go, as the till does. */
export async function refund(
  core: Core,
  actor: Actor,
  ...requests: RefundRequest[]
): Promise<Requested[]> {
  const results = await requestRefunds(core, actor, requests, core.clock.now())
  await sendAttempts(
    core,
    actor.tenant,
    results.flatMap((result) => (result.kind === 'stored' && result.lease ? [result.lease] : [])),
  )
  return results
}

export const readRefund = (core: Core, refundNo: string) =>
  inTenant(core.db, TENANT, (tx) =>
    tx.selectFrom('refund').selectAll().where('refund_no', '=', refundNo).executeTakeFirstOrThrow(),
  )

export const readPayment = (core: Core, paymentNo: string) =>
  inTenant(core.db, TENANT, (tx) =>
    tx
      .selectFrom('payment')
      .selectAll()
      .where('payment_no', '=', paymentNo)
      .executeTakeFirstOrThrow(),
  )

export const readAttempts = (core: Core, refundNo: string) =>
  inTenant(core.db, TENANT, (tx) =>
    tx.selectFrom('attempt').selectAll().where('refund_no', '=', refundNo).orderBy('seq').execute(),
  )

export const incidentKinds = async (core: Core): Promise<string[]> =>
  (
    await inTenant(core.db, TENANT, (tx) =>
      tx
        .selectFrom('incident')
        .select('kind')
        .where('closed_at', 'is', null)
        .orderBy('id')
        .execute(),
    )
  ).map((row) => row.kind)

/** Lets business time pass on both sides and takes every turn that became due. */
export async function pass(
  { core, clock, sandbox }: { core: Core; clock: TestClock; sandbox: Sandbox },
  ms: number,
): Promise<void> {
  await sandbox.advance(ms)
  clock.advance(ms)
  await sweepAll(core)
}

const SWEEPS_MAX = 200

/** Sweeps until nothing is due any more. */
export async function sweepAll(core: Core): Promise<void> {
  for (let round = 0; round < SWEEPS_MAX; round += 1) {
    const [refunds, payments] = [await sweepRefunds(core), await sweepPayments(core)]
    if (refunds + payments === 0) return
  }
  throw new Error(`still work after ${SWEEPS_MAX} sweeps`)
}
