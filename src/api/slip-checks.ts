/** Is this paper a slip of ours, and what has become of it? Asked by number and check code, or by its square. */
import type { Core } from '../commands/core.ts'
import { askNow } from '../commands/sweep-refunds.ts'
import { readInTenant, type Tx } from '../db/connect.ts'
import { addFen, fen, type Fen } from '../domain/money.ts'
import { readScan } from '../domain/numbers.ts'
import { refuseCode } from '../domain/problems.ts'
import { judgeSlip, type Paper, type SlipBooks } from '../domain/slip-check.ts'
import { readCheckCode } from '../domain/slip-code.ts'
import { findRefund } from '../store/refund-reads.ts'
import { findSale } from '../store/sale-reads.ts'
import { slipCheckText } from '../texts/slip-check.ts'
import type { z } from 'zod'
import type { Resource } from './api.ts'
import { slipChecked, slipCheckGiven } from './contract-slips.ts'
import { languageOf, Problem } from './problem.ts'
import { wordOf } from './show.ts'
import { who } from './sign-in.ts'
import { slipMac } from './slip-facts.ts'
import { turnsOf } from './turns.ts'

export const slipCheckResource =
  (core: Core): Resource =>
  (v1) => {
    const takeTurn = turnsOf(v1)

    v1.post(
      '/slips/check',
      {
        schema: {
          summary: 'Check a slip (一致 / 不一致)',
          description:
            'Compares what the paper says with its check code and with the books, and tells how it stands now; a refund under way is asked about at the channel first. Give the amount as printed: an altered one is found even when the square is genuine.',
          body: slipCheckGiven,
          response: { 200: slipChecked },
        },
      },
      async (request) => {
        const { tenant } = who(request)
        const language = languageOf(request.headers['accept-language'])
        const paper = paperOf(request.body)
        // Whoever checks a slip wants to know now: what is under way is asked about first.
        await takeTurn(() => askNow(core, tenant, paper.no))
        const books = await readInTenant(core.db, tenant, (tx) => readBooks(tx, paper.no))
        if (books === null) {
          const unknown = { answer: 'unknown', differs: [], claim: null } as const
          return { ...unknown, says: slipCheckText(language, unknown), differs: [], live: null }
        }
        const { answer, differs, claim } = judgeSlip(paper, books, slipMac(core, tenant))
        return {
          answer,
          differs: [...differs],
          says: slipCheckText(language, { answer, differs, claim }),
          claim: claim && {
            copy: claim.copy,
            state: claim.state,
            amount: claim.amount,
            printedAt: claim.printedAt.toISOString(),
          },
          live: {
            sale: books.sale,
            refund: books.refund,
            shows: books.word,
            amount: books.amounts[0],
          },
        }
      },
    )
  }

/** Throws Problem for a scanned code that is no slip's. */
function paperOf({ code, check, amount }: z.infer<typeof slipCheckGiven>): Paper {
  const scanned = readScan(code)
  if (!('number' in scanned)) throw new Problem(refuseCode(scanned.kind))
  const seen = amount === undefined ? [] : [fen(amount)]
  const typed = check === undefined ? undefined : readCheckCode(check)
  if (scanned.kind !== 'slip') return { no: scanned.number, amounts: seen, code: typed }
  return {
    no: scanned.number,
    amounts: [fen(scanned.fen), ...seen],
    // A code in print that is not the one in the square is a code that does not fit.
    code: typed === undefined ? readCheckCode(scanned.check) : typed,
  }
}

type Books = SlipBooks & {
  readonly amounts: readonly [Fen, ...Fen[]]
  readonly sale: string
  readonly refund: string | null
}

async function readBooks(tx: Tx, no: string): Promise<Books | null> {
  const refund = await findRefund(tx, no)
  if (refund !== null) {
    const paid = refund.attempts.findLast((each) => each.state === 'succeeded')?.payer_fen ?? null
    const { amount_fen: amount } = refund
    return {
      word: wordOf(refund),
      amounts: paid === null ? [amount] : [paid, amount],
      sale: refund.sale_no,
      refund: no,
    }
  }
  const found = await findSale(tx, no)
  if (found === null) return null
  const paid = found.payments.filter((each) => each.state === 'paid')
  return {
    word: paid.length === 0 ? 'unpaid' : 'paid',
    amounts: [addFen(...paid.map((each) => each.paid_fen))],
    sale: no,
    refund: null,
  }
}
