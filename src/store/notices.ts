/** Notifications as they came: those a channel signed for good, of all others a few. */
import { sql } from 'kysely'
import type { Tx } from '../db/connect.ts'

type Headers = Readonly<Record<string, string>>

export async function insertNotice(
  tx: Tx,
  row: {
    tenant_id: number
    account_no: string
    received_at: Date
    headers: Headers
    body: Buffer
    verdict: string
    notice_id: string | null
  },
): Promise<void> {
  await tx
    .insertInto('raw_notice')
    .values({ ...row, headers: JSON.stringify(row.headers) })
    .execute()
}

/**
 * Keeps one that nobody signed, and of its account no more than the newest `most` such: some that come in the same
 * moment may stay beside them until the next one comes.
 */
export async function insertUnproven(
  tx: Tx,
  row: {
    tenant_id: number
    account_no: string
    received_at: Date
    headers: Headers
    body: Buffer
    bytes: number
    verdict: string
  },
  most: number,
): Promise<void> {
  await tx
    .insertInto('unproven_notice')
    .values({ ...row, headers: JSON.stringify(row.headers) })
    .execute()
  await sql`
    delete from unproven_notice where account_no = ${row.account_no} and id <= (
      select id from unproven_notice where account_no = ${row.account_no}
       order by id desc offset ${most} limit 1)`.execute(tx)
}
