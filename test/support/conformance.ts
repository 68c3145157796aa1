/**
 * What every channel must do, whatever it is called. A rig puts a channel's folder in front of something that behaves
 * like the channel and keeps its own book; the kit drives the port and lets the book judge.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type {
  AttemptOnWire,
  Channel,
  Exchange,
  Line,
  PaymentOnWire,
  RawNotice,
} from '../../src/channels/channel.ts'
import { factOf, type Attempt } from '../../src/domain/attempt.ts'
import { fen, type Fen } from '../../src/domain/money.ts'
import { channelNumber, makeNumber } from '../../src/domain/numbers.ts'
import type { Outcome } from '../../src/domain/outcome.ts'

/** What goes wrong with one answer of the channel. */
export type AnswerFault =
  | 'executed_then_silent'
  | 'executed_then_cut'
  | 'cut_before'
  | 'error_executed'
  | 'error_before'
  | 'throttled_executed'
  | 'throttled_before'
  | 'broken_body'
  | 'truncated_body'
  | 'page_of_a_proxy'
  | 'bad_signature'
  | 'unknown_key'
  | 'old_signature'
  | 'wrong_amount'

const ANSWER_FAULTS: readonly AnswerFault[] = [
  'executed_then_silent',
  'executed_then_cut',
  'cut_before',
  'error_executed',
  'error_before',
  'throttled_executed',
  'throttled_before',
  'broken_body',
  'truncated_body',
  'page_of_a_proxy',
  'bad_signature',
  'unknown_key',
  'old_signature',
  'wrong_amount',
]

const NOT_EXECUTED: readonly AnswerFault[] = ['cut_before', 'error_before', 'throttled_before']
/** These mean that somebody may be lying, and call a person. */
const ALARMING: readonly AnswerFault[] = [
  'bad_signature',
  'unknown_key',
  'old_signature',
  'wrong_amount',
]

export type RefundFate = 'declined' | 'stuck' | 'to_merchant' | 'no_funds' | 'refused'
export type NoticeFault = 'twice' | 'early' | 'forged' | 'other_merchant'

export type Rig = {
  readonly channel: Channel
  /** A line whose exchanges can be read; short of patience, so that silence ends soon. */
  line(): Line & { readonly exchanges: readonly Exchange[] }
  /** A payment of this many fen that the channel holds as paid. */
  paid(number: string, amount: Fen): Promise<PaymentOnWire>
  /** A code of a customer who has the money and, if asked, types a password. */
  paymentCode(password: 'none' | 'asked'): string
  typePassword(payment: PaymentOnWire): Promise<void>
  scan(codeUrl: string): Promise<void>
  /** The next answer to this act goes wrong. */
  fault(act: 'pay' | 'query' | 'reverse' | 'refund' | 'refund_query', fault: AnswerFault): void
  fate(fate: RefundFate): void
  noticeFault(fault: NoticeFault): void
  endFaults(): void
  /** The channel's business time; a rig may have moved it ahead. */
  now(): Date
  /** Lets the channel finish what it has accepted. */
  finish(): Promise<void>
  /** Refunds of this payment whose money the channel moved or is moving. */
  executed(payment: PaymentOnWire): readonly { readonly number: string; readonly amount: number }[]
  /** What the channel keeps of the payment itself: nothing once it is reversed. */
  kept(payment: PaymentOnWire): number
  /** Notifications received since the last call. */
  notices(): readonly RawNotice[]
  close(): Promise<void>
}

const PAID = fen(10_000)
const PART = fen(3_000)

let drawn = 0
/** A number like the ones we make; different each time. */
function freshNumber(kind: 'payment' | 'refund', channel: Channel): string {
  drawn += 1
  const random = String(Date.now()).padStart(13, '0').slice(-9) + String(drawn).padStart(4, '0')
  return channelNumber(makeNumber(kind, '261122', random), 1, channel.can.requestNo)
}

