/**
 * How much of a channel's rate one account may use, on all nodes together. Seconds are counted by the database's clock
 * and never carried over. What is put off loses nothing: it is due again a moment later.
 */
import type { Capabilities } from './capabilities.ts'

/** How soon to look again at a turn that found the budget spent, in ms: past the end of any second. */
export const BUDGET_WAIT_MS = 1_000

/** The part of a second that questions may use. The rest is kept for sends, behind which a customer may stand. */
const ASKS_SHARE = 0.8

/** What was wanted in this second before, granted or not, and how many answers were errors. */
export type Used = { readonly sends: number; readonly asks: number; readonly errors: number }

/** Turns that would like to go now: sends move money, asks only question. */
export type Turns = { readonly sends: number; readonly asks: number }

/** How many of the wanted turns may go now. Questions never use what is kept for sends. */
export function withinBudget(rate: Capabilities['rate'], used: Used, wanted: Turns): Turns {
  if (rate.errorsPerSecond !== undefined && used.errors >= rate.errorsPerSecond) {
    return { sends: 0, asks: 0 }
  }
  const asksMost = Math.max(1, Math.floor(rate.perSecond * ASKS_SHARE))
  // What was wanted beyond a bound was not granted, so it has used nothing.
  const asked = Math.min(used.asks, asksMost)
  const sent = Math.min(used.sends, rate.perSecond)
  const sends = between(0, wanted.sends, rate.perSecond - sent - asked)
  const asks = between(
    0,
    wanted.asks,
    Math.min(asksMost - asked, rate.perSecond - sent - sends - asked),
  )
  return { sends, asks }
}

const between = (least: number, wish: number, most: number): number =>
  Math.max(least, Math.min(wish, most))
