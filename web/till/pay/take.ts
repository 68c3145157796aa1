/**
 * Sending a payment. Number and intent are on the device before the first byte leaves; the intent stays there until its
 * outcome has been seen on this device, so that neither a reload nor a power cut can lose it from sight.
 *
 * What is safe to send again, and when:
 * - The customer's payment code is a secret of one minute and is never kept. It lives in this page's memory while the
 *   request is under way, for as long as the server itself would still send a payment (`PAY_WITHIN_MS`): until then
 *   silence is answered by the same request under the same number, which the server answers with what it has stored.
 * - After that, and after any restart, a payment by code is never sent again. It is only asked about by its number.
 *   Where the server does not have the number, the sale may be tried again under a new one: should the first request
 *   arrive all the same, the server refuses one of the two, because they name the same sale.
 * - A payment by a shown code carries no secret, and storing it charges nobody: it may be sent again at any time.
 * - The intent is thrown away only once the code must have died (`CODE_DIES_MS`): a request that arrives later finds a
 *   code that the channel no longer takes.
 */
import { useSyncExternalStore } from 'react'
import type { PaymentShown } from '../../../src/api/contract.ts'
import { PAY_WITHIN_MS } from '../../../src/domain/payment.ts'
import { Refused } from '../../shared/api.ts'
import { dropIntent, keepIntent, type Intent } from '../outbox.ts'
import { queryClient } from '../queries.ts'
import { tell } from '../session.ts'
import { provesNothingDone, refreshIntents } from '../submit.ts'
import { setPayDraft, toPay, type PayDraft } from './draft.ts'
import { paymentQuery } from './follow.ts'

/** Payment codes live about a minute; twice that, for slow clocks. */
export const CODE_DIES_MS = 120_000
const AGAIN_MS = 2_000

const PAYMENTS = '/payments'

/** What an intent of this path holds: the request without the customer's code. */
export type PaymentBody = {
  readonly no: string
  readonly sale: {
    readonly no: string
    readonly orderAmount: number
    readonly paidAmount: number
    readonly description: string
  }
  readonly amount: number
  readonly method: 'code' | 'qr'
}

export const isPayment = (intent: Pick<Intent, 'path'>): boolean => intent.path === PAYMENTS
export const bodyOf = (intent: Intent): PaymentBody => intent.body as PaymentBody

/** How far sending has come on this page; nothing once the server has answered. */
export type Sending =
  | { readonly kind: 'under_way'; readonly silent: boolean; readonly amount: number }
  /** Nothing was stored, and nothing was charged. */
  | { readonly kind: 'refused'; readonly error: unknown; readonly amount: number }

const sendings = new Map<string, Sending>()
const listeners = new Set<() => void>()

function change(no: string, next: Sending | null): void {
  if (next === null) sendings.delete(no)
  else sendings.set(no, next)
  for (const listener of listeners) listener()
}

export const useSending = (no: string): Sending | null =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => sendings.get(no) ?? null,
  )

/** @param paymentCode what was scanned; null: a code is shown instead. */
export async function takePayment(
  draft: PayDraft,
  paymentCode: string | null,
  said: { readonly description: string; readonly by: string },
): Promise<void> {
  if (sendings.get(draft.no)?.kind === 'under_way') return
  const amount = toPay(draft)
  const body: PaymentBody = {
    no: draft.no,
    sale: {
      no: draft.sale,
      orderAmount: draft.order,
      paidAmount: amount,
      description: said.description,
    },
    amount,
    method: paymentCode === null ? 'qr' : 'code',
  }
  const intent: Intent = {
    no: draft.no,
    path: PAYMENTS,
    body,
    amount,
    sale: draft.sale,
    by: said.by,
    at: new Date().toISOString(),
    sent: true,
  }
  change(draft.no, { kind: 'under_way', silent: false, amount })
  setPayDraft({ ...draft, tried: true, open: true })
  try {
    await keepIntent(intent)
  } catch (error) {
    // Without a place to write it down nothing is sent.
    return change(draft.no, { kind: 'refused', error, amount })
  }
  refreshIntents()
  await send(intent, paymentCode)
}

/** Once more under the same number; only for a payment by a shown code. */
export const sendAgain = (intent: Intent): Promise<void> => send(intent, null)

async function send(intent: Intent, paymentCode: string | null): Promise<void> {
  const { no, amount } = intent
  const until = performance.now() + PAY_WITHIN_MS
  const body = { ...bodyOf(intent), ...(paymentCode !== null && { paymentCode }) }
  for (let silent = false; ; silent = true) {
    change(no, { kind: 'under_way', silent, amount })
    try {
      const payment = await tell<PaymentShown>(PAYMENTS, { method: 'POST', body })
      queryClient.setQueryData(paymentQuery(no).queryKey, payment)
      return change(no, null)
    } catch (error) {
      if (provesNothingDone(error, { sent: silent })) {
        await dropIntent(no)
        refreshIntents()
        return change(no, { kind: 'refused', error, amount })
      }
      // Turned away before the number was looked up, and asking goes on by itself.
      const turnedAway = error instanceof Refused && error.status < 500
      if (turnedAway || performance.now() + AGAIN_MS > until) return change(no, null)
    }
    change(no, { kind: 'under_way', silent: true, amount })
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
  }
}
