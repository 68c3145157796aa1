/** What tills and people were told, kept outside of everything that is killed. */
import type { RefundShown } from '../src/api/contract.ts'
import type { Ack, Decision, Refused, Told } from './judge.ts'

export type History = {
  readonly acks: Ack[]
  readonly decisions: Decision[]
  readonly refused: Refused[]
  readonly told: Told[]
  /** Answers that were no, by status and code, whatever was asked. */
  readonly refusals: Map<string, number>
  /** Requests that got no answer, or one that says to ask again. */
  unanswered: number
}

export const newHistory = (): History => ({
  acks: [],
  decisions: [],
  refused: [],
  told: [],
  refusals: new Map(),
  unanswered: 0,
})

/** An answer with a 2xx to whoever asked for `amount` fen. */
export function acknowledge(
  history: History,
  shown: RefundShown,
  asked: { readonly no: string; readonly payment: string; readonly amount: number },
): void {
  history.acks.push(asked)
  see(history, shown)
}

/** What a refund looked like to somebody; ended attempts are held against the channel's book afterwards. */
export function see(history: History, shown: RefundShown): void {
  for (const { channelNumber, state } of shown.attempts) {
    if (state === 'succeeded' || state === 'declined')
      history.told.push({ number: channelNumber, state })
  }
}

export function refusedWith(history: History, code: string): void {
  history.refusals.set(code, (history.refusals.get(code) ?? 0) + 1)
}
