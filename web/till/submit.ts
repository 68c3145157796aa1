/**
 * Sending a refund request. The intent is on the device before the first byte leaves, under the number the draft has had
 * from its first moment; so pressing again, reloading or losing power can only ever ask for the same refund.
 */
import type { RefundShown } from '../../src/api/contract.ts'
import { Refused, Unanswered } from '../shared/api.ts'
import { bodyOf, setDraft, type Draft } from './draft.ts'
import { dropIntent, keepIntent, type Intent } from './outbox.ts'
import { queryClient, refundQuery } from './queries.ts'
import { tell } from './session.ts'

/**
 * Resolves when the request is stored at the server, or when nobody can say (then the intent stays and the result screen
 * goes on asking). Throws Refused when nothing was done.
 */
export async function submitRefund(
  draft: Draft,
  { amount, by, second }: { amount: number; by: string; second: string | null },
): Promise<void> {
  const intent: Intent = {
    no: draft.no,
    path: '/refunds',
    body: { no: draft.no, ...bodyOf(draft) },
    amount,
    sale: draft.sale,
    by,
    at: new Date().toISOString(),
    sent: false,
  }
  await keepIntent(intent)
  await sendIntent(intent, second)
  setDraft(null)
}

/** Sends what is kept; safe to repeat, since the number is the same. Throws Refused when nothing was done. */
export async function sendIntent(intent: Intent, second: string | null = null): Promise<void> {
  if (!navigator.onLine) return refreshIntents()
  await keepIntent({ ...intent, sent: true })
  try {
    const refund = await tell<RefundShown>(intent.path, {
      method: 'POST',
      body: intent.body,
      second,
    })
    await dropIntent(intent.no)
    queryClient.setQueryData(refundQuery(intent.no).queryKey, refund)
    void queryClient.invalidateQueries({ queryKey: ['sale', intent.sale] })
  } catch (error) {
    if (provesNothingDone(error, intent)) await dropIntent(intent.no)
    else if (error instanceof Refused) await keepIntent(intent)
    if (!(error instanceof Unanswered) && !isServersFault(error)) throw error
  } finally {
    refreshIntents()
  }
}

/** A fault of the server says as little as silence about what became of the request. */
const isServersFault = (error: unknown): boolean => error instanceof Refused && error.status >= 500

/**
 * A request is judged only after its number was looked up, so a judgement means that the number is not stored. To be
 * turned away before that, for want of a sign-in or of time, says nothing about an earlier send.
 */
export const provesNothingDone = (error: unknown, intent: Pick<Intent, 'sent'>): boolean =>
  error instanceof Refused &&
  error.status < 500 &&
  (!intent.sent || (error.status !== 401 && error.status !== 429 && error.code !== 'staff_needed'))

export const refreshIntents = (): void =>
  void queryClient.invalidateQueries({ queryKey: ['intents'] })
