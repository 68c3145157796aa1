import { expect, test } from 'vitest'
import { foldRefund, mayMoveRefund } from './refund.ts'

test('a success that comes back while another attempt is open leaves the refund sending, by the table too', () => {
  const attempts = [
    { state: 'returned' as const, reopened: false },
    { state: 'submitted' as const, reopened: false },
  ]
  expect(foldRefund('succeeded', attempts)).toBe('sending')
  expect(mayMoveRefund('succeeded', 'sending')).toBe(true)
})
