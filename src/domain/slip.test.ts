import { expect, test } from 'vitest'
import { fen } from './money.ts'
import {
  headlineFen,
  PENDING_STATES,
  refundedBefore,
  refundSlip,
  saleSlip,
  type RefundFacts,
  REQUEST_STATES,
  type SlipFacts,
  type Stamp,
} from './slip.ts'

const facts: SlipFacts = {
  store: { name: '川味小馆', address: null, phone: null },
  terminal: '1号机',
  cashier: '张三',
  orderNo: '7126112200012345678906',
  channel: 'alipay',
  paidAt: new Date('2026-11-22T11:05:00Z'),
  lines: [],
  amounts: { order: fen(5000), discount: fen(500), paid: fen(4500), refunded: fen(2000) },
  reprint: 0,
  sandbox: false,
  training: false,
  customerPage: 'https://refund.example.cn/r/1',
}
const AT = new Date('2026-11-22T12:30:00Z')
const STAMP: Stamp = {
  at: AT,
  vouch: ({ no, copy, state, amount }) => ({ code: `${no}/${copy}/${state}/${amount}`, scan: no }),
}
const refund: RefundFacts = {
  state: 'succeeded',
  at: new Date('2026-11-22T12:00:00Z'),
  refundNo: '7326112200098765432103',
  amount: fen(1200),
  feeKept: fen(0),
  payerFen: fen(1080),
  destination: null,
  payer: null,
  arrival: 'at_once',
  reason: '菜品问题',
}

test('only a succeeded refund becomes a refund slip, an undecided one a request slip, every other a pending one', () => {
  expect(refundSlip(facts, refund, 'customer', STAMP).kind).toBe('refund')
  for (const state of PENDING_STATES) {
    const slip = refundSlip(facts, { ...refund, state }, 'customer', STAMP)
    expect(slip).toMatchObject({ kind: 'pending_refund', state, requestedAt: refund.at })
  }
  for (const state of REQUEST_STATES) {
    const slip = refundSlip(facts, { ...refund, state }, 'customer', STAMP)
    expect(slip).toMatchObject({ kind: 'request', state, requestedAt: refund.at })
    expect(headlineFen(slip)).toBe(1200)
  }
})

test('the headline is what the customer pays, gets, or is still to get', () => {
  expect(headlineFen(saleSlip(facts, 'customer', STAMP))).toBe(4500)
  expect(headlineFen(refundSlip(facts, refund, 'customer', STAMP))).toBe(1080)
  expect(headlineFen(refundSlip(facts, { ...refund, payerFen: null }, 'customer', STAMP))).toBe(
    1200,
  )
  expect(headlineFen(refundSlip(facts, { ...refund, state: 'submitted' }, 'customer', STAMP))).toBe(
    1200,
  )
})

test('earlier refunds are counted without this one once it has succeeded', () => {
  expect(refundedBefore(refundSlip(facts, refund, 'merchant', STAMP))).toBe(800)
  expect(refundedBefore(refundSlip(facts, { ...refund, state: 'stuck' }, 'merchant', STAMP))).toBe(
    2000,
  )
})

test('both copies of a slip differ in nothing but the reader, the codes and who vouches for them', () => {
  const {
    copy: _m,
    qr: merchantQr,
    verification: _v,
    ...merchant
  } = refundSlip(facts, refund, 'merchant', STAMP)
  const {
    copy: _c,
    qr: customerQr,
    verification,
    ...customer
  } = refundSlip(facts, refund, 'customer', STAMP)
  expect(merchant).toEqual(customer)
  expect(merchant.printedAt).toBe(AT)
  expect(merchantQr).toEqual({ for: 'till', data: refund.refundNo })
  expect(customerQr).toEqual({
    for: 'customer_page',
    data: `${facts.customerPage}#${refund.refundNo}`,
  })
  expect(verification).toBe(`${refund.refundNo}/customer/succeeded/1080`)
})

test.each(['', 'YL-2026', '1'.repeat(25), '１２３'])(
  'the order number %j is not put in bars, and the slip exists all the same',
  (orderNo) => {
    const slip = saleSlip({ ...facts, orderNo }, 'merchant', STAMP)
    expect(slip).toMatchObject({ orderNo, barcode: null })
  },
)

test.each([
  null,
  'javascript:alert(1)',
  'https://a.cn/ b',
  'https://a.cn/#x',
  `https://a.cn/${'x'.repeat(400)}`,
])('the customer page %j is not put in a code; the square is then the till’s', (customerPage) => {
  expect(saleSlip({ ...facts, customerPage }, 'customer', STAMP).qr).toEqual({
    for: 'till',
    data: facts.orderNo,
  })
})

test('without a number that a till can read there is no square', () => {
  const stamp: Stamp = { at: AT, vouch: () => ({ code: 'x', scan: null }) }
  expect(saleSlip(facts, 'merchant', stamp).qr).toBeNull()
})
