/**
 * What a refusal says to people: a sentence that says what happened, and a second one with what it means or what
 * to do. Exhaustive over the table of problems in both languages.
 */
import type { Fen } from '../domain/money.ts'
import type { ProblemCode, ProblemParams, Refusal } from '../domain/problems.ts'
import { clock, money } from './figures.ts'
import type { Language } from './language.ts'

/** What happened, and what it means or what to do: nobody is left with a no alone. */
export type ProblemText = readonly [title: string, detail: string]
type Texts = { readonly [Code in ProblemCode]: (params: ProblemParams[Code]) => ProblemText }

export function problemText(language: Language, refusal: Refusal): ProblemText {
  const texts: Texts = language === 'zh' ? ZH : EN
  // The table pairs each code with its own parameters; TypeScript cannot follow a union through an index.
  const say = texts[refusal.code] as (params: Refusal['params']) => ProblemText
  return say(refusal.params)
}

/** `（已退 ¥12.00，处理中 ¥3.00）`, with only the parts that are not zero. */
function usedZh({ refunded, held }: { readonly refunded: Fen; readonly held: Fen }): string {
  const parts = [
    refunded > 0 ? `已退 ${money(refunded)}` : '',
    held > 0 ? `处理中 ${money(held)}` : '',
  ].filter((part) => part !== '')
  return parts.length === 0 ? '' : `（${parts.join('，')}）`
}

