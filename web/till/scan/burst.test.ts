import { describe, expect, test } from 'vitest'
import {
  characterOf,
  codeIn,
  grown,
  isGoingOn,
  isSuffix,
  SILENCE_MS,
  type Burst,
  type Place,
  type Source,
} from './burst.ts'

const NUMBER = '7326112200012345678906'

/** Typed one character every `everyMs`, from time zero on. */
function burstOf(
  text: string,
  everyMs: number,
  { place = 'page', source = 'key' }: { place?: Place; source?: Source } = {},
): Burst {
  let burst: Burst | null = null
  for (const [index, character] of Array.from(text).entries()) {
    burst = grown(burst, { text: character, source, place, at: index * everyMs })
  }
  if (burst === null) throw new Error('a burst has at least one character')
  return burst
}

describe('on the page, where nobody types', () => {
  test.each([
    ['a cable', 2],
    ['Bluetooth', 60],
    ['slow Bluetooth', 180],
  ])('a gun on %s is read whole', (_name, everyMs) => {
    expect(codeIn(burstOf(NUMBER, everyMs))).toBe(NUMBER)
  })

  test('a few keys are no code, and neither is what never ends', () => {
    expect(codeIn(burstOf('12345', 2))).toBeNull()
    expect(codeIn(burstOf('1'.repeat(401), 2))).toBeNull()
  })

  test('after a silence another code begins', () => {
    const first = burstOf(NUMBER, 2)
    const at = first.at + SILENCE_MS + 1
    expect(isGoingOn(first, first.at + SILENCE_MS)).toBe(true)
    expect(isGoingOn(first, at)).toBe(false)
    expect(grown(first, { text: '9', source: 'key', place: 'page', at }).text).toBe('9')
  })

  test('a code that an input method hands over in one piece is read', () => {
    const burst = grown(null, { text: NUMBER, source: 'input', place: 'page', at: 0 })
    expect(codeIn(burst)).toBe(NUMBER)
  })
})

describe('in a field, where people type', () => {
  const field = { place: 'field' } as const

  test.each([
    ['of digits, from a fast gun', NUMBER, 5],
    ['of digits, from a Bluetooth gun', NUMBER, 90],
    ['of goods, from a fast gun', '6901234567892', 5],
    ['of a slip, from a fast gun', `${NUMBER}*1200*ABCDEFGHJKLMNPQ`, 5],
    ['of a shop plate, from a fast gun', 'https://qr.alipay.com/fkx1', 5],
  ])('a code %s is no part of what is typed', (_name, code, everyMs) => {
    expect(codeIn(burstOf(code, everyMs, field))).toBe(code)
  })

  test.each([
    ['a note at a typist’s pace', 'overcharged', 70],
    ['words with blanks, however fast', 'the dish was cold', 5],
    ['an amount', '128.50', 90],
    ['a PIN', '73918264', 90],
    ['a telephone number', '13800138000', 60],
    ['an order number read off a paper', NUMBER, 150],
  ])('%s stays', (_name, text, everyMs) => {
    expect(codeIn(burstOf(text, everyMs, field))).toBeNull()
  })

  test('a word that a soft keyboard puts in as a whole stays, an order number does not', () => {
    const put = (text: string) => grown(null, { text, source: 'input', place: 'field', at: 0 })
    expect(codeIn(put('incomprehensible'))).toBeNull()
    expect(codeIn(put(NUMBER))).toBe(NUMBER)
  })

  test('what began on the page is not the field’s', () => {
    const began = burstOf('732611', 2)
    const at = began.at + 2
    expect(grown(began, { text: '2', source: 'key', place: 'field', at })).toMatchObject({
      text: '2',
      place: 'field',
    })
  })
})

const press = (key: string, code = '', shiftKey = false) => ({ key, code, shiftKey })

test.each([
  ['a digit', press('7', 'Digit7'), '7'],
  ['a letter', press('Q', 'KeyQ', true), 'Q'],
  ['a full-width digit', press('７'), '7'],
  ['a full-width sign', press('＊'), '*'],
  ['a digit that an input method took', press('Process', 'Digit7'), '7'],
  ['a digit of the other block that it took', press('Process', 'Numpad7'), '7'],
  ['a letter that it took', press('Process', 'KeyQ'), 'q'],
  ['a capital that it took', press('Process', 'KeyQ', true), 'Q'],
  ['the star of a slip that it took', press('Process', 'Digit8', true), '*'],
  ['the colon of an address that it took', press('Process', 'Semicolon', true), ':'],
  ['the hash of an address that it took', press('Unidentified', 'Digit3', true), '#'],
  ['a key of Android that says nothing', press('Unidentified'), null],
  ['Shift', press('Shift', 'ShiftLeft', true), null],
  ['an arrow', press('ArrowLeft', 'ArrowLeft'), null],
])('%s adds what it means', (_name, key, character) => {
  expect(characterOf(key)).toBe(character)
})

test('CR, LF and TAB end a code, and so do their keys when an input method took them', () => {
  expect([press('Enter'), press('Tab'), press('Process', 'NumpadEnter')].every(isSuffix)).toBe(true)
  expect(isSuffix(press('7', 'Digit7'))).toBe(false)
})
