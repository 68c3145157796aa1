/** Whether the account works, found out by a question that can do no harm. */
import type { Health, Line } from '../channel.ts'
import { prepare, type Said } from './client.ts'
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
      return unclear(said)
    case 'refusal': {
      const reading = readRefusal(said, ORDER_QUERY_CODES)
      return reading === 'not_found' ? checkTrust(line) : refused(said)
    }
  }
}

/**
 * The channel signs no refusal, so an account that trusts the wrong key would look well until the first payment. Its
 * list of certificates is signed; a merchant of public keys only has none, and nothing else that may be asked is.
 */
async function checkTrust(line: Line): Promise<Health> {
  const list = { act: 'certificates', method: 'GET', path: '/v3/certificates', body: '' } as const
  const said = await prepare(line, () => list)()
  if (said.kind === 'unclear' && said.alarm) return unclear(said)
  return { kind: 'well', signed: said.kind === 'signed' }
}

function unclear(said: Extract<Said, { kind: 'unclear' }>): Health {
  if (said.cause === 'stale') return ill('clock', said.cause)
  return ill(said.alarm ? 'signature' : 'network', said.cause)
}

function refused(said: Extract<Said, { kind: 'refusal' }>): Health {
  const skewMs = said.date === null ? 0 : Math.abs(Date.now() - said.date.getTime())
  if (said.status === 401) {
    return ill(skewMs > TIMESTAMP_TOLERANCE_MS ? 'clock' : 'signature', said.code)
  }
  if (said.status === 403) return ill('permission', said.code)
  return ill(said.status >= 500 || said.status === 429 ? 'network' : 'settings', said.code)
}
