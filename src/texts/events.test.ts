import { expect, test } from 'vitest'
import { EVENT_TYPES } from '../domain/evidence.ts'
import { CLOSE_REASONS, REJECT_REASONS, STOP_REASONS } from '../domain/reasons.ts'
import { eventText } from './events.ts'
import { LANGUAGES } from './language.ts'
import { decisionText } from './reasons.ts'

const FACTS = {
  amount: 1_200,
  from: 2_000,
  to: 1_200,
  paid_fen: 12_800,
  payer_fen: 1_200,
  verdict: 'needs_approval',
  reason: 'no_proof',
  attempt: 2,
  copy: 'customer',
  reprint: 1,
  result: 'printed',
}

test('every step has words in both languages, whether much or nothing was sealed with it', () => {
  for (const language of LANGUAGES) {
    for (const type of EVENT_TYPES) {
      for (const facts of [FACTS, {}]) {
        const said = eventText(language, type, facts)
        expect(said, type).not.toBe('')
        expect(said, type).not.toMatch(/undefined|null|NaN|refund\.|payment\./)
        expect(/[\u4e00-\u9fff]/.test(said), `${language} ${type}`).toBe(language === 'zh')
      }
    }
  }
})

test('a step says the amounts and reasons it was sealed with', () => {
  expect(eventText('zh', 'refund.requested', FACTS)).toBe('申请退款 ¥12.00，待审核')
  expect(eventText('zh', 'refund.lowered', FACTS)).toBe('金额从 ¥20.00 改为 ¥12.00')
  expect(eventText('zh', 'refund.rejected', FACTS)).toBe('已驳回：没有购买凭证')
  expect(eventText('zh', 'refund.rejected', { reason: 'replaced', by: '73' })).toBe(
    '已由新的申请代替',
  )
  expect(eventText('en', 'refund.slip_printed', FACTS)).toBe(
    'Printed the customer copy (reprint 1)',
  )
})

test('nothing is called done before it is, and a step of another version is shown by its name', () => {
  for (const type of EVENT_TYPES) {
    const said = eventText('zh', type, {})
    expect(said, type).not.toMatch(/失败|已到账|出款/)
    expect(/成功/.test(said), type).toBe(type === 'refund.succeeded' || type === 'payment.paid')
  }
  expect(eventText('zh', 'refund.later_word', {})).toBe('refund.later_word')
  expect(eventText('zh', 'toString', {})).toBe('toString')
})

test('every reason somebody can choose has words in both languages', () => {
  for (const language of LANGUAGES) {
    for (const reason of [...REJECT_REASONS, ...STOP_REASONS, ...CLOSE_REASONS]) {
      expect(decisionText(language, reason)).not.toBe(reason)
    }
  }
})
