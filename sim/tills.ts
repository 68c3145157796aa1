/** What people at tills do: one thing after the other, on any node that answers; who gets no answer asks again. */
import {
  approveRefund,
  lowerRefund,
  rejectRefund,
  withdrawRefund,
} from '../src/commands/decide-refunds.ts'
import type { Core } from '../src/commands/core.ts'
import {
  answerCash,
  closeRefund,
  remedyRefund,
  sendAgain,
  stopRefund,
} from '../src/commands/handle-attempts.ts'
import { requestRefunds } from '../src/commands/request-refunds.ts'
import { sendAttempts, type Lease } from '../src/commands/send-attempts.ts'
import { askNow } from '../src/commands/sweep-refunds.ts'
import type { Actor } from '../src/domain/actor.ts'
import { fen } from '../src/domain/money.ts'
import { makeNumber } from '../src/domain/numbers.ts'
import type { Ask, RefundRequest } from '../src/domain/request.ts'
import { cashier, owner, seconded, supervisor } from '../test/support/core.ts'
import type { Draw } from './draw.ts'
import { faultOf, ofShop, pass, type Play } from './play.ts'
import { STORY_DAY } from './shop.ts'
import { taking } from './takings.ts'

const TRIES = 4
const ACTS_LATER = 2
const REST_STEPS = 30
const RESTS_MS = [60_000, 600_000, 3 * 3_600_000]

/** Drawn once: asked again, it is the same thing under the same number. */
export type Act = (core: Core) => Promise<'done'>

