/** Codes for people: Crockford's base 32, without I, L, O and U, which are misread or misheard. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
export const BASE_32 = '[0-9A-HJKMNP-TV-Z]'

/** Most significant place first. */
export function writeBase32(value: number, places: number): string {
  let text = ''
  let rest = value
  for (let place = 0; place < places; place += 1) {
    text = ALPHABET.charAt(rest % ALPHABET.length) + text
    rest = Math.floor(rest / ALPHABET.length)
  }
  return text
}

/** Of a text in the alphabet. */
export const readBase32 = (text: string): number =>
  Array.from(text).reduce((sum, letter) => sum * ALPHABET.length + ALPHABET.indexOf(letter), 0)

/** As typed: any case, with or without dashes and blanks, O for 0 and I or L for 1. */
export const asTyped = (text: string): string =>
  text.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1')
