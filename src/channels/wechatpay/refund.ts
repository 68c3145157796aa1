/** Refunds: create, ask, and the two remedies for money that cannot reach the customer. */
import type { Destination } from '../../domain/capabilities.ts'
import { subFen } from '../../domain/money.ts'
import type { Outcome } from '../../domain/outcome.ts'
import type { Account, AttemptOnWire, Line, RefundBrief, RemedyBrief, Send } from '../channel.ts'
import { ConfigFault } from '../channel.ts'
import { prepare, type Said } from './client.ts'
import { sealFor } from './crypto.ts'
import { REFUND_CODES, REFUND_QUERY_CODES, refundRefused, REMEDY_CODES } from './errors.ts'
import { preferredKey } from './keys.ts'
import { openAccount, type Settings } from './settings.ts'
import { clip } from './text.ts'
import { refundReply, type RefundReply } from './wire.ts'

const REFUNDS = '/v3/refund/domestic/refunds'

/** The channel says 80 without saying of what; bytes are the narrower reading. */
const REASON_BYTES_MAX = 80

/** The banks whose debit cards the channel pays a stuck refund to. */
const REMEDY_BANKS = [
  'CMB_DEBIT',
  'COMM_DEBIT',
  'ABC_DEBIT',
  'CCB_DEBIT',
  'ICBC_DEBIT',
  'BOC_DEBIT',
  'PAB_DEBIT',
  'SPDB_DEBIT',
  'CITIC_DEBIT',
  'CEB_DEBIT',
  'CMBC_DEBIT',
  'CIB_DEBIT',
  'GDB_DEBIT',
  'PSBC_DEBIT',
  'NBCB_DEBIT',
] as const

export function freezeRefund(brief: RefundBrief, account: Account): string {
  const { settings } = openAccount(account)
  const reason = clip(brief.reason, REASON_BYTES_MAX)
  return JSON.stringify({
    ...subMerchant(settings),
    // Exactly one of the two order numbers: which would win if both were given is not documented.
    out_trade_no: brief.payment.channelNumber,
    out_refund_no: brief.channelNumber,
    ...(reason === '' ? {} : { reason }),
    // Without it the channel notifies an address set elsewhere, in an older format, or nobody.
    ...(account.notifyUrl === null ? {} : { notify_url: account.notifyUrl }),
    amount: { refund: brief.amount, total: brief.payment.paid, currency: 'CNY' },
  })
}

export function sendRefund(attempt: AttemptOnWire, line: Line): Send<Outcome> {
  const send = prepare(line, () => ({
    act: 'refund',
    method: 'POST',
    path: REFUNDS,
    body: attempt.body,
  }))
  return async () => readRefundAnswer(await send(), attempt, REFUND_CODES)
}

export async function queryRefund(attempt: AttemptOnWire, line: Line): Promise<Outcome> {
  const ask = prepare(line, ({ settings }) => {
    const query = settings.mode === 'partner' ? `?sub_mchid=${settings.subMchid}` : ''
    const path = `${REFUNDS}/${encodeURIComponent(attempt.channelNumber)}${query}`
    return { act: 'refund_query', method: 'GET', path, body: '' }
  })
  return readRefundAnswer(await ask(), attempt, REFUND_QUERY_CODES)
}

/**
 * The remedy's frozen text is two lines: the id of the key that the card was sealed for, then the body. The key must
 * be named with every send, and the account's keys may have changed by then. Throws RangeError for a card that the
 * channel cannot pay to and ConfigFault when there is no key of the channel's to seal it for.
 */
export function freezeRemedy(brief: RemedyBrief, account: Account): string {
  const opened = openAccount(account)
  const key = preferredKey(opened, new Date())
  if (key === null) throw new ConfigFault('settings.publicKey', 'there is no key to encrypt for')
  const common = { ...subMerchant(opened.settings), out_refund_no: brief.channelNumber }
  if (brief.remedy === 'to_merchant') {
    return `${key.id}\n${JSON.stringify({ ...common, type: 'MERCHANT_BANK_CARD' })}`
  }
  const { card } = brief
  if (card === null) throw new RangeError('a refund to a bank card needs the card')
  if (!REMEDY_BANKS.some((bank) => bank === card.bank)) {
    throw new RangeError(`the channel does not pay refunds to cards of ${card.bank}`)
  }
  const body = {
    ...common,
    type: 'USER_BANK_CARD',
    bank_type: card.bank,
    bank_account: sealFor(key.key, card.number),
    real_name: sealFor(key.key, card.holder),
  }
  return `${key.id}\n${JSON.stringify(body)}`
}

