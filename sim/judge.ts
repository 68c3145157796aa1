/** Who was right: the channel's book against ours, refund by refund. An empty list is the only good answer. */
import type { Book, BookRefund } from '../sandbox/book.ts'
import type { Refund } from '../sandbox/wechatpay/ledger.ts'
import type { Core } from '../src/commands/core.ts'
import { inTenant } from '../src/db/connect.ts'
import { chainHolds } from '../src/domain/evidence.ts'
import { findDifferences } from '../src/store/audit.ts'

export type Finding = { readonly promise: string; readonly what: string }

/** One shop and its channel. A story is one; so is any other run that knows what its channel did. */
export type Judged = {
  readonly tenant: number
  /** Refunds that somebody was told are stored. */
  readonly acknowledged: ReadonlySet<string>
  readonly aside: { readonly core: Pick<Core, 'db'> }
  readonly bank: Bank
}

type Bank = {
  /** Numbers of refunds that were paid and came back. */
  readonly bounced: ReadonlySet<string>
  readonly merchant: { readonly mchid: string }
  readonly world: {
    readonly book: Pick<Book, 'executedRefunds'>
    readonly ledger: {
      readonly refund: (
        scope: { readonly mchid: string; readonly subMchid: string | null },
        number: string,
      ) => Refund | undefined
    }
  }
}

export type JudgedAttempt = {
  readonly refund_no: string
  readonly seq: number
  readonly kind: string
  readonly state: string
  readonly channel_number: string
  readonly amount_fen: number
}

/** What must hold between any two steps: what our books say of a refund is true at the channel. */
export const judgeAttempts = (attempts: readonly JudgedAttempt[], bank: Bank): Finding[] => [
  ...attempts.flatMap((attempt) => untruth(attempt, bookOf(bank, attempt.channel_number))),
  ...paidTwice(attempts, bank),
]

/** What must hold whenever nobody is in the middle of something. */
export async function judgeNow(play: Judged): Promise<Finding[]> {
  const { core } = play.aside
  const { differences, events, attempts } = await inTenant(core.db, play.tenant, async (tx) => ({
    differences: await findDifferences(tx),
    events: await readEvents(tx),
    attempts: await readAttempts(tx),
  }))
  const chains = Map.groupBy(events, ({ subject, subject_no: no }) => `${subject} ${no}`)
  return [
    ...differences.map((each) => finding('the books are right', JSON.stringify(each))),
    ...[...chains].flatMap(([no, chain]) => [
      ...(chainHolds(chain) ? [] : [finding('the evidence holds', no)]),
      ...backwards(chain).map((what) => finding('no state goes backwards', `${no}: ${what}`)),
    ]),
    ...judgeAttempts(attempts, play.bank),
  ]
}

/** What must hold besides once nothing goes wrong any more and everything had its time. */
export async function judgeAtRest(play: Judged): Promise<Finding[]> {
  const { tenant, bank, acknowledged } = play
  const { core } = play.aside
  const { attempts, refunds, payments } = await inTenant(core.db, tenant, async (tx) => ({
    attempts: await readAttempts(tx),
    refunds: await tx.selectFrom('refund').select(['refund_no', 'state', 'outside']).execute(),
    payments: await tx
      .selectFrom('payment')
      .select(['payment_no', 'paid_fen', 'held_fen', 'refunded_fen', 'kept_fen', 'excess_fen'])
      .execute(),
  }))
  const stored = new Set(refunds.map((row) => row.refund_no))
  const known = new Set(attempts.map((each) => each.channel_number))
  return [
    ...(await judgeNow(play)),
    ...[...acknowledged]
      .filter((no) => !stored.has(no))
      .map((no) => finding('no acknowledged refund is lost', no)),
    ...attempts.flatMap((attempt) => {
      const want = endOf(bookOf(bank, attempt.channel_number))
      const isOwn = attempt.kind === 'refund'
      return isOwn && !want.includes(attempt.state)
        ? [
            finding(
              'every attempt ends as at the channel',
              `${shortOf(attempt)}, not ${want.join(' or ')}`,
            ),
          ]
        : []
    }),
    ...refunds
      .filter(
        (row) =>
          row.state === 'approved' ||
          (row.state === 'sending' && !isOpenAtRest(row.refund_no, attempts)),
      )
      .map((row) => finding('every refund ends', `${row.refund_no} is ${row.state}`)),
    ...bank.world.book
      .executedRefunds()
      .filter((each) => each.source === 'api' && !known.has(each.outRefundNo))
      .map((each) => finding('nothing is paid that we do not know of', each.outRefundNo)),
    ...payments
      .filter((row) => row.excess_fen > 0)
      .map((row) => finding('no payment is refunded beyond what was paid', JSON.stringify(row))),
  ]
}

