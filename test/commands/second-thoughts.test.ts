/** Words and decisions that come too early or too late for what is known: nothing moves, and the channel is asked. */
import { beforeEach, expect, test } from 'vitest'
import type { Core } from '../../src/commands/core.ts'
import { remedyRefund } from '../../src/commands/handle-attempts.ts'
import { requestRefunds } from '../../src/commands/request-refunds.ts'
import { sendAttempts } from '../../src/commands/send-attempts.ts'
import { settleAttempts } from '../../src/commands/settle-attempts.ts'
import { sweepRefunds } from '../../src/commands/sweep-refunds.ts'
import { systemOf } from '../../src/domain/actor.ts'
import { fen } from '../../src/domain/money.ts'
import type { Outcome } from '../../src/domain/outcome.ts'
import { testDatabase } from '../support/database.ts'
import { readAttempts, readRefund, request } from '../support/given.ts'
import {
  leasesOf,
  playedChannel,
  playedShop,
  plantSales,
  succeeded,
  UNKNOWN,
  type Played,
} from '../support/played-channel.ts'
import { cashier, supervisor, TENANT, testClock, type TestClock } from '../support/shop.ts'

const MINUTE = 60_000
const STUCK: Outcome = { kind: 'stuck', code: 'A', channelNo: 'c1', remedies: [] }
const at = (minute: number) => new Date(Date.UTC(2026, 10, 22, 4, minute))
const returned = (minute: number): Outcome => ({
  kind: 'returned',
  at: at(minute),
  code: 'B',
  channelNo: 'c1',
})

let core: Core
let played: Played
let clock: TestClock

beforeEach(async () => {
  played = playedChannel()
  played.channel.freezeRemedy = ({ remedy }) => remedy
  clock = testClock()
  core = await playedShop(await testDatabase(), played, { clock })
})

async function send(answer: Outcome): Promise<string> {
  const [payment = ''] = await plantSales(core, 1)
  const wish = request(payment, { kind: 'amount', fen: fen(1_000) })
  played.script.refund = () => answer
  await sendAttempts(
    core,
    TENANT,
    leasesOf(await requestRefunds(core, cashier, [wish], clock.now())),
  )
  return wish.no
}

const hear = (refundNo: string, outcome: Outcome) =>
  settleAttempts(core, systemOf(TENANT), [{ refundNo, seq: 1, outcome, fence: null }], clock.now())

async function sweepAfter(ms: number): Promise<void> {
  clock.advance(ms)
  await sweepRefunds(core)
}

const remedy = (no: string) => remedyRefund(core, supervisor, no, 'to_merchant', null, clock.now())

test('a success not later than the return moves nothing, and the channel is asked until it answers, once', async () => {
  const no = await send(returned(20))
  expect(await readRefund(core, no)).toMatchObject({ state: 'owed' })
  await hear(no, succeeded('c1', 1_000, at(20)))
  expect(await readRefund(core, no)).toMatchObject({ state: 'owed' })
  await sweepAfter(0)
  expect(played.queries).toHaveLength(1)
  // The answer was lost, so it is asked again; this one says the same as the word that came by itself.
  played.script.query = () => succeeded('c1', 1_000, at(20))
  await sweepAfter(MINUTE)
  expect(played.queries).toHaveLength(2)
  await sweepAfter(600 * MINUTE)
  expect(played.queries).toHaveLength(2)
  expect(await readAttempts(core, no)).toMatchObject([{ state: 'returned', due_at: null }])
})

test('the answer to that question may say that the success came last', async () => {
  const no = await send(returned(20))
  played.script.query = () => succeeded('c1', 1_000, at(30))
  await hear(no, succeeded('c1', 1_000, at(10)))
  await sweepAfter(0)
  expect(await readRefund(core, no)).toMatchObject({ state: 'succeeded' })
})

test('a return that nobody doubts is not asked about', async () => {
  await send(returned(20))
  await sweepAfter(600 * MINUTE)
  expect(played.queries).toEqual([])
})

test('while a remedy is unanswered no other is decided; before it left it may still be changed', async () => {
  const no = await send(STUCK)
  played.script.query = () => STUCK
  expect(await remedy(no)).toMatchObject({ kind: 'done' })
  expect(await remedy(no)).toMatchObject({ kind: 'done' })
  await sweepAfter(MINUTE)
  expect(played.remedies).toEqual(['to_merchant'])
  expect(await remedy(no)).toMatchObject({ refusal: { code: 'remedy_unanswered' } })
  await sweepAfter(MINUTE)
  expect(await remedy(no)).toMatchObject({ refusal: { code: 'remedy_unanswered' } })
})

test('a remedy of which nothing shows long after it can have arrived is spent: another may be decided', async () => {
  const no = await send(STUCK)
  played.script.query = () => STUCK
  await remedy(no)
  await sweepAfter(MINUTE)
  for (let round = 0; round < 4; round += 1) await sweepAfter(30 * MINUTE)
  expect(await remedy(no)).toMatchObject({ kind: 'done' })
  await sweepAfter(MINUTE)
  expect(played.remedies).toHaveLength(2)
})

test('a remedy that was refused is spent, one without an answer is not', async () => {
  const no = await send(STUCK)
  played.script.remedy = () => UNKNOWN
  await remedy(no)
  await sweepAfter(MINUTE)
  expect(await remedy(no)).toMatchObject({ refusal: { code: 'remedy_unanswered' } })
  const other = await send({ ...STUCK, channelNo: 'c2' })
  played.script.remedy = () => ({ kind: 'refused', code: 'NO', proof: 'unsigned', final: false })
  await remedy(other)
  await sweepAfter(MINUTE)
  expect(await readAttempts(core, other)).toMatchObject([{ state: 'stuck', remedy: null }])
  expect(await remedy(other)).toMatchObject({ kind: 'done' })
})
