/**
 * Sends attempts this process holds. No transaction is open while a channel is called. The order is what makes a
 * refund happen at most once: sign, then get leave in the database, then let the first byte go.
 */
import type { Account, AttemptOnWire, Channel, Exchange, Line } from '../channels/channel.ts'
import { inTenant } from '../db/connect.ts'
import { turnOf } from '../domain/attempt.ts'
import { BUDGET_WAIT_MS } from '../domain/budget.ts'
import type { Outcome } from '../domain/outcome.ts'
import { takesSends } from '../domain/payment.ts'
import { whyNoRemedy, wordOnRemedy } from '../domain/remedy.ts'
import { readAccounts } from '../store/accounts.ts'
import { markRemedy, markSending } from '../store/attempts.ts'
import { putOff } from '../store/traffic.ts'
import { readWire, type WireRow } from '../store/wire.ts'
import { openAccount } from './accounts.ts'
import { openAnswers, type Answers } from './answers.ts'
import type { Core } from './core.ts'
import { entryOf, must } from './desk.ts'
import { shareBudget } from './share-budget.ts'

/** An attempt held by this process under a fence. */
export type Lease = { readonly refundNo: string; readonly seq: number; readonly fence: number }

type Leave = 'send' | 'remedy' | 'none'

/** What the next turn of a held attempt is. */
type Turn = {
  readonly lease: Lease
  readonly row: WireRow
  readonly accountNo: string
  readonly leave: Leave
}

/** A turn that is signed and waits for leave, or a question that needs none. */
export type Ready = {
  readonly lease: Lease
  readonly leave: Leave
  readonly go: () => Promise<Outcome>
  readonly exchanges: Exchange[]
  readonly accountNo: string
  /** See `Shared`. */
  readonly well: boolean
  readonly paymentNo: string
  readonly remedyBody: string | null
}

/**
 * Takes the next turn of each held attempt: its first send, the same send again, the remedy, or a question; then
 * settles what came back. Attempts that get no leave are left alone: somebody else holds them or they were stopped.
 * What the account's budget does not allow in this second is due again in the next.
 */
export async function sendAttempts(
  core: Core,
  tenant: number,
  leases: readonly Lease[],
): Promise<void> {
  if (leases.length === 0) return
  const answers = openAnswers(core)
  const ready = (await getReady(core, tenant, leases)).filter((each) => each !== null)
  const turns = await Promise.allSettled(ready.map((each) => takeTurn(core, tenant, each, answers)))
  // Only after all have ended: whoever waits for these turns before it closes the database waits for the last one.
  const fault = turns.find((turn) => turn.status === 'rejected')
  if (fault) throw fault.reason
}

/** @returns for each lease, in order, its turn, or null when it gets no leave or came before in the list. */
export async function getReady(
  core: Core,
  tenant: number,
  leases: readonly Lease[],
): Promise<(Ready | null)[]> {
  const { ready, late } = await prepare(core, tenant, leases)
  core.crashPoint('send.before_mark')
  const allowed = await getLeave(core, tenant, ready, late)
  core.crashPoint('send.after_mark')
  const byKey = new Map(allowed.map((each) => [keyText(each.lease), each]))
  return leases.map((lease) => {
    const own = byKey.get(keyText(lease))
    if (own?.lease.fence !== lease.fence) return null
    byKey.delete(keyText(lease))
    return own
  })
}

async function prepare(
  core: Core,
  tenant: number,
  leases: readonly Lease[],
): Promise<{ readonly ready: Ready[]; readonly late: Lease[] }> {
  const { turns, accounts } = await inTenant(core.db, tenant, async (tx) => {
    const rows = await readWire(
      tx,
      leases.map((lease) => lease.refundNo),
    )
    const held = turnsOf(core, leases, rows)
    const nos = [...new Set(held.map((turn) => turn.row.account_no))]
    return { turns: held, accounts: nos.length === 0 ? [] : await readAccounts(tx, nos) }
  })
  if (turns.length === 0) return { ready: [], late: [] }
  const { now, late } = await shareBudget(core, tenant, turns, accounts)
  const opened = new Map<string, Account>()
  const accountOf = (no: string): Account => {
    const row = must(accounts.find((each) => each.account_no === no))
    const account = opened.get(no) ?? openAccount(core, tenant, row)
    opened.set(no, account)
    return account
  }
  return {
    ready: now.map(({ turn, well }) => readyTurn(core, turn, well, accountOf)),
    late: late.map((turn) => turn.lease),
  }
}

