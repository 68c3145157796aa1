/** What people and nodes do on the paths, in whichever process: all that an act needs comes as text. No vitest in here. */
import type { Core } from '../../src/commands/core.ts'
import type { Acted } from '../../src/commands/act-on-refund.ts'
import { drivePayment, reversePayment, sweepPayments } from '../../src/commands/drive-payments.ts'
import { receiveNotice } from '../../src/commands/receive-notice.ts'
import { sendAttempts } from '../../src/commands/send-attempts.ts'
import { settleAttempts, type Word } from '../../src/commands/settle-attempts.ts'
import { sweepRefunds } from '../../src/commands/sweep-refunds.ts'
import { takePayment } from '../../src/commands/take-payment.ts'
import { systemOf, type Actor } from '../../src/domain/actor.ts'
import { fen } from '../../src/domain/money.ts'
import type { RefundRequest } from '../../src/domain/request.ts'
import { relayTenant } from '../../src/jobs/event-relay.ts'
import { openBoss } from '../../src/jobs/boss.ts'
import { cashier } from '../support/core.ts'
import { refund, request } from '../support/given.ts'

/** Numbers and codes by the names that a path gives them. */
export type Given = Readonly<Record<string, string>>

/** A notice of the channel's as it came. */
export type KeptNotice = {
  readonly headers: Readonly<Record<string, string>>
  /** Base64. */
  readonly body: string
}

export type At = {
  readonly core: Core
  readonly tenant: number
  readonly given: Given
  readonly notices: readonly KeptNotice[]
  readonly databaseUrl: string
}

/** @returns the numbers of what somebody was told is stored. Asked again, it is the same thing. */
export type Act = (at: At) => Promise<readonly string[]>

const ACCOUNT = 'wx1'
const PAID_FEN = 5_000

const got = (given: Given, name: string): string => {
  const value = given[name]
  if (value === undefined) throw new Error(`the path gives no ${name}`)
  return value
}

const inShop = (at: At, actor: Actor): Actor => ({ ...actor, tenant: at.tenant })

export const takes =
  (method: 'code' | 'qr'): Act =>
  async (at) => {
    const { core, given } = at
    const paid = fen(PAID_FEN)
    const no = got(given, 'payment')
    const sale = {
      no: got(given, 'sale'),
      orderFen: paid,
      paidFen: paid,
      description: '堂食',
      items: [],
    }
    const paymentCode = method === 'code' ? got(given, 'code') : null
    const input = { no, sale, amount: paid, method, paymentCode, accountNo: null }
    const taken = await takePayment(core, inShop(at, cashier), input, core.clock.now())
    if (taken.kind === 'refused') return []
    if (taken.lease) await drivePayment(core, at.tenant, taken.lease)
    return [no]
  }

export const reverses: Act = async (at) => {
  const no = got(at.given, 'payment')
  await reversePayment(at.core, inShop(at, cashier), no, at.core.clock.now())
  return []
}

export const asks =
  (by: Actor, of: string, wish: Partial<RefundRequest> = {}): Act =>
  async (at) => {
    const no = got(at.given, of)
    const replaces = wish.replaces ? got(at.given, wish.replaces) : null
    const input = request(got(at.given, 'payment'), wish.ask, { ...wish, no, replaces })
    const [result] = await refund(at.core, inShop(at, by), input)
    return result?.kind === 'stored' ? [no] : []
  }

/** An act of a person on a refund; what it opened is sent at once, as the till does. Refused, it has been done before. */
export const decides =
  (
    by: Actor,
    of: string,
    act: (core: Core, actor: Actor, no: string, now: Date) => Promise<Acted>,
  ): Act =>
  async (at) => {
    const acted = await act(at.core, inShop(at, by), got(at.given, of), at.core.clock.now())
    if (acted.kind === 'done' && acted.lease) await sendAttempts(at.core, at.tenant, [acted.lease])
    return []
  }

export const sweeps: Act = async ({ core }) => {
  await sweepRefunds(core)
  await sweepPayments(core)
  return []
}

export const hears: Act = async ({ core, tenant, notices }) => {
  const settle = (of: number, word: Word) =>
    settleAttempts(core, systemOf(of), [word], core.clock.now())
  for (const { headers, body } of notices) {
    const raw = { headers, body: Buffer.from(body, 'base64') }
    const of = { tenant, accountNo: ACCOUNT, channel: 'wechatpay' }
    await receiveNotice(core, of, raw, settle, core.clock.now())
  }
  return []
}

export const relays: Act = async ({ core, tenant, databaseUrl }) => {
  const { boss, stop } = await openBoss(databaseUrl, core.log)
  try {
    await relayTenant(core, boss, tenant)
  } finally {
    await stop()
  }
  return []
}