function usedEn({ refunded, held }: { readonly refunded: Fen; readonly held: Fen }): string {
  const parts = [
    refunded > 0 ? `${money(refunded)} already refunded` : '',
    held > 0 ? `${money(held)} under way` : '',
  ].filter((part) => part !== '')
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`
}

const ZH: Texts = {
  body_invalid: () => ['提交的内容不符合要求，未做任何操作。', '请按所列位置修改后再提交。'],
  body_too_large: ({ limitBytes }) => [
    `提交的内容过大，最多 ${limitBytes} 字节。`,
    '未做任何操作。',
  ],
  body_too_deep: ({ limit }) => [`提交的内容嵌套过深，最多 ${limit} 层。`, '未做任何操作。'],
  body_not_json: () => ['提交的内容不是完整的 UTF-8 JSON。', '未做任何操作。'],
  key_twice: ({ key }) => [`字段“${shown(key)}”出现了两次，无法判断以哪个为准。`, '未做任何操作。'],
  media_type: () => ['只接受 application/json（UTF-8，不压缩）。', '未做任何操作。'],
  https_needed: () => [
    '这台服务器只接受 HTTPS，未做任何操作。',
    '请把地址改成 https:// 开头。这次请求未经加密，其中的密钥请更换。',
  ],
  not_signed_in: () => ['没有登录，或登录已失效。', '请重新登录后再试。'],
  staff_needed: () => ['还不知道是谁在操作。', '请收银员先用自己的账号登录本机。'],
  not_allowed: () => ['您没有做这件事的权限。', '请有权限的同事操作。'],
  second_person_needed: () => ['这一步需要第二个人确认。', '请店长或另一位有权限的同事授权。'],
  second_person_same: () => ['授权的人不能是操作的人自己。', '请另一位有权限的同事授权。'],
  second_not_for_this: () => [
    '这次授权不能用在这一步：内容、金额、操作人或收银机不同，或者已经用过、已过期。',
    '请重新授权。',
  ],
  second_beyond_till: ({ limit }) => [
    `用密码或授权码最多到 ${money(limit)}。`,
    '超过的请在自己的手机上审核。',
  ],
  approval_code_wrong: () => [
    '授权码不对，或者已经用过、已过期、输错太多次。',
    '请核对后再输；仍不行请店长重新生成。',
  ],
  terminal_needed: () => ['这一步要在收银机上做。', '请在已绑定的收银机上操作。'],
  pin_wrong: ({ left }) => [`工号或密码不对，还可以试 ${left} 次。`, '忘记密码请联系店长重设。'],
  pin_locked: ({ until }) => [
    `密码连续输错，已锁定到 ${clock(new Date(until))}。`,
    '到时再试；这期间请同事操作。',
  ],
  pin_too_easy: () => ['这个密码太容易被猜到。', '请换一个：不要用重复、连续的数字或年份。'],
  enrolment_unknown: () => [
    '绑定码不对，或者已经用过、已过期。',
    '请核对后再输；仍不行请店长重新生成。',
  ],
  not_found: ({ what }) => [`没有找到${THINGS_ZH.get(what) ?? '要找的内容'}。`, '请核对后再试。'],
  busy: () => ['系统正忙，没能给出结果。', '请稍候用同一个单号再提交，不会重复退款。'],
  internal: () => [
    '系统出了问题，这次操作的结果待确认。',
    '请先查询，勿换新单号重复提交，也不要垫付现金。',
  ],

  code_is_payment_code: () => ['这是付款码，不是订单码。', '请顾客打开账单里的商户单号。'],
  code_is_goods_code: () => [
    '这是商品条码，不是订单码。',
    '请扫小票上的条码，或顾客账单里的商户单号。',
  ],
  code_is_shop_plate: () => [
    '这是收款码，不是订单码。',
    '请扫小票上的条码，或顾客账单里的商户单号。',
  ],
  code_is_delivery_slip: () => ['这是外卖平台的单子，不能在这里退。', '请到外卖商家端退款。'],
  code_is_web_address: () => [
    '这是一个网址，不是订单码。',
    '收款码牌和外卖单不能在这里退。请扫小票上的条码，或顾客账单里的商户单号。',
  ],
  code_unreadable: () => ['没有读懂这个码。', '请重新扫一次，或手动输入单号。'],
  code_unknown: ({ code }) => [
    `没有找到单号 ${shown(code)}。`,
    '请核对是不是本店的账单；也可以按金额和时间查找。',
  ],
  code_of_another_shop: ({ code }) => [
    `单号 ${shown(code)} 不在本店的账上，应是别家店的。`,
    '请顾客到付款的那家店退，并核对账单上的商户名称。',
  ],
  channel_silent: () => [
    '暂时问不到支付渠道，还不能确定有没有这笔订单。',
    '请稍后再扫一次；不要据此认定顾客没有付款。',
  ],

  number_taken: ({ number }) => [
    `单号 ${shown(number)} 已用于另一笔内容不同的申请。`,
    '原申请不受影响，请查看原申请。',
  ],

  payment_unpaid: () => ['这笔订单还没有付款，没有钱可退。', '不需要时请取消订单。'],
  payment_unclear: () => ['这笔收款的结果待确认，暂时不能退。', '系统会自动查询，请稍候。'],
  payment_cancelled: () => ['这笔收款已撤销，钱已退回或没有扣款。', '不需要再退。'],
  payment_blocked: () => ['这笔收款已锁定，等待核查。', '请联系店长处理，勿垫付现金。'],
  sale_has_open_payment: ({ payment }) => [
    `这笔订单还有一笔收款结果待确认（${shown(payment)}）。`,
    '有结果前不能再收款或退款，系统会自动查询。',
  ],
  sale_paid: ({ payment }) => [`这笔订单已经付过款（${shown(payment)}）。`, '请勿重复收款。'],
  payment_code_wrong: () => ['这不是可用的付款码，没有扣款。', '请顾客刷新付款码后再扫。'],
  channel_cannot: () => ['该支付渠道不支持这个操作。', '请换一种方式。'],
  amount_wrong: () => ['金额对不上，未做任何操作。', '请核对应收、优惠和实付后再提交。'],

  over_room: (p) => [`最多还能退 ${money(p.room)}${usedZh(p)}。`, '请改小金额后再提交。'],
  nothing_left: (p) => [
    `没有可退的金额了${usedZh(p)}。`,
    p.held > 0
      ? '处理中的退款有结果后再看，请勿重复退款。'
      : '请勿重复退款；可补打退款凭证给顾客。',
  ],
  amount_not_positive: () => ['退款金额要大于 ¥0.00。', '请重新输入金额。'],
  refund_of_refund: ({ refund }) => [
    `${shown(refund)} 是退款单号，退款不能再退。`,
    '要查看这笔退款请打开它；要退另一笔请扫那笔的订单码。',
  ],
  items_taken: ({ line, left, held }) => [
    `第 ${line} 项最多还能退 ${left} 件${held > 0 ? `（处理中 ${held} 件）` : ''}。`,
    '请改小数量，或重新选择要退的项目。',
  ],
  no_such_item: ({ line }) => [`这笔订单没有第 ${line} 项。`, '请重新选择要退的项目。'],
  window_over: ({ days }) => [
    `已超过支付渠道 ${days} 天的退款期限，不能原路退回。`,
    '请店长用其他方式处理并留下凭证。',
  ],
  count_used_up: ({ limit }) => [
    `这笔收款的退款次数已用完（最多 ${limit} 次）。`,
    '请店长用其他方式处理并留下凭证。',
  ],
  partial_not_possible: ({ paid }) => [
    `这笔收款只能全额退 ${money(paid)}，不能部分退。`,
    '请改为全额退款，或请店长用其他方式处理。',
  ],
  amount_too_small: ({ least }) => [
    `该支付渠道每次至少退 ${money(least)}。`,
    '请改大金额后再提交。',
  ],
  beside_unclear: ({ refund }) => [
    `这笔收款有一笔退款结果待确认（${shown(refund)}）。`,
    '系统正在查询，请勿重复退款；急需再退请店长授权。',
  ],
  policy_denied: () => ['本店规则不允许这笔退款。', '请联系店长。'],
  cash_not_allowed: ({ limit }) =>
    limit > 0
      ? [`现金退款最多 ${money(limit)}。`, '超过的请原路退回。']
      : ['本店不允许现金退款。', '请原路退回。'],
  reason_needed: () => ['这样退款要写明原因。', '请选择或填写原因后再提交。'],
  supervisor_needed: () => ['这一步需要店长授权。', '请店长输入授权，或在自己的手机上审核。'],
  state_changed: () => ['情况已经变了，这一步现在不能做。', '请刷新后按当前状态处理。'],
  try_later: ({ at }) => [
    '渠道现在还不能再退这一笔。',
    `请在 ${clock(new Date(at))} 之后再退，钱没有动。`,
  ],
  cannot_raise: ({ amount }) => [
    `金额只能改小，不能高于 ${money(amount)}。`,
    '要多退请撤回后重新申请。',
  ],
  not_stuck: () => ['这笔退款不是退款异常，不需要这样处理。', '请刷新后按当前状态处理。'],
  remedy_invalid: () => ['收款信息不完整或不正确，未提交渠道。', '请与顾客核对后再提交。'],
  remedy_unanswered: () => [
    '上一次的处理已提交渠道，还没有结果。',
    '请勿重复提交，等结果出来后再决定。',
  ],
}

const EN: Texts = {
  body_invalid: () => [
    'The request does not have the expected form; nothing was done.',
    'Correct the places listed and send it again.',
  ],
  body_too_large: ({ limitBytes }) => [
    `The request is too large: ${limitBytes} bytes at most.`,
    'Nothing was done.',
  ],
  body_too_deep: ({ limit }) => [
    `The request is nested too deeply: ${limit} levels at most.`,
    'Nothing was done.',
  ],
  body_not_json: () => [
    'The request is not a complete JSON document in UTF-8.',
    'Nothing was done.',
  ],
  key_twice: ({ key }) => [
    `The field "${shown(key)}" appears twice, so it is unclear which one counts.`,
    'Nothing was done.',
  ],
  media_type: () => [
    'Only application/json is accepted (UTF-8, not compressed).',
    'Nothing was done.',
  ],
  https_needed: () => [
    'This server takes HTTPS only; nothing was done.',
    'Begin the address with https://. The request went unencrypted: replace any key it carried.',
  ],
  not_signed_in: () => ['You are not signed in, or no longer.', 'Sign in and try again.'],
  staff_needed: () => ['Nobody is signed in at this till.', 'Sign in with your own account first.'],
  not_allowed: () => ['You may not do this.', 'Ask a colleague who may.'],
  second_person_needed: () => [
    'This step needs a second person.',
    'Ask a supervisor or another authorised colleague to confirm.',
  ],
  second_person_same: () => [
    'The person confirming cannot be the person acting.',
    'Ask another authorised colleague.',
  ],
  second_not_for_this: () => [
    'This confirmation is not for this step: content, amount, person or till differ, or it was used or is too old.',
    'Ask for a new one.',
  ],
  second_beyond_till: ({ limit }) => [
    `By PIN or one-time code, ${money(limit)} at most.`,
    'Decide larger ones on your own phone.',
  ],
  approval_code_wrong: () => [
    'The code is wrong, or it was used, is too old, or was mistyped too often.',
    'Check it; if it still fails, ask the supervisor for a new one.',
  ],
  terminal_needed: () => ['This is done at a till.', 'Use a till that has been set up.'],
  pin_wrong: ({ left }) => [
    `Staff number or PIN is wrong; ${left} ${left === 1 ? 'try' : 'tries'} left.`,
    'If you forgot your PIN, ask a supervisor.',
  ],
  pin_locked: ({ until }) => [
    `Too many wrong PINs; locked until ${clock(new Date(until))}.`,
    'Try again then; until then let a colleague do it.',
  ],
  pin_too_easy: () => [
    'This PIN is too easy to guess.',
    'Choose another: no repeated digits, no sequences, no years.',
  ],
  enrolment_unknown: () => [
    'The code is wrong, or it was used or is too old.',
    'Check it; if it still fails, ask a supervisor for a new one.',
  ],
  not_found: ({ what }) => [
    `${THINGS_EN.get(what) ?? 'What you are looking for'} was not found.`,
    'Check and try again.',
  ],
  busy: () => [
    'The system is busy and could not answer.',
    'Send the same number again shortly; it will not refund twice.',
  ],
  internal: () => [
    'Something went wrong here; the outcome of this act is not known yet.',
    'Check first. Do not send it again under a new number, and do not pay cash.',
  ],

  code_is_payment_code: () => [
    'This is a payment code, not an order code.',
    "Ask the customer for the merchant order number in the payment app's bill.",
  ],
  code_is_goods_code: () => [
    'This is a goods barcode, not an order code.',
    "Scan the receipt, or the merchant order number in the customer's bill.",
  ],
  code_is_shop_plate: () => [
    'This is a code for paying a shop, not an order code.',
    "Scan the receipt, or the merchant order number in the customer's bill.",
  ],
  code_is_delivery_slip: () => [
    "This is a delivery platform's slip; it cannot be refunded here.",
    "Refund it in the platform's merchant app.",
  ],
  code_is_web_address: () => [
    'This is a web address, not an order code.',
    "Payment plates and delivery slips are not refunded here. Scan the receipt, or the merchant order number in the customer's bill.",
  ],
  code_unreadable: () => ['This code could not be read.', 'Scan it again, or type the number.'],
  code_unknown: ({ code }) => [
    `No order has the number ${shown(code)}.`,
    'Check that the bill is from this shop, or search by amount and time.',
  ],
  code_of_another_shop: ({ code }) => [
    `${shown(code)} is not in this shop's books; it should be another shop's.`,
    "It is refunded where it was paid. Check the shop's name on the bill.",
  ],
  channel_silent: () => [
    'The payment channel could not be asked, so it is not known whether this order exists.',
    'Scan again shortly. Do not take it that the customer has not paid.',
  ],

  number_taken: ({ number }) => [
    `The number ${shown(number)} was used for a request with other content.`,
    'The earlier request stands as it was; look at it first.',
  ],

  payment_unpaid: () => [
    'This order has not been paid, so there is nothing to refund.',
    'Cancel the order if it is not wanted.',
  ],
  payment_unclear: () => [
    'It is not known yet whether this payment succeeded, so it cannot be refunded now.',
    'The system keeps asking; wait a moment.',
  ],
  payment_cancelled: () => [
    'This payment was reversed: the money went back or was never taken.',
    'No refund is needed.',
  ],
  payment_blocked: () => [
    'This payment is locked until somebody has looked into it.',
    'Ask a supervisor. Do not pay cash.',
  ],
  sale_has_open_payment: ({ payment }) => [
    `Another payment of this order has no known outcome yet (${shown(payment)}).`,
    'Until then it can be neither charged nor refunded; the system keeps asking.',
  ],
  sale_paid: ({ payment }) => [
    `This order is paid already (${shown(payment)}).`,
    'Do not charge it again.',
  ],
  payment_code_wrong: () => [
    'This is not a usable payment code; nothing was charged.',
    'Ask the customer to refresh the code and scan again.',
  ],
  channel_cannot: () => ['This payment channel cannot do that.', 'Choose another way.'],
  amount_wrong: () => [
    'The amounts do not add up; nothing was done.',
    'Check total, discount and amount paid.',
  ],

  over_room: (p) => [
    `At most ${money(p.room)} can still be refunded${usedEn(p)}.`,
    'Ask for less.',
  ],
  nothing_left: (p) => [
    `Nothing is left to refund${usedEn(p)}.`,
    p.held > 0
      ? 'Wait for the refund under way; do not refund twice.'
      : 'Do not refund twice; the refund slip can be printed again for the customer.',
  ],
  amount_not_positive: () => ['The amount must be more than ¥0.00.', 'Enter the amount again.'],
  refund_of_refund: ({ refund }) => [
    `${shown(refund)} is the number of a refund, and a refund cannot be refunded.`,
    'Open it to see how it stands, or scan the order you mean.',
  ],
  items_taken: ({ line, left, held }) => [
    `Of line ${line}, at most ${left} can still be refunded${held > 0 ? ` (${held} under way)` : ''}.`,
    'Choose fewer, or other items.',
  ],
  no_such_item: ({ line }) => [`This order has no line ${line}.`, 'Choose the items again.'],
  window_over: ({ days }) => [
    `The channel's limit of ${days} days is over; the original route is closed.`,
    'A supervisor can settle it another way and keep the proof.',
  ],
  count_used_up: ({ limit }) => [
    `This payment has used all its refunds (${limit} at most).`,
    'A supervisor can settle it another way and keep the proof.',
  ],
  partial_not_possible: ({ paid }) => [
    `This payment can only be refunded in full, ${money(paid)}, not in part.`,
    'Refund it in full, or let a supervisor settle it another way.',
  ],
  amount_too_small: ({ least }) => [
    `This channel refunds at least ${money(least)} at a time.`,
    'Ask for more.',
  ],
  beside_unclear: ({ refund }) => [
    `Another refund of this payment has no known outcome yet (${shown(refund)}).`,
    'The system is asking; do not refund twice. If it cannot wait, ask a supervisor.',
  ],
  policy_denied: () => ["The shop's rules do not allow this refund.", 'Ask a supervisor.'],
  cash_not_allowed: ({ limit }) =>
    limit > 0
      ? [`Cash refunds go up to ${money(limit)}.`, 'Refund larger amounts by the original route.']
      : ['This shop does not refund in cash.', 'Refund by the original route.'],
  reason_needed: () => ['This kind of refund needs a reason.', 'Choose or write one.'],
  supervisor_needed: () => [
    'This step needs a supervisor.',
    'A supervisor can confirm here or decide on their own phone.',
  ],
  state_changed: () => [
    'Things have changed, and this step is no longer possible.',
    'Refresh and go on from how it stands now.',
  ],
  try_later: ({ at }) => [
    'The channel does not take another refund of this payment yet.',
    `Send it again after ${clock(new Date(at))}; no money has moved.`,
  ],
  cannot_raise: ({ amount }) => [
    `The amount can only go down, to ${money(amount)} at most.`,
    'For more, take the request back and make a new one.',
  ],
  not_stuck: () => [
    'This refund is not stuck, so there is nothing to remedy.',
    'Refresh and go on from how it stands now.',
  ],
  remedy_invalid: () => [
    "The payee's details are incomplete or wrong; nothing was sent to the channel.",
    'Check them with the customer.',
  ],
  remedy_unanswered: () => [
    'What was decided before is with the channel and has no answer yet.',
    'Do not decide again; wait for the answer.',
  ],
}

