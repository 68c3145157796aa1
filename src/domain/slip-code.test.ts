import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fen } from './money.ts'
import { readScan } from './numbers.ts'
import { judgeSlip, type SlipBooks } from './slip-check.ts'
import { isVouchedFor, readCheckCode, stampOf, type SlipMac } from './slip-code.ts'
import { PENDING_STATES, REQUEST_STATES, SLIP_COPIES, type SlipClaim } from './slip.ts'

const macUnder =
  (key: string): SlipMac =>
  (text) =>
    createHash('sha256').update(`${key}/${text}`).digest()
const mac = macUnder('ours')
const NO = '7326112200098765432103'

const claims: fc.Arbitrary<SlipClaim> = fc.record({
  no: fc.stringMatching(/^[1-9]\d{15,23}$/),
  copy: fc.constantFrom(...SLIP_COPIES),
  state: fc.constantFrom('paid', 'succeeded', ...PENDING_STATES, ...REQUEST_STATES),
  amount: fc.integer({ min: 1, max: 10_000_000_000 }).map(fen),
  printedAt: fc
    .integer({ min: Date.UTC(2026, 0, 1) / 1000, max: Date.UTC(2053, 0, 1) / 1000 })
    .map((seconds) => new Date(seconds * 1000)),
})

const codeOf = (claim: SlipClaim, by = mac) => stampOf(claim.printedAt, by).vouch(claim)

test('a code says what it vouches for, however it is typed, and vouches for nothing else', () => {
  fc.assert(
    fc.property(claims, fc.constantFrom(1, -1, 100), (claim, more) => {
      const { code, scan } = codeOf(claim)
      const { no, amount, ...said } = claim
      for (const typed of [
        code,
        code.toLowerCase(),
        code.replaceAll('-', ' '),
        code.replaceAll('0', 'O').replaceAll('1', 'l'),
      ]) {
        expect(readCheckCode(typed)).toMatchObject(said)
      }
      const read = readCheckCode(code)
      if (read === null) throw new Error('the code was not read')
      expect(isVouchedFor(read, { no, amount }, mac)).toBe(true)
      expect(isVouchedFor(read, { no, amount: fen(amount + more) }, mac)).toBe(false)
      expect(
        isVouchedFor(
          read,
          { no: `${no.slice(0, -1)}${(Number(no.at(-1)) + 1) % 10}`, amount },
          mac,
        ),
      ).toBe(false)
      expect(isVouchedFor(read, { no, amount }, macUnder('theirs'))).toBe(false)
      expect(readScan(`https://shop.example/r/1?k=2#${scan}\r\n`)).toEqual({
        kind: 'slip',
        number: no,
        fen: amount,
        check: code.replaceAll('-', ''),
      })
    }),
  )
})

test('changing any one letter of a code makes it vouch for nothing', () => {
  const claim = {
    no: NO,
    copy: 'customer',
    state: 'succeeded',
    amount: fen(1200),
    printedAt: new Date('2026-11-22T12:00:00Z'),
  } as const
  const code = codeOf(claim).code.replaceAll('-', '')
  for (let place = 0; place < code.length; place += 1) {
    for (const letter of '0123456789ABCDEFGHJKMNPQRSTVWXYZ') {
      if (letter === code[place]) continue
      const read = readCheckCode(code.slice(0, place) + letter + code.slice(place + 1))
      expect(read !== null && isVouchedFor(read, claim, mac)).toBe(false)
    }
  }
})

test.each(['', '12345', 'U'.repeat(15), '0'.repeat(16), '退款成功', 'Z'.repeat(15)])(
  '%j is no check code',
  (text) => {
    expect(readCheckCode(text)).toBeNull()
  },
)

const printedAt = new Date('2026-11-22T12:00:00Z')
const judge = (
  state: SlipClaim['state'],
  books: Partial<SlipBooks>,
  paper: { amounts?: readonly number[]; code?: null } = {},
) => {
  const { code } = codeOf({ no: NO, copy: 'customer', state, amount: fen(1200), printedAt })
  return judgeSlip(
    {
      no: NO,
      amounts: (paper.amounts ?? []).map(fen),
      code: paper.code === undefined ? readCheckCode(code) : paper.code,
    },
    { word: 'succeeded', amounts: [fen(1200)], ...books },
    mac,
  )
}

test('a genuine slip matches while the thing goes on, and not once its end no longer holds', () => {
  expect(judge('succeeded', {})).toMatchObject({
    answer: 'match',
    differs: [],
    claim: { printedAt },
  })
  expect(judge('requested', { word: 'withdrawn' }).answer).toBe('match')
  expect(judge('processing', { word: 'owed' }).answer).toBe('match')
  expect(judge('succeeded', { word: 'owed' })).toMatchObject({
    answer: 'mismatch',
    differs: ['state'],
  })
  expect(judge('paid', { word: 'unpaid' })).toMatchObject({
    answer: 'mismatch',
    differs: ['state'],
  })
})

test('an altered amount is found with or without the code, and so is a code that fits nothing', () => {
  expect(judge('succeeded', {}, { amounts: [1200, 9900] })).toMatchObject({
    answer: 'mismatch',
    differs: ['amount'],
    claim: { amount: 1200 },
  })
  expect(judge('processing', { amounts: [fen(1000)] }, { amounts: [1200] })).toMatchObject({
    answer: 'mismatch',
    differs: ['amount'],
    claim: { amount: 1200 },
  })
  expect(judge('succeeded', { amounts: [fen(1000)] })).toEqual({
    answer: 'mismatch',
    differs: ['code'],
    claim: null,
  })
  expect(judge('succeeded', {}, { code: null, amounts: [9900] })).toEqual({
    answer: 'mismatch',
    differs: ['code', 'amount'],
    claim: null,
  })
})

test('a number alone proves nothing', () => {
  const books = { word: 'succeeded', amounts: [fen(1200)] } as const
  const given = (amounts: number[]) =>
    judgeSlip({ no: NO, amounts: amounts.map(fen), code: undefined }, books, mac)
  expect(given([])).toEqual({ answer: 'unproven', differs: [], claim: null })
  expect(given([1200]).answer).toBe('unproven')
  expect(given([1300])).toEqual({ answer: 'mismatch', differs: ['amount'], claim: null })
})
