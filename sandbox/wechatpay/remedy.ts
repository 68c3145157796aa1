// 异常退款处理: an abnormal refund is sent on to a bank card under its old number.
import type { Account } from '../accounts.ts'
import type { World } from '../world.ts'
import { openField } from './crypto.ts'
import { OUT_REFUND_NO, subMerchant, text, type Fields } from './fields.ts'
import { badField, invalidRequest, notFound, tooFrequent } from './problem.ts'
import type { Scope } from './ledger.ts'
import { bookRefund, scheduleRefund } from './refund-life.ts'
import { describeRefund } from './refunds.ts'
import type { Answer } from './answer.ts'
import { platformKeys } from './sign.ts'

/** Debit cards that can take an abnormal refund, and how customers read their names. */
const BANKS: Readonly<Record<string, string>> = {
  CMB_DEBIT: '招商银行',
  COMM_DEBIT: '交通银行',
  ABC_DEBIT: '农业银行',
  CCB_DEBIT: '建设银行',
  ICBC_DEBIT: '工商银行',
  BOC_DEBIT: '中国银行',
  PAB_DEBIT: '平安银行',
  SPDB_DEBIT: '浦发银行',
  CITIC_DEBIT: '中信银行',
  CEB_DEBIT: '光大银行',
  CMBC_DEBIT: '民生银行',
  CIB_DEBIT: '兴业银行',
  GDB_DEBIT: '广发银行',
  PSBC_DEBIT: '邮储银行',
  NBCB_DEBIT: '宁波银行',
}

const SEALED = { max: 1024 }

/** Opens a field with the key that the Wechatpay-Serial header names. */
const sensitive = (
  world: World,
  account: Account,
  body: Fields,
  pointer: string,
  serial: string | undefined,
): string => {
  const sealed = text(body, pointer, SEALED)
  const key = platformKeys(world, account).find((one) => one.serial === serial)
  if (key === undefined)
    throw badField('Wechatpay-Serial', serial, '缺少或不是有效的加密密钥序列号')
  const opened = openField(sealed, key.key)
  if (opened === null || opened === '') throw badField(pointer, null, '解密失败')
  return opened
}

const userCard = (world: World, account: Account, body: Fields, serial: string | undefined) => {
  const bankType = text(body, '/bank_type', { max: 32 })
  const bank = BANKS[bankType]
  if (bank === undefined) throw badField('/bank_type', bankType, '不支持的银行')
  const number = sensitive(world, account, body, '/bank_account', serial)
  sensitive(world, account, body, '/real_name', serial)
  if (!/^\d{12,19}$/.test(number)) throw badField('/bank_account', null, '卡号格式不符')
  return `${bank}借记卡${number.slice(-4)}`
}

export const applyRemedy = (
  world: World,
  account: Account,
  refundId: string,
  body: Fields,
  serial: string | undefined,
): Answer => {
  if (!world.rates.allow(`remedy|${account.mchid}`, world.settings.refundsPerSecond)) {
    throw tooFrequent()
  }
  const scope = subMerchant(body, account)
  const outRefundNo = text(body, '/out_refund_no', OUT_REFUND_NO)
  const type = text(body, '/type', { max: 32 })
  if (type !== 'USER_BANK_CARD' && type !== 'MERCHANT_BANK_CARD') {
    throw badField('/type', type, '取值不合法')
  }
  const target =
    type === 'USER_BANK_CARD' ? userCard(world, account, body, serial) : '商户结算银行账户'
  return remedyRefund(world, { ...scope, refundId, outRefundNo, type, target })
}

export type Remedied = Scope & {
  readonly refundId: string
  readonly outRefundNo: string
  readonly type: 'USER_BANK_CARD' | 'MERCHANT_BANK_CARD'
  /** The account it goes to, as the customer reads it. */
  readonly target: string
}

export const remedyRefund = (
  world: World,
  { mchid, subMchid, refundId, outRefundNo, type, target }: Remedied,
): Answer => {
  const refund = world.ledger.refundById(refundId)
  if (
    refund === undefined ||
    refund.mchid !== mchid ||
    refund.subMchid !== subMchid ||
    refund.outRefundNo !== outRefundNo
  ) {
    throw notFound('退款单不存在')
  }
  // Asking again for what is already under way is no second remedy.
  if (refund.remedy === type) return { status: 200, body: describeRefund(refund) }
  if (refund.state !== 'ABNORMAL')
    throw invalidRequest('退款单状态不是退款异常，不能发起异常退款处理')
  const order = world.ledger.order(refund, refund.outTradeNo)
  if (order === undefined) throw notFound('订单不存在')
  const now = world.clock.now()
  refund.remedy = type
  refund.account = target
  if (type === 'USER_BANK_CARD') refund.channel = 'OTHER_BANKCARD'
  refund.state = world.settings.statusWhileRemedied
  bookRefund(world, refund, 'refund_remedied', now)
  scheduleRefund(world, refund, order, now)
  return { status: 200, body: describeRefund(refund) }
}
