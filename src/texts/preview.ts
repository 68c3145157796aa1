/** What will happen, said before anybody confirms. */
import type { ArrivalAhead, Discounts, Preview } from '../domain/preview.ts'
import { channelName, whenText } from './channel-rules.ts'
import { clock, money } from './figures.ts'
import type { Language } from './language.ts'
import { slipTexts } from './slip.ts'

type Planned = Pick<Preview, 'plan' | 'kind' | 'verdict'>

/** When it goes to the channel, or how it is handed out. */
export function planText(language: Language, { plan, kind, verdict }: Planned): string {
  const texts = language === 'zh' ? ZH : EN
  const first = verdict === 'needs_approval' ? texts.afterApproval : ''
  if (kind === 'cash') return sentence(first + texts.cash)
  if (plan.kind === 'now') return sentence(first + texts.now)
  return sentence(first + texts.at[plan.reason](clock(plan.at)))
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** By which way, and who gets it. */
export function routeText(
  language: Language,
  of: {
    readonly kind: Preview['kind']
    readonly channel: string
    /** Masked; null: the channel did not say. */
    readonly payer: string | null
  },
): string {
  const texts = language === 'zh' ? ZH : EN
  if (of.kind === 'cash') return texts.cashRoute
  const parts = [texts.original, channelName(language, of.channel), of.payer]
  return parts.filter((part) => part !== null).join(' ')
}

/** Before the channel has said where the money goes, each place it may go has its own time. */
export function arrivalAheadText(
  language: Language,
  kind: Preview['kind'],
  { key, toBalance, toCard }: ArrivalAhead,
): string {
  if (kind === 'cash') return slipTexts[language].arrival.by_hand.ahead
  if (toBalance === toCard) return slipTexts[language].arrival[key].ahead
  const texts = language === 'zh' ? ZH : EN
  return texts.either(whenText(language, toBalance), whenText(language, toCard))
}

export function discountText(language: Language, { ofShop, ofChannel }: Discounts): string {
  const texts = language === 'zh' ? ZH : EN
  return [
    ofShop === null ? '' : texts.ofShop(ofShop),
    ofChannel === null ? '' : texts.ofChannel(ofChannel),
  ]
    .filter((each) => each !== '')
    .join(language === 'zh' ? '' : ' ')
}

type Texts = {
  readonly afterApproval: string
  readonly cash: string
  readonly now: string
  readonly at: Readonly<
    Record<Extract<Preview['plan'], { kind: 'at' }>['reason'], (time: string) => string>
  >
  readonly original: string
  readonly cashRoute: string
  readonly either: (balance: string, card: string) => string
  readonly ofShop: (of: NonNullable<Discounts['ofShop']>) => string
  readonly ofChannel: (of: NonNullable<Discounts['ofChannel']>) => string
}

const ZH: Texts = {
  afterApproval: '授权后，',
  cash: '把现金当面退给顾客，然后在本机确认已付。',
  now: '马上提交渠道。',
  at: {
    spacing: (time) => `渠道要求两次退款之间有间隔，${time} 自动提交，不用守着。`,
    in_flight: () => '前一笔退款有答复后自动提交，一般只要几秒。',
    paused: () => '渠道账户已暂停，恢复后自动提交。勿重复退，勿垫付现金。',
    channel_down: () => '渠道暂时不通，恢复后自动提交。勿重复退，勿垫付现金。',
  },
  original: '原路退回',
  cashRoute: '现金当面退给顾客',
  either: (balance, card) => `退到零钱或余额：${balance}；退到银行卡：${card}。`,
  ofShop: ({ order, discount, paid }) =>
    `订单 ${money(order)}，优惠 ${money(discount)}，实付 ${money(paid)}：按实付退，优惠不退。`,
  ofChannel: ({ paid, payer, back, exact }) =>
    `实付 ${money(paid)} 中顾客自己付了 ${money(payer)}，其余是支付时的优惠券，不退给顾客。这次顾客${exact ? '实退' : '约退到'} ${money(back)}${exact ? '' : '，以渠道结果为准'}。`,
}

const EN: Texts = {
  afterApproval: 'once approved, ',
  cash: 'hand the cash to the customer, then confirm it here.',
  now: 'it goes to the channel at once.',
  at: {
    spacing: (time) => `the channel wants time between two refunds; it goes by itself at ${time}.`,
    in_flight: () =>
      'it goes by itself when the refund before it has its answer, usually within seconds.',
    paused: () =>
      'the channel account is paused; it goes by itself afterwards. Do not refund again and do not pay out cash.',
    channel_down: () =>
      'the channel cannot be reached; it goes by itself afterwards. Do not refund again and do not pay out cash.',
  },
  original: 'By the original route:',
  cashRoute: 'Cash, handed to the customer',
  either: (balance, card) => `To a balance, ${balance}; to a bank card, ${card}.`,
  ofShop: ({ order, discount, paid }) =>
    `Order ${money(order)}, discount ${money(discount)}, paid ${money(paid)}: what was paid is refunded, the discount is not.`,
  ofChannel: ({ paid, payer, back, exact }) =>
    `Of the ${money(paid)} paid the customer gave ${money(payer)}; the rest was a coupon of the payment app and does not go back to them. The customer gets ${exact ? '' : 'about '}${money(back)}${exact ? '' : '; the channel has the last word'}.`,
}
