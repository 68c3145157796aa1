/** What happens besides what people do: nodes sweep, fall and sleep, time passes, the channel's notices and late requests arrive. */
import { REFUND_QUERY_CODES } from '../src/channels/wechatpay/errors.ts'
import { readOrderAnswer } from '../src/channels/wechatpay/pay.ts'
import { readRefundAnswer } from '../src/channels/wechatpay/refund.ts'
import type { Core } from '../src/commands/core.ts'
import { settlePayment, sweepPayments } from '../src/commands/drive-payments.ts'
import { settleAttempts } from '../src/commands/settle-attempts.ts'
import { sweepRefunds } from '../src/commands/sweep-refunds.ts'
import { inTenant } from '../src/db/connect.ts'
import { systemOf } from '../src/domain/actor.ts'
import { fen } from '../src/domain/money.ts'
import { settingsOf, type SpokenOrder } from './bank-orders.ts'
import type { SpokenRefund } from './bank.ts'
import type { Draw } from './draw.ts'
import { faultOf, pass, type Place, type Play } from './play.ts'
import type { Node } from './stage.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** Longer than a lease. */
const LEASE_OVER = 31 * SECOND

/** In which others get on while a sweeper that found nothing waits for its next round. */
const IDLE_STEPS = 20

/** As long as there are people at tills, and as long as the node stands. */
export async function sweep(play: Play, place: Place): Promise<void> {
  const name = `sweeper of ${place.node.name}`
  const { life } = place.node
  let rests = 0
  while (play.tillsLeft > 0 && life === place.node.life) {
    await play.stage
      .run(place.node, name, async () => {
        await play.stage.rest(rests, 'sweeps')
        const swept = (await sweepRefunds(place.core)) + (await sweepPayments(place.core))
        rests = swept === 0 ? IDLE_STEPS : 0
      })
      .catch((error: unknown) => faultOf(play, name, error))
  }
}

/** Between two steps. */
export async function happen(play: Play, draw: Draw): Promise<void> {
  const { trouble, stage, bank, network, time, tell } = play
  if (draw.chance(trouble.time)) {
    await pass(play, draw.pick([SECOND, 10 * SECOND, LEASE_OVER, MINUTE, 10 * MINUTE, HOUR, DAY]))
    tell(`it is ${time.now().toISOString()}`)
  }
  if (draw.chance(trouble.notice)) hearNotice(play, draw)
  if (draw.chance(trouble.customer)) {
    const acted = bank.orders.someoneActs(draw)
    if (acted !== null) tell(acted)
  }
  if (network.underWay().length > 0 && draw.chance(trouble.arrival)) await arrive(play, draw)
  if (draw.chance(trouble.hang)) {
    const { node } = draw.pick(play.places)
    node.hangsUntil = stage.steps() + 20 + draw.below(100)
    await pass(play, draw.pick([SECOND, LEASE_OVER]))
    tell(`${node.name} sleeps`)
  }
  if (draw.chance(trouble.kill)) await kill(play, draw.pick(play.places))
}

async function kill(play: Play, place: Place): Promise<void> {
  play.tell(`${place.node.name} falls`)
  play.stage.kill(place.node)
  await place.database.cut()
  void sweep(play, place)
}

async function arrive(play: Play, draw: Draw): Promise<void> {
  const late = draw.pick(play.network.underWay())
  play.tell(`the late request ${late.number} arrives`)
  await late.arrive()
}

/** Each holds a connection, and waits for the others. */
const NOTICES_MOST = 6

/** Something the channel has ever had to say, of a refund or an order. */
function hearNotice(play: Play, draw: Draw): void {
  if (play.noticesUnderWay >= NOTICES_MOST) return
  const { core, node } = draw.pick(play.places)
  const [refunds, orders] = [play.bank.notices(), play.bank.orders.notices()]
  if (refunds.length > 0 && draw.chance(0.8)) {
    const notice = draw.pick(refunds)
    void deliver(play, node, notice.number, () => takeNotice(play, core, notice))
  } else if (orders.length > 0) {
    const notice = draw.pick(orders)
    void deliver(play, node, notice.number, () => takePaidNotice(play, core, notice))
  }
}