const SUBMITTED: Attempt = {
  kind: 'refund',
  state: 'submitted',
  inferred: false,
  reopened: false,
  stopped: false,
  remedySent: false,
  hint: null,
  notFoundCount: 0,
  firstSentAt: new Date(),
  channelTime: null,
  channelNo: null,
  waiting: null,
  tries: 0,
}

export function conformance(name: string, open: () => Promise<Rig>): void {
  describe(`${name} keeps the contract of channels`, () => {
    let rig: Rig
    beforeAll(async () => {
      rig = await open()
    })
    afterAll(async () => {
      await rig.close()
    })
    beforeEach(async () => {
      rig.endFaults()
      // What the test before left open ends here and not in the middle of this one.
      await rig.finish()
      rig.notices()
    })

    const newAttempt = (payment: PaymentOnWire, amount: Fen = PART): AttemptOnWire => {
      const number = freshNumber('refund', rig.channel)
      const brief = { channelNumber: number, payment, amount, reason: '菜品售完' }
      const body = rig.channel.freezeRefund(brief, rig.line().account)
      return { channelNumber: number, channelNo: null, body, amount, payment, remedyBody: null }
    }
    const given = async (amount: Fen = PART) => {
      const payment = await rig.paid(freshNumber('payment', rig.channel), PAID)
      return { payment, attempt: newAttempt(payment, amount) }
    }
    const send = (attempt: AttemptOnWire) => rig.channel.refund(attempt, rig.line())()
    const ask = (attempt: AttemptOnWire) => rig.channel.queryRefund(attempt, rig.line())
    /** Nothing an unreliable answer says may end an attempt or free its money. */
    const moves = (outcome: Outcome) =>
      factOf(SUBMITTED, outcome, rig.channel.can, -1).kind === 'move'

    test('declares figures that the shared code can work with', () => {
      const { can } = rig.channel
      expect(can.querySchedule.length).toBeGreaterThan(0)
      expect(can.querySchedule.every((ms) => ms >= 1_000)).toBe(true)
      expect(can.payment?.querySchedule.every((ms) => ms >= 1_000) ?? true).toBe(true)
      expect(freshNumber('refund', rig.channel).length).toBeLessThanOrEqual(can.requestNo.max)
      // Without an end of acceptance the quiet time would run from nowhere.
      expect(can.notFound === null || can.requestToleranceMs !== null).toBe(true)
    })

    test('freezes the same text for the same refund', async () => {
      const { payment, attempt } = await given()
      const brief = { ...attempt, reason: '菜品售完' }
      const again = rig.channel.freezeRefund({ ...brief, payment }, rig.line().account)
      expect(again).toBe(attempt.body)
    })

    test('sends nothing before it is told to', async () => {
      const { payment, attempt } = await given()
      rig.channel.refund(attempt, rig.line())
      await rig.finish()
      expect(rig.executed(payment)).toEqual([])
    })

    test('a refund is accepted, asked about and succeeds, and the figures agree', async () => {
      const { payment, attempt } = await given()
      expect(['processing', 'succeeded']).toContain((await send(attempt)).kind)
      await rig.finish()
      const outcome = await ask(attempt)
      expect(outcome).toMatchObject({ kind: 'succeeded', payerFen: PART, settlementFen: PART })
      expect(rig.executed(payment)).toEqual([{ number: attempt.channelNumber, amount: PART }])
    })

    test('the same number again is the same refund', async () => {
      const { payment, attempt } = await given()
      const first = await send(attempt)
      const second = await send(attempt)
      const isSame = rig.channel.can.replaySafe
      expect(second).toMatchObject(isSame ? first : { kind: 'unknown' })
      await rig.finish()
      expect(await send(attempt)).not.toMatchObject({ kind: 'refused', final: true })
      expect(rig.executed(payment)).toHaveLength(1)
    })

    test('a refund that was never sent is not found', async () => {
      const { attempt } = await given()
      expect(await ask(attempt)).toEqual({ kind: 'not_found' })
    })

    describe.each(ANSWER_FAULTS)('after an answer with the fault %s', (fault) => {
      test('a refund is unknown and nothing moves; a question finds what happened', async () => {
        const { payment, attempt } = await given()
        rig.fault('refund', fault)
        const outcome = await send(attempt)
        const alarm = ALARMING.includes(fault) ? { alarm: true } : {}
        expect(outcome).toMatchObject({ kind: 'unknown', ...alarm })
        expect(moves(outcome)).toBe(false)
        await rig.finish()
        const isExecuted = !NOT_EXECUTED.includes(fault)
        expect(rig.executed(payment)).toHaveLength(isExecuted ? 1 : 0)
        expect((await ask(attempt)).kind).toBe(isExecuted ? 'succeeded' : 'not_found')
      })

      test('a question is unknown, and never a not-found', async () => {
        const { attempt } = await given()
        await send(attempt)
        await rig.finish()
        rig.fault('refund_query', fault)
        const outcome = await ask(attempt)
        expect(outcome.kind).toBe('unknown')
        expect((await ask(attempt)).kind).toBe('succeeded')
      })
    })

    test('a refund lost on its way is sent again under its number and executed once', async () => {
      const { payment, attempt } = await given()
      rig.fault('refund', 'executed_then_cut')
      await send(attempt)
      await send(attempt)
      await rig.finish()
      expect((await ask(attempt)).kind).toBe('succeeded')
      expect(rig.executed(payment)).toHaveLength(1)
    })

    test('a refund that the channel gives up is declined by a proof', async () => {
      const { payment, attempt } = await given()
      rig.fate('declined')
      await send(attempt)
      await rig.finish()
      expect(await ask(attempt)).toMatchObject({ kind: 'refused', proof: 'signed' })
      expect(rig.executed(payment)).toEqual([])
    })

    test('a refund that cannot reach the customer is stuck, with a way out', async () => {
      const { attempt } = await given()
      rig.fate('stuck')
      await send(attempt)
      await rig.finish()
      const outcome = await ask(attempt)
      expect(outcome).toMatchObject({ kind: 'stuck' })
      if (outcome.kind !== 'stuck' || rig.channel.freezeRemedy === undefined) return
      expect(outcome.remedies).toContain('to_merchant')
      const card = { bank: 'CMB_DEBIT', number: '6225880137706868', holder: '张三' }
      const brief = { channelNumber: attempt.channelNumber, remedy: 'to_bank_card', card } as const
      const remedied = {
        ...attempt,
        channelNo: outcome.channelNo,
        remedyBody: rig.channel.freezeRemedy(brief, rig.line().account),
      }
      const answer = await rig.channel.remedy?.(remedied, rig.line())()
      expect(['processing', 'stuck']).toContain(answer?.kind)
      await rig.finish()
      expect(await ask(remedied)).toMatchObject({ kind: 'succeeded', destination: 'bank_card' })
    })

    test('a refund into the account of the merchant is not called paid', async () => {
      const { attempt } = await given()
      rig.fate('to_merchant')
      await send(attempt)
      await rig.finish()
      expect((await ask(attempt)).kind).toBe('returned')
    })

    test('short funds keep the number, and the same send works once there is money', async () => {
      const { payment, attempt } = await given()
      rig.fate('no_funds')
      expect(await send(attempt)).toMatchObject({ kind: 'wait', reason: 'funds' })
      expect(rig.executed(payment)).toEqual([])
      rig.endFaults()
      expect(['processing', 'succeeded']).toContain((await send(attempt)).kind)
    })

    test('a refusal is a hint to ask by, and its question finds nothing', async () => {
      const { payment, attempt } = await given()
      rig.fate('refused')
      const outcome = await send(attempt)
      expect(outcome).toMatchObject({ kind: 'refused', final: true })
      expect(moves(outcome)).toBe(rig.channel.can.refusal === 'signed')
      expect(await ask(attempt)).toEqual({ kind: 'not_found' })
      expect(rig.executed(payment)).toEqual([])
    })

    test('more than is left is refused and not executed', async () => {
      const { payment, attempt } = await given(fen(PAID + 1))
      expect((await send(attempt)).kind).toBe('refused')
      expect(rig.executed(payment)).toEqual([])
    })

    test('payment codes, keys and customers are not kept', async () => {
      const code = rig.paymentCode('none')
      const line = rig.line()
      const number = freshNumber('payment', rig.channel)
      const outcome = await rig.channel.pay(onWire(rig, number, code), line)()
      expect(outcome).toMatchObject({ kind: 'paid', paidFen: PAID })
      const kept = JSON.stringify(line.exchanges)
      expect(kept).not.toContain(code)
      const payer = outcome.kind === 'paid' ? outcome.payer : null
      const secrets = [...Object.values(line.account.secrets), ...(payer ? [payer.id] : [])]
      for (const secret of secrets) expect(kept).not.toContain(secret)
    })

    notices(() => rig, given, send)
    payments(() => rig)
  })
}

