/** The rules a run is judged by, as pure functions of what was told, what is stored and what the channel did. */

/** What a till was told with a 2xx: the refund is stored. */
export type Ack = { readonly no: string; readonly payment: string; readonly amount: number }
/** What a person was told with a 2xx: this was decided. */
export type Decision = {
  readonly no: string
  readonly decided: 'approved' | 'rejected' | 'withdrawn'
}
/** What a till was shown of an attempt: it ended, with this. */
export type Told = { readonly number: string; readonly state: 'succeeded' | 'declined' }
/** What a till was told "no" about, with no request of it left without an answer. */
export type Refused = { readonly no: string; readonly code: string }
export type StoredRefund = {
  readonly no: string
  readonly payment: string
  readonly amount: number
  readonly state: string
}
export type StoredAttempt = {
  readonly refund: string
  readonly state: string
  readonly channelNumber: string
  readonly amount: number
}
export type StoredPayment = {
  readonly no: string
  readonly paid: number
  readonly held: number
  readonly refunded: number
}
/** A refund in the channel's book whose money left the merchant. */
export type Executed = {
  readonly number: string
  readonly payment: string
  readonly amount: number
  readonly status: string
}
export type Facts = {
  readonly acks: readonly Ack[]
  readonly decisions: readonly Decision[]
  readonly refused: readonly Refused[]
  readonly told: readonly Told[]
  readonly refunds: readonly StoredRefund[]
  readonly attempts: readonly StoredAttempt[]
  readonly payments: readonly StoredPayment[]
  readonly executed: readonly Executed[]
}
export type Violation = { readonly promise: string; readonly what: string }
export type Verdict = {
  readonly lostAcks: number
  readonly doubled: number
  readonly overRefunds: number
  /** Called failed, by our books or to a till, and paid. */
  readonly wrongFailures: number
  readonly unended: number
  readonly violations: readonly Violation[]
}

export function judge(facts: Facts): Verdict {
  const lost = lostAcks(facts)
  const doubled = executedTwice(facts)
  const over = overRefunds(facts)
  const wrong = wrongFailures(facts)
  const open = unended(facts)
  return {
    lostAcks: lost.length,
    doubled: doubled.length,
    overRefunds: over.length,
    wrongFailures: wrong.length,
    unended: open.length,
    violations: [
      ...lost,
      ...storedAfterAll(facts),
      ...undoneDecisions(facts),
      ...doubled,
      ...over,
      ...wrong,
      ...untruths(facts),
      ...open,
    ],
  }
}

function lostAcks({ acks, refunds }: Facts): Violation[] {
  const stored = new Map(refunds.map((each) => [each.no, each]))
  const broken = acks.filter(({ no, payment, amount }) => {
    const row = stored.get(no)
    return row === undefined || row.payment !== payment || row.amount !== amount
  })
  return [...new Set(broken.map(({ no }) => no))].map((no) =>
    violation('no acknowledged refund is lost or changed', no),
  )
}

function storedAfterAll({ refused, refunds }: Facts): Violation[] {
  const stored = new Set(refunds.map(({ no }) => no))
  return refused
    .filter(({ no }) => stored.has(no))
    .map(({ no, code }) => violation('what is refused leaves nothing behind', `${no}, ${code}`))
}

/** States that no approved refund is in. */
const NOT_APPROVED = new Set([undefined, 'requested', 'rejected', 'withdrawn'])

function undoneDecisions({ decisions, refunds }: Facts): Violation[] {
  const stored = new Map(refunds.map((each) => [each.no, each.state]))
  return decisions
    .filter(({ no, decided }) =>
      decided === 'approved' ? NOT_APPROVED.has(stored.get(no)) : stored.get(no) !== decided,
    )
    .map(({ no, decided }) =>
      violation(
        'an acknowledged decision stays',
        `${no} was ${decided}, is ${stored.get(no) ?? 'gone'}`,
      ),
    )
}

