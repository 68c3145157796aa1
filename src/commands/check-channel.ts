/** Asks a channel account a question that can do no harm, signed as any other, and keeps the exchange. */
import type { Account, Exchange, Health } from '../channels/channel.ts'
import { inTenant, readInTenant } from '../db/connect.ts'
import type { AccountRow } from '../store/accounts.ts'
import { insertCalls } from '../store/calls.ts'
import { somePaidNumber } from '../store/payment-reads.ts'
import { openAccount } from './accounts.ts'
import type { Core } from './core.ts'

/** Somebody stands at the till and waits for it; a channel that takes longer is not well. */
const TIMEOUT_MS = 5_000

export type Checked = { readonly health: Health; readonly tookMs: number }

export async function checkChannel(core: Core, tenant: number, row: AccountRow): Promise<Checked> {
  const exchanges: Exchange[] = []
  const health = await healthOf(core, tenant, row, exchanges)
  if (exchanges.length > 0) {
    await inTenant(core.db, tenant, (tx) =>
      insertCalls(tx, tenant, [
        { accountNo: row.account_no, refundNo: null, seq: null, paymentNo: null, exchanges },
      ]),
    )
  }
  return { health, tookMs: exchanges.reduce((sum, each) => sum + each.tookMs, 0) }
}

async function healthOf(
  core: Core,
  tenant: number,
  row: AccountRow,
  exchanges: Exchange[],
): Promise<Health> {
  let account: Account
  try {
    account = openAccount(core, tenant, row)
  } catch (error) {
    // Secrets that were sealed with another key are just what a check is there to find.
    core.log.error({ tenant, account: row.account_no, err: error }, 'channel.account_unreadable')
    return { kind: 'ill', what: 'settings', detail: 'secrets' }
  }
  const known = await readInTenant(core.db, tenant, (tx) => somePaidNumber(tx, row.account_no))
  const line = {
    account,
    timeoutMs: Math.min(TIMEOUT_MS, core.settings.channelTimeoutMs),
    record: (each: Exchange) => exchanges.push(each),
  }
  return core.channel(row.channel).check(line, known)
}
