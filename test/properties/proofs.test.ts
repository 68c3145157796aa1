/**
 * Every way an attempt can go, searched to the end: all words in all orders on every kind of channel, with a second
 * book beside the rules that only knows what was heard, sent and stopped.
 */
import { expect, test } from 'vitest'
import { ATTEMPT_STATES, factOf, mayMove, turnOf, type Attempt } from '../../src/domain/attempt.ts'
import type { Outcome } from '../../src/domain/outcome.ts'
import {
  anAttempt,
  anEntry,
  aView,
  CANS,
  instant,
  WORDS,
  type Can,
} from '../support/arbitraries.ts'
import { settleAttempt } from '../../src/domain/settle.ts'

/** What a witness remembers who does not know the rules. */
type Witness = {
  readonly stopped: boolean
  /** A final "no" without a signature was heard, and nothing was sent since. */
  readonly refusedForGood: boolean
  /** Not-founds after the quiet time since the last send or other answer; counted to three. */
  readonly silence: number
}
type Node = { readonly attempt: Attempt; readonly seen: Witness; readonly path: readonly string[] }
type Step = {
  readonly from: Node
  readonly to: Node
  readonly outcome: Outcome | null
  readonly quiet: boolean
}

const SILENCE_ENOUGH = 3

const keyOf = (node: Node) => JSON.stringify([node.attempt, node.seen])

function hear(node: Node, outcome: Outcome, quiet: boolean, can: Can): Node {
  const quietMs = quiet ? 10 ** 9 : -1
  const view = aView({ attempts: [anEntry(node.attempt)] })
  const settled = settleAttempt(view, 1, outcome, can, quietMs, 0).view.attempts[0]!
  const { silence } = node.seen
  const counted = quiet ? Math.min(silence + 1, SILENCE_ENOUGH) : silence
  const { seq: _seq, amount: _amount, discount: _d, alarm: _a, paidOut: _p, ...attempt } = settled
  return {
    attempt: { ...attempt, channelNo: null },
    seen: {
      ...node.seen,
      refusedForGood:
        node.seen.refusedForGood ||
        (outcome.kind === 'refused' && outcome.proof === 'unsigned' && outcome.final) ||
        // Where signed refusals are no proof, a final one is a hint like any other.
        (outcome.kind === 'refused' && outcome.proof === 'signed' && outcome.final),
      silence: outcome.kind === 'not_found' ? counted : 0,
    },
    path: [...node.path, outcome.kind + (quiet ? ' (quiet)' : '')],
  }
}

function acts(node: Node, can: Can): Node[] {
  const { attempt, seen, path } = node
  const next: Node[] = []
  if (attempt.state === 'submitted' && !attempt.stopped) {
    next.push({
      attempt: { ...attempt, stopped: true },
      seen: { ...seen, stopped: true },
      path: [...path, 'stop'],
    })
  }
  const leave = {
    sendAgain: true,
    replaySafe: can.replaySafe,
    paidBackOtherwise: false,
    blocked: false,
  }
  if (turnOf(attempt, leave) === 'send') {
    next.push({
      attempt: { ...attempt, firstSentAt: instant(0), notFoundCount: 0 },
      seen: { ...seen, refusedForGood: false, silence: 0 },
      path: [...path, 'send'],
    })
  }
  if (attempt.state === 'stuck' && !attempt.remedySent) {
    next.push({ attempt: { ...attempt, remedySent: true }, seen, path: [...path, 'remedy'] })
  }
  return next
}

/** All steps from all nodes that can be reached; counts of not-founds are capped so that the search ends. */
function explore(can: Can): { readonly nodes: number; readonly steps: Step[] } {
  const start: Node = {
    attempt: anAttempt({ firstSentAt: null }),
    seen: { stopped: false, refusedForGood: false, silence: 0 },
    path: [],
  }
  const found = new Map([[keyOf(start), start]])
  const steps: Step[] = []
  const ahead = [start]
  for (let from = ahead.pop(); from !== undefined; from = ahead.pop()) {
    const heard = WORDS.flatMap((outcome) =>
      (outcome.kind === 'not_found' ? [true, false] : [false]).map((quiet) => ({
        from,
        to: hear(from, outcome, quiet, can),
        outcome,
        quiet,
      })),
    )
    const acted = acts(from, can).map((to) => ({
      from,
      to,
      outcome: null,
      quiet: false,
    }))
    for (const step of [...heard, ...acted]) {
      steps.push(step)
      // Beyond what any channel asks for, one not-found more is no other state.
      if (step.to.attempt.notFoundCount > SILENCE_ENOUGH) continue
      const key = keyOf(step.to)
      if (!found.has(key)) {
        found.set(key, step.to)
        ahead.push(step.to)
      }
    }
  }
  return { nodes: found.size, steps }
}