/** By the channel's number, and by the refund behind it: a new number for the same refund is no excuse. */
function executedTwice({ attempts, executed }: Facts): Violation[] {
  const refundOf = new Map(attempts.map((each) => [each.channelNumber, each.refund]))
  const times = new Map<string, number>()
  for (const { number } of executed) {
    const refund = refundOf.get(number) ?? number
    times.set(refund, (times.get(refund) ?? 0) + 1)
  }
  return [...times]
    .filter(([, count]) => count > 1)
    .map(([no, count]) => violation('no refund is executed twice', `${no}, ${count} times`))
}

function overRefunds({ payments, executed }: Facts): Violation[] {
  const sums = new Map<string, number>()
  for (const { payment, amount } of executed) {
    sums.set(payment, (sums.get(payment) ?? 0) + amount)
  }
  return payments
    .filter(({ no, paid, held, refunded }) => (sums.get(no) ?? 0) > paid || held + refunded > paid)
    .map((each) => violation('no payment is refunded beyond what was paid', JSON.stringify(each)))
}

/** A till that hears "not paid" pays some other way: wrong at any moment, not only at the end. */
function wrongFailures({ attempts, told, executed }: Facts): Violation[] {
  const paid = new Set(executed.map(({ number }) => number))
  const failed = [
    ...attempts
      .filter(({ state }) => state === 'declined')
      .map(({ channelNumber }) => channelNumber),
    ...told.filter(({ state }) => state === 'declined').map(({ number }) => number),
  ]
  return [...new Set(failed)]
    .filter((number) => paid.has(number))
    .map((number) => violation('nothing is called failed that was paid', number))
}

/** What our books say of each attempt is what the channel's book says, in both directions. */
function untruths({ attempts, payments, told, executed }: Facts): Violation[] {
  const book = new Map(executed.map((each) => [each.number, each]))
  const known = new Set(attempts.map((each) => each.channelNumber))
  const sums = new Map<string, number>()
  for (const { payment, amount, status } of executed) {
    if (status === 'succeeded') sums.set(payment, (sums.get(payment) ?? 0) + amount)
  }
  return [
    ...attempts
      .filter((each) => {
        const there = book.get(each.channelNumber)
        return each.state !== endAt(there) || (there !== undefined && there.amount !== each.amount)
      })
      .map((each) =>
        violation(
          'every attempt ends as at the channel',
          `${each.refund} is ${each.state}, not ${endAt(book.get(each.channelNumber))}`,
        ),
      ),
    ...told
      .filter(({ number, state }) => state === 'succeeded' && endAt(book.get(number)) !== state)
      .map(({ number }) => violation('nothing is called paid that was not', number)),
    ...executed
      .filter(({ number }) => !known.has(number))
      .map(({ number }) => violation('nothing is paid that we do not know of', number)),
    ...payments
      .filter(({ no, refunded }) => refunded !== (sums.get(no) ?? 0))
      .map(({ no, refunded }) =>
        violation(
          'the books hold what the channel paid back',
          `${no}: ${refunded}, not ${sums.get(no) ?? 0}`,
        ),
      ),
  ]
}

/** Not executed at all, or closed by the channel: nothing was taken. */
function endAt(there: Executed | undefined): string {
  if (there === undefined) return 'declined'
  return there.status === 'abnormal' ? 'stuck' : there.status
}

const ENDED = new Set(['succeeded', 'rejected', 'withdrawn', 'closed'])

/** Ended, or with a person: owed after the channel declined, or stuck at the channel. */
function unended({ refunds, attempts }: Facts): Violation[] {
  const stuck = new Set(
    attempts.filter(({ state }) => state === 'stuck').map(({ refund }) => refund),
  )
  return refunds
    .filter(({ no, state }) => !ENDED.has(state) && state !== 'owed' && !stuck.has(no))
    .map(({ no, state }) => violation('every refund ends', `${no} is ${state}`))
}

const violation = (promise: string, what: string): Violation => ({ promise, what })
