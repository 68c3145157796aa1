/** The person who decides what waits, looks at refunds again, and sends what the channel closed once more. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Draw } from '../sim/draw.ts'
import type { Decision } from './judge.ts'
import { ask, AGAIN_MS, type Shop } from './tills.ts'

const ACTS = {
  approve: { decided: 'approved', who: 'li', body: undefined },
  reject: { decided: 'rejected', who: 'li', body: { reason: 'no_proof' } },
  withdraw: { decided: 'withdrawn', who: 'zhang', body: undefined },
} as const satisfies Record<
  string,
  { decided: Decision['decided']; who: string; body: object | undefined }
>

/** @param goesOn asked before each next act */
export async function runSupervisor(shop: Shop, draw: Draw, goesOn: () => boolean): Promise<void> {
  while (goesOn()) {
    const no = shop.toDecide.shift()
    if (no !== undefined) await decide(shop, draw, no)
    else await lookAtOne(shop, draw)
    await delay(draw.below(AGAIN_MS))
  }
}

/** Until it is answered; whoever is too late hears a no. */
export async function decide(shop: Shop, draw: Draw, no: string): Promise<void> {
  const act = draw.pick(['approve', 'approve', 'approve', 'reject', 'withdraw'] as const)
  const { decided, who, body } = ACTS[act]
  for (;;) {
    const answer = await ask(shop, draw, who, 'POST', `/v1/refunds/${no}/${act}`, body)
    if (answer.kind === 'yes') shop.history.decisions.push({ no, decided })
    if (answer.kind !== 'none') return
    await delay(draw.below(AGAIN_MS))
  }
}

/** Any refund that a till was told of. */
async function lookAtOne(shop: Shop, draw: Draw): Promise<void> {
  const { acks } = shop.history
  if (acks.length === 0) return
  const { no } = draw.pick(acks)
  const answer = await ask(shop, draw, 'li', 'GET', `/v1/refunds/${no}`)
  if (answer.kind === 'yes' && answer.shown.state === 'owed') {
    await ask(shop, draw, 'li', 'POST', `/v1/refunds/${no}/send-again`, { method: 'original' })
  }
}