type Given = () => Promise<{ payment: PaymentOnWire; attempt: AttemptOnWire }>

function notices(
  rig: () => Rig,
  given: Given,
  send: (attempt: AttemptOnWire) => Promise<Outcome>,
): void {
  const read = (raw: RawNotice) => rig().channel.readNotice(raw, rig().line())
  const heard = async (attempt: AttemptOnWire) => {
    await send(attempt)
    await rig().finish()
    return Promise.all(rig().notices().map(read))
  }

  test('a notice tells the same as a question', async () => {
    if (!rig().channel.can.notifies) return
    const { payment, attempt } = await given()
    const all = await heard(attempt)
    expect(all).toHaveLength(1)
    expect(all[0]).toMatchObject({
      kind: 'refund',
      channelNumber: attempt.channelNumber,
      paymentNumber: payment.channelNumber,
      amount: PART,
      paid: PAID,
      outcome: { kind: 'succeeded', payerFen: PART, settlementFen: PART },
    })
  })

  test('a notice that comes twice says the same twice', async () => {
    if (!rig().channel.can.notifies) return
    const { attempt } = await given()
    rig().noticeFault('twice')
    const [first, second, ...rest] = await heard(attempt)
    expect(rest).toEqual([])
    expect(second).toEqual(first)
  })

  test('a notice before the answer is as true, and the later answer takes nothing back', async () => {
    if (!rig().channel.can.notifies) return
    const { attempt } = await given()
    rig().noticeFault('early')
    const late = await send(attempt)
    const [notice] = await Promise.all(rig().notices().map(read))
    expect(notice).toMatchObject({ kind: 'refund', outcome: { kind: 'succeeded' } })
    const settled: Attempt = { ...SUBMITTED, state: 'succeeded', channelTime: new Date() }
    expect(factOf(settled, late, rig().channel.can, -1).kind).toBe('stay')
  })

  test.each(['forged', 'other_merchant'] as const)(
    'a notice that is %s is refused',
    async (fault) => {
      if (!rig().channel.can.notifies) return
      const { attempt } = await given()
      rig().noticeFault(fault)
      const all = await heard(attempt)
      expect(all.length).toBeGreaterThan(0)
      expect(all[0]?.kind).toBe('refused')
    },
  )
}

