// Every number and every guess of the sandbox under a name. Where WeChat Pay's own behaviour could
// not be confirmed, the comment says so and the value is only our default.

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

export const defaultSettings = {
  /** Refund creations per merchant and second; null switches the limit off. */
  refundsPerSecond: 150 as number | null,
  /** Refused refund creations per merchant and second. */
  refundErrorsPerSecond: 6 as number | null,
  /** Refunds of orders that are older than a month, per merchant and minute. */
  oldRefundsPerMinute: 5_000 as number | null,
  oldOrderMs: 30 * DAY,
  refundQueriesPerSecond: 300 as number | null,
  billsPerSecond: 3 as number | null,
  /** Least business time between two refunds of one order; 0 switches it off. */
  refundSpacingMs: MINUTE,
  refundsPerOrder: 50,
  refundWindowMs: 365 * DAY,
  reverseWindowMs: 7 * DAY,
  /** Largest difference between a request's timestamp and real time. */
  timestampSkewMs: 5 * MINUTE,

  /** How long money travels, business time. */
  arrivalToBalanceMs: 2 * SECOND,
  arrivalToCardMs: 24 * HOUR,
  /** From acceptance to ABNORMAL or CLOSED when a fault says so. */
  failureAfterMs: 2 * SECOND,
  /** How long an accepted refund may wait for the merchant's funds before it is CLOSED. */
  fundsWaitMs: 7 * DAY,
  /** What happens when the merchant's funds are short. */
  shortFunds: 'refuse' as 'refuse' | 'accept_then_close',

  notifyTimeoutMs: 5 * SECOND,
  /** Waits between deliveries that were not acknowledged. */
  notifyLadderMs: [
    15 * SECOND,
    15 * SECOND,
    30 * SECOND,
    3 * MINUTE,
    10 * MINUTE,
    20 * MINUTE,
    30 * MINUTE,
    30 * MINUTE,
    30 * MINUTE,
    HOUR,
    3 * HOUR,
    3 * HOUR,
    3 * HOUR,
    6 * HOUR,
    6 * HOUR,
  ] as readonly number[],
  /** Every n-th delivery is preceded by a probe with a WECHATPAY/SIGNTEST/ signature; null: never. */
  probeEvery: null as number | null,

  /** Bills of a day can be had from this hour (China) of the next day on. */
  billReadyHour: 10,
  billMonths: 3,
  billTokenLifeMs: 5 * MINUTE,
  /** `official` answers with api.mch.weixin.qq.com, as production does; clients must re-base it. */
  billDownloadHost: 'own' as 'own' | 'official',

  /** UNCONFIRMED: what signs where both kinds of platform key exist and the request names neither. */
  unnamedKey: 'certificate' as 'certificate' | 'public_key',
  /** UNCONFIRMED (about a minute). */
  paymentCodeLifeMs: MINUTE,
  /** UNCONFIRMED (two hours in some texts). */
  nativeLifeMs: 7 * DAY,
  /** How long a customer may take to type the password; then the order is PAYERROR. UNCONFIRMED. */
  passwordWaitMs: 5 * MINUTE,
  /** UNCONFIRMED: 202 is known from one source only. */
  userPayingStatus: 202,
  /** UNCONFIRMED: HTTP status of codepay's business refusals. */
  payRefusalStatus: 403,
  /** UNCONFIRMED: which of store_info.id / out_id is compulsory. */
  storeInfo: 'either' as 'either' | 'id' | 'out_id' | 'not_checked',
  /** UNCONFIRMED: answer to reversing an order that does not exist. */
  reverseUnknownOrder: { status: 400, code: 'INVALID_REQUEST' },
  /** UNCONFIRMED for v3 (five minutes in v2). */
  closeMinAgeMs: 0,
  /** UNCONFIRMED: which number wins when a refund names both. */
  bothOrderNumbers: 'transaction_id' as 'transaction_id' | 'out_trade_no' | 'refuse',
  /** UNCONFIRMED HTTP status. */
  tradeOverdueStatus: 403,
  /** UNCONFIRMED: REFUND_FEE_MISMATCH or INVALID_REQUEST, and its HTTP status. */
  totalMismatch: { status: 400, code: 'REFUND_FEE_MISMATCH' },
  /** UNCONFIRMED HTTP status. */
  requestBlockedStatus: 403,
  /** UNCONFIRMED: how a refund less than a minute after the last one is refused. */
  spacingRefusal: { status: 429, code: 'FREQUENCY_LIMITED' },
  /** UNCONFIRMED: what makes a repeated out_refund_no "other parameters". */
  sameParams: 'body' as 'body' | 'money',
  /** UNCONFIRMED: status read while an abnormal refund is being handled. */
  statusWhileRemedied: 'PROCESSING' as 'PROCESSING' | 'ABNORMAL',
  /** A refund can be queried only this long after it was accepted, business time. */
  refundVisibleAfterMs: 0,
}

export type Settings = typeof defaultSettings

/** Overlays given values; an unknown name is a typing mistake and throws. */
export const changeSettings = (settings: Settings, changes: Partial<Settings>): void => {
  for (const name of Object.keys(changes)) {
    if (!(name in defaultSettings)) throw new RangeError(`no setting is called ${name}`)
  }
  Object.assign(settings, changes)
}
