/** The channel as the nodes of a story see it: requests worded and answers read by the product's own code for WeChat Pay. */
import type { AttemptOnWire, Channel } from '../src/channels/channel.ts'
import type { Said } from '../src/channels/wechatpay/client.ts'
import { REFUND_CODES, REFUND_QUERY_CODES, REMEDY_CODES } from '../src/channels/wechatpay/errors.ts'
import {
  paymentBody,
  readCloseAnswer,
  readOrderAnswer,
  readPayAnswer,
  readReverseAnswer,
} from '../src/channels/wechatpay/pay.ts'
import { readRefundAnswer } from '../src/channels/wechatpay/refund.ts'
import type { Outcome } from '../src/domain/outcome.ts'
import { settingsOf } from './bank-orders.ts'
import type { Bank, Habits } from './bank.ts'
import type { Wire } from './network.ts'

const NOTIFY_URL = 'https://shop.test/notices'

export function storyChannel(bank: Bank, wire: Wire, { can }: Habits): Channel {
  const { orders } = bank
  const settings = settingsOf(bank.merchant)
  /** Some channels sign their refusals. */
  const reads =
    (attempt: AttemptOnWire, table: typeof REFUND_CODES) =>
    (said: Said): Outcome => {
      const outcome = readRefundAnswer(said, attempt, table)
      const isSigned = outcome.kind === 'refused' && can.refusal === 'signed'
      return isSigned ? { ...outcome, proof: 'signed' } : outcome
    }
  return {
    id: 'sim',
    can,
    checkSettings: () => undefined,
    freezePayment: (brief) => paymentBody(brief, settings, NOTIFY_URL),
    freezeRefund: ({ channelNumber, payment, amount }) =>
      JSON.stringify({
        out_trade_no: payment.channelNumber,
        out_refund_no: channelNumber,
        amount: { refund: amount, total: payment.paid, currency: 'CNY' },
      }),
    // The card is not sealed for the channel: that needs keys, and the channel does not look at it.
    freezeRemedy: ({ channelNumber, remedy }) =>
      JSON.stringify({ out_refund_no: channelNumber, type: REMEDY_TYPES[remedy] }),
    pay: (payment) =>
      wire.send({
        number: payment.channelNumber,
        what: 'payment',
        execute: () => orders.pay(payment.body),
        read: (said) => readPayAnswer(said, payment, settings),
      }),
    reversePayment: (payment) =>
      wire.send({
        number: payment.channelNumber,
        what: 'reversal',
        execute: () => orders.reverse(payment.channelNumber),
        read: (said) => readReverseAnswer(said, payment, settings),
      }),
    closePayment: (payment) =>
      wire.send({
        number: payment.channelNumber,
        what: 'closing',
        execute: () => orders.close(payment.channelNumber),
        read: readCloseAnswer,
      }),
    queryPayment: (payment) =>
      wire.ask({
        number: payment.channelNumber,
        ask: () => orders.ask(payment.channelNumber),
        read: (said) => readOrderAnswer(said, payment, settings),
      }),
    refund: (attempt) =>
      wire.send({
        number: attempt.channelNumber,
        what: 'request',
        execute: () => bank.refund(attempt.body),
        read: reads(attempt, REFUND_CODES),
      }),
    remedy: (attempt) =>
      wire.send({
        number: attempt.channelNumber,
        what: 'remedy',
        execute: () => bank.remedy(attempt.channelNo ?? '', attempt.remedyBody ?? ''),
        read: reads(attempt, REMEDY_CODES),
      }),
    queryRefund: (attempt) =>
      wire.ask({
        number: attempt.channelNumber,
        ask: (isHidden) => bank.askRefund(attempt.channelNumber, isHidden),
        read: reads(attempt, REFUND_QUERY_CODES),
      }),
    check: notPlayed,
    readNotice: notPlayed,
    answerNotice: notPlayed,
  }
}

const REMEDY_TYPES = { to_bank_card: 'USER_BANK_CARD', to_merchant: 'MERCHANT_BANK_CARD' } as const

const notPlayed = () => {
  throw new Error('no part of a story')
}
