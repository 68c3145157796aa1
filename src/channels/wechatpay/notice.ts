/**
 * Notifications. The signature over the raw bytes comes first, then the age, then the seal, then whose it is; only
 * then is anything believed. A notification signed for another merchant is signed by the same key.
 */
import { ZERO } from '../../domain/money.ts'
import type { Outcome } from '../../domain/outcome.ts'
import type { Line, Notice, RawNotice, Refused } from '../channel.ts'
import { isOurs, parseJson } from './client.ts'
import { AEAD, unseal } from './crypto.ts'
import { judgeByRing } from './keys.ts'
import { outcomeOfOrder } from './pay.ts'
import { CLOSED, destinationOf, isMerchants, returned, stuck } from './refund.ts'
import { openAccount } from './settings.ts'
import { noticeEnvelope, orderReply, refundNotice } from './wire.ts'
import type { z } from 'zod'

/** After the signature was found good; before, nothing is believed of it. */
const refuse = (cause: string): Refused => ({ kind: 'refused', cause, signed: true })
const unproven = (cause: string): Refused => ({ kind: 'refused', cause, signed: false })

/** Never throws; a refused notification changes nothing. */
export async function readNotice(raw: RawNotice, line: Line): Promise<Notice | Refused> {
  try {
    return await read(raw, line)
  } catch {
    return unproven('settings')
  }
}

async function read(raw: RawNotice, line: Line): Promise<Notice | Refused> {
  const opened = openAccount(line.account)
  const headers = Object.fromEntries(
    Object.entries(raw.headers).map(([name, value]) => [name.toLowerCase(), value]),
  )
  const verdict = await judgeByRing(opened, line, headers, raw.body)
  if (verdict !== 'good') return unproven(verdict)
  const envelope = noticeEnvelope.safeParse(parseJson(raw.body)?.value)
  if (!envelope.success) return refuse('not_understood')
  const { id, event_type: event, resource } = envelope.data
  const plain = resource.algorithm === AEAD ? unseal(opened.apiV3Key, resource) : null
  if (plain === null) return refuse('seal')
  const json = parseJson(plain)?.value
  // The seal does not cover the envelope's words, so they must agree with what was sealed.
  if (resource.original_type === 'refund') {
    const refund = refundNotice.safeParse(json)
    if (!refund.success) return refuse('not_understood')
    if (!isOurs(opened.settings, refund.data)) return refuse('other_merchant')
    if (event !== `REFUND.${refund.data.refund_status}`) return refuse('event_mismatch')
    const outcome = refundOutcome(refund.data)
    if (outcome === null) return refuse('not_understood')
    return {
      kind: 'refund',
      id,
      channelNumber: refund.data.out_refund_no,
      channelRefundNo: refund.data.refund_id,
      paymentNumber: refund.data.out_trade_no,
      amount: refund.data.amount.refund,
      paid: refund.data.amount.total,
      outcome,
    }
  }
  if (resource.original_type === 'transaction') {
    const order = orderReply.safeParse(json)
    if (!order.success || order.data.out_trade_no === undefined) return refuse('not_understood')
    if (!isOurs(opened.settings, order.data)) return refuse('other_merchant')
    if (event !== `TRANSACTION.${order.data.trade_state}`) return refuse('event_mismatch')
    const outcome = outcomeOfOrder(order.data, 'qr')
    if (outcome.kind !== 'paid') return refuse('not_understood')
    return { kind: 'payment', id, channelNumber: order.data.out_trade_no, outcome }
  }
  return refuse('not_understood')
}

/** Null for a status that is none of the three that are notified. */
function refundOutcome(refund: z.infer<typeof refundNotice>): Outcome | null {
  const { refund_id: channelNo, success_time: at, amount } = refund
  const account = refund.user_received_account ?? ''
  switch (refund.refund_status) {
    case 'CLOSED':
      return CLOSED
    case 'ABNORMAL':
      return stuck(channelNo)
    case 'SUCCESS': {
      if (at === undefined) return null
      if (isMerchants(account)) return returned(at, channelNo)
      // A notification does not say what the merchant pays. Without coupons that is the refund itself; with them
      // it takes a question, and the notification only makes us ask it now.
      const noCoupons = amount.payer_refund === amount.refund && amount.payer_total === amount.total
      if (!noCoupons) return { kind: 'unknown', cause: 'ask', alarm: false }
      return {
        kind: 'succeeded',
        at,
        channelNo,
        destination: destinationOf(account, undefined),
        account: account === '' ? null : account,
        payerFen: amount.payer_refund,
        settlementFen: amount.refund,
        discountFen: ZERO,
        feeReturnedFen: null,
      }
    }
    default:
      return null
  }
}

/** A notification that is not taken is sent again for a day; the body is for the channel's own log. */
export function answerNotice(taken: boolean) {
  return taken
    ? { status: 204, body: '', contentType: 'application/json' }
    : {
        status: 400,
        body: JSON.stringify({ code: 'FAIL', message: '失败' }),
        contentType: 'application/json',
      }
}
