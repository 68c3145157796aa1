/** Is a slip what we printed, and does it still agree with the books? */
import type { Fen } from './money.ts'
import type { ShownWord } from './shown.ts'
import { isVouchedFor, type CheckCode, type SlipMac } from './slip-code.ts'
import type { SlipClaim } from './slip.ts'

/**
 * `match`: its code vouches for what it says, and the books agree. `mismatch`: something on it is not so. `unproven`: only
 * a number was given, which anybody can write on paper. `unknown`: no slip of ours has this number.
 */
export const SLIP_ANSWERS = ['match', 'mismatch', 'unproven', 'unknown'] as const
export type SlipAnswer = (typeof SLIP_ANSWERS)[number]

/** What differs: the code from what it should vouch for, or a fact that the paper gives from the books. */
export const SLIP_DIFFERENCES = ['code', 'amount', 'state'] as const
export type SlipDifference = (typeof SLIP_DIFFERENCES)[number]

/** What somebody read from the paper. */
export type Paper = {
  readonly no: string
  /** Every amount given: the one in the square, the one in print. */
  readonly amounts: readonly Fen[]
  /** Undefined when none was given, null when what was given is no code. */
  readonly code: CheckCode | null | undefined
}

/** The same thing as it stands now. `amounts`: those that a slip of it may rightly show; the first is today's. */
export type SlipBooks = {
  readonly word: ShownWord | 'paid' | 'unpaid'
  readonly amounts: readonly Fen[]
}

export type SlipJudgement = {
  readonly answer: Exclude<SlipAnswer, 'unknown'>
  readonly differs: readonly SlipDifference[]
  /** What the code vouches for: the paper has to say exactly this. Null when it vouches for nothing. */
  readonly claim: SlipClaim | null
}

export function judgeSlip(paper: Paper, books: SlipBooks, mac: SlipMac): SlipJudgement {
  const claim = claimOf(paper, books, mac)
  const differs: SlipDifference[] = []
  if (paper.code !== undefined && claim === null) differs.push('code')
  const said = claim === null ? paper.amounts : [claim.amount]
  const agree =
    said.every((each) => books.amounts.includes(each)) &&
    (claim === null || paper.amounts.every((each) => each === claim.amount))
  if (!agree) differs.push('amount')
  if (claim !== null && !mayBecome(claim.state, books.word)) differs.push('state')
  if (differs.length > 0) return { answer: 'mismatch', differs, claim }
  return { answer: claim === null ? 'unproven' : 'match', differs, claim }
}

function claimOf({ no, amounts, code }: Paper, books: SlipBooks, mac: SlipMac): SlipClaim | null {
  if (code === undefined || code === null) return null
  const amount = [...amounts, ...books.amounts].find((each) =>
    isVouchedFor(code, { no, amount: each }, mac),
  )
  if (amount === undefined) return null
  const { copy, state, printedAt } = code
  return { no, amount, copy, state, printedAt }
}

/** Paper stays as it is while the thing goes on: only an end that did not last is no longer true. */
const mayBecome = (printed: SlipClaim['state'], now: SlipBooks['word']): boolean =>
  printed === 'paid' || printed === 'succeeded' ? now === printed : true
