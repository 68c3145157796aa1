/** Refusals on their way out: one HTTP status a code, one body (RFC 9457), one language a reader. */
import type { ProblemCode, Refusal } from '../domain/problems.ts'
import type { Language } from '../texts/language.ts'
import { problemText } from '../texts/problems.ts'

/** A refusal thrown where returning it would only be passed on: the error handler answers with it. */
export class Problem extends Error {
  readonly refusal: Refusal
  /** Replaces the code's own status where HTTP has a finer word for it, such as 405 or 431. */
  readonly status: number

  constructor(refusal: Refusal, status: number = STATUS[refusal.code]) {
    super(refusal.code)
    this.name = 'Problem'
    this.refusal = refusal
    this.status = status
  }
}

const REQUEST_WRONG = 400
const NOT_SIGNED_IN = 401
const NOT_ALLOWED = 403
const NOT_FOUND = 404
/** The request is sound but does not fit how things stand now. */
const CONFLICT = 409
/** The request is sound and will never be possible for this sale, payment or refund. */
const NOT_POSSIBLE = 422

export const STATUS: Readonly<Record<ProblemCode, number>> = {
  body_invalid: REQUEST_WRONG,
  body_too_large: 413,
  body_too_deep: REQUEST_WRONG,
  body_not_json: REQUEST_WRONG,
  key_twice: REQUEST_WRONG,
  media_type: 415,
  https_needed: NOT_ALLOWED,
  not_signed_in: NOT_SIGNED_IN,
  staff_needed: NOT_ALLOWED,
  not_allowed: NOT_ALLOWED,
  second_person_needed: NOT_ALLOWED,
  second_person_same: NOT_ALLOWED,
  second_not_for_this: NOT_ALLOWED,
  second_beyond_till: NOT_ALLOWED,
  approval_code_wrong: NOT_ALLOWED,
  terminal_needed: NOT_ALLOWED,
  pin_wrong: NOT_SIGNED_IN,
  pin_locked: 429,
  pin_too_easy: NOT_POSSIBLE,
  enrolment_unknown: NOT_FOUND,
  not_found: NOT_FOUND,
  busy: 503,
  internal: 500,

  code_is_payment_code: NOT_POSSIBLE,
  code_is_goods_code: NOT_POSSIBLE,
  code_is_shop_plate: NOT_POSSIBLE,
  code_is_delivery_slip: NOT_POSSIBLE,
  code_is_web_address: NOT_POSSIBLE,
  code_unreadable: NOT_POSSIBLE,
  code_unknown: NOT_FOUND,
  code_of_another_shop: NOT_FOUND,
  channel_silent: 503,

  number_taken: CONFLICT,

  payment_unpaid: CONFLICT,
  payment_unclear: CONFLICT,
  payment_cancelled: CONFLICT,
  payment_blocked: CONFLICT,
  sale_has_open_payment: CONFLICT,
  sale_paid: CONFLICT,
  payment_code_wrong: NOT_POSSIBLE,
  channel_cannot: NOT_POSSIBLE,
  amount_wrong: NOT_POSSIBLE,

  over_room: CONFLICT,
  nothing_left: CONFLICT,
  amount_not_positive: NOT_POSSIBLE,
  refund_of_refund: NOT_POSSIBLE,
  items_taken: CONFLICT,
  no_such_item: NOT_POSSIBLE,
  window_over: NOT_POSSIBLE,
  count_used_up: NOT_POSSIBLE,
  partial_not_possible: NOT_POSSIBLE,
  amount_too_small: NOT_POSSIBLE,
  beside_unclear: CONFLICT,
  policy_denied: NOT_ALLOWED,
  cash_not_allowed: NOT_ALLOWED,
  reason_needed: NOT_POSSIBLE,
  supervisor_needed: NOT_ALLOWED,
  state_changed: CONFLICT,
  try_later: CONFLICT,
  cannot_raise: NOT_POSSIBLE,
  not_stuck: CONFLICT,
  remedy_invalid: NOT_POSSIBLE,
  remedy_unanswered: CONFLICT,
}

export const PROBLEM_TYPE = 'application/problem+json'

/** What every refusal looks like outside. `code` and `params` are for programs, the rest is for people. */
export type ProblemBody = {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly instance: string
  readonly code: ProblemCode
  readonly params: Refusal['params']
}

const text = (description: string) => ({ type: 'string' as const, description })

/** The same for OpenAPI. */
export const PROBLEM_SCHEMA = {
  type: 'object' as const,
  properties: {
    type: text('urn:yuanlu:problem:<code>'),
    title: text('What happened, in the language asked for'),
    status: { type: 'integer' as const, minimum: 400, maximum: 599 },
    detail: text('What it means or what to do'),
    instance: text('urn:uuid:<request>, to find it in the log'),
    code: { ...text('Stable, for programs'), enum: Object.keys(STATUS) },
    params: { type: 'object' as const, description: 'The figures in the sentence' },
  },
  required: ['type', 'title', 'status', 'detail', 'instance', 'code', 'params'],
}

export function problemBody(problem: Problem, language: Language, requestId: string): ProblemBody {
  const { refusal, status } = problem
  const [title, detail] = problemText(language, refusal)
  return {
    type: `urn:yuanlu:problem:${refusal.code}`,
    title,
    status,
    detail,
    instance: `urn:uuid:${requestId}`,
    code: refusal.code,
    params: refusal.params,
  }
}

const ACCEPT_LANGUAGE_MAX = 200

/**
 * Chinese unless English is clearly asked for before it. The header is only ever split and compared: a strange
 * one is no reason to refuse anybody.
 */
export function languageOf(acceptLanguage: string | undefined): Language {
  const wishes = (acceptLanguage ?? '')
    .slice(0, ACCEPT_LANGUAGE_MAX)
    .split(',')
    .map((wish) => {
      const [tag = '', ...params] = wish.trim().toLowerCase().split(';')
      const quality = params.map((param) => /^\s*q=([01](?:\.\d{0,3})?)\s*$/.exec(param)?.[1])
      return { language: tag.split('-')[0], quality: Number(quality.find((q) => q) ?? 1) }
    })
    .filter(({ quality }) => quality > 0)
    .toSorted((a, b) => b.quality - a.quality)
  const first = wishes.find(({ language }) => language === 'zh' || language === 'en')
  return first?.language === 'en' ? 'en' : 'zh'
}