async function deliver(
  play: Play,
  node: Node,
  number: string,
  take: () => Promise<void>,
): Promise<void> {
  play.notices += 1
  play.noticesUnderWay += 1
  const name = `notice ${play.notices} of ${number}`
  const work = async () => {
    await play.stage.gate('step', 'arrives')
    await take()
  }
  await play.stage.run(node, name, work).catch((error: unknown) => faultOf(play, name, error))
  play.noticesUnderWay -= 1
}

async function takePaidNotice(
  play: Play,
  core: Core,
  { number, said }: SpokenOrder,
): Promise<void> {
  const [row] = await inTenant(core.db, play.tenant, (tx) =>
    tx
      .selectFrom('payment')
      .select(['payment_no', 'method', 'paid_fen'])
      .where('channel_number', '=', number)
      .execute(),
  )
  if (!row) return
  const outcome = readOrderAnswer(
    { kind: 'signed', status: 200, json: said },
    {
      channelNumber: number,
      channelNo: null,
      method: row.method === 'qr' ? 'qr' : 'code',
      body: '',
      paid: fen(row.paid_fen),
    },
    settingsOf(play.bank.merchant),
  )
  const of = { paymentNo: row.payment_no, fence: null }
  await settlePayment(core, systemOf(play.tenant), of, 'notice', outcome)
}

async function takeNotice(play: Play, core: Core, { number, said }: SpokenRefund): Promise<void> {
  const [row] = await inTenant(core.db, play.tenant, (tx) =>
    tx
      .selectFrom('attempt')
      .innerJoin('payment', 'payment.payment_no', 'attempt.payment_no')
      .select(['refund_no', 'seq', 'amount_fen', 'payment.channel_number', 'payment.paid_fen'])
      .where('attempt.channel_number', '=', number)
      .execute(),
  )
  if (!row) return
  const outcome = readRefundAnswer(
    { kind: 'signed', status: 200, json: said },
    {
      channelNumber: number,
      channelNo: null,
      body: '',
      amount: fen(row.amount_fen),
      remedyBody: null,
      payment: {
        channelNumber: row.channel_number,
        channelNo: null,
        method: 'code',
        body: '',
        paid: fen(row.paid_fen),
      },
    },
    REFUND_QUERY_CODES,
  )
  const word = { refundNo: row.refund_no, seq: row.seq, outcome, fence: null }
  await settleAttempts(core, systemOf(play.tenant), [word], play.time.now())
}

/** In which the channel's slowest answers come; what is stuck is asked about for ever. */
const MENDED_AFTER = 4 * DAY

/** When the next thing of this tenant comes due that nobody holds any more. */
const NEXT_DUE = `
  select min(greatest(due_at, lease_until)) as at
    from (select due_at, lease_until from attempt where tenant_id = $1
          union all select due_at, lease_until from payment where tenant_id = $1
          union all select send_at, lease_until from refund where tenant_id = $1 and state = 'approved') each
   where due_at is not null`

/** Nothing goes wrong any more, and time passes until nobody has anything left to do. */
export async function mend(play: Play, draw: Draw): Promise<void> {
  const { stage, network, database, tenant, time } = play
  stage.open()
  network.heal()
  while (network.underWay().length > 0) await arrive(play, draw)
  const began = time.now().getTime()
  const until = began + MENDED_AFTER
  for (;;) {
    await sweepAll(play)
    const { rows } = await database.control.query<{ at: Date | null }>(NEXT_DUE, [tenant])
    const now = time.now().getTime()
    const next = rows[0]?.at?.getTime() ?? Infinity
    if (next > until) break
    // The longer it takes, the less it matters when exactly something is looked at.
    await pass(play, Math.max(next - now, LEASE_OVER, (now - began) / 4))
  }
  await pass(play, Math.max(until - time.now().getTime(), LEASE_OVER))
  await sweepAll(play)
}

async function sweepAll({ aside: { core } }: Play): Promise<void> {
  while ((await sweepRefunds(core)) + (await sweepPayments(core)) > 0);
}
