/** WeChat Pay (微信支付), APIv3, for a merchant of its own and for a partner's sub-merchant. */
import type { Channel } from '../channel.ts'
import { statement } from './bill.ts'
import { can } from './capabilities.ts'
import { check } from './check.ts'
import { findSale } from './find-sale.ts'
import { answerNotice, readNotice } from './notice.ts'
import { freezePayment, queryPayment, sendClose, sendPayment, sendReverse } from './pay.ts'
import { freezeRefund, freezeRemedy, queryRefund, sendRefund, sendRemedy } from './refund.ts'
import { openAccount } from './settings.ts'

export const wechatpay: Channel = {
  id: 'wechatpay',
  can,
  checkSettings: (account) => {
    openAccount(account)
  },
  freezePayment,
  freezeRefund,
  freezeRemedy,
  pay: sendPayment,
  reversePayment: sendReverse,
  closePayment: sendClose,
  refund: sendRefund,
  remedy: sendRemedy,
  queryPayment,
  queryRefund,
  findSale,
  check,
  readNotice,
  answerNotice,
  statement,
}
