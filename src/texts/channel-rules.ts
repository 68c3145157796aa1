/** A channel's rules in plain words, for the page 各渠道退款规则 and wherever one of them has to be said. */
import type { ArrivalText } from '../domain/capabilities.ts'
import type {
  ChannelDestination,
  ChannelRule,
  ChannelRuleKey,
  ChannelRuleParams,
} from '../domain/channel-rules.ts'
import { money, span } from './figures.ts'
import type { Language } from './language.ts'
import { slipTexts } from './slip.ts'

/** A channel that has no name here is called by its id. */
export function channelName(language: Language, channel: string): string {
  const names: Readonly<Record<string, string>> = slipTexts[language].channel
  return Object.hasOwn(names, channel) ? (names[channel] ?? channel) : channel
}

export function channelRuleText(language: Language, rule: ChannelRule): string {
  const texts: Texts = language === 'zh' ? ZH : EN
  // The table pairs each key with its own parameters; TypeScript cannot follow a union through an index.
  const say = texts[rule.key] as (params: ChannelRule['params']) => string
  return say(rule.params)
}

/** When the money is there, without saying where: `几分钟内到账`. */
export const whenText = (language: Language, when: ArrivalText): string =>
  (language === 'zh' ? WHEN_ZH : WHEN_EN)[when]

/** `退到银行卡：1–3 个工作日到账。` */
export function arrivalText(
  language: Language,
  destination: ChannelDestination,
  when: ArrivalText,
): string {
  return language === 'zh'
    ? `${TO_ZH[destination]}：${WHEN_ZH[when]}。`
    : `${TO_EN[destination]}: ${WHEN_EN[when]}.`
}

export const hotlineText = (language: Language, phone: string): string =>
  language === 'zh'
    ? `顾客问款项到哪了，可拨 ${phone} 向支付渠道查询。`
    : `Customers may ask the payment company where the money is: ${phone}.`

type Texts = { readonly [Key in ChannelRuleKey]: (params: ChannelRuleParams[Key]) => string }

const ZH: Texts = {
  window: ({ days }) =>
    days === null ? '退款期限以与渠道的合同为准。' : `付款后 ${days} 天内可以退款。`,
  count: ({ most }) =>
    most === null ? '一笔收款的退款次数没有固定上限。' : `一笔收款最多退 ${most} 次。`,
  spacing: ({ ms }) =>
    ms === 0
      ? '同一笔收款可以接着再退。'
      : `同一笔收款两次退款至少间隔 ${span('zh', ms)}，系统会自动等候。`,
  serial: ({ per }) => `${SERIAL_ZH[per]}的退款一笔一笔提交，系统会自动排队。`,
  partial: ({ possible }) => (possible ? '可以全额退，也可以分几次部分退。' : '只能全额退。'),
  least_amount: ({ fen }) => `每次至少退 ${money(fen)}。`,
  same_day_void: ({ until }) =>
    until === null
      ? '没有当日撤销，当天也按退款处理。'
      : `付款当日 ${until} 前全额退的，可以作撤销处理。`,
  acquirer_fee: ({ fee }) => (fee === null ? '渠道手续费是否退还，以合同为准。' : FEE_ZH[fee]),
  unknown_outcome: ({ replaySafe, notifies, proof, quietMs }) =>
    [
      `没有收到结果时是“结果待确认”，系统会自动查询${notifies ? '，渠道也会通知' : ''}。`,
      replaySafe ? '用同一单号再提交也只退一次。' : '有结果前不会再提交。',
      proof === 'confirm_by_query' && quietMs !== null
        ? `停止提交 ${span('zh', quietMs)}后渠道仍查无此单，才算没有退。`
        : PROOF_ZH[proof],
    ].join(''),
}
const SERIAL_ZH = { payment: '同一笔收款', payer: '同一付款人', account: '同一渠道账户' } as const
const FEE_ZH = {
  pro_rata: '渠道收的手续费按退款比例退还本店。',
  kept: '渠道收的手续费不退还本店。',
} as const
const PROOF_ZH = {
  signed: '渠道签名答复“未退”，才算没有退。',
  confirm_by_query: '渠道签名答复或查证清楚，才算没有退。',
  statement_only: '对账单或凭证证明没有退，才算没有退。',
} as const
const TO_ZH: Readonly<Record<ChannelDestination, string>> = {
  balance: '退到余额（如微信零钱）',
  bank_card: '退到银行卡',
  original: '退到原付款账户',
  merchant: '退回了商户账户',
}
const WHEN_ZH: Readonly<Record<ArrivalText, string>> = {
  at_once: '即时到账',
  minutes: '几分钟内到账',
  days_1_3: '1–3 个工作日到账',
  days_1_7: '1–7 个工作日到账',
  by_hand: '由本店另行退给顾客',
  by_channel: '到账时间以渠道为准',
}

