import { fingerprintOf } from './evidence.ts'

/** What exactly somebody stood behind: changed, the approval is void. */
export const bindingOf = (refund: {
  no: string
  payment: string
  amount: number
  method: string
  requestedBy: string | null
}): Buffer => fingerprintOf({ ...refund })
