/** What WeChat Pay can do, as figures. */
import type { Capabilities } from '../../domain/capabilities.ts'
import { TIMESTAMP_TOLERANCE_MS } from './sign.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

const repeat = (times: number, ms: number): readonly number[] => Array<number>(times).fill(ms)

export const can: Capabilities = {
  payByCode: true,
  payByQr: true,
  partial: true,
  windowDays: 365,
  countMax: 50,
  spacingMs: MINUTE,
  amountMinFen: 1,
  voidSameDay: null,
  // Refusals are not signed; only a signed CLOSED, or questions that find nothing, say "not executed".
  refusal: 'confirm_by_query',
  replaySafe: true,
  queryBy: 'request_no',
  // A refund may show in queries some time after it was accepted; ten minutes of silence, and asked twice.
  notFound: { quietMs: 10 * MINUTE, times: 2, apartMs: MINUTE },
  requestToleranceMs: TIMESTAMP_TOLERANCE_MS,
  // Order numbers have at most 32 characters and at least 6; refund numbers may be longer but need not be.
  requestNo: { alphabet: 'alnum_-', min: 6, max: 32 },
  // The channel asks that refunds to one customer follow one another.
  serialisePer: 'payer',
  querySchedule: [
    10 * SECOND,
    30 * SECOND,
    ...repeat(5, MINUTE),
    5 * MINUTE,
    10 * MINUTE,
    20 * MINUTE,
    ...repeat(4, 30 * MINUTE),
    ...repeat(6, HOUR),
    3 * HOUR,
  ],
  rate: { perSecond: 150, errorsPerSecond: 6 },
  notifies: true,
  arrival: {
    balance: 'minutes',
    bank_card: 'days_1_3',
    original: 'days_1_3',
    merchant: 'by_hand',
    cash: 'at_once',
    unknown: 'days_1_3',
  },
  acquirerFee: 'pro_rata',
  billNo: 'ours',
  payment: {
    querySchedule: [
      ...repeat(9, 5 * SECOND),
      10 * SECOND,
      30 * SECOND,
      ...repeat(4, MINUTE),
      5 * MINUTE,
      30 * MINUTE,
    ],
    reverseAfterMs: 45 * SECOND,
    qrValidMs: 5 * MINUTE,
    reverseWithinDays: 7,
    // Of the older interface and the newer one, which spell them differently.
    refusals: {
      AUTHCODEEXPIRE: 'code_expired',
      AUTH_CODE_EXPIRE: 'code_expired',
      AUTH_CODE_ERROR: 'code_wrong',
      AUTH_CODE_INVALID: 'code_wrong',
      NOTENOUGH: 'funds_short',
      NOT_ENOUGH: 'funds_short',
      NOTSUPORTCARD: 'card_not_supported',
      RULELIMIT: 'over_limit',
      RULE_LIMIT: 'over_limit',
    },
  },
}