const EN: Texts = {
  window: ({ days }) =>
    days === null
      ? 'How long after the payment is a matter of the contract with the channel.'
      : `Refunds are possible for ${days} days after the payment.`,
  count: ({ most }) =>
    most === null
      ? 'There is no fixed limit to the number of refunds of one payment.'
      : `One payment can be refunded ${most} times at most.`,
  spacing: ({ ms }) =>
    ms === 0
      ? 'Refunds of one payment may follow each other at once.'
      : `Refunds of one payment are at least ${span('en', ms)} apart; the system waits by itself.`,
  serial: ({ per }) => `Refunds ${SERIAL_EN[per]} are sent one by one; the system queues them.`,
  partial: ({ possible }) =>
    possible ? 'In full, or in several parts.' : 'In full only, not in part.',
  least_amount: ({ fen }) => `At least ${money(fen)} at a time.`,
  same_day_void: ({ until }) =>
    until === null
      ? 'There is no same-day void; the same day it is a refund too.'
      : `In full and before ${until} on the day of the payment it can be a void.`,
  acquirer_fee: ({ fee }) =>
    fee === null
      ? 'Whether the channel gives its fee back is a matter of the contract.'
      : FEE_EN[fee],
  unknown_outcome: ({ replaySafe, notifies, proof, quietMs }) =>
    [
      `Without an answer the outcome is unknown; the system keeps asking${notifies ? ', and the channel tells too' : ''}.`,
      replaySafe
        ? 'The same number sent again refunds only once.'
        : 'Nothing is sent again before there is an answer.',
      proof === 'confirm_by_query' && quietMs !== null
        ? `Only when the channel still finds nothing ${span('en', quietMs)} after sending stopped, nothing was refunded.`
        : PROOF_EN[proof],
    ].join(' '),
}
const SERIAL_EN = {
  payment: 'of one payment',
  payer: 'to one payer',
  account: 'of one channel account',
} as const
const FEE_EN = {
  pro_rata: 'The channel gives its fee back in proportion to the refund.',
  kept: 'The channel keeps its fee.',
} as const
const PROOF_EN = {
  signed: 'Only the channel\'s signed "no" means that nothing was refunded.',
  confirm_by_query: 'Only a signed answer or a proof means that nothing was refunded.',
  statement_only: 'Only a statement or a proof means that nothing was refunded.',
} as const
const TO_EN: Readonly<Record<ChannelDestination, string>> = {
  balance: 'To a balance, such as that of WeChat',
  bank_card: 'To a bank card',
  original: 'To the account that paid',
  merchant: "Back in the merchant's account",
}
const WHEN_EN: Readonly<Record<ArrivalText, string>> = {
  at_once: 'there at once',
  minutes: 'there within minutes',
  days_1_3: 'there in 1–3 working days',
  days_1_7: 'there in 1–7 working days',
  by_hand: 'the shop pays the customer in another way',
  by_channel: 'when, the channel decides',
}
