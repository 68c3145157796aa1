/** Who was right after a fall: the stories' judge for refunds, and for payments the channel's book in the same way. */
import { judgeAtRest, type Finding } from '../../sim/judge.ts'
import { sql } from 'kysely'
import { inTenant } from '../../src/db/connect.ts'
import { JOB_SCHEMA } from '../../src/db/job-schema.ts'
import { chainHolds } from '../../src/domain/evidence.ts'
import { UNCLEAR_STATES } from '../../src/domain/payment.ts'
import { sweepAll } from '../support/given.ts'
import type { Path } from './paths.ts'
import { atNode, type Cell } from './stand.ts'

/** @param bare nothing went wrong, so everything ends as it is meant to. */
export async function judge(cell: Cell, path: Path, bare = false): Promise<Finding[]> {
  const before = await look(cell)
  const findings = [
    ...(await judgeRefunds(cell, before)),
    ...judgePayments(before),
    ...judgeOutside(cell, before),
  ]
  const ends = Object.entries(path.ends).flatMap(([name, may]) => {
    const no = cell.given[name] ?? ''
    const state = stateOf(before, no)
    return (bare ? may.slice(0, 1) : may).includes(state)
      ? []
      : [finding('everything ends', `${name} ${no} is ${state}, not ${may.join(' or ')}`)]
  })
  await askAgain(cell, path)
  const after = await look(cell)
  const [was, is] = [JSON.stringify(before.rows), JSON.stringify(after.rows)]
  const again = was === is ? [] : [finding('asked again, nothing changes', `${was}, then ${is}`)]
  const told = after.jobs.map(({ data }) => data)
  const twice =
    new Set(told).size === told.length ? [] : [finding('each event is told once', told.join(', '))]
  return [...findings, ...ends, ...again, ...twice, ...(await judgeRefunds(cell, after))]
}

/** Whether all that the path gave a name is where it may end. */
export async function hasEnded(cell: Cell, path: Path): Promise<boolean> {
  const seen = await look(cell)
  return Object.entries(path.ends).every(([name, may]) =>
    may.includes(stateOf(seen, cell.given[name] ?? '')),
  )
}

/** Every act once more, as from a till that never got its answer. */
async function askAgain(cell: Cell, path: Path): Promise<void> {
  for (const { act } of path.steps) {
    for (const no of await act(atNode(cell))) cell.acknowledged.add(no)
  }
  await sweepAll(cell.stand.core)
}

type Seen = Awaited<ReturnType<typeof look>>

const look = ({ stand, tenant }: Cell) =>
  inTenant(stand.core.db, tenant, async (tx) => {
    const refunds = await tx
      .selectFrom('refund')
      .select(['refund_no', 'state', 'amount_fen', 'attempts'])
      .orderBy('refund_no')
      .execute()
    const payments = await tx
      .selectFrom('payment')
      .select(['payment_no', 'state', 'paid_fen', 'channel_number', 'refunded_fen', 'held_fen'])
      .orderBy('payment_no')
      .execute()
    const events = await tx
      .selectFrom('event')
      .select(['subject_no', 'seq', 'type', 'body', 'prev', 'hash'])
      .where('subject', '=', 'payment')
      .orderBy('subject_no')
      .orderBy('seq')
      .execute()
    const outside = await tx
      .selectFrom('attempt')
      .select('channel_number')
      .where('kind', '=', 'outside')
      .execute()
    const { rows: jobs } = await sql<{ data: string }>`
      select data::text from ${sql.table(`${JOB_SCHEMA}.job`)} where (data ->> 'tenant')::integer = ${tenant}`.execute(
      tx,
    )
    const orders = new Set(payments.map((row) => row.channel_number))
    const entries = stand.sandbox.book.entries().filter((each) => orders.has(each.outTradeNo))
    const rows = { refunds, payments, atChannel: entries.length }
    return { rows, refunds, payments, outside, jobs, events, entries, orders }
  })

function stateOf({ refunds, payments }: Seen, no: string): string {
  const row =
    refunds.find((each) => each.refund_no === no) ?? payments.find((each) => each.payment_no === no)
  return row?.state ?? 'not there'
}

function judgeRefunds({ stand, tenant, acknowledged }: Cell, { orders, payments }: Seen) {
  const { sandbox, core } = stand
  const { mchid } = sandbox.merchant
  const executed = () =>
    sandbox.book.executedRefunds().filter((each) => orders.has(each.outTradeNo))
  const refund = (_scope: unknown, number: string) =>
    [...orders].flatMap((outTradeNo) => {
      const order = sandbox.findOrder({ mchid, outTradeNo })
      return order ? sandbox.refundsOf(order).filter((each) => each.outRefundNo === number) : []
    })[0]
  const ofPayments = new Set(payments.map((row) => row.payment_no))
  return judgeAtRest({
    tenant,
    acknowledged: new Set([...acknowledged].filter((no) => !ofPayments.has(no))),
    aside: { core },
    bank: {
      bounced: NOTHING_BOUNCES,
      merchant: sandbox.merchant,
      world: { book: { executedRefunds: executed }, ledger: { refund } },
    },
  })
}

const NOTHING_BOUNCES: ReadonlySet<string> = new Set()

/** Of the customer's money the channel has what our books say, and nobody waits for a word any more. */
function judgePayments({ payments, entries, events }: Seen): Finding[] {
  const chains = Map.groupBy(events, (event) => event.subject_no)
  return [
    ...[...chains]
      .filter(([, chain]) => !chainHolds(chain))
      .map(([no]) => finding('the evidence holds', no)),
    ...payments.flatMap((row) => {
      const own = entries.filter((each) => each.outTradeNo === row.channel_number)
      const [pays, backs] = [own.filter(isPay), own.filter(isReverse)]
      const has = sum(pays) - sum(backs)
      const should = row.state === 'paid' ? row.paid_fen : 0
      const what = `${row.payment_no} is ${row.state}, ${has} fen at the channel`
      return [
        ...(isUnclear(row.state) ? [finding('every payment ends', what)] : []),
        ...(has === should ? [] : [finding('every payment ends as at the channel', what)]),
        ...(pays.length > 1 ? [finding('no payment is taken twice', what)] : []),
      ]
    }),
  ]
}

/** What was made in the channel's own portal is in our books. */
function judgeOutside({ stand }: Cell, { orders, outside }: Seen): Finding[] {
  const known = new Set(outside.map((row) => row.channel_number))
  return stand.sandbox.book
    .executedRefunds()
    .filter((each) => orders.has(each.outTradeNo) && each.source === 'portal')
    .filter((each) => !known.has(`outside-${each.refundId}`))
    .map((each) => finding('nothing is paid that we do not know of', each.refundId))
}

const isUnclear = (state: string): boolean => UNCLEAR_STATES.some((each) => each === state)

type Entry = Seen['entries'][number]
const isPay = ({ kind }: Entry): boolean => kind === 'pay'
const isReverse = ({ kind }: Entry): boolean => kind === 'reverse'
const sum = (entries: readonly Entry[]): number =>
  entries.reduce((total, each) => total + each.amount, 0)

const finding = (promise: string, what: string): Finding => ({ promise, what })
