/**
 * Each step of a refund or a payment in plain words, as its timeline shows it. Codes of channels and places in the books
 * stay in the evidence; here is what happened, and nothing is called done before it is.
 */
import type { EventType, Json } from '../domain/evidence.ts'
import { fen } from '../domain/money.ts'
import { money } from './figures.ts'
import type { Language } from './language.ts'
import { decisionText } from './reasons.ts'

/** What was sealed with the step; other versions sealed less, or more. */
export type StepFacts = Readonly<Record<string, unknown>>
type Texts = Readonly<Record<EventType, (facts: StepFacts) => string>>

/** `12.00` in yuan; empty where the step says no amount. */
const amount = (facts: StepFacts, name = 'amount'): string => {
  const value = facts[name]
  return typeof value === 'number' ? money(fen(value)) : ''
}

const is = (facts: StepFacts, name: string, value: Json): boolean => facts[name] === value

const code = (facts: StepFacts, name: string): string => {
  const value = facts[name]
  return typeof value === 'string' ? value : ''
}

const count = (facts: StepFacts, name: string): number => {
  const value = facts[name]
  return typeof value === 'number' ? value : 0
}

/** `开头：原因` or only the head, where no reason is known. */
const because = (head: string, between: string, reason: string): string =>
  reason === '' ? head : `${head}${between}${reason}`

const why = (language: Language, facts: StepFacts): string => {
  const reason = code(facts, 'reason')
  return reason === '' ? '' : decisionText(language, reason)
}

const copyZh = (facts: StepFacts): string => (is(facts, 'copy', 'merchant') ? '商户联' : '顾客联')
const copyEn = (facts: StepFacts): string =>
  is(facts, 'copy', 'merchant') ? 'merchant copy' : 'customer copy'

const printedZh = (facts: StepFacts): string => {
  const times = count(facts, 'reprint')
  const head = `打印${copyZh(facts)}${times > 0 ? `（补打第 ${times} 次）` : ''}`
  return is(facts, 'result', 'printed') ? head : `${head}，未确认出纸`
}
const printedEn = (facts: StepFacts): string => {
  const times = count(facts, 'reprint')
  const head = `Printed the ${copyEn(facts)}${times > 0 ? ` (reprint ${times})` : ''}`
  return is(facts, 'result', 'printed') ? head : `${head}; not sure that paper came out`
}

const zh: Texts = {
  'refund.requested': (facts) =>
    `申请退款 ${amount(facts)}${is(facts, 'verdict', 'needs_approval') ? '，待审核' : ''}`,
  'refund.approved': (facts) => `审核通过 ${amount(facts)}`,
  'refund.lowered': (facts) => `金额从 ${amount(facts, 'from')} 改为 ${amount(facts, 'to')}`,
  'refund.rejected': (facts) =>
    is(facts, 'reason', 'replaced') ? why('zh', facts) : because('已驳回', '：', why('zh', facts)),
  'refund.withdrawn': () => '申请已撤回',
  'refund.sending': (facts) =>
    is(facts, 'kind', 'cash')
      ? '改由收银员付现金'
      : count(facts, 'attempt') > 1
        ? `第 ${count(facts, 'attempt')} 次提交渠道`
        : '提交渠道',
  'refund.waiting': (facts) =>
    is(facts, 'reason', 'funds') ? '商户账户余额不足，待充值' : '渠道暂时不能处理，稍后自动提交',
  'refund.processing': () => '渠道已受理',
  'refund.stuck': () => '渠道退不到顾客的账户，退款异常',
  'refund.stopped': (facts) => because('停止再提交', '：', why('zh', facts)),
  'refund.remedy_sent': (facts) =>
    is(facts, 'remedy', 'to_bank_card') ? '决定改退到顾客的银行卡' : '决定先退回本店商户账户',
  'refund.declined': (facts) =>
    is(facts, 'code', 'not_handed_out')
      ? '没有付现金'
      : is(facts, 'code', 'never_sent')
        ? '没有发出，未扣款'
        : '渠道没有退款，未扣款',
  'refund.owed': (facts) => `还欠顾客 ${amount(facts)}`,
  'refund.succeeded': (facts) =>
    is(facts, 'outside', true)
      ? `在渠道侧退款 ${amount(facts)}`
      : is(facts, 'destination', 'cash')
        ? `现金已付给顾客 ${amount(facts, 'payer_fen')}`
        : `退款成功 ${amount(facts, 'payer_fen')}`,
  'refund.returned': () => '款项退回商户账户（银行退票），顾客没有收到',
  'refund.closed': (facts) => because('退款关闭', '：', why('zh', facts)),
  'refund.alarm': () => '渠道的答复对不上，需要人工核查',
  'refund.slip_printed': printedZh,
  'payment.submitted': (facts) => `发起收款 ${amount(facts)}`,
  'payment.waiting': () => '等顾客付款',
  'payment.paid': (facts) => `收款成功 ${amount(facts, 'paid_fen')}`,
  'payment.reversing': () => '正在撤销收款',
  'payment.reversed': () => '收款已撤销',
  'payment.closed': () => '收款已取消，没有扣款',
  'payment.imported': (facts) => `从别的系统转入 ${amount(facts)}`,
  'payment.restored': (facts) => `渠道已收款，补记入账 ${amount(facts, 'paid_fen')}`,
  'payment.accepted': () => '确认补单，这笔收款留下',
  'payment.blocked': () => '收款已锁定，等待核查',
  'payment.unblocked': () => '收款已解锁',
  'payment.slip_printed': printedZh,
  'payment.alarm': () => '渠道的答复对不上，需要人工核查',
}