export function sendRemedy(attempt: AttemptOnWire, line: Line): Send<Outcome> {
  const send = prepare(line, () => {
    const [keyId, body] = attempt.remedyBody?.split('\n', 2) ?? []
    if (attempt.channelNo === null || !keyId || !body) {
      throw new Error('a remedy is for a refund that the channel has given a number')
    }
    const path = `${REFUNDS}/${encodeURIComponent(attempt.channelNo)}/apply-abnormal-refund`
    return { act: 'remedy', method: 'POST', path, body, keyId }
  })
  return async () => readRefundAnswer(await send(), attempt, REMEDY_CODES)
}

const subMerchant = (settings: Settings) =>
  settings.mode === 'partner' ? { sub_mchid: settings.subMchid } : {}

export function readRefundAnswer(
  said: Said,
  attempt: AttemptOnWire,
  table: Parameters<typeof refundRefused>[1],
): Outcome {
  switch (said.kind) {
    case 'unclear':
      return { kind: 'unknown', cause: said.cause, alarm: said.alarm }
    case 'refusal':
      return refundRefused(said, table)
    case 'signed': {
      const reply = refundReply.safeParse(said.json)
      if (!reply.success) return { kind: 'unknown', cause: 'reply_incomplete', alarm: true }
      return mismatch(reply.data, attempt) ?? outcomeOf(reply.data)
    }
  }
}

/** A signed answer about another refund, or about other money, must not settle this one. */
function mismatch(reply: RefundReply, attempt: AttemptOnWire): Outcome | null {
  const isThis =
    reply.out_refund_no === attempt.channelNumber &&
    reply.out_trade_no === attempt.payment.channelNumber &&
    (attempt.channelNo === null || reply.refund_id === attempt.channelNo)
  if (!isThis) return { kind: 'unknown', cause: 'number_mismatch', alarm: true }
  const isSame =
    reply.amount.refund === attempt.amount && reply.amount.total === attempt.payment.paid
  return isSame ? null : { kind: 'unknown', cause: 'amount_mismatch', alarm: true }
}

function outcomeOf(reply: RefundReply): Outcome {
  const channelNo = reply.refund_id
  switch (reply.status) {
    case 'PROCESSING':
      return { kind: 'processing', channelNo }
    case 'ABNORMAL':
      return stuck(channelNo)
    case 'CLOSED':
      return CLOSED
    case 'SUCCESS': {
      const { amount, success_time: at } = reply
      if (!at) return { kind: 'unknown', cause: 'reply_incomplete', alarm: true }
      const account = reply.user_received_account ?? ''
      if (isMerchants(account)) return returned(at, channelNo)
      const settlementFen = amount.settlement_refund ?? amount.refund
      return {
        kind: 'succeeded',
        at,
        channelNo,
        destination: destinationOf(account, reply.channel),
        account: account === '' ? null : account,
        payerFen: amount.payer_refund,
        settlementFen,
        discountFen: amount.discount_refund ?? subFen(amount.refund, settlementFen),
        feeReturnedFen: amount.refund_fee ?? null,
      }
    }
    default:
      return { kind: 'unknown', cause: 'status_unknown', alarm: true }
  }
}

/** Final by WeChat Pay's signed word; another try needs another number. */
export const CLOSED: Outcome = { kind: 'refused', code: 'CLOSED', proof: 'signed', final: true }

export function stuck(channelNo: string): Outcome {
  return { kind: 'stuck', code: 'ABNORMAL', channelNo, remedies: ['to_bank_card', 'to_merchant'] }
}

/** The channel's SUCCESS into the merchant's own account: the customer has nothing yet. */
export function returned(at: Date, channelNo: string): Outcome {
  return { kind: 'returned', at, code: 'TO_MERCHANT', channelNo }
}

/** 商户基本账户, 商户结算银行账户. */
export const isMerchants = (account: string): boolean => account.startsWith('商户')

const BALANCES = ['支付用户零钱', '支付用户零钱通']

/** Where the money went, by the text the channel shows; by its `channel` where that says more. */
export function destinationOf(account: string, channel: string | undefined): Destination {
  if (BALANCES.includes(account)) return 'balance'
  if (channel === 'BALANCE' || channel === 'OTHER_BALANCE') return 'balance'
  if (account !== '' || channel === 'OTHER_BANKCARD') return 'bank_card'
  return channel === 'ORIGINAL' ? 'original' : 'unknown'
}
