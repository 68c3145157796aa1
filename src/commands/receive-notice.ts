/**
 * Takes a channel's notification. Its bytes are kept first, good or bad; only a verified one moves anything, and only
 * through the same doors as every other word. It is answered after the commit. What the channel signed is kept whole
 * and for good; of what anybody could have sent, so much as is of use to the person who looks for the reason.
 */
import type { Notice, RawNotice, Refused } from '../channels/channel.ts'
import { inTenant } from '../db/connect.ts'
import { systemOf } from '../domain/actor.ts'
import { findByChannelNumber, findByChannelRefundNo, makeDue } from '../store/attempts.ts'
import { insertIncidents } from '../store/incidents.ts'
import { insertNotice, insertUnproven } from '../store/notices.ts'
import { findPaymentByChannelNumber, makePaymentDue } from '../store/payments.ts'
import { readAccounts } from '../store/accounts.ts'
import { openAccount } from './accounts.ts'
import type { Core } from './core.ts'
import { settlePayment } from './drive-payments.ts'
import { writeOutsideRefund } from './outside-refunds.ts'
import type { Word } from './settle-attempts.ts'

type Settle = (tenant: number, word: Word) => Promise<void>

export type NoticeAnswer = {
  readonly status: number
  readonly body: string
  readonly contentType: string
}

/**
 * @param settle puts the word about an attempt down
 * @returns what to answer the channel, or null when there is no such account.
 */
export async function receiveNotice(
  core: Core,
  of: { readonly tenant: number; readonly accountNo: string; readonly channel: string },
  raw: RawNotice,
  settle: Settle,
  now: Date,
): Promise<NoticeAnswer | null> {
  const account = await inTenant(core.db, of.tenant, async (tx) => {
    const [row] = await readAccounts(tx, [of.accountNo])
    return row?.channel === of.channel ? openAccount(core, of.tenant, row) : null
  })
  if (!account) return null
  const channel = core.channel(of.channel)
  const notice = await channel.readNotice(raw, {
    account,
    timeoutMs: core.settings.channelTimeoutMs,
    record: () => undefined,
  })
  await keep(core, of.tenant, of.accountNo, raw, notice, now)
  core.crashPoint('notice.after_keep')
  if (notice.kind === 'refused') {
    core.log.warn(
      { tenant: of.tenant, account: of.accountNo, reason: notice.cause },
      'notice.refused',
    )
    return channel.answerNotice(false)
  }
  await apply(core, of.tenant, of.accountNo, notice, settle, now)
  core.crashPoint('notice.before_answer')
  return channel.answerNotice(true)
}

/** Of one account. A channel says what it could not bring again for a day; these are for looking into. */
export const UNPROVEN_KEPT = 500
/** Longer than any notification of a channel, so that a genuine one that could not be checked yet is kept whole. */
export const UNPROVEN_BYTES_KEPT = 8 * 1024

async function keep(
  core: Core,
  tenant: number,
  accountNo: string,
  raw: RawNotice,
  notice: Notice | Refused,
  now: Date,
): Promise<void> {
  const row = {
    tenant_id: tenant,
    account_no: accountNo,
    received_at: now,
    headers: raw.headers,
    verdict: notice.kind === 'refused' ? `refused: ${notice.cause}` : notice.kind,
  }
  await inTenant(core.db, tenant, async (tx) => {
    if (notice.kind === 'refused' && !notice.signed) {
      const body = raw.body.subarray(0, UNPROVEN_BYTES_KEPT)
      await insertUnproven(tx, { ...row, body, bytes: raw.body.length }, UNPROVEN_KEPT)
      return
    }
    const notice_id = notice.kind === 'refused' ? null : notice.id
    await insertNotice(tx, { ...row, body: raw.body, notice_id })
  })
}

async function apply(
  core: Core,
  tenant: number,
  accountNo: string,
  notice: Notice,
  settle: Settle,
  now: Date,
): Promise<void> {
  return notice.kind === 'payment'
    ? applyPayment(core, tenant, accountNo, notice)
    : applyRefund(core, tenant, accountNo, notice, settle, now)
}

async function applyPayment(
  core: Core,
  tenant: number,
  accountNo: string,
  notice: Extract<Notice, { kind: 'payment' }>,
): Promise<void> {
  const paymentNo = await inTenant(core.db, tenant, (tx) =>
    findPaymentByChannelNumber(tx, accountNo, notice.channelNumber),
  )
  if (paymentNo === null) return
  await settlePayment(core, systemOf(tenant), { paymentNo, fence: null }, 'notice', notice.outcome)
  // A notice that could not move the payment still means there is news.
  await inTenant(core.db, tenant, (tx) => makePaymentDue(tx, paymentNo))
}

async function applyRefund(
  core: Core,
  tenant: number,
  accountNo: string,
  notice: Extract<Notice, { kind: 'refund' }>,
  settle: Settle,
  now: Date,
): Promise<void> {
  const found = await inTenant(core.db, tenant, async (tx) => {
    const [ours] = await findByChannelNumber(tx, accountNo, [notice.channelNumber])
    // One made elsewhere is known by the channel's number alone, and may come back as any other.
    const attempt = ours ?? (await findByChannelRefundNo(tx, accountNo, notice.channelRefundNo))
    if (attempt === null) {
      return {
        kind: 'unknown' as const,
        paymentNo: await findPaymentByChannelNumber(tx, accountNo, notice.paymentNumber),
      }
    }
    if (attempt.amount_fen === notice.amount) return { kind: 'ours' as const, attempt }
    await insertIncidents(
      tx,
      tenant,
      [
        {
          kind: 'amount_mismatch',
          payment_no: attempt.payment_no,
          refund_no: attempt.refund_no,
          detail: { asked: attempt.amount_fen, said: notice.amount, by: 'notice' },
        },
      ],
      now,
    )
    return { kind: 'mismatch' as const, attempt }
  })
  switch (found.kind) {
    case 'mismatch':
      // A matter for a person; the question that follows tells whether the notice or we are wrong.
      await inTenant(core.db, tenant, (tx) => makeDue(tx, [found.attempt.refund_no]))
      return
    case 'ours': {
      const { refund_no: refundNo, seq } = found.attempt
      await settle(tenant, { refundNo, seq, outcome: notice.outcome, fence: null })
      if (notice.outcome.kind === 'unknown')
        await inTenant(core.db, tenant, (tx) => makeDue(tx, [refundNo]))
      return
    }
    case 'unknown': {
      const { paymentNo } = found
      const { outcome } = notice
      if (paymentNo === null || outcome.kind !== 'succeeded') return
      await inTenant(core.db, tenant, (tx) =>
        writeOutsideRefund(
          core,
          tx,
          systemOf(tenant),
          { paymentNo, amount: notice.amount, outcome },
          now,
        ),
      )
    }
  }
}