const SEARCHED = CANS.map((can) => ({
  can,
  ...explore(can),
  name: `${can.refusal}, not found ${can.notFound?.times ?? 'never'}, ${can.replaySafe ? 'replay-safe' : 'once only'}`,
}))

const moved = (step: Step) => step.from.attempt.state !== step.to.attempt.state

test.each(SEARCHED)('$name: nothing is declined without a proof', ({ can, steps }) => {
  const declines = steps.filter((step) => moved(step) && step.to.attempt.state === 'declined')
  expect(declines.length).toBeGreaterThan(0)
  for (const { from, to, outcome } of declines) {
    const proven =
      outcome?.kind === 'refused' &&
      (outcome.proof === 'person' ||
        outcome.proof === 'statement' ||
        (outcome.proof === 'signed' && can.refusal !== 'statement_only'))
    const { stopped, refusedForGood } = to.seen
    const ended = stopped || (can.refusal === 'confirm_by_query' && refusedForGood)
    const silent =
      outcome?.kind === 'not_found' &&
      can.notFound !== null &&
      can.refusal !== 'statement_only' &&
      ended &&
      to.seen.silence >= can.notFound.times
    expect(proven || silent, [...from.path, outcome?.kind].join(' → ')).toBe(true)
    expect(to.attempt.inferred).toBe(!proven)
  }
})

test.each(SEARCHED)('$name: silence, waits and hints never change a state', ({ steps }) => {
  const idle = steps.filter(
    ({ outcome }) =>
      outcome?.kind === 'unknown' ||
      outcome?.kind === 'wait' ||
      (outcome?.kind === 'refused' && outcome.proof === 'unsigned'),
  )
  expect(idle.length).toBeGreaterThan(0)
  expect(idle.filter(moved)).toEqual([])
})

test.each(SEARCHED)('$name: not-found releases nothing while we may still send', ({ steps }) => {
  const early = steps.filter(
    ({ outcome, to }) =>
      outcome?.kind === 'not_found' && !to.seen.stopped && !to.seen.refusedForGood,
  )
  expect(early.length).toBeGreaterThan(0)
  expect(early.filter(moved)).toEqual([])
})

test.each(SEARCHED)(
  '$name: only moves of the table are made, and all states reached',
  ({ steps }) => {
    const reached = new Set(['submitted'])
    for (const { from, to } of steps.filter(moved)) {
      expect(mayMove(from.attempt, to.attempt.state)).toBe(true)
      reached.add(to.attempt.state)
    }
    expect([...reached].toSorted()).toEqual([...ATTEMPT_STATES].toSorted())
  },
)

test.each(SEARCHED)('$name: what has ended stays ended, but for a sign of life', ({ steps }) => {
  for (const { from, to, outcome } of steps) {
    const ended = !['submitted', 'processing', 'stuck'].includes(from.attempt.state)
    if (ended && outcome === null) throw new Error(`acted on: ${from.path.join(' → ')}`)
    const lives = ended && ['submitted', 'processing', 'stuck'].includes(to.attempt.state)
    const sign = outcome?.kind === 'processing' || outcome?.kind === 'stuck'
    expect(!lives || (from.attempt.inferred && to.attempt.reopened && sign)).toBe(true)
    const leave = { sendAgain: true, replaySafe: true, paidBackOtherwise: false, blocked: false }
    const fenced = to.attempt.stopped || to.attempt.reopened
    expect(!fenced || turnOf(to.attempt, leave) === 'ask').toBe(true)
  }
})

test.each(SEARCHED)('$name: a success is never forgotten but for a later return', ({ steps }) => {
  for (const { from, to, outcome } of steps.filter(moved)) {
    if (from.attempt.state !== 'succeeded') continue
    expect(to.attempt.state).toBe('returned')
    expect(outcome?.kind === 'returned' && outcome.at >= from.attempt.channelTime!).toBe(true)
  }
})

test('the same word twice in a row says nothing new the second time', () => {
  for (const { can, steps } of SEARCHED) {
    for (const { to, outcome } of steps) {
      // Not-founds are counted, so the second one is news.
      if (outcome === null || outcome.kind === 'not_found') continue
      expect(factOf(to.attempt, outcome, can, -1).kind).toBe('stay')
    }
  }
})
