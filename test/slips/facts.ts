/** Facts of an ordinary sale and refund, with what a test cares about laid over them. */
import { fen } from '../../src/domain/money.ts'
import { createHash } from 'node:crypto'
import { stampOf } from '../../src/domain/slip-code.ts'
import type { RefundFacts, SlipFacts } from '../../src/domain/slip.ts'

export const ORDER_NO = '7126112200012345678906'
export const REFUND_NO = '7326112200098765432103'
export const CUSTOMER_PAGE = 'https://refund.example.cn/r/7126112200012345678906?k=9fQ2xL7v'

/** Vouched for without a secret: enough to look at. */
export const STAMP = stampOf(new Date('2026-11-22T12:40:00Z'), (text) =>
  createHash('sha256').update(text).digest(),
)

export function saleFacts(over: Partial<SlipFacts> = {}): SlipFacts {
  return {
    store: {
      name: '川味小馆',
      address: '成都市锦江区春熙路南段 8 号附 12 号',
      phone: '028-8666 1234',
    },
    terminal: '1号机',
    cashier: '张三',
    orderNo: ORDER_NO,
    channel: 'wechatpay',
    paidAt: new Date('2026-11-22T11:05:09Z'),
    lines: [
      { name: '宫保鸡丁', quantity: 1, fen: fen(3800) },
      { name: '手工酸辣粉（加麻加辣、多放香菜、不要花生）大碗', quantity: 2, fen: fen(4400) },
      { name: '米饭', quantity: 3, fen: fen(600) },
    ],
    amounts: { order: fen(13800), discount: fen(1000), paid: fen(12800), refunded: fen(0) },
    reprint: 0,
    sandbox: false,
    training: false,
    customerPage: CUSTOMER_PAGE,
    ...over,
  }
}

export function refundFacts(over: Partial<RefundFacts> = {}): RefundFacts {
  return {
    state: 'succeeded',
    at: new Date('2026-11-22T12:31:40Z'),
    refundNo: REFUND_NO,
    amount: fen(1200),
    feeKept: fen(0),
    payerFen: fen(1200),
    destination: '招商银行(0403)',
    payer: '微信 张*',
    arrival: 'days_1_3',
    reason: '菜品问题',
    ...over,
  }
}
