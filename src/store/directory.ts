/** The names behind the numbers of a merchant: its stores, terminals and people, those who left too. Read only. */
import type { Tx } from '../db/connect.ts'
import type { StaffRole } from '../domain/roles.ts'

export type Directory = {
  readonly stores: readonly { no: string; name: string }[]
  readonly terminals: readonly { no: string; name: string; store: string }[]
  readonly staff: readonly {
    no: string
    name: string
    role: StaffRole
    store: string | null
    left_at: Date | null
  }[]
}

export async function readDirectory(tx: Tx): Promise<Directory> {
  const stores = await tx
    .selectFrom('store')
    .select(['store_no as no', 'name'])
    .orderBy('store_no')
    .execute()
  const terminals = await tx
    .selectFrom('terminal')
    .select(['terminal_no as no', 'name', 'store_no as store'])
    .orderBy('terminal_no')
    .execute()
  const staff = await tx
    .selectFrom('staff')
    .select(['staff_no as no', 'name', 'role', 'store_no as store', 'left_at'])
    .orderBy('staff_no')
    .execute()
  return { stores, terminals, staff: staff as Directory['staff'] }
}
