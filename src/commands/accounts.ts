/** Channel accounts, opened: settings, secrets and where their notifications go. */
import type { Account } from '../channels/channel.ts'
import type { Tx } from '../db/connect.ts'
import { readAccounts, type AccountRow } from '../store/accounts.ts'
import type { Core } from './core.ts'

/** What an account's secrets are sealed to: moved to another row, they do not open. */
export const accountSeal = (tenant: number, accountNo: string): string =>
  `channel_account/${tenant}/${accountNo}`

export async function openAccounts(
  core: Core,
  tx: Tx,
  tenant: number,
  accountNos: readonly string[],
): Promise<Map<string, Account>> {
  const rows = await readAccounts(tx, [...new Set(accountNos)])
  return new Map(rows.map((row) => [row.account_no, openAccount(core, tenant, row)]))
}

export function openAccount(core: Core, tenant: number, row: AccountRow): Account {
  const plain = core.vault.open(row.secrets, accountSeal(tenant, row.account_no))
  return {
    tenant,
    accountNo: row.account_no,
    channel: row.channel,
    settings: row.settings,
    secrets: JSON.parse(plain.toString('utf8')) as Record<string, string>,
    notifyUrl:
      core.settings.notifyBase === null
        ? null
        : `${core.settings.notifyBase}/notify/${row.channel}/${tenant}.${row.account_no}`,
  }
}
