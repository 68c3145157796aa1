// What an operation answers before it is signed.
import type { BillFile } from './bills.ts'
import type { Fields } from './fields.ts'

/** `file` is the content of a bill, which is sent as it is and unsigned. */
export type Answer = {
  readonly status: number
  readonly body: Fields | null
  readonly file?: BillFile
}