const THINGS_ZH = new Map([
  ['sale', '这笔订单'],
  ['payment', '这笔收款'],
  ['refund', '这笔退款'],
  ['attempt', '这次退款提交'],
  ['store', '这家门店'],
  ['terminal', '这台收银机'],
  ['staff', '这位员工'],
  ['session', '这次登录'],
  ['channel_account', '这个渠道账户'],
  ['webhook', '这个通知接收地址'],
  ['delivery', '这条通知'],
  ['route', '这个地址'],
  ['method', '这个地址的这种操作'],
])
const THINGS_EN = new Map([
  ['sale', 'This order'],
  ['payment', 'This payment'],
  ['refund', 'This refund'],
  ['attempt', 'This attempt'],
  ['store', 'This store'],
  ['terminal', 'This till'],
  ['staff', 'This person'],
  ['session', 'This sign-in'],
  ['channel_account', 'This channel account'],
  ['webhook', 'This receiver of webhooks'],
  ['delivery', 'This delivery'],
  ['route', 'This address'],
  ['method', 'This operation at this address'],
])

const SHOWN_CHARACTERS_MAX = 64

/** What a caller sent is repeated shortened and without control characters, so that it cannot fake a sentence of ours. */
function shown(text: string): string {
  const clean = text.toWellFormed().replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '')
  const characters = [...clean]
  return characters.length <= SHOWN_CHARACTERS_MAX
    ? clean
    : `${characters.slice(0, SHOWN_CHARACTERS_MAX).join('')}…`
}
