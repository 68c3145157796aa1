/**
 * Numbers that people and channels see. All are decimal digits, 22 long (so that Code128-C prints one
 * on 58 mm paper): two digits for the kind, six for the day, thirteen random, one Luhn check digit.
 * The length keeps them apart from payment codes (18 digits) and goods barcodes (13 digits, 69…).
 */
import type { Capabilities } from './capabilities.ts'

export const KINDS = { sale: '71', payment: '72', refund: '73' } as const
export type NumberKind = keyof typeof KINDS

/** What a caller may choose as its own number: digits only, printable as a 1-D barcode on 58 mm paper. */
export const OWN_NUMBER = /^\d{16,24}$/

const RANDOM_DIGITS = 13

/**
 * A fresh number. `day` is `yymmdd` in the shop's calendar; `random` has at least thirteen decimal digits
 * and comes from the edge, since nothing in the domain may draw lots.
 */
export function makeNumber(kind: NumberKind, day: string, random: string): string {
  if (!/^\d{6}$/.test(day) || !/^\d{13,}$/.test(random)) {
    throw new RangeError('a number takes a day yymmdd and thirteen random digits')
  }
  const body = KINDS[kind] + day + random.slice(0, RANDOM_DIGITS)
  return body + luhnDigit(body)
}

/** The kind of one of our own numbers, or null when the digits are not ours or the check digit is wrong. */
export function kindOf(text: string): NumberKind | null {
  if (!/^\d{22}$/.test(text) || luhnDigit(text.slice(0, -1)) !== text.slice(-1)) return null
  const kind = (Object.keys(KINDS) as NumberKind[]).find((each) => text.startsWith(KINDS[each]))
  return kind ?? null
}

function luhnDigit(body: string): string {
  let sum = 0
  for (let i = 0; i < body.length; i += 1) {
    const digit = Number(body[body.length - 1 - i])
    const doubled = i % 2 === 0 ? digit * 2 : digit
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return String((10 - (sum % 10)) % 10)
}

const ALPHABETS = {
  digits: /^[0-9]*$/,
  alnum: /^[0-9A-Za-z]*$/,
  'alnum_-': /^[0-9A-Za-z_-]*$/,
} as const satisfies Record<Capabilities['requestNo']['alphabet'], RegExp>

/**
 * The number a channel knows one attempt by: derived once from the refund's number and the attempt's place,
 * never again, so that every repetition of the attempt carries the same number. Throws when the channel's
 * alphabet or length cannot hold it: that is a fault of the channel's folder, found by its conformance kit.
 */
export function channelNumber(
  ownNumber: string,
  seq: number,
  rule: Capabilities['requestNo'],
  accountPrefix = '',
): string {
  const number = `${rule.prefix === 'account' ? accountPrefix : ''}${ownNumber}${String(seq).padStart(2, '0')}`
  if (number.length < rule.min || number.length > rule.max) {
    throw new RangeError(`channel number ${number} does not fit ${rule.min}–${rule.max} characters`)
  }
  if (!ALPHABETS[rule.alphabet].test(number)) {
    throw new RangeError(`channel number ${number} is not written in ${rule.alphabet}`)
  }
  return number
}

/** What the square on a slip says to a till: the slip's number, its headline in fen, and its check code without dashes. */
export type SlipScan = { readonly number: string; readonly fen: number; readonly check: string }

/** Null for a number that is not in the form of ours. Digits, capitals and `*` alone keep the square small. */
export const slipScan = ({ number, fen, check }: SlipScan): string | null =>
  OWN_NUMBER.test(number) ? `${number}*${fen}*${check}` : null

/** By itself, or behind the address of the customer's page. */
const SLIP_SCAN = /^(?:https?:\/\/[^#]*#)?(\d{16,24})\*(\d{1,15})\*([0-9A-Z]{15})$/

/** Codes that lead to no sale, each with an answer of its own. */
export type WrongCode =
  'payment_code' | 'goods_code' | 'shop_plate' | 'delivery_slip' | 'web_address' | 'unreadable'

/** What somebody scanned, told apart by shape alone, before any look-up. */
export type Scanned =
  | { readonly kind: 'own'; readonly number: string; readonly of: NumberKind }
  | ({ readonly kind: 'slip' } & SlipScan)
  | { readonly kind: 'number'; readonly number: string }
  | { readonly kind: WrongCode }

/**
 * Whose codes on the counter pay the shop (收款码牌). Field knowledge; a plate of another acquirer is a web address like
 * any other.
 */
const PLATE =
  /^(?:wxp|weixin):\/\/|^https?:\/\/(?:qr\.alipay\.com|qr\.95516\.com|(?:payapp|wx)\.weixin\.qq\.com)(?:[/:?#]|$)/i
/** Whose codes stand on slips of delivery platforms (外卖). Field knowledge, too. */
const DELIVERY =
  /^https?:\/\/(?:[a-z0-9-]+\.)*(?:meituan\.com|dpurl\.cn|ele\.me|jddj\.com)(?:[/:?#]|$)/i
const WEB_ADDRESS = /^https?:\/\//i

const FULL_WIDTH_OFFSET = 0xfee0

/**
 * Cleans what guns and keyboards send (full-width digits, blanks, CR/LF/TAB suffixes) and names its kind.
 * A payment code is never looked up anywhere: charging or querying by it would be an act on money
 * (reference: WeChat 18 digits 10–15…, Alipay 16–24 digits 25–30…, UnionPay 19 digits 62…).
 */
export function readScan(raw: string): Scanned {
  const text = cleaned(raw)
  const of = kindOf(text)
  if (of) return { kind: 'own', number: text, of }
  const [, number, amount, check] = SLIP_SCAN.exec(text) ?? []
  if (number !== undefined && check !== undefined) {
    return { kind: 'slip', number, fen: Number(amount), check }
  }
  if (PLATE.test(text)) return { kind: 'shop_plate' }
  if (DELIVERY.test(text)) return { kind: 'delivery_slip' }
  if (WEB_ADDRESS.test(text)) return { kind: 'web_address' }
  if (/^1[0-5]\d{16}$/.test(text)) return { kind: 'payment_code' }
  if (/^(2[5-9]|30)\d{14,22}$/.test(text)) return { kind: 'payment_code' }
  if (/^62\d{17}$/.test(text)) return { kind: 'payment_code' }
  if (/^\d{8}$|^\d{12,13}$/.test(text)) return { kind: 'goods_code' }
  if (/^[0-9A-Za-z_\-*]{6,64}$/.test(text)) return { kind: 'number', number: text }
  return { kind: 'unreadable' }
}

const cleaned = (raw: string): string =>
  raw
    .replace(/[！-～]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - FULL_WIDTH_OFFSET))
    .replace(/[\s\u3000\u200b\ufeff]+/g, '')

const SHOWN_MAX = 40

/** What was scanned, to be shown to whoever scanned it; of a payment code, which is money, no more than its ends. */
export function scanShown(raw: string): string {
  const text = cleaned(raw)
  if (readScan(text).kind === 'payment_code') return `${text.slice(0, 2)}…${text.slice(-2)}`
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text
}

const ATTEMPT_DIGITS = 2

/**
 * Is it in the form of our numbers, or of those that channels know ours by? Nobody else makes such a number by chance:
 * where our books do not know it, it is on another shop's paper.
 */
export const isInOurForm = (text: string): boolean =>
  kindOf(text) !== null ||
  (/^\d{24}$/.test(text) && kindOf(text.slice(0, -ATTEMPT_DIGITS)) !== null)
