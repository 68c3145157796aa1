/** A sale by the barcode on the customer's own bill: the merchant's order number, or WeChat Pay's. */
import type { Found, Line, PaymentOnWire } from '../channel.ts'
import { isOurs } from './client.ts'
import { ORDER_QUERY_CODES, payRefused } from './errors.ts'
import { askOrder, orderPath, outcomeOfOrder, pathByChannelNo } from './pay.ts'
import { openAccount } from './settings.ts'
import { orderReply } from './wire.ts'

const CHANNEL_NO = /^4\d{27}$/
const ORDER_NUMBER = /^[0-9A-Za-z_\-*]{6,32}$/

/** Only reads. A code that has the shape of WeChat Pay's number is tried as that first, then as the merchant's. */
export async function findSale(code: string, line: Line): Promise<Found> {
  if (!ORDER_NUMBER.test(code)) return { kind: 'not_found' }
  if (CHANNEL_NO.test(code)) {
    const found = await look(code, line, 'channel')
    if (found.kind !== 'not_found') return found
  }
  return look(code, line, 'merchant')
}

async function look(code: string, line: Line, by: 'channel' | 'merchant'): Promise<Found> {
  const path = by === 'channel' ? pathByChannelNo : orderPath
  const said = await askOrder(line, (settings) => path(settings, code))()
  if (said.kind === 'unclear') return { kind: 'unknown', cause: said.cause }
  if (said.kind === 'refusal') {
    const { kind } = payRefused(said, ORDER_QUERY_CODES)
    return kind === 'not_found' ? { kind } : { kind: 'unknown', cause: said.code }
  }
  const reply = orderReply.safeParse(said.json)
  if (!reply.success) return { kind: 'unknown', cause: 'reply_incomplete' }
  const { out_trade_no: channelNumber, transaction_id: channelNo } = reply.data
  const asked = by === 'channel' ? channelNo : channelNumber
  if (asked !== code || !isOurs(openAccount(line.account).settings, reply.data)) {
    return { kind: 'unknown', cause: 'number_mismatch' }
  }
  const method = methodOf(reply.data.trade_type)
  const outcome = outcomeOfOrder(reply.data, method)
  // An order that nobody has paid has no number of the channel's, and there is nothing in it to refund.
  if (channelNumber === undefined || channelNo === undefined) return { kind: 'not_found' }
  return { kind: 'found', channelNumber, channelNo, method, outcome }
}

function methodOf(tradeType: string | undefined): PaymentOnWire['method'] {
  if (tradeType === 'MICROPAY') return 'code'
  return tradeType === 'NATIVE' ? 'qr' : 'outside'
}
