/** What happens besides what people do: nodes sweep, fall and sleep, time passes, the channel's notices and late requests arrive. */
import { REFUND_QUERY_CODES } from '../src/channels/wechatpay/errors.ts'
import { readRefundAnswer } from '../src/channels/wechatpay/refund.ts'
import type { Core } from '../src/commands/core.ts'
import { settleAttempts } from '../src/commands/settle-attempts.ts'
import { sweepRefunds } from '../src/commands/sweep-refunds.ts'
import { inTenant } from '../src/db/connect.ts'
import { systemOf } from '../src/domain/actor.ts'
import { fen } from '../src/domain/money.ts'
import type { SpokenRefund } from './bank.ts'
import type { Draw } from './draw.ts'
import { faultOf, pass, type Place, type Play } from './play.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** Longer than a lease. */
const LEASE_OVER = 31 * SECOND

/** As long as there are people at tills, and as long as the node stands. */
export async function sweep(play: Play, place: Place): Promise<void> {
  const name = `sweeper of ${place.node.name}`
  const { life } = place.node
  while (play.tillsLeft > 0 && life === place.node.life) {
    await play.stage
      .run(place.node, name, async () => {
        await play.stage.gate('step', 'sweeps')
        await sweepRefunds(place.core)
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
  if (draw.chance(trouble.notice) && bank.notices().length > 0) {
    void deliver(play, draw.pick(play.places), draw.pick(bank.notices()))
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

async function deliver(play: Play, place: Place, notice: SpokenRefund): Promise<void> {
  play.notices += 1
  const name = `notice ${play.notices} of ${notice.number}`
  await play.stage
    .run(place.node, name, () => takeNotice(play, place.core, notice))
    .catch((error: unknown) => faultOf(play, name, error))
}

async function takeNotice(play: Play, core: Core, { number, said }: SpokenRefund): Promise<void> {
  await play.stage.gate('step', 'arrives')
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

/** Short waits first, then what the channel's slowest answers take. */
const MENDING = [
  ...Array<number>(6).fill(LEASE_OVER),
  ...Array<number>(6).fill(2 * MINUTE),
  ...Array<number>(6).fill(15 * MINUTE),
  ...Array<number>(8).fill(HOUR),
  ...Array<number>(4).fill(6 * HOUR),
  2 * DAY,
  4 * HOUR,
]
const ROUNDS_MAX = 20

/** Nothing goes wrong any more, and time passes until nobody has anything left to do. */
export async function mend(play: Play, draw: Draw): Promise<void> {
  const { stage, network, aside } = play
  stage.open()
  network.heal()
  while (network.underWay().length > 0) await arrive(play, draw)
  for (const wait of MENDING) {
    await pass(play, wait)
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      if ((await sweepRefunds(aside.core)) === 0) break
    }
  }
}
