/**
 * Sends attempts this process holds. No transaction is open while a channel is called. The order is what makes a
 * refund happen at most once: sign, then get leave in the database, then let the first byte go.
 */
import type { Account, AttemptOnWire, Exchange, Line } from '../channels/channel.ts'
import { inTenant } from '../db/connect.ts'
import { systemOf } from '../domain/actor.ts'
import { turnOf } from '../domain/attempt.ts'
import type { Outcome } from '../domain/outcome.ts'
import { readAccounts } from '../store/accounts.ts'
import { markRemedy, markSending } from '../store/attempts.ts'
import { insertCalls } from '../store/calls.ts'
import { readWire, type WireRow } from '../store/wire.ts'
import { openAccount } from './accounts.ts'
import type { Core } from './core.ts'
import { entryOf, must } from './desk.ts'
import { settleAttempts, type Word } from './settle-attempts.ts'

/** An attempt held by this process under a fence. */
export type Lease = { readonly refundNo: string; readonly seq: number; readonly fence: number }

/** A turn that is signed and waits for leave, or a question that needs none. */
type Ready = {
  readonly lease: Lease
  readonly leave: 'send' | 'remedy' | 'none'
  readonly go: () => Promise<Outcome>
  readonly exchanges: Exchange[]
  readonly accountNo: string
  readonly paymentNo: string
  readonly remedyBody: string | null
}

/**
 * Takes the next turn of each held attempt: its first send, the same send again, the remedy, or a question; then
 * settles what came back. Attempts that get no leave are left alone: somebody else holds them or they were stopped.
 */
export async function sendAttempts(
  core: Core,
  tenant: number,
  leases: readonly Lease[],
): Promise<void> {
  if (leases.length === 0) return
  const ready = await prepare(core, tenant, leases)
  core.crashPoint('send.before_mark')
  const allowed = await getLeave(core, tenant, ready)
  core.crashPoint('send.after_mark')
  await Promise.all(allowed.map((each) => takeTurn(core, tenant, each)))
}

async function prepare(core: Core, tenant: number, leases: readonly Lease[]): Promise<Ready[]> {
  const { rows, accounts } = await inTenant(core.db, tenant, async (tx) => {
    const found = await readWire(
      tx,
      leases.map((lease) => lease.refundNo),
    )
    return {
      rows: found,
      accounts: await readAccounts(tx, [...new Set(found.map((row) => row.account_no))]),
    }
  })
  const opened = new Map<string, Account>()
  const accountOf = (no: string): Account => {
    const row = must(accounts.find((each) => each.account_no === no))
    const account = opened.get(no) ?? openAccount(core, tenant, row)
    opened.set(no, account)
    return account
  }
  const distinct = new Map(leases.map((lease) => [keyText(lease), lease]))
  return [...distinct.values()].flatMap((lease) => {
    const row = rows.find((each) => each.refund_no === lease.refundNo && each.seq === lease.seq)
    if (!row || row.fence !== lease.fence) return []
    return [readyTurn(core, lease, row, accountOf)]
  })
}

/** One attempt that cannot be signed must not keep the others of its batch from going: it is unclear, with an alarm. */
function readyTurn(
  core: Core,
  lease: Lease,
  row: WireRow,
  accountOf: (no: string) => Account,
): Ready {
  try {
    return signedTurn(core, lease, row, accountOf(row.account_no))
  } catch (error) {
    return {
      lease,
      leave: 'none',
      go: async () => thrown(error),
      exchanges: [],
      accountNo: row.account_no,
      paymentNo: row.payment_no,
      remedyBody: null,
    }
  }
}

/** Whatever was thrown, the request may have been executed. */
const thrown = (error: unknown): Outcome => ({
  kind: 'unknown',
  cause: error instanceof Error ? error.name : 'thrown',
  alarm: true,
})

function signedTurn(core: Core, lease: Lease, row: WireRow, account: Account): Ready {
  const channel = core.channel(row.channel)
  const exchanges: Exchange[] = []
  const line: Line = {
    account,
    timeoutMs: core.settings.channelTimeoutMs,
    record: (exchange) => exchanges.push(exchange),
  }
  const wire = onWire(row)
  const common = {
    lease,
    exchanges,
    accountNo: row.account_no,
    paymentNo: row.payment_no,
    remedyBody: row.remedy_body,
  }
  if (
    row.state === 'stuck' &&
    row.remedy_body !== null &&
    row.remedy_first_send_at === null &&
    channel.remedy
  ) {
    return { ...common, leave: 'remedy', go: channel.remedy(wire, line) }
  }
  const turn = turnOf(entryOf(row), {
    sendAgain: row.send_again,
    replaySafe: channel.can.replaySafe,
    paidBackOtherwise: row.refund_state !== 'sending',
    blocked: row.blocked !== null,
  })
  return turn === 'send'
    ? { ...common, leave: 'send', go: channel.refund(wire, line) }
    : { ...common, leave: 'none', go: () => channel.queryRefund(wire, line) }
}

const onWire = (row: WireRow): AttemptOnWire => ({
  channelNumber: row.channel_number,
  channelNo: row.channel_no,
  body: row.body,
  amount: row.amount_fen,
  remedyBody: row.remedy_body,
  payment: {
    channelNumber: row.payment_channel_number,
    channelNo: row.payment_channel_no,
    method: row.method,
    body: row.payment_body,
    paid: row.paid_fen,
  },
})

/** One statement gives leave to all sends; what it does not return stays unsent. */
async function getLeave(core: Core, tenant: number, ready: readonly Ready[]): Promise<Ready[]> {
  const sends = ready.filter((each) => each.leave === 'send')
  const remedies = ready.filter((each) => each.leave === 'remedy')
  if (sends.length + remedies.length === 0) return [...ready]
  const given = await inTenant(core.db, tenant, async (tx) => {
    const marked =
      sends.length === 0
        ? []
        : await markSending(
            tx,
            sends.map((each) => ({ ...keyOf(each.lease), payment_no: each.paymentNo })),
            core.clock.offsetMs(),
          )
    const leave = new Set(marked.map((key) => `${key.refund_no}/${key.seq}`))
    for (const each of remedies) {
      if (await markRemedy(tx, keyOf(each.lease), each.remedyBody, core.clock.offsetMs()))
        leave.add(keyText(each.lease))
    }
    return leave
  })
  return ready.filter((each) => each.leave === 'none' || given.has(keyText(each.lease)))
}

const keyText = (lease: Lease): string => `${lease.refundNo}/${lease.seq}`

const keyOf = (lease: Lease) => ({ refund_no: lease.refundNo, seq: lease.seq, fence: lease.fence })

async function takeTurn(core: Core, tenant: number, ready: Ready): Promise<void> {
  const outcome = await ready.go().catch(thrown)
  core.crashPoint('send.after_answer')
  const { refundNo, seq, fence } = ready.lease
  const word: Word = { refundNo, seq, fence, outcome }
  await settleAttempts(core, systemOf(tenant), [word], core.clock.now())
  await keepCalls(core, tenant, ready)
}

/** The dialogue is kept after the truth it brought: losing a line of it must never lose the truth. */
async function keepCalls(core: Core, tenant: number, ready: Ready): Promise<void> {
  if (ready.exchanges.length === 0) return
  const { refundNo, seq } = ready.lease
  await inTenant(core.db, tenant, (tx) =>
    insertCalls(tx, tenant, ready.accountNo, { refundNo, seq, paymentNo: null }, ready.exchanges),
  )
}
