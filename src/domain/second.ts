/** What a second person stands for: one act, exactly, of one colleague at one terminal. */
import { fingerprintOf } from './evidence.ts'
import type { Fen } from './money.ts'

export type SecondFor =
  /** `amount`: the claim, before a kept fee. */
  | {
      readonly act: 'refund'
      readonly payment: string
      readonly amount: Fen
      readonly method: 'original' | 'cash'
    }
  | { readonly act: 'cash_not_paid' | 'cash_instead' | 'stop' | 'close'; readonly refund: string }

export const GRANT_MS = 3 * 60_000
export const APPROVAL_CODE_MS = 5 * 60_000
export const APPROVAL_CODE_DIGITS = 8
export const APPROVAL_CODE_TRIES_MAX = 5

/** Of the act alone: whoever holds the code may be any colleague. */
export const claimBinding = (act: SecondFor): Buffer => fingerprintOf({ v: 1, for: { ...act } })

/** Of the act, by this person, at this terminal. */
export const grantBinding = (
  act: SecondFor,
  by: { readonly staff: string; readonly terminal: string },
): Buffer => fingerprintOf({ v: 1, for: { ...act }, staff: by.staff, terminal: by.terminal })
