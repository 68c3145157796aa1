/** Shares out what a channel takes in this second among the turns that would like to go, account by account. */
import { isWell } from '../domain/breaker.ts'
import { withinBudget } from '../domain/budget.ts'
import type { AccountRow } from '../store/accounts.ts'
import { wantTurns } from '../store/traffic.ts'
import type { Core } from './core.ts'
import { must } from './desk.ts'

export type Shared<Turn> = {
  /** `well`: the account's channel answered last time, so that another answer is no news. */
  readonly now: readonly { readonly turn: Turn; readonly well: boolean }[]
  readonly late: readonly Turn[]
}

export async function shareBudget<
  Turn extends { readonly accountNo: string; readonly leave: string },
>(
  core: Core,
  tenant: number,
  turns: readonly Turn[],
  accounts: readonly AccountRow[],
): Promise<Shared<Turn>> {
  const shares = accounts.map((account) => {
    const own = turns.filter((turn) => turn.accountNo === account.account_no)
    return {
      account,
      sends: own.filter((turn) => turn.leave !== 'none'),
      asks: own.filter((turn) => turn.leave === 'none'),
    }
  })
  const wanted = shares.map(({ account, sends, asks }) => ({
    account_no: account.account_no,
    sends: sends.length,
    asks: asks.length,
  }))
  const rows = await wantTurns(core.db, tenant, wanted)
  const split = shares.map(({ account, sends, asks }) => {
    const row = must(rows.find((each) => each.account_no === account.account_no))
    const { rate } = core.channel(account.channel).can
    const granted = withinBudget(rate, row, { sends: sends.length, asks: asks.length })
    const well = isWell(row)
    return {
      now: [...sends.slice(0, granted.sends), ...asks.slice(0, granted.asks)].map((turn) => ({
        turn,
        well,
      })),
      late: [...sends.slice(granted.sends), ...asks.slice(granted.asks)],
    }
  })
  return { now: split.flatMap((each) => each.now), late: split.flatMap((each) => each.late) }
}
