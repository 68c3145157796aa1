/** Reasons for refunds in words, as slips, screens and channels show them. */
import type { RefundReason } from '../domain/reasons.ts'
import type { Language } from './language.ts'

type Words = Readonly<Record<RefundReason | 'outside', string>>

const ZH: Words = {
  quality: '商品质量问题',
  wrong_item: '商品错发',
  not_made: '未制作或缺货',
  wrong_amount: '金额收错',
  double_payment: '重复付款',
  changed_mind: '不想要了',
  goodwill: '商家补偿',
  other: '其他原因',
  outside: '在渠道侧发起',
}

const EN: Words = {
  quality: 'Quality',
  wrong_item: 'Wrong item',
  not_made: 'Not made or out of stock',
  wrong_amount: 'Wrong amount charged',
  double_payment: 'Paid twice',
  changed_mind: 'Changed mind',
  goodwill: 'Goodwill',
  other: 'Other reason',
  outside: 'Made at the channel',
}

/** A code that is not in the list is shown as it is: it came from another version of the list. */
export function reasonText(language: Language, code: string): string {
  const words: Readonly<Record<string, string>> = language === 'zh' ? ZH : EN
  return Object.hasOwn(words, code) ? (words[code] ?? code) : code
}
