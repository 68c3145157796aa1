import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  ENROLMENT_BYTES,
  makeEnrolmentCode,
  readEnrolmentCode,
  writeEnrolmentCode,
} from './enrolment.ts'

const codes = fc.record({
  tenant: fc.integer({ min: 1, max: 999_999_999 }),
  random: fc.uint8Array({ minLength: ENROLMENT_BYTES, maxLength: ENROLMENT_BYTES }),
})

test('a code reads back as it was made, however it is typed, and all forty bits are in it', () => {
  fc.assert(
    fc.property(codes, ({ tenant, random }) => {
      const code = makeEnrolmentCode(tenant, random)
      const text = writeEnrolmentCode(code)
      expect(text).toMatch(/^[1-9]\d*-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/)
      for (const typed of [
        text,
        text.toLowerCase(),
        text.replaceAll('-', ' '),
        ` ${text.replaceAll('-', '')} `,
      ]) {
        expect(readEnrolmentCode(typed)).toEqual(code)
      }
      expect(readEnrolmentCode(text.replaceAll('0', 'O').replaceAll('1', 'l'))).toEqual(code)
      const other = Uint8Array.from(random)
      other[ENROLMENT_BYTES - 1] = (other[ENROLMENT_BYTES - 1] ?? 0) ^ 1
      expect(makeEnrolmentCode(tenant, other).secret).not.toBe(code.secret)
    }),
  )
})

test.each([
  '',
  '1',
  '1-ABCD',
  '0-ABCD-EFGH',
  '1-ABCD-EFGU',
  'x-ABCD-EFGH',
  '1234567890-ABCD-EFGH',
  '1-ABCD-EFGH!',
])('%j is no code', (text) => {
  expect(readEnrolmentCode(text)).toBeNull()
})

test('a code is made of five bytes and nothing less', () => {
  expect(() => makeEnrolmentCode(1, new Uint8Array(4))).toThrow(RangeError)
})