/** The turns of those attempts that are still held; a lease handed in twice is one. */
function turnsOf(core: Core, leases: readonly Lease[], rows: readonly WireRow[]): Turn[] {
  const distinct = new Map(leases.map((lease) => [`${keyText(lease)}/${lease.fence}`, lease]))
  return [...distinct.values()].flatMap((lease) => {
    const row = rows.find((each) => each.refund_no === lease.refundNo && each.seq === lease.seq)
    return row?.fence === lease.fence
      ? [{ lease, row, accountNo: row.account_no, leave: leaveOf(core, row) }]
      : []
  })
}

/** One attempt that cannot be signed must not keep the others of its batch from going: it is unclear, with an alarm. */
function readyTurn(
  core: Core,
  { lease, row, leave, accountNo }: Turn,
  well: boolean,
  accountOf: (no: string) => Account,
): Ready {
  const exchanges: Exchange[] = []
  const common = {
    lease,
    exchanges,
    accountNo,
    well,
    paymentNo: row.payment_no,
    remedyBody: row.remedy_body,
  }
  try {
    const line: Line = {
      account: accountOf(accountNo),
      timeoutMs: core.settings.channelTimeoutMs,
      record: (exchange) => exchanges.push(exchange),
    }
    return { ...common, leave, go: signed(core.channel(row.channel), row, leave, line) }
  } catch (error) {
    return { ...common, leave: 'none', go: async () => thrown(error) }
  }
}

/** Whatever was thrown, the request may have been executed. */
const thrown = (error: unknown): Outcome => ({
  kind: 'unknown',
  cause: error instanceof Error ? error.name : 'thrown',
  alarm: true,
})

function leaveOf(core: Core, row: WireRow): Leave {
  const channel = core.channel(row.channel)
  const { remedy, remedy_first_send_at: remedySent } = row
  const around = {
    paidBackOtherwise: row.refund_state !== 'sending' || row.paid_otherwise,
    payment: { state: row.payment_state, blocked: row.blocked },
  }
  if (row.state === 'stuck' && remedy !== null && remedySent === null && channel.remedy) {
    return whyNoRemedy(remedy, around) === null ? 'remedy' : 'none'
  }
  const turn = turnOf(entryOf(row), {
    sendAgain: row.send_again,
    replaySafe: channel.can.replaySafe,
    paidBackOtherwise: around.paidBackOtherwise,
    blocked: !takesSends(around.payment),
  })
  return turn === 'send' ? 'send' : 'none'
}

function signed(channel: Channel, row: WireRow, leave: Leave, line: Line): () => Promise<Outcome> {
  const wire = onWire(row)
  if (leave === 'remedy' && channel.remedy) {
    const go = channel.remedy(wire, line)
    return async () => wordOnRemedy(await go())
  }
  return leave === 'send' ? channel.refund(wire, line) : () => channel.queryRefund(wire, line)
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

/** One statement gives leave to all sends; what it does not return stays unsent. What is late is let go. */
async function getLeave(
  core: Core,
  tenant: number,
  ready: readonly Ready[],
  late: readonly Lease[],
): Promise<Ready[]> {
  const sends = ready.filter((each) => each.leave === 'send')
  const remedies = ready.filter((each) => each.leave === 'remedy')
  if (sends.length + remedies.length + late.length === 0) return [...ready]
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
      const key = { ...keyOf(each.lease), payment_no: each.paymentNo }
      if (await markRemedy(tx, key, each.remedyBody, core.clock.offsetMs()))
        leave.add(keyText(each.lease))
    }
    if (late.length > 0) {
      const at = new Date(core.clock.now().getTime() + BUDGET_WAIT_MS)
      await putOff(tx, late.map(keyOf), at)
    }
    return leave
  })
  return ready.filter((each) => each.leave === 'none' || given.has(keyText(each.lease)))
}

const keyText = (lease: Lease): string => `${lease.refundNo}/${lease.seq}`

const keyOf = (lease: Lease) => ({ refund_no: lease.refundNo, seq: lease.seq, fence: lease.fence })

/** Lets it go, waits for what comes back, and hands it on to be settled. */
export async function takeTurn(
  core: Core,
  tenant: number,
  { lease, go, exchanges, accountNo, well }: Ready,
  answers: Answers,
): Promise<void> {
  const outcome = await go().catch(thrown)
  core.crashPoint('send.after_answer')
  const { refundNo, seq, fence } = lease
  await answers.settle.give(tenant, { refundNo, seq, fence, outcome })
  if (exchanges.length > 0) {
    await answers.keep.give(tenant, { refundNo, seq, accountNo, well, exchanges })
  }
}
