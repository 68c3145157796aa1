/** What a code means that is read while money is taken, whoever read it. */
import { useNavigate } from '@tanstack/react-router'
import { readScan } from '../../../src/domain/numbers.ts'
import { leaveCode, useCodes } from '../scan/codes.ts'

/**
 * A payment code is for this screen; the number of one of our own slips leads to its sale, as everywhere.
 * @param onWrongCode null: this screen does not ask for a code, and whatever else is read leads to its sale, too.
 * @returns the reader, for codes that come in another way than through the scan key.
 */
export function usePaymentCodes(
  onPaymentCode: (code: string) => void,
  onWrongCode: (() => void) | null,
): (code: string) => void {
  const navigate = useNavigate()
  const read = (code: string): void => {
    const scanned = readScan(code)
    if (scanned.kind === 'payment_code') onPaymentCode(code)
    else if (onWrongCode === null || scanned.kind === 'own' || scanned.kind === 'slip') {
      leaveCode(code)
      void navigate({ to: '/scan' })
    } else onWrongCode()
  }
  useCodes(read)
  return read
}

/** A second trigger of the gun is no second wish. */
export function useIgnoredCodes(): void {
  usePaymentCodes(() => undefined, null)
}
