import { sql } from 'kysely'
import type { Tx } from '../db/connect.ts'
import type { Way } from '../domain/actor.ts'
import type { Rights } from '../domain/rights.ts'
import type { StaffRole } from '../domain/roles.ts'

export type KeyRow = {
  hash: Buffer
  kind: 'terminal' | 'staff' | 'session' | 'grant'
  store: string | null
  terminal: string | null
  staff: string | null
  role: StaffRole | null
  rights: Partial<Rights> | null
  requestedBy: string | null
  way: Exclude<Way, 'key'> | null
}

/**
 * Live keys among `hashes`, of the transaction's tenant: not revoked, not over, and nobody's who left. `store` is the
 * terminal's store, or the one a person belongs to (null: all of them). A grant is found as long as it is kept, used
 * and old ones too: an act that was done with it must still be answered when it is asked for again.
 */
export async function findKeys(tx: Tx, hashes: readonly Buffer[], now: Date): Promise<KeyRow[]> {
  const { rows } = await sql<KeyRow>`
    select k.key_hash as hash, case when k.terminal_no is null then 'staff' else 'terminal' end as kind,
           coalesce(t.store_no, p.store_no) as store, k.terminal_no as terminal, k.staff_no as staff,
           p.role, p.rights, null as "requestedBy", null as way
      from api_key k
      left join terminal t on t.tenant_id = k.tenant_id and t.terminal_no = k.terminal_no
      left join staff p on p.tenant_id = k.tenant_id and p.staff_no = k.staff_no
     where k.key_hash = any(${hashes}) and k.revoked_at is null and p.left_at is null
    union all
    select s.token_hash, 'session', p.store_no, s.terminal_no, s.staff_no, p.role, p.rights, null, null
      from session s join staff p on p.tenant_id = s.tenant_id and p.staff_no = s.staff_no
     where s.token_hash = any(${hashes}) and s.expires_at > ${now} and p.left_at is null
    union all
    select g.grant_hash, 'grant', p.store_no, g.terminal_no, g.staff_no, p.role, p.rights, g.requested_by, g.way
      from second_grant g join staff p on p.tenant_id = g.tenant_id and p.staff_no = g.staff_no
     where g.grant_hash = any(${hashes}) and p.left_at is null`.execute(tx)
  return rows
}

/** All keys a terminal has: another device takes its place. */
export async function revokeTerminalKeys(tx: Tx, terminalNo: string, now: Date): Promise<void> {
  await tx
    .updateTable('api_key')
    .set({ revoked_at: now })
    .where('terminal_no', '=', terminalNo)
    .where('revoked_at', 'is', null)
    .execute()
}
