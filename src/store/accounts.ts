/** Channel accounts. */
import { sql } from 'kysely'
import type { Tx } from '../db/connect.ts'
import type { Terms } from '../domain/channel-rules.ts'

export type AccountRow = {
  account_no: string
  channel: string
  settings: Record<string, unknown>
  secrets: Buffer
  contract: Partial<Terms>
  paused: string | null
  is_default: boolean
  sandbox: boolean
}

const COLUMNS = [
  'account_no',
  'channel',
  'settings',
  'secrets',
  'contract',
  'paused',
  'is_default',
  'sandbox',
] as const

export function readAccounts(tx: Tx, accountNos: readonly string[]): Promise<AccountRow[]> {
  return tx
    .selectFrom('channel_account')
    .select(COLUMNS)
    .where('account_no', '=', sql<string>`any(${accountNos})`)
    .execute() as Promise<AccountRow[]>
}

export function listAccounts(tx: Tx): Promise<AccountRow[]> {
  return tx
    .selectFrom('channel_account')
    .select(COLUMNS)
    .orderBy('account_no')
    .execute() as Promise<AccountRow[]>
}

export async function insertAccount(
  tx: Tx,
  row: {
    tenant_id: number
    account_no: string
    channel: string
    settings: Record<string, unknown>
    secrets: Buffer
    contract: Partial<Terms>
    is_default: boolean
    sandbox: boolean
  },
): Promise<void> {
  await tx
    .insertInto('channel_account')
    .values({
      ...row,
      settings: JSON.stringify(row.settings),
      contract: JSON.stringify(row.contract),
    })
    .execute()
}
