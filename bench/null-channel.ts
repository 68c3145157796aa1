/**
 * A channel that costs nothing: it freezes a body as others do and says "paid back" at once, without any network.
 * With it the benchmark shows what Yuanlu itself costs.
 */
import type { Channel } from '../src/channels/channel.ts'
import type { Capabilities } from '../src/domain/capabilities.ts'
import { ZERO } from '../src/domain/money.ts'
import type { Outcome, PayOutcome } from '../src/domain/outcome.ts'

export const NULL_CHANNEL = 'null'

const can: Capabilities = {
  payByCode: false,
  payByQr: false,
  partial: true,
  windowDays: null,
  countMax: null,
  spacingMs: 0,
  amountMinFen: 1,
  voidSameDay: null,
  refusal: 'signed',
  replaySafe: true,
  queryBy: 'request_no',
  notFound: { quietMs: 0, times: 1, apartMs: 0 },
  requestToleranceMs: 0,
  requestNo: { alphabet: 'digits', min: 1, max: 32 },
  serialisePer: 'payment',
  querySchedule: [1_000],
  rate: { perSecond: Number.MAX_SAFE_INTEGER },
  notifies: false,
  arrival: {
    balance: 'at_once',
    bank_card: 'at_once',
    original: 'at_once',
    merchant: 'at_once',
    cash: 'at_once',
    unknown: 'at_once',
  },
  acquirerFee: null,
  billNo: 'ours',
  payment: null,
}

/** Payments are never taken through it: the benchmark writes paid ones itself. */
const noPayment: PayOutcome = { kind: 'refused', code: 'NO_PAYMENTS', final: true }

const paidBack = (attempt: { channelNumber: string; amount: typeof ZERO }): Outcome => ({
  kind: 'succeeded',
  at: new Date(),
  channelNo: `n${attempt.channelNumber}`,
  destination: 'balance',
  account: null,
  payerFen: attempt.amount,
  settlementFen: attempt.amount,
  discountFen: ZERO,
  feeReturnedFen: null,
})

export const nullChannel: Channel = {
  id: NULL_CHANNEL,
  can,
  checkSettings: () => undefined,
  freezePayment: (brief) => JSON.stringify({ number: brief.channelNumber, amount: brief.amount }),
  freezeRefund: (brief) =>
    JSON.stringify({
      payment: brief.payment.channelNumber,
      number: brief.channelNumber,
      amount: brief.amount,
      reason: brief.reason,
    }),
  pay: () => async () => noPayment,
  reversePayment: () => async () => noPayment,
  closePayment: () => async () => noPayment,
  refund: (attempt) => async () => paidBack(attempt),
  queryPayment: async () => noPayment,
  queryRefund: async (attempt) => paidBack(attempt),
  check: async () => ({ kind: 'well', signed: true }),
  readNotice: async () => ({ kind: 'refused', cause: 'nobody notifies', signed: false }),
  answerNotice: () => ({ status: 404, body: '', contentType: 'text/plain' }),
}
