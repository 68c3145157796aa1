/** Tills: each asks for its next refund as soon as the last one is answered, and presses again when it hears nothing. */
import { setTimeout as delay } from 'node:timers/promises'
import type { RefundShown } from '../src/api/contract.ts'
import { makeNumber } from '../src/domain/numbers.ts'
import type { Draw } from '../sim/draw.ts'
import { acknowledge, refusedWith, see, type History } from './history.ts'
import { SALE_FEN, type Node, type Stage } from './stage.ts'

/** Beyond the server's own patience with a channel. */
const ANSWER_MAX_MS = 8_000
const PAUSE_MS = 200
/** Before the same is asked again. */
export const AGAIN_MS = 500
const STOCK = 200
const FILL_TRIES_MAX = 1_000
/** A till that hears nothing may also be left alone: what it asked for must end all the same. */
const WALKS_AWAY = 0.05

type Wish = {
  readonly no: string
  readonly payment: string
  /** fen; null: all of it. */
  readonly amount: number | null
}

/** A node that was stopped while a request came in says that it came too slowly. */
const ASK_AGAIN = new Set([408, 429])

type Answer =
  | { readonly kind: 'yes'; readonly shown: RefundShown }
  | { readonly kind: 'no'; readonly code: string }
  | { readonly kind: 'none' }

export type Shop = {
  readonly stage: Stage
  readonly history: History
  /** Payments that more was asked of than they have. */
  readonly raced: Set<string>
  /** Refunds that wait for a person, as far as tills know. */
  readonly toDecide: string[]
  readonly takePayment: () => Promise<string>
}

export function openShop(stage: Stage, history: History): Shop {
  let stock: string[] = []
  let filling: Promise<void> | null = null
  const fill = async () => {
    for (let tries = 1; ; tries += 1) {
      try {
        stock = [...(await stage.newPayments(STOCK))]
        return
      } catch (error) {
        // The database is away; it comes back.
        if (tries === FILL_TRIES_MAX) throw error
        await delay(PAUSE_MS)
      }
    }
  }
  return {
    stage,
    history,
    raced: new Set(),
    toDecide: [],
    takePayment: async () => {
      for (let no = stock.pop(); ; no = stock.pop()) {
        if (no !== undefined) return no
        await (filling ??= fill().finally(() => (filling = null)))
      }
    },
  }
}

/** @param goesOn asked before each next customer */
export async function runTill(shop: Shop, draw: Draw, goesOn: () => boolean): Promise<void> {
  const earlier: string[] = []
  while (goesOn()) {
    await nextCustomer(shop, draw, earlier)
    await delay(draw.below(PAUSE_MS))
  }
}

async function nextCustomer(shop: Shop, draw: Draw, earlier: string[]): Promise<void> {
  const kind = draw.pick(['small', 'small', 'small', 'small', 'again', 'race', 'twice', 'full'])
  const before = kind === 'again' ? earlier.shift() : undefined
  const payment = before ?? (await shop.takePayment())
  const amount = 100 + draw.below(7_000)
  switch (kind) {
    case 'race': {
      shop.raced.add(payment)
      // Any one of them fits, no two do.
      const wishes = [0, 1, 2].map(() => newWish(draw, payment, SALE_FEN / 2 + amount))
      await Promise.all(wishes.map((wish) => press(shop, draw, wish)))
      return
    }
    case 'twice': {
      const wish = newWish(draw, payment, amount)
      await Promise.all([press(shop, draw, wish), press(shop, draw, wish)])
      return
    }
    case 'full':
      await press(shop, draw, newWish(draw, payment, null))
      return
    default:
      await press(shop, draw, newWish(draw, payment, amount))
      if (before === undefined) earlier.push(payment)
  }
}

const newWish = (draw: Draw, payment: string, amount: number | null): Wish => ({
  no: makeNumber('refund', '260101', draw.digits(13)),
  payment,
  amount,
})

/** Until it is answered: the same number, the same words, at whichever node answers. */
async function press(shop: Shop, draw: Draw, wish: Wish): Promise<void> {
  const { history, toDecide } = shop
  const { no, payment, amount } = wish
  const body = {
    no,
    payment,
    ...(amount === null ? { full: true } : { amount }),
    method: 'original',
    reason: 'quality',
  }
  for (let unheard = 0; ; unheard += 1) {
    const answer = await ask(shop, draw, 'zhang', 'POST', '/v1/refunds', body)
    if (answer.kind === 'yes') {
      const { shown } = answer
      acknowledge(history, shown, { no, payment, amount: amount ?? SALE_FEN })
      if (shown.state === 'requested') toDecide.push(no)
      return
    }
    if (answer.kind === 'no') {
      // One that got no answer may still be on its way, and find room when it comes.
      if (unheard === 0) history.refused.push({ no, code: answer.code })
      return
    }
    if (draw.chance(WALKS_AWAY)) return
    await delay(draw.below(AGAIN_MS))
  }
}

/** One request of somebody in the shop to any of the nodes. What it shows of a refund is kept. */
export async function ask(
  shop: Shop,
  draw: Draw,
  who: string,
  method: 'GET' | 'POST',
  path: string,
  body?: object,
): Promise<Answer> {
  const { stage, history } = shop
  const node: Node = draw.pick(stage.nodes)
  try {
    const reply = await fetch(`${node.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${stage.keys.terminals['t1']}`,
        'yuanlu-staff': stage.keys.staff[who] ?? '',
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(ANSWER_MAX_MS),
    })
    const text = await reply.text()
    if (reply.status >= 500 || ASK_AGAIN.has(reply.status)) {
      history.unanswered += 1
      return { kind: 'none' }
    }
    if (!reply.ok) {
      const code = `${reply.status} ${(JSON.parse(text) as { code: string }).code}`
      refusedWith(history, code)
      return { kind: 'no', code }
    }
    const shown = JSON.parse(text) as RefundShown
    see(history, shown)
    return { kind: 'yes', shown }
  } catch {
    history.unanswered += 1
    return { kind: 'none' }
  }
}