function onWire(rig: Rig, number: string, code: string | null): PaymentOnWire {
  const method = code === null ? 'qr' : 'code'
  const body = rig.channel.freezePayment(
    {
      channelNumber: number,
      method,
      amount: PAID,
      description: '堂食',
      storeNo: 'S01',
      terminalNo: 'T01',
      paymentCode: code,
      validUntil: code === null ? new Date(rig.now().getTime() + 300_000) : null,
    },
    rig.line().account,
  )
  return { channelNumber: number, channelNo: null, method, body, paid: PAID }
}

function payments(rig: () => Rig): void {
  const byCode = (password: 'none' | 'asked' = 'none') =>
    onWire(rig(), freshNumber('payment', rig().channel), rig().paymentCode(password))
  const pay = (payment: PaymentOnWire) => rig().channel.pay(payment, rig().line())()
  const ask = (payment: PaymentOnWire) => rig().channel.queryPayment(payment, rig().line())
  const reverse = (payment: PaymentOnWire) => rig().channel.reversePayment(payment, rig().line())()

  test('a payment with a password waits, is paid, and is found by its number', async () => {
    if (!rig().channel.can.payByCode) return
    const payment = byCode('asked')
    expect(await pay(payment)).toMatchObject({ kind: 'waiting', reason: 'password' })
    expect(await ask(payment)).toMatchObject({ kind: 'waiting' })
    await rig().typePassword(payment)
    expect(await ask(payment)).toMatchObject({ kind: 'paid', paidFen: PAID, refunded: false })
    const found = await rig().channel.findSale?.(payment.channelNumber, rig().line())
    expect(found).toMatchObject({ kind: 'found', outcome: { kind: 'paid', paidFen: PAID } })
  })

  test('a used payment code is refused and nothing is taken', async () => {
    if (!rig().channel.can.payByCode) return
    const code = rig().paymentCode('none')
    await pay(onWire(rig(), freshNumber('payment', rig().channel), code))
    const second = onWire(rig(), freshNumber('payment', rig().channel), code)
    expect(await pay(second)).toMatchObject({ kind: 'refused', final: true })
    expect(rig().kept(second)).toBe(0)
  })

  test.each(ANSWER_FAULTS)(
    'a payment whose answer has the fault %s is not refused',
    async (fault) => {
      if (!rig().channel.can.payByCode) return
      const payment = byCode()
      rig().fault('pay', fault)
      const outcome = await pay(payment)
      // A wrong total is the channel's own word; the caller compares it with what was asked.
      expect(outcome.kind).toBe(fault === 'wrong_amount' ? 'paid' : 'unknown')
      expect(outcome).not.toMatchObject({ paidFen: PAID })
      const truth = await ask(payment)
      const isExecuted = !NOT_EXECUTED.includes(fault)
      expect(truth).toMatchObject(
        isExecuted ? { kind: 'paid', paidFen: PAID } : { kind: 'not_found' },
      )
    },
  )

  test('an unclear payment is reversed, also when the answer to that is lost', async () => {
    if (!rig().channel.can.payByCode) return
    const payment = byCode()
    rig().fault('pay', 'executed_then_cut')
    await pay(payment)
    rig().fault('reverse', 'executed_then_cut')
    expect((await reverse(payment)).kind).toBe('unknown')
    expect(await ask(payment)).toEqual({ kind: 'reversed' })
    expect(await reverse(payment)).toEqual({ kind: 'reversed' })
    expect(rig().kept(payment)).toBe(0)
  })

  test('a shown code is scanned and paid, by question and by notice', async () => {
    if (!rig().channel.can.payByQr) return
    const payment = onWire(rig(), freshNumber('payment', rig().channel), null)
    const outcome = await pay(payment)
    expect(outcome).toMatchObject({ kind: 'waiting', reason: 'scan' })
    expect(await ask(payment)).toMatchObject({ kind: 'waiting' })
    if (outcome.kind !== 'waiting' || outcome.codeUrl === null) throw new Error('no code to show')
    await rig().scan(outcome.codeUrl)
    await rig().finish()
    expect(await ask(payment)).toMatchObject({ kind: 'paid', paidFen: PAID })
    const [notice] = rig().notices()
    if (notice === undefined) throw new Error('no notice came')
    expect(await rig().channel.readNotice(notice, rig().line())).toMatchObject({
      kind: 'payment',
      channelNumber: payment.channelNumber,
      outcome: { kind: 'paid', paidFen: PAID },
    })
  })

  test('a shown code that nobody scans is closed and can no longer be paid', async () => {
    if (!rig().channel.can.payByQr) return
    const payment = onWire(rig(), freshNumber('payment', rig().channel), null)
    await pay(payment)
    expect(await rig().channel.closePayment(payment, rig().line())()).toEqual({ kind: 'closed' })
    expect(await ask(payment)).toEqual({ kind: 'closed' })
    expect(rig().kept(payment)).toBe(0)
  })

  test('an account that works is well', async () => {
    expect(await rig().channel.check(rig().line(), null)).toMatchObject({ kind: 'well' })
  })
}
