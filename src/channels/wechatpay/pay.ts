/** Payments: by the customer's code, by a code we show, and how both are asked about and undone. */
import type { Payer, PayOutcome } from '../../domain/outcome.ts'
import {
  ConfigFault,
  type Account,
  type Line,
  type PaymentBrief,
  type PaymentOnWire,
  type Send,
} from '../channel.ts'
import { isOurs, prepare, type Said } from './client.ts'
import { ORDER_QUERY_CODES, payRefused, PAY_CODES, UNDO_CODES } from './errors.ts'
import { openAccount, type Settings } from './settings.ts'
import { chinaTime, clip } from './text.ts'
import { nativeReply, orderReply, reverseReply, type OrderReply } from './wire.ts'

/** The channel says 127 without saying of what; bytes are the narrower reading. */
const DESCRIPTION_BYTES_MAX = 127
const DEVICE_CHARS_MAX = 32

const UNKNOWN_REPLY: PayOutcome = { kind: 'unknown', cause: 'reply_incomplete', alarm: true }
const OTHER_ORDER: PayOutcome = { kind: 'unknown', cause: 'number_mismatch', alarm: true }

/** Orders of a partner's sub-merchant live under paths of their own. */
const orders = (settings: Settings): string =>
  settings.mode === 'direct' ? '/v3/pay/transactions' : '/v3/pay/partner/transactions'

export const orderPath = (settings: Settings, number: string): string =>
  `${orders(settings)}/out-trade-no/${encodeURIComponent(number)}`

function merchants(settings: Settings) {
  return settings.mode === 'direct'
    ? { mchid: settings.mchid }
    : { sp_mchid: settings.spMchid, sub_mchid: settings.subMchid }
}

function apps(settings: Settings) {
  if (settings.mode === 'direct') return { appid: settings.appid }
  const { spAppid, subAppid } = settings
  return { sp_appid: spAppid, ...(subAppid === undefined ? {} : { sub_appid: subAppid }) }
}

export const freezePayment = (brief: PaymentBrief, account: Account): string =>
  paymentBody(brief, openAccount(account).settings, account.notifyUrl)

/** Throws ConfigFault when a code is to be shown and there is no address for the channel to notify. */
export function paymentBody(
  brief: PaymentBrief,
  settings: Settings,
  notifyUrl: string | null,
): string {
  const common = {
    ...apps(settings),
    ...merchants(settings),
    description: clip(brief.description, DESCRIPTION_BYTES_MAX),
    out_trade_no: brief.channelNumber,
    amount: { total: brief.amount, currency: 'CNY' },
  }
  if (brief.method === 'qr') {
    if (notifyUrl === null) {
      throw new ConfigFault('notifyUrl', 'a payment by shown code needs an address for notices')
    }
    const { validUntil } = brief
    return JSON.stringify({
      ...common,
      notify_url: notifyUrl,
      ...(validUntil === null ? {} : { time_expire: chinaTime(validUntil) }),
    })
  }
  if (brief.paymentCode === null) throw new RangeError('a payment by code needs the code')
  const { storeInfoId } = settings
  const device =
    brief.terminalNo === null ? {} : { device_id: brief.terminalNo.slice(0, DEVICE_CHARS_MAX) }
  return JSON.stringify({
    ...common,
    payer: { auth_code: brief.paymentCode },
    scene_info: {
      ...device,
      // One of the two is compulsory; which, is not documented.
      store_info: {
        ...(storeInfoId === undefined ? {} : { id: storeInfoId }),
        out_id: brief.storeNo,
      },
    },
  })
}

export function sendPayment(payment: PaymentOnWire, line: Line): Send<PayOutcome> {
  const kind = payment.method === 'qr' ? 'native' : 'codepay'
  const send = prepare(line, ({ settings }) => ({
    act: 'pay',
    method: 'POST',
    path: `${orders(settings)}/${kind}`,
    body: payment.body,
  }))
  return async () => readPayAnswer(await send(), payment, openAccount(line.account).settings)
}

export function readPayAnswer(said: Said, payment: PaymentOnWire, settings: Settings): PayOutcome {
  if (said.kind !== 'signed') return notSigned(said, PAY_CODES)
  if (payment.method !== 'qr') {
    // While the customer types the password the answer is 202 and names nothing but the state.
    const isWaiting = said.status === 202
    return isWaiting ? waiting('password') : orderOutcome(said.json, payment, settings, false)
  }
  const reply = nativeReply.safeParse(said.json)
  return reply.success
    ? { kind: 'waiting', reason: 'scan', codeUrl: reply.data.code_url }
    : UNKNOWN_REPLY
}

export async function queryPayment(payment: PaymentOnWire, line: Line): Promise<PayOutcome> {
  const said = await askOrder(line, (settings) => orderPath(settings, payment.channelNumber))()
  return readOrderAnswer(said, payment, openAccount(line.account).settings)
}

export const readOrderAnswer = (
  said: Said,
  payment: PaymentOnWire,
  settings: Settings,
): PayOutcome =>
  said.kind === 'signed'
    ? orderOutcome(said.json, payment, settings, true)
    : notSigned(said, ORDER_QUERY_CODES)

