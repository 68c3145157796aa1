// Field rules, checked the way WeChat Pay answers for them: the first broken one, by JSON pointer.
import type { Account } from '../accounts.ts'
import type { Scope } from './ledger.ts'
import { badField, invalidRequest, Refusal } from './problem.ts'

export type Fields = Readonly<Record<string, unknown>>

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const parseBody = (body: Buffer): Fields => {
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'))
    if (isFields(parsed)) return parsed
  } catch {
    // Falls through to the one refusal for anything that is no JSON object.
  }
  throw new Refusal(400, 'PARAM_ERROR', '请求体不是合法的JSON对象')
}

type TextRule = { readonly max: number; readonly min?: number; readonly pattern?: RegExp }

const fieldName = (pointer: string) => pointer.slice(pointer.lastIndexOf('/') + 1)

export const optionalText = (
  fields: Fields,
  pointer: string,
  { max, min = 1, pattern }: TextRule,
): string | null => {
  const value = fields[fieldName(pointer)]
  if (value === undefined || value === null || value === '') return null
  if (typeof value !== 'string') throw badField(pointer, value, '必须是字符串')
  // Characters, not UTF-16 units: a rare 汉字 counts once.
  const length = Array.from(value).length
  if (length > max || length < min) throw badField(pointer, value, `长度应为${min}至${max}`)
  if (pattern !== undefined && !pattern.test(value)) throw badField(pointer, value, '格式不符')
  return value
}

export const text = (fields: Fields, pointer: string, rule: TextRule): string => {
  const value = optionalText(fields, pointer, rule)
  if (value === null) throw badField(pointer, fields[fieldName(pointer)], '必填')
  return value
}

export const fen = (fields: Fields, pointer: string): number => {
  const value = fields[fieldName(pointer)]
  if (value === undefined) throw badField(pointer, value, '必填')
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
    throw badField(pointer, value, '必须是整数（分）')
  }
  if (value < 1) throw badField(pointer, value, '必须大于0')
  return value
}

export const object = (fields: Fields, pointer: string): Fields => {
  const value = fields[fieldName(pointer)]
  if (!isFields(value)) throw badField(pointer, value, '必填且必须是对象')
  return value
}

export const optionalObject = (fields: Fields, pointer: string): Fields | null =>
  fields[fieldName(pointer)] === undefined ? null : object(fields, pointer)

export const optionalList = (fields: Fields, pointer: string): readonly Fields[] | null => {
  const value = fields[fieldName(pointer)]
  if (value === undefined) return null
  if (!Array.isArray(value) || !value.every(isFields)) {
    throw badField(pointer, null, '必须是对象数组')
  }
  return value
}

export const currency = (amount: Fields, required: boolean): void => {
  const value = amount.currency
  if (value === undefined && !required) return
  if (value !== 'CNY') throw badField('/amount/currency', value, '仅支持CNY')
}

export const OUT_TRADE_NO: TextRule = { min: 6, max: 32, pattern: /^[0-9A-Za-z_\-*]+$/ }
export const OUT_REFUND_NO: TextRule = { max: 64, pattern: /^[0-9A-Za-z_\-|*@]+$/ }

const NOTIFY_URL_MAX = 256
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]'])

/** https without a query; the sandbox also lets plain http through, but on loopback only. */
export const notifyUrl = (fields: Fields, required: boolean): string | null => {
  const rule = { max: NOTIFY_URL_MAX }
  const value = required
    ? text(fields, '/notify_url', rule)
    : optionalText(fields, '/notify_url', rule)
  if (value === null) return null
  const url = URL.canParse(value) ? new URL(value) : null
  const allowed =
    url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.has(url.hostname))
  if (url === null || !allowed) {
    throw badField('/notify_url', value, '必须是https地址（沙盒另允许本机回环地址使用http）')
  }
  if (value.includes('?')) throw badField('/notify_url', value, '不能携带参数')
  return value
}

/** Keys sorted at every depth, so that the same content always reads the same. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    isFields(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )

const MCHID: TextRule = { max: 32, pattern: /^\d+$/ }

const isMine = (given: unknown, account: Account, pointer: string, location: 'body' | 'query') => {
  if (given === undefined || given === '') throw badField(pointer, given, '必填', location)
  if (given !== account.mchid) {
    throw badField(pointer, given, '与Authorization中的mchid不一致', location)
  }
}

/** Which sub-merchant a partner acts for; direct merchants must not name one. */
export const subMerchant = (
  fields: Fields,
  account: Account,
  location: 'body' | 'query' = 'body',
): Scope => {
  const given = optionalText(fields, '/sub_mchid', MCHID)
  if (account.kind === 'direct') {
    if (given !== null) throw badField('/sub_mchid', given, '普通商户不可填写', location)
    return { mchid: account.mchid, subMchid: null }
  }
  if (given === null) throw badField('/sub_mchid', given, '服务商必填', location)
  if (!account.subMchids.includes(given)) {
    throw new Refusal(403, 'NO_AUTH', '与该特约商户没有受理关系')
  }
  return { mchid: account.mchid, subMchid: given }
}

/** The merchant named in a pay, query, close or reverse request, direct or partner. */
export const namedMerchant = (
  fields: Fields,
  account: Account,
  partner: boolean,
  location: 'body' | 'query' = 'body',
): Scope => {
  if (partner !== (account.kind === 'partner')) {
    throw invalidRequest(partner ? '该商户号不是服务商' : '服务商请使用服务商接口')
  }
  const pointer = partner ? '/sp_mchid' : '/mchid'
  isMine(fields[pointer.slice(1)], account, pointer, location)
  return subMerchant(fields, account, location)
}

/** The app id, which must be the one bound to the merchant. */
export const namedApp = (fields: Fields, account: Account, partner: boolean): string => {
  const appid = text(fields, partner ? '/sp_appid' : '/appid', { max: 32 })
  if (appid !== account.appid) throw new Refusal(400, 'APPID_MCHID_NOT_MATCH', 'appid与mchid不匹配')
  return appid
}
