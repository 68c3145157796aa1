/** What people do in a story, drawn act by act. */
import type { Actor } from '../../src/domain/actor.ts'
import { fen } from '../../src/domain/money.ts'
import { makeNumber } from '../../src/domain/numbers.ts'
import type { Ask, RefundRequest } from '../../src/domain/request.ts'
import { cashier, seconded, supervisor } from '../../test/support/core.ts'
import type { Draw } from '../draw.ts'
import { STORY_DAY } from '../shop.ts'
import {
  answerCash,
  approve,
  close,
  lower,
  makeDue,
  reject,
  remedy,
  sendAgain,
  stop,
  withdraw,
} from './acts.ts'
import type { Counter, Done } from './counter.ts'
import { request } from './request.ts'

export type People = {
  /** Everything that was ever asked for, to be asked again. */
  readonly wishes: RefundRequest[]
  readonly acknowledged: Set<string>
  /** How many refunds are asked for at the most. */
  readonly wishesMost: number
  readonly tell: (line: string) => void
}

type Decide = (counter: Counter, refundNo: string, draw: Draw) => Done

const again: Decide = (counter, no) => sendAgain(counter, no, 'original')
const inCash: Decide = (counter, no) => sendAgain(counter, no, 'cash')
const answered: Decide = (counter, no, draw) => answerCash(counter, no, draw.chance(0.7))
const toCard: Decide = (counter, no) => remedy(counter, no, 'to_bank_card')
const toMerchant: Decide = (counter, no) => remedy(counter, no, 'to_merchant')
const lowered: Decide = (counter, no, draw) => lower(counter, no, fen(1 + draw.below(500)))

/** What people do to a refund that stands so. */
const FITTING: Readonly<Record<string, readonly Decide[]>> = {
  requested: [approve, approve, approve, reject, withdraw, lowered],
  approved: [withdraw, lowered, again],
  sending: [stop, stop, toCard, toCard, toMerchant, answered],
  owed: [again, again, inCash, close],
  succeeded: [stop, answered],
}
/** Whatever it stands like: people press what they should not. */
const ANY = [...new Set(Object.values(FITTING).flat())]

/** One person's next act, done at once. */
export function actOf(tale: Counter & People, draw: Draw): Done {
  const { wishes, wishesMost, tell } = tale
  const kind = draw.below(12)
  if (wishes.length === 0 || (kind < 4 && wishes.length < wishesMost)) {
    const wish = newWish(tale, draw)
    wishes.push(wish)
    return ask(tale, draw.chance(0.5) ? seconded(supervisor) : cashier, wish)
  }
  const known = draw.pick(wishes)
  if (kind === 4) return ask(tale, cashier, known)
  if (kind === 5) {
    if (tale.shop.refunds.has(known.no)) makeDue(tale.shop, known.no)
    return { refusal: null, hold: null }
  }
  const state = tale.shop.refunds.get(known.no)?.row.state ?? ''
  const decide = draw.pick((draw.chance(0.8) ? FITTING[state] : null) ?? ANY)
  const done = decide(tale, known.no, draw)
  tell(`${decide.name} ${known.no}: ${done.refusal?.code ?? 'done'}`)
  return done
}

/** All that is left of a payment. */
export function spend(tale: Counter & People, draw: Draw): Done {
  const wish = { ...newWish(tale, draw), ask: { kind: 'full' as const }, replaces: null }
  tale.wishes.push(wish)
  return ask(tale, seconded(supervisor), wish)
}

function ask(tale: Counter & People, actor: Actor, wish: RefundRequest): Done {
  const done = request(tale, actor, wish)
  if (done.refusal === null) tale.acknowledged.add(wish.no)
  tale.tell(
    `${wish.no} of ${wish.paymentNo}, ${JSON.stringify(wish.ask)}: ${done.refusal?.code ?? 'stored'}`,
  )
  return done
}

function newWish({ shop, wishes }: Counter & People, draw: Draw): RefundRequest {
  const paymentNo = draw.pick([...shop.payments.keys()])
  const before = wishes.filter((each) => each.paymentNo === paymentNo && shop.refunds.has(each.no))
  return {
    no: makeNumber('refund', STORY_DAY, draw.digits(13)),
    paymentNo,
    ask: askOf(draw),
    method: draw.chance(0.15) ? 'cash' : 'original',
    reason: draw.pick(['quality', 'changed_mind']),
    note: '',
    replaces: before.length > 0 && draw.chance(0.2) ? draw.pick(before).no : null,
  }
}

function askOf(draw: Draw): Ask {
  switch (draw.below(5)) {
    case 0:
      return { kind: 'full' }
    case 1:
      return { kind: 'items', items: [{ line: 1 + draw.below(2), quantity: 1 + draw.below(3) }] }
    case 2:
      return { kind: 'amount', fen: fen(draw.pick([100, 1_000, 5_000])) }
    default:
      return { kind: 'amount', fen: fen(1 + draw.below(7_000)) }
  }
}