/** Asks about an order by either of its numbers. */
export function askOrder(line: Line, path: (settings: Settings) => string): Send<Said> {
  return prepare(line, ({ settings }) => {
    const query = new URLSearchParams(merchants(settings)).toString()
    return { act: 'query', method: 'GET', path: `${path(settings)}?${query}`, body: '' }
  })
}

export const pathByChannelNo = (settings: Settings, channelNo: string): string =>
  `${orders(settings)}/id/${encodeURIComponent(channelNo)}`

/** Ends an unclear payment by code: unpaid it is closed, paid it is given back in full. */
export function sendReverse(payment: PaymentOnWire, line: Line): Send<PayOutcome> {
  const send = prepare(line, ({ settings }) => ({
    act: 'reverse',
    method: 'POST',
    path: `${orderPath(settings, payment.channelNumber)}/reverse`,
    body: JSON.stringify({ ...apps(settings), ...merchants(settings) }),
  }))
  return async () => readReverseAnswer(await send(), payment, openAccount(line.account).settings)
}

export function readReverseAnswer(
  said: Said,
  payment: PaymentOnWire,
  settings: Settings,
): PayOutcome {
  if (said.kind !== 'signed') return notSigned(said, UNDO_CODES)
  const reply = reverseReply.safeParse(said.json)
  if (said.status !== 200 || !reply.success) return UNKNOWN_REPLY
  const isThis = reply.data.out_trade_no === payment.channelNumber && isOurs(settings, reply.data)
  return isThis ? { kind: 'reversed' } : OTHER_ORDER
}

/** Ends an unpaid shown code. */
export function sendClose(payment: PaymentOnWire, line: Line): Send<PayOutcome> {
  const send = prepare(line, ({ settings }) => ({
    act: 'close',
    method: 'POST',
    path: `${orderPath(settings, payment.channelNumber)}/close`,
    body: JSON.stringify(merchants(settings)),
  }))
  return async () => readCloseAnswer(await send())
}

export function readCloseAnswer(said: Said): PayOutcome {
  if (said.kind !== 'signed') return notSigned(said, UNDO_CODES)
  return said.status === 204 ? { kind: 'closed' } : UNKNOWN_REPLY
}

function notSigned(
  said: Exclude<Said, { kind: 'signed' }>,
  table: Parameters<typeof payRefused>[1],
): PayOutcome {
  return said.kind === 'refusal'
    ? payRefused(said, table)
    : { kind: 'unknown', cause: said.cause, alarm: said.alarm }
}

const waiting = (reason: 'password' | 'scan'): PayOutcome => ({
  kind: 'waiting',
  reason,
  codeUrl: null,
})

/** @param named the answer must name the order and its merchant; the reply to a payment may be without them. */
function orderOutcome(
  json: unknown,
  payment: PaymentOnWire,
  settings: Settings,
  named: boolean,
): PayOutcome {
  const reply = orderReply.safeParse(json)
  if (!reply.success) return UNKNOWN_REPLY
  const order = reply.data
  // Only the bare word that the customer is still busy comes without numbers.
  const mayBeBare = !named && order.trade_state === 'USERPAYING'
  const isThis = order.out_trade_no === payment.channelNumber && isOurs(settings, order)
  return isThis || mayBeBare ? outcomeOfOrder(order, payment.method) : OTHER_ORDER
}

export function outcomeOfOrder(order: OrderReply, method: PaymentOnWire['method']): PayOutcome {
  switch (order.trade_state) {
    case 'SUCCESS':
    case 'REFUND':
      return paid(order, order.trade_state === 'REFUND')
    case 'USERPAYING':
      return waiting('password')
    case 'NOTPAY':
      return method === 'qr' ? waiting('scan') : { kind: 'unpaid' }
    case 'PAYERROR':
      return { kind: 'unpaid' }
    case 'REVOKED':
      return { kind: 'reversed' }
    case 'CLOSED':
      return { kind: 'closed' }
    default:
      return { kind: 'unknown', cause: 'status_unknown', alarm: true }
  }
}

function paid(order: OrderReply, refunded: boolean): PayOutcome {
  const { transaction_id: channelNo, success_time: at, amount } = order
  if (channelNo === undefined || at === undefined || amount === undefined) return UNKNOWN_REPLY
  const id = order.payer?.openid ?? order.payer?.sub_openid ?? order.payer?.sp_openid
  return {
    kind: 'paid',
    at,
    channelNo,
    paidFen: amount.total,
    payerFen: amount.payer_total ?? amount.total,
    payer: id === undefined ? null : maskedPayer(id),
    refunded,
    bankType: order.bank_type ?? null,
  }
}

const SHOWN_CHARS = 4

/** An openid is personal data; four characters at each end are enough to compare two by eye. */
function maskedPayer(id: string): Payer {
  const masked =
    id.length > 3 * SHOWN_CHARS ? `${id.slice(0, SHOWN_CHARS)}…${id.slice(-SHOWN_CHARS)}` : '…'
  return { id, masked }
}