const readAttempts = (tx: Parameters<typeof findDifferences>[0]): Promise<JudgedAttempt[]> =>
  tx
    .selectFrom('attempt')
    .select(['refund_no', 'seq', 'kind', 'state', 'channel_number', 'amount_fen'])
    .orderBy('refund_no')
    .orderBy('seq')
    .execute()

const readEvents = (tx: Parameters<typeof findDifferences>[0]) =>
  tx
    .selectFrom('event')
    .select(['subject', 'subject_no', 'seq', 'type', 'body', 'prev', 'hash'])
    .where('subject', 'in', ['refund', 'payment'])
    .orderBy('subject')
    .orderBy('subject_no')
    .orderBy('seq')
    .execute()

/** What may follow once the money of an attempt was with the customer, or came back from there. */
const AFTER: Readonly<Record<string, string>> = {
  'refund.succeeded': 'refund.returned',
  'refund.returned': 'refund.succeeded',
}
const MOVES = /^refund\.(?:processing|stuck|succeeded|declined|returned)$/

function backwards(chain: readonly { readonly type: string; readonly body: string }[]): string[] {
  const last = new Map<unknown, string>()
  return chain.flatMap(({ type, body }) => {
    if (!MOVES.test(type)) return []
    const { attempt } = (JSON.parse(body) as { facts: { attempt?: unknown } }).facts
    const before = last.get(attempt) ?? ''
    last.set(attempt, type)
    const may = AFTER[before]
    return may === undefined || may === type ? [] : [`${before}, then ${type}`]
  })
}

const finding = (promise: string, what: string): Finding => ({ promise, what })

export const bookOf = (bank: Bank, number: string) => {
  const refund = bank.world.ledger.refund({ mchid: bank.merchant.mchid, subMchid: null }, number)
  const inBook = bank.world.book
    .executedRefunds()
    .find((each: BookRefund) => each.outRefundNo === number)
  return { refund, inBook, hasBounced: bank.bounced.has(number) }
}
type InBook = ReturnType<typeof bookOf>

const toMerchant = ({ refund }: InBook): boolean => refund?.account.startsWith('商户') ?? false

/** Never called failed while the money is with the customer, never called paid while it is not. */
export function untruth(attempt: JudgedAttempt, book: InBook): Finding[] {
  if (attempt.kind !== 'refund') return []
  // What the bank sent back days later was paid, and is called so until we are told.
  const reached = book.refund?.state === 'SUCCESS' && (!toMerchant(book) || book.hasBounced)
  if (attempt.state === 'declined' && book.inBook !== undefined) {
    return [finding('nothing is called failed that was executed', shortOf(attempt))]
  }
  if (attempt.state === 'succeeded' && !reached) {
    return [finding('nothing is called paid that was not', shortOf(attempt))]
  }
  if (book.refund !== undefined && book.refund.amount !== attempt.amount_fen) {
    return [finding('the channel is asked for the amount in the books', shortOf(attempt))]
  }
  return []
}

/** At most one attempt of a refund has its money with the customer or on the way there. */
export function paidTwice(attempts: readonly JudgedAttempt[], bank: Bank): Finding[] {
  const by = new Map<string, string[]>()
  for (const attempt of attempts) {
    const book = bookOf(bank, attempt.channel_number)
    const isPaid =
      attempt.kind === 'cash'
        ? attempt.state === 'succeeded'
        : book.inBook !== undefined && !toMerchant(book)
    if (isPaid) by.set(attempt.refund_no, [...(by.get(attempt.refund_no) ?? []), shortOf(attempt)])
  }
  return [...by.values()]
    .filter((paid) => paid.length > 1)
    .map((paid) => finding('no refund is paid twice', paid.join(', ')))
}

export function endOf(book: InBook): readonly string[] {
  if (book.refund === undefined) return ['declined']
  switch (book.refund.state) {
    case 'SUCCESS':
      return [toMerchant(book) ? 'returned' : 'succeeded']
    case 'CLOSED':
      return ['declined']
    case 'ABNORMAL':
      return ['stuck']
    case 'PROCESSING':
      return ['processing']
  }
}

/** Stuck at the channel until a person decides; or refused without a signature, which people must look at. */
const isOpenAtRest = (refundNo: string, attempts: readonly JudgedAttempt[]): boolean =>
  attempts.some(
    (each) => each.refund_no === refundNo && (each.state === 'stuck' || each.kind === 'cash'),
  )

const shortOf = (attempt: JudgedAttempt): string =>
  `${attempt.refund_no} attempt ${attempt.seq} (${attempt.state})`
