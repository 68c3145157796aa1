/**
 * The same truths end in the same books, in whatever order, how often and how interleaved they arrive: a channel's
 * reply, its notification, our question and the next day's statement race each other.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fen } from '../../src/domain/money.ts'
import type { Outcome } from '../../src/domain/outcome.ts'
import { settleAttempt, type SettleView } from '../../src/domain/settle.ts'
import type { Transfer } from '../../src/domain/ledger.ts'
import {
  aView,
  anEntry,
  anItem,
  balancesOf,
  can,
  comeBack,
  instant,
  PROCESSING,
  refusal,
  RUNS,
  STUCK,
  success,
  UNKNOWN,
  type Can,
} from '../support/arbitraries.ts'

const paidOut = (at: number) =>
  success(instant(at), { discountFen: fen(200), feeReturnedFen: fen(7) })

/** What one attempt can truly go through at a channel, each as the set of words it leaves behind. */
const STORIES: Readonly<Record<string, readonly Outcome[]>> = {
  'paid at once': [paidOut(10)],
  'accepted, then paid': [PROCESSING, paidOut(10)],
  'accepted, stuck, then paid': [PROCESSING, STUCK, paidOut(10)],
  'stuck, then back to the merchant': [PROCESSING, STUCK, comeBack(instant(20))],
  'paid, then returned by the bank': [PROCESSING, paidOut(10), comeBack(instant(20))],
  'paid, returned, paid again': [paidOut(10), comeBack(instant(20)), paidOut(30)],
  'paid, returned, paid, returned': [
    paidOut(10),
    comeBack(instant(20)),
    paidOut(30),
    comeBack(instant(40)),
  ],
  'paid and returned in one second': [paidOut(10), comeBack(instant(10))],
  'closed by its signed word': [PROCESSING, refusal('signed', true)],
  'closed after it was stuck': [PROCESSING, STUCK, refusal('statement', true)],
  'declined by mistake, then paid': [refusal('statement', true), paidOut(10)],
  'declined by mistake, paid, returned': [
    refusal('person', true),
    paidOut(10),
    comeBack(instant(20)),
  ],
}

/** The words in a random order, each at least once, with repetitions and words that say nothing in between. */
const tellings = (story: readonly Outcome[]) =>
  fc.array(fc.constantFrom(...story, UNKNOWN), { maxLength: 6 }).chain((extra) =>
    fc.shuffledSubarray([...story, ...extra], {
      minLength: story.length + extra.length,
      maxLength: story.length + extra.length,
    }),
  )

type Told = { readonly view: SettleView; readonly transfers: readonly Transfer[] }

export function tell(
  start: SettleView,
  words: readonly { readonly seq: number; readonly outcome: Outcome }[],
  channel: Can,
): Told {
  return words.reduce<Told>(
    (told, { seq, outcome }) => {
      const settled = settleAttempt(told.view, seq, outcome, channel, null, 0)
      return { view: settled.view, transfers: [...told.transfers, ...settled.transfers] }
    },
    { view: start, transfers: [] },
  )
}

const endOf = (told: Told) => ({
  attempts: told.view.attempts.map((attempt) => attempt.state),
  refund: told.view.refund.state,
  counters: told.view.payment.counters,
  items: told.view.items,
  lines: told.view.refund.lines,
  balances: balancesOf(told.transfers),
})

const start = () =>
  aView({
    feeKept: 50,
    items: [anItem(1, 3, 3000, { heldQuantity: 1, heldFen: fen(1000) })],
    refund: {
      lines: [
        {
          line: 1,
          quantity: 1,
          fen: fen(1000),
          standing: 'held',
          letGo: false,
          countedQuantity: 1,
          countedFen: fen(1000),
        },
      ],
    },
  })

const one = (outcomes: readonly Outcome[]) => outcomes.map((outcome) => ({ seq: 1, outcome }))

test.each(Object.entries(STORIES))('%s: every telling ends alike', (_name, story) => {
  fc.assert(
    fc.property(can, tellings(story), tellings(story), (channel, left, right) => {
      // A channel whose signed "no" is no proof cannot tell a story that ends in one.
      fc.pre(channel.refusal !== 'statement_only')
      expect(endOf(tell(start(), one(left), channel))).toEqual(
        endOf(tell(start(), one(right), channel)),
      )
    }),
    { numRuns: RUNS },
  )
})

test('two attempts of one refund, told in any interleaving, end alike', () => {
  const stories = Object.values(STORIES)
  const both = fc
    .tuple(fc.constantFrom(...stories), fc.constantFrom(...stories))
    .chain(([first, second]) => {
      const words = [
        ...one(first),
        ...second.map((outcome) => ({ seq: 2, outcome })),
        ...one(first).slice(0, 2),
      ]
      const shuffled = fc.shuffledSubarray(words, {
        minLength: words.length,
        maxLength: words.length,
      })
      return fc.tuple(shuffled, shuffled)
    })
  const pair = () => ({
    ...start(),
    attempts: [
      anEntry({ seq: 1, state: 'declined', inferred: true }),
      anEntry({ seq: 2, state: 'submitted' }),
    ],
  })
  fc.assert(
    fc.property(both, ([left, right]) => {
      const channel: Can = {
        refusal: 'confirm_by_query',
        notFound: { quietMs: 1, times: 1, apartMs: 0 },
        replaySafe: true,
        querySchedule: [1000],
      }
      expect(endOf(tell(pair(), left, channel))).toEqual(endOf(tell(pair(), right, channel)))
    }),
    { numRuns: RUNS * 3 },
  )
})
