import type { Tx } from '../db/connect.ts'
import type { Role } from '../domain/actor.ts'

/**
 * Live keys among `hashes`, of the transaction's tenant: not revoked, and nobody's who left. `store_no` is the
 * terminal's store, or the one a person belongs to (null: all of them).
 */
export const findKeys = (tx: Tx, hashes: readonly Buffer[]) =>
  tx
    .selectFrom('api_key')
    .leftJoin('terminal', (join) =>
      join
        .onRef('terminal.tenant_id', '=', 'api_key.tenant_id')
        .onRef('terminal.terminal_no', '=', 'api_key.terminal_no'),
    )
    .leftJoin('staff', (join) =>
      join
        .onRef('staff.tenant_id', '=', 'api_key.tenant_id')
        .onRef('staff.staff_no', '=', 'api_key.staff_no'),
    )
    .where('api_key.key_hash', 'in', [...hashes])
    .where('api_key.revoked_at', 'is', null)
    .where('staff.left_at', 'is', null)
    .select((at) => [
      'api_key.key_hash as hash',
      'api_key.terminal_no as terminal',
      'api_key.staff_no as staff',
      // The column's check allows these words only.
      at.ref('staff.role').$castTo<Exclude<Role, 'system'> | null>().as('role'),
      at.fn.coalesce('terminal.store_no', 'staff.store_no').as('store'),
    ])
    .execute()
