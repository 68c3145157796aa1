/** Whether the account works, found out by a question that can do no harm. */
import type { Health, Line } from '../channel.ts'
import { ORDER_QUERY_CODES, readRefusal } from './errors.ts'
import { askOrder, orderPath } from './pay.ts'
import { openAccount } from './settings.ts'
import { TIMESTAMP_TOLERANCE_MS } from './sign.ts'
import { ConfigFault } from '../channel.ts'

/**
 * Nobody's order: that the channel has never heard of it proves that it read our signature. Of its own it proves nothing,
 * since refusals are not signed.
 */
const NOBODYS_ORDER = 'yuanlu-check'

const ill = (what: Extract<Health, { kind: 'ill' }>['what'], detail: string): Health => ({
  kind: 'ill',
  what,
  detail,
})

/** Never throws. */
export async function check(line: Line, known: string | null): Promise<Health> {
  try {
    openAccount(line.account)
  } catch (error) {
    return ill('settings', error instanceof ConfigFault ? error.message : 'not usable')
  }
  const said = await askOrder(line, (settings) => orderPath(settings, known ?? NOBODYS_ORDER))()
  switch (said.kind) {
    case 'signed':
      return { kind: 'well', signed: true }
    case 'unclear':
      if (said.cause === 'stale') return ill('clock', said.cause)
      return ill(said.alarm ? 'signature' : 'network', said.cause)
    case 'refusal': {
      const reading = readRefusal(said, ORDER_QUERY_CODES)
      if (reading === 'not_found') return { kind: 'well', signed: false }
      const skewMs = said.date === null ? 0 : Math.abs(Date.now() - said.date.getTime())
      if (said.status === 401) {
        return ill(skewMs > TIMESTAMP_TOLERANCE_MS ? 'clock' : 'signature', said.code)
      }
      if (said.status === 403) return ill('permission', said.code)
      return ill(said.status >= 500 || said.status === 429 ? 'network' : 'settings', said.code)
    }
  }
}