export async function workAtTill(play: Play, name: string, acts: number): Promise<void> {
  const draw = play.draw.fork(name)
  for (let each = 0; each < acts + ACTS_LATER; each += 1) {
    if (each === acts) await rest(play, name, draw)
    const act = each < acts ? await actOf(play, draw) : await laterOf(play, draw)
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

/** Hours in which what was begun gets on, and gets stuck. */
async function rest(play: Play, name: string, draw: Draw): Promise<void> {
  const { stage } = play
  await stage.run(draw.pick(play.places).node, name, async () => {
    await stage.rest(REST_STEPS, 'has a rest')
    await pass(play, draw.pick(RESTS_MS))
    await stage.rest(REST_STEPS, 'comes back')
  })
}

type Decide = (core: Core, actor: Actor, no: string, now: Date) => ReturnType<typeof approveRefund>

const CARD = { bank: 'CMB_DEBIT', number: '6214830000000403', holder: '张三' }
const both = seconded(supervisor)

/** What is done to a refund that somebody has asked for, by whom. */
const DECISIONS = {
  approve: [owner, approveRefund],
  reject: [owner, (core, by, no, now) => rejectRefund(core, by, no, 'story', now)],
  lower: [owner, (core, by, no, now) => lowerRefund(core, by, no, fen(50), now)],
  withdraw: [supervisor, withdrawRefund],
  stop: [supervisor, (core, by, no, now) => stopRefund(core, by, no, 'story', now)],
  again: [both, (core, by, no, now) => sendAgain(core, by, no, 'original', now)],
  inCash: [both, (core, by, no, now) => sendAgain(core, by, no, 'cash', now)],
  close: [both, (core, by, no, now) => closeRefund(core, by, no, 'story', now)],
  handedOut: [cashier, (core, by, no, now) => answerCash(core, by, no, 'paid', now)],
  notHandedOut: [both, (core, by, no, now) => answerCash(core, by, no, 'not_paid', now)],
  toMerchant: [both, (core, by, no, now) => remedyRefund(core, by, no, 'to_merchant', null, now)],
  toCard: [both, (core, by, no, now) => remedyRefund(core, by, no, 'to_bank_card', CARD, now)],
} as const satisfies Record<string, readonly [Actor, Decide]>
type Decision = keyof typeof DECISIONS
type ByState = Readonly<Record<string, readonly Decision[]>>

/** What people do to a refund that stands so on their screen. */
const FITTING: ByState = {
  requested: ['approve', 'approve', 'approve', 'reject', 'withdraw', 'lower'],
  approved: ['withdraw', 'lower', 'again'],
  sending: ['stop'],
  in_cash: ['handedOut', 'handedOut', 'notHandedOut'],
  stuck: ['toMerchant', 'toCard', 'stop'],
  owed: ['again', 'again', 'inCash', 'close'],
  succeeded: ['stop', 'handedOut'],
}
const LEFT_OPEN = ['requested', 'in_cash', 'stuck', 'owed']
/** Whatever it stands like: people press what they should not, and screens are old. */
const ANY = Object.keys(DECISIONS) as Decision[]

async function actOf(play: Play, draw: Draw): Promise<Act> {
  if (draw.chance(0.2)) return taking(play, draw)
  const known = play.wishes.length === 0 ? null : draw.pick(play.wishes)
  const kind = draw.below(12)
  if (known === null || kind < 4) {
    const actor = draw.chance(0.5) ? cashier : seconded(supervisor)
    const wish = newWish(play, draw)
    play.wishes.push(wish)
    return (core) => request(play, core, actor, wish)
  }
  const shown = await look(play)
  const state = shown.find((each) => each.refund_no === known.no)?.state ?? NOT_THERE
  if (kind === 4 || state === NOT_THERE) return (core) => request(play, core, cashier, known)
  // Who waits looks more often than gives up.
  if (kind === 5 || (state === 'sending' && draw.chance(0.7))) {
    return async (core) => {
      await askNow(core, play.tenant, known.no)
      return 'done'
    }
  }
  return decision(
    play,
    draw.pick((draw.chance(0.8) ? FITTING[state] : null) ?? ANY),
    known.no,
    state,
  )
}

/** @param state as it stands on the screen of whoever decides. */
const decision = (play: Play, name: Decision, no: string, state: string): Act => {
  const [actor, decide] = DECISIONS[name]
  return async (core) => {
    const acted = await decide(core, ofShop(play, actor), no, play.time.now())
    play.tell(`${name} ${no}, ${state}: ${acted.kind === 'done' ? 'done' : acted.refusal.code}`)
    const lease = acted.kind === 'done' ? acted.lease : null
    if (lease) await sendAttempts(core, play.tenant, [lease])
    return 'done'
  }
}

/** Later what is still open is looked through. */
async function laterOf(play: Play, draw: Draw): Promise<Act> {
  const all = await look(play)
  const open = all.filter(({ state }) => LEFT_OPEN.includes(state))
  if (open.length === 0) return actOf(play, draw)
  const { refund_no: no, state } = draw.pick(open)
  return decision(play, draw.pick(FITTING[state] ?? ANY), no, state)
}

const NOT_THERE = 'not there'
const SHOWN = `
  select refund_no,
         case when state <> 'sending' then state
              when exists (select from attempt a where (a.tenant_id, a.refund_no) = (r.tenant_id, r.refund_no)
                                                   and a.kind = 'cash' and a.state = 'submitted') then 'in_cash'
              when exists (select from attempt a where (a.tenant_id, a.refund_no) = (r.tenant_id, r.refund_no)
                                                   and a.state = 'stuck') then 'stuck'
              else 'sending' end as state
    from refund r where tenant_id = $1 order by refund_no`

type Shown = { readonly refund_no: string; readonly state: string }

/** All refunds, as they stand on a screen in this moment. */
async function look({ stage, database, tenant }: Play): Promise<readonly Shown[]> {
  const { rows } = await stage.during(database.control.query<Shown>(SHOWN, [tenant]))
  return rows
}

function newWish(play: Play, draw: Draw): RefundRequest {
  const takings = new Set(play.takings.map((each) => each.no))
  const paid = play.payments.filter((no) => !takings.has(no))
  const paymentNo = draw.pick(draw.chance(0.6) ? paid : play.payments)
  const before = play.wishes.filter((each) => each.paymentNo === paymentNo)
  return {
    no: makeNumber('refund', STORY_DAY, draw.digits(13)),
    paymentNo,
    ask: askOf(draw),
    method: draw.chance(0.2) ? 'cash' : 'original',
    reason: 'quality',
    note: '',
    replaces: before.length > 0 && draw.chance(0.15) ? draw.pick(before).no : null,
  }
}

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
    play.tell(`${wish.no}: ${each.kind === 'refused' ? each.refusal.code : each.kind}`)
    if (each.kind !== 'stored') continue
    play.acknowledged.add(each.refundNo)
    if (each.lease) leases.push(each.lease)
  }
  await sendAttempts(core, play.tenant, leases)
  return 'done'
}