const en: Texts = {
  'refund.requested': (facts) =>
    `Asked for ${amount(facts)}${is(facts, 'verdict', 'needs_approval') ? ', to be decided' : ''}`,
  'refund.approved': (facts) => `Approved ${amount(facts)}`,
  'refund.lowered': (facts) => `Lowered from ${amount(facts, 'from')} to ${amount(facts, 'to')}`,
  'refund.rejected': (facts) =>
    is(facts, 'reason', 'replaced')
      ? why('en', facts)
      : because('Rejected', ': ', why('en', facts)),
  'refund.withdrawn': () => 'Request taken back',
  'refund.sending': (facts) =>
    is(facts, 'kind', 'cash')
      ? 'To be paid in cash by the cashier'
      : count(facts, 'attempt') > 1
        ? `Submitted to the channel, attempt ${count(facts, 'attempt')}`
        : 'Submitted to the channel',
  'refund.waiting': (facts) =>
    is(facts, 'reason', 'funds')
      ? 'The merchant account lacks funds; waiting for them'
      : 'The channel cannot take it yet; it is sent later by itself',
  'refund.processing': () => 'The channel has accepted it',
  'refund.stuck': () => 'The channel cannot reach the customer’s account',
  'refund.stopped': (facts) => because('No more is sent', ': ', why('en', facts)),
  'refund.remedy_sent': (facts) =>
    is(facts, 'remedy', 'to_bank_card')
      ? 'To go to the customer’s bank card instead'
      : 'To come back to the merchant account first',
  'refund.declined': (facts) =>
    is(facts, 'code', 'not_handed_out')
      ? 'Cash was not handed out'
      : is(facts, 'code', 'never_sent')
        ? 'Never left; nothing was taken'
        : 'The channel did not refund; nothing was taken',
  'refund.owed': (facts) => `The customer is still owed ${amount(facts)}`,
  'refund.succeeded': (facts) =>
    is(facts, 'outside', true)
      ? `Refunded ${amount(facts)} at the channel`
      : is(facts, 'destination', 'cash')
        ? `${amount(facts, 'payer_fen')} handed out in cash`
        : `Paid back ${amount(facts, 'payer_fen')}`,
  'refund.returned': () =>
    'The money came back to the merchant (bank return); the customer has not got it',
  'refund.closed': (facts) => because('Closed', ': ', why('en', facts)),
  'refund.alarm': () => 'The channel’s answer does not fit; somebody has to look',
  'refund.slip_printed': printedEn,
  'payment.submitted': (facts) => `Payment of ${amount(facts)} begun`,
  'payment.waiting': () => 'Waiting for the customer to pay',
  'payment.paid': (facts) => `Paid ${amount(facts, 'paid_fen')}`,
  'payment.reversing': () => 'Being reversed',
  'payment.reversed': () => 'Payment reversed',
  'payment.closed': () => 'Payment cancelled; nothing was taken',
  'payment.imported': (facts) => `Taken over from another system, ${amount(facts)}`,
  'payment.restored': (facts) =>
    `The channel had taken ${amount(facts, 'paid_fen')}; it is booked now`,
  'payment.accepted': () => 'The restored payment is kept',
  'payment.blocked': () => 'Payment locked until somebody has looked',
  'payment.unblocked': () => 'Payment unlocked',
  'payment.slip_printed': printedEn,
  'payment.alarm': () => 'The channel’s answer does not fit; somebody has to look',
}

const TEXTS: Readonly<Record<Language, Texts>> = { zh, en }

/** A type that is not in the list came from another version: it is shown as it is. */
export function eventText(language: Language, type: string, facts: StepFacts): string {
  const texts: Readonly<Record<string, (facts: StepFacts) => string>> = TEXTS[language]
  const say = Object.hasOwn(texts, type) ? texts[type] : undefined
  return say ? say(facts).trim() : type
}
