import { expect, test } from 'vitest'
import { whyNoRemedy, wordOnRemedy } from './remedy.ts'

const paid = { state: 'paid', blocked: null } as const
const owed = { paidBackOtherwise: false, payment: paid }

test('stuck money goes on while the customer has nothing of it and nobody has frozen the payment', () => {
  expect(whyNoRemedy('to_bank_card', owed)).toBeNull()
  expect(whyNoRemedy('to_merchant', owed)).toBeNull()
  const blocked = { ...owed, payment: { ...paid, blocked: 'audit' } }
  for (const remedy of ['to_bank_card', 'to_merchant'] as const) {
    expect(whyNoRemedy(remedy, blocked)).toEqual({
      code: 'payment_blocked',
      params: { reason: 'audit' },
    })
  }
})

test('no card gets what the customer has or may get in another way; the merchant may have it back', () => {
  const otherwise = { ...owed, paidBackOtherwise: true }
  const reversed = { ...owed, payment: { ...paid, state: 'reversed' as const } }
  expect(whyNoRemedy('to_bank_card', otherwise)).toMatchObject({ code: 'remedy_pays_twice' })
  expect(whyNoRemedy('to_bank_card', reversed)).toMatchObject({ code: 'payment_cancelled' })
  expect(whyNoRemedy('to_merchant', otherwise)).toBeNull()
  expect(whyNoRemedy('to_merchant', reversed)).toBeNull()
})

test('a no to a remedy, proven or not, proves nothing of the refund; any other word counts', () => {
  const refused = { kind: 'refused', code: 'A', proof: 'signed', final: true } as const
  expect(wordOnRemedy(refused)).toEqual({ ...refused, proof: 'unsigned', final: false })
  const processing = { kind: 'processing', channelNo: null } as const
  expect(wordOnRemedy(processing)).toBe(processing)
})
