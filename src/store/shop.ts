/** The merchant, its places and its people. */
import { sql } from 'kysely'
import type { Tx } from '../db/connect.ts'
import type { Rights } from '../domain/rights.ts'
import type { StaffRole } from '../domain/roles.ts'

export async function insertMerchant(
  tx: Tx,
  row: { tenant_id: number; name: string; phone: string },
): Promise<boolean> {
  const inserted = await tx
    .insertInto('merchant')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .returning('tenant_id')
    .executeTakeFirst()
  return inserted !== undefined
}

export async function insertStore(
  tx: Tx,
  row: { tenant_id: number; store_no: string; name: string; address: string; phone: string },
): Promise<void> {
  await tx.insertInto('store').values(row).execute()
}

export async function insertTerminal(
  tx: Tx,
  row: {
    tenant_id: number
    terminal_no: string
    store_no: string
    name: string
    printer: string | null
  },
): Promise<void> {
  await tx.insertInto('terminal').values(row).execute()
}

export async function insertStaff(
  tx: Tx,
  row: {
    tenant_id: number
    staff_no: string
    store_no: string | null
    name: string
    role: StaffRole
    rights: Partial<Rights>
  },
): Promise<void> {
  await tx
    .insertInto('staff')
    .values({ ...row, rights: JSON.stringify(row.rights) })
    .execute()
}

export async function insertKey(
  tx: Tx,
  row: { tenant_id: number; key_hash: Buffer; terminal_no: string | null; staff_no: string | null },
): Promise<void> {
  await tx.insertInto('api_key').values(row).execute()
}

export type PlaceRow = {
  merchant_name: string
  merchant_phone: string
  training: boolean
  /** No real money moves at the account that payments are taken at unless another is named. */
  sandbox: boolean
  store_name: string | null
  store_address: string | null
  store_phone: string | null
}

export async function readPlace(tx: Tx, storeNo: string | null): Promise<PlaceRow | null> {
  const row = await tx
    .selectFrom('merchant')
    .leftJoin('store', (join) =>
      join
        .onRef('store.tenant_id', '=', 'merchant.tenant_id')
        .on('store.store_no', '=', storeNo ?? ''),
    )
    .select([
      'merchant.name as merchant_name',
      'merchant.phone as merchant_phone',
      sql<boolean>`merchant.settings @> '{"training": true}'`.as('training'),
      sql<boolean>`exists (select from channel_account c where c.is_default and c.sandbox)`.as(
        'sandbox',
      ),
      'store.name as store_name',
      'store.address as store_address',
      'store.phone as store_phone',
    ])
    .executeTakeFirst()
  return row ?? null
}

/** By their numbers. */
export type Names = {
  readonly terminals: ReadonlyMap<string, string>
  readonly staff: ReadonlyMap<string, string>
}

/** Of all terminals and people, those who left too. */
export async function readNames(tx: Tx): Promise<Names> {
  const terminals = await tx.selectFrom('terminal').select(['terminal_no', 'name']).execute()
  const staff = await tx.selectFrom('staff').select(['staff_no', 'name']).execute()
  return {
    terminals: new Map(terminals.map((row) => [row.terminal_no, row.name])),
    staff: new Map(staff.map((row) => [row.staff_no, row.name])),
  }
}
