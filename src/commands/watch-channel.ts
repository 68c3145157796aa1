/** Notes how exchanges with a channel ended: the account's breaker opens and closes by it, on all nodes at once. */
import type { Exchange } from '../channels/channel.ts'
import type { Tx } from '../db/connect.ts'
import { endingOf, healthAfter, type Health } from '../domain/breaker.ts'
import { endIncidents, insertIncidents } from '../store/incidents.ts'
import { lockHealth, saveHealth } from '../store/traffic.ts'
import type { Core } from './core.ts'

const FIRST_ERROR_STATUS = 400

/**
 * @param of.well whether the account was well when the exchanges began: then good answers need no noting, which keeps
 *   the common case free of the account's row.
 */
export async function watchChannel(
  core: Core,
  tx: Tx,
  of: { readonly tenant: number; readonly accountNo: string; readonly well: boolean },
  exchanges: readonly Pick<Exchange, 'status'>[],
  now: Date,
): Promise<void> {
  const endings = exchanges.map(({ status }) => endingOf(status))
  const errors = exchanges.filter(({ status }) => (status ?? 0) >= FIRST_ERROR_STATUS).length
  if (of.well && errors === 0 && !endings.includes('failed')) return
  const before = await lockHealth(tx, of.accountNo)
  if (before === null) return
  const after = healthAfter(before, endings, core.settings.breaker, now)
  await saveHealth(tx, of.accountNo, after, errors)
  await tell(core, tx, of, before, after, now)
}

async function tell(
  core: Core,
  tx: Tx,
  { tenant, accountNo }: { readonly tenant: number; readonly accountNo: string },
  before: Health,
  after: Health,
  now: Date,
): Promise<void> {
  if ((before.probeAt === null) === (after.probeAt === null)) return
  const log = { tenant, account: accountNo }
  if (after.probeAt === null) {
    await endIncidents(tx, [{ kind: 'channel_down', account_no: accountNo }], now)
    core.log.info(log, 'channel.well')
    return
  }
  const incident = {
    kind: 'channel_down',
    payment_no: null,
    refund_no: null,
    account_no: accountNo,
    detail: { failures: after.failures, since: after.failingSince },
  }
  await insertIncidents(tx, tenant, [incident], now)
  core.log.error(log, 'channel.down')
}
