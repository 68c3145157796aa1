import { expect, test } from 'vitest'
import { fen } from './money.ts'
import { claimBinding, grantBinding, type SecondFor } from './second.ts'

const act: SecondFor = { act: 'refund', payment: '7201', amount: fen(5_000), method: 'original' }
const by = { staff: 'zhang', terminal: 't1' }

test('a grant is bound to every part of the act, to the person and to the terminal', () => {
  const others: Buffer[] = [
    grantBinding({ ...act, payment: '7202' }, by),
    grantBinding({ ...act, amount: fen(5_001) }, by),
    grantBinding({ ...act, method: 'cash' }, by),
    grantBinding({ act: 'stop', refund: '7301' }, by),
    grantBinding({ act: 'close', refund: '7301' }, by),
    grantBinding({ act: 'close', refund: '7302' }, by),
    grantBinding({ act: 'cash_not_paid', refund: '7301' }, by),
    grantBinding(act, { ...by, staff: 'li' }),
    grantBinding(act, { ...by, terminal: 't2' }),
    claimBinding(act),
  ]
  const all = [grantBinding(act, by), ...others].map((each) => each.toString('hex'))
  expect(new Set(all).size).toBe(all.length)
  expect(grantBinding({ ...act }, { ...by })).toEqual(grantBinding(act, by))
})
