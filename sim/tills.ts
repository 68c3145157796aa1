/** What people at tills do: one thing after the other, on any node that answers; who gets no answer asks again. */
import {
  approveRefund,
  lowerRefund,
  rejectRefund,
  withdrawRefund,
} from '../src/commands/decide-refunds.ts'
import type { Core } from '../src/commands/core.ts'
import { sendAgain, stopRefund } from '../src/commands/handle-attempts.ts'
import { requestRefunds } from '../src/commands/request-refunds.ts'
import { sendAttempts, type Lease } from '../src/commands/send-attempts.ts'
import { askNow } from '../src/commands/sweep-refunds.ts'
import type { Actor } from '../src/domain/actor.ts'
import { fen } from '../src/domain/money.ts'
import { makeNumber } from '../src/domain/numbers.ts'
import type { Ask, RefundRequest } from '../src/domain/request.ts'
import { cashier, owner, seconded, supervisor } from '../test/support/core.ts'
import type { Draw } from './draw.ts'
import { faultOf, ofShop, type Play } from './play.ts'
import { STORY_DAY } from './shop.ts'

const TRIES = 4

/** Drawn once: asked again, it is the same thing under the same number. */
type Act = (core: Core) => Promise<'done'>

export async function workAtTill(play: Play, name: string, acts: number): Promise<void> {
  const draw = play.draw.fork(name)
  for (let each = 0; each < acts; each += 1) {
    const act = actOf(play, draw)
    for (let tries = 0; tries < TRIES; tries += 1) {
      const place = draw.pick(play.places)
      const answer = await play.stage
        .run(place.node, name, () => act(place.core))
        .catch((error: unknown) => faultOf(play, name, error))
      if (answer === 'done') break
    }
  }
  play.tillsLeft -= 1
}

type Decide = (core: Core, actor: Actor, no: string, now: Date) => ReturnType<typeof approveRefund>

/** What is done to a refund that somebody has asked for, by whom. */
const DECISIONS: readonly (readonly [Actor, Decide])[] = [
  [owner, approveRefund],
  [owner, (core, actor, no, now) => rejectRefund(core, actor, no, 'story', now)],
  [owner, (core, actor, no, now) => lowerRefund(core, actor, no, fen(50), now)],
  [supervisor, withdrawRefund],
  [supervisor, (core, actor, no, now) => stopRefund(core, actor, no, 'story', now)],
  [seconded(supervisor), (core, actor, no, now) => sendAgain(core, actor, no, 'original', now)],
]

function actOf(play: Play, draw: Draw): Act {
  const payment = draw.pick(play.payments)
  const known = play.wishes.length === 0 ? null : draw.pick(play.wishes)
  const kind = draw.below(12)
  if (known === null || kind < 5) {
    const actor = draw.chance(0.5) ? cashier : supervisor
    const wish = newWish(payment, draw)
    play.wishes.push(wish)
    return (core) => request(play, core, actor, wish)
  }
  if (kind === 5) return (core) => request(play, core, cashier, known)
  if (kind === 6) {
    return async (core) => {
      await askNow(core, play.tenant, known.no)
      return 'done'
    }
  }
  const [actor, decide] = draw.pick(DECISIONS)
  return async (core) => {
    const acted = await decide(core, ofShop(play, actor), known.no, play.time.now())
    const lease = acted.kind === 'done' ? acted.lease : null
    if (lease) await sendAttempts(core, play.tenant, [lease])
    return 'done'
  }
}

const newWish = (paymentNo: string, draw: Draw): RefundRequest => ({
  no: makeNumber('refund', STORY_DAY, draw.digits(13)),
  paymentNo,
  ask: askOf(draw),
  method: 'original',
  reason: 'quality',
  note: '',
  replaces: null,
})

function askOf(draw: Draw): Ask {
  switch (draw.below(4)) {
    case 0:
      return { kind: 'full' }
    case 1:
      return { kind: 'items', items: [{ line: 1 + draw.below(2), quantity: 1 + draw.below(2) }] }
    default:
      return { kind: 'amount', fen: fen(100 + draw.below(6_000)) }
  }
}

async function request(play: Play, core: Core, actor: Actor, wish: RefundRequest): Promise<'done'> {
  const results = await requestRefunds(core, ofShop(play, actor), [wish], play.time.now())
  const leases: Lease[] = []
  for (const each of results) {
    if (each.kind !== 'stored') continue
    play.acknowledged.add(each.refundNo)
    if (each.lease) leases.push(each.lease)
  }
  await sendAttempts(core, play.tenant, leases)
  return 'done'
}
