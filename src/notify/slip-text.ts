/**
 * Text for paper. Names, reasons and addresses come from people, and a printer obeys bytes: everything that is not
 * a printable character is taken out here, before it is measured, wrapped or escaped.
 */

/** No single name or reason takes more paper than this; a longer one ends in an ellipsis. */
export const TEXT_CHARACTERS_MAX = 300

/** Stands for what no printer with a Chinese font can draw. */
export const UNPRINTABLE = '□'

// Printers hold the two-byte part of GB18030 (GBK); of the four-byte part newer ones hold Chinese characters only.
const GBK_CHARACTERS = twoByteCharacters()

/**
 * One line of printable text: normal form C, single spaces, trimmed, no control, format (bidirectional marks, joiners),
 * private or unassigned characters; letters foreign to GBK lose their accents, pictures become a
 * box. An apostrophe within a Latin word is the narrow one: the curly one is as wide as a Chinese character.
 */
export function printable(raw: string): string {
  const line = raw
    .normalize('NFC')
    .replace(/[\s\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/\p{C}/gu, '')
    .replace(/\u00a5/g, '￥')
    .replace(/(?<=\p{Script=Latin})’(?=\p{Script=Latin})/gu, "'")
  const characters = Array.from(line).map(drawable).join('').replace(/ {2,}/g, ' ').trim()
  const all = Array.from(characters)
  return all.length <= TEXT_CHARACTERS_MAX
    ? characters
    : `${all.slice(0, TEXT_CHARACTERS_MAX - 1).join('')}…`
}

/** Columns on paper: a Chinese character takes two, as the printer's own font does. */
export function columnsOf(text: string): number {
  return Array.from(text).reduce((sum, character) => sum + (character < '\u0080' ? 1 : 2), 0)
}

/**
 * Breaks printable text into lines of at most `columns`: Latin words stay whole where they can, closing punctuation
 * does not start a line, and nothing is dropped but the spaces at breaks.
 */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const piece of pieces(text, columns)) {
    if (columnsOf(line) + columnsOf(piece) > columns && line.trim() !== '') {
      lines.push(line.trim())
      line = ''
    }
    line = line === '' && piece === ' ' ? '' : line + piece
  }
  if (line.trim() !== '') lines.push(line.trim())
  return lines
}

/** Printable text as receiptline markup that stands for exactly these characters. */
export function escapeMarkup(text: string): string {
  return text.replace(/[\\{|}_"`^~=-]/g, '\\$&')
}

// A Latin word, or one other character, with the brackets that open before it and the punctuation that closes after.
const PIECE = / |[（《「『【“‘]*(?:[!-~\p{Script=Latin}]+|[^ ])[，。、；：！？）》」』】”’…]*/gu

function pieces(text: string, columns: number): string[] {
  return (text.match(PIECE) ?? []).flatMap((piece) =>
    columnsOf(piece) <= columns ? [piece] : Array.from(piece),
  )
}

function drawable(character: string): string {
  if (isDrawable(character)) return character
  const plain = Array.from(character.normalize('NFKD').replace(/\p{M}/gu, ''))
  if (plain.length === 0) return ''
  return plain.every(isDrawable) ? plain.join('') : UNPRINTABLE
}

const isDrawable = (character: string): boolean =>
  /^[ -~]$/.test(character) || GBK_CHARACTERS.has(character) || /^\p{Script=Han}$/u.test(character)

function twoByteCharacters(): ReadonlySet<string> {
  const decoder = new TextDecoder('gb18030')
  const characters = new Set<string>()
  for (let lead = 0x81; lead <= 0xfe; lead += 1) {
    for (let trail = 0x40; trail <= 0xfe; trail += 1) {
      const character = decoder.decode(Uint8Array.of(lead, trail))
      if (/^[^\p{C}\p{M}\ufffd]$/u.test(character)) characters.add(character)
    }
  }
  return characters
}
