/** What is wrong at one place of a request. The words for places are the caller's own field names. */
import type { Language } from './language.ts'

const ZH = {
  type_wrong: '类型不对',
  name_unknown: '有不认识的字段',
  name_not_allowed: '字段名不允许使用',
  too_many_names: '字段过多',
  number_not_whole: '只接受不带小数点和指数的整数，且不超过 ±9007199254740991',
  text_not_storable: '含有不能保存的字符（空字符或残缺的字符）',
  too_small: '太小或太短',
  too_big: '太大或太长',
  format_wrong: '格式不对',
  value_not_allowed: '不是允许的值',
  value_missing: '缺少这个值',
  exactly_one: '必须且只能有其中一个',
  number_not_free: '不能用：形似付款码或商品条码，或是另一类单号',
  header_twice: '同一个请求头出现了两次',
  header_missing: '缺少这个请求头',
  header_too_large: '请求头过大',
  address_malformed: '地址格式不对',
  address_too_long: '地址过长',
  http_malformed: '不是有效的 HTTP 请求',
  too_slow: '没有在规定时间内收完请求',
  not_a_url: '不是网址',
  not_https: '必须是 https 地址',
  has_credentials: '地址里不能带用户名或密码',
  address_forbidden: '这个地址不允许接收通知；接收方若在本店内网，请注明',
  too_many_webhooks: '接收地址已满，请先停用不用的',
} as const

export type IssueWord = keyof typeof ZH

const EN: Readonly<Record<IssueWord, string>> = {
  type_wrong: 'has the wrong type',
  name_unknown: 'has a field that is not known',
  name_not_allowed: 'has a name that is not allowed',
  too_many_names: 'has too many fields',
  number_not_whole:
    'must be a whole number without decimal point or exponent, within ±9007199254740991',
  text_not_storable: 'has a character that cannot be stored (NUL or half a character)',
  too_small: 'is too small or too short',
  too_big: 'is too large or too long',
  format_wrong: 'has the wrong format',
  value_not_allowed: 'is not one of the allowed values',
  value_missing: 'is missing',
  exactly_one: 'must have exactly one of',
  number_not_free:
    'cannot be used: it looks like a payment code or goods barcode, or is the number of another kind of thing',
  header_twice: 'appears twice',
  header_missing: 'is missing',
  header_too_large: 'is too large',
  address_malformed: 'is malformed',
  address_too_long: 'is too long',
  http_malformed: 'is not a valid HTTP request',
  too_slow: 'did not arrive in time',
  not_a_url: 'is not a web address',
  not_https: 'must be an https address',
  has_credentials: 'must not carry a user name or password',
  address_forbidden:
    "is an address that may not receive; say so if the receiver stands on the shop's own network",
  too_many_webhooks: 'is one receiver too many; pause one that is not used',
}

export const issueText = (language: Language, word: IssueWord): string =>
  (language === 'zh' ? ZH : EN)[word]
