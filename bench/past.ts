/**
 * A past of settled refunds, with all the rows they left behind. Its evidence is what the product itself would have
 * written: one refund's chain is sealed by the product, and the database copies it for all others under their own
 * numbers, each hash over its own words and linked to the one before.
 */
import { sql } from 'kysely'
import { inTenant, type Db, type Tx } from '../src/db/connect.ts'
import { systemOf, type Actor } from '../src/domain/actor.ts'
import { sealEvents, type EventDraft, type SealedEvent } from '../src/domain/evidence.ts'
import { paymentNumber } from './load.ts'
import { ACCOUNT, insertPaid, PIECES, SALE_FEN, type Shop } from './shop.ts'

const CHUNK = 10_000
/** Behind the two digits of its kind, a payment, its sale and its refund have one number. */
const KIND_DIGITS = 2
const REASON = 'quality'
const JUDGEMENT = { verdict: 'allow', rules: [] } as const

/** One for each core that PostgreSQL may take. */
const WRITERS = 2

/**
 * Refunds of payments 0 … count - 1, each in full.
 *
 * @param tell hears after each chunk how many there are
 */
export async function writePast(
  db: Db,
  shop: Shop,
  count: number,
  tell: (done: number) => void,
): Promise<void> {
  let next = 0
  let done = 0
  const write = async () => {
    while (next < count) {
      const from = next
      const size = Math.min(CHUNK, count - from)
      next += size
      const numbers = Array.from({ length: size }, (_, place) => paymentNumber(from + place))
      await inTenant(db, shop.tenant, async (tx) => {
        // A chunk may take longer than any statement of the product.
        await sql`select set_config('statement_timeout', '0', true)`.execute(tx)
        await insertRefunded(tx, shop, numbers, new Date())
      })
      done += size
      tell(done)
    }
  }
  await Promise.all(Array.from({ length: WRITERS }, write))
}

async function insertRefunded(
  tx: Tx,
  shop: Shop,
  numbers: readonly string[],
  at: Date,
): Promise<void> {
  const refunds = numbers.map(refundOf)
  await insertPaid(tx, shop, numbers, 'refunded')
  await insertChains(tx, shop, numbers, at)
  await sql`
    insert into refund (tenant_id, refund_no, payment_no, sale_no, state, method, amount_fen, reason_code,
                        store_no, terminal_no, requested_by, judgement, attempts, fingerprint, event_seq,
                        event_head, created_at, settled_at)
    select p.tenant_id, e.subject_no, p.payment_no, p.sale_no, 'succeeded', 'original', p.paid_fen,
           ${REASON}, 's1', 't1', 'zhang', ${JSON.stringify(JUDGEMENT)}::jsonb, 1, p.fingerprint, e.seq,
           e.hash, ${at}::timestamptz, ${at}::timestamptz
      from unnest(${numbers}::text[], ${refunds}::text[]) n (payment_no, refund_no)
      join payment p on p.payment_no = n.payment_no
      join event e on e.subject = 'refund' and e.subject_no = n.refund_no and e.seq = 3`.execute(tx)
  const own = sql`refund where refund_no = any(${refunds})`
  await sql`
    insert into refund_item (tenant_id, refund_no, sale_no, line, quantity, fen, standing, counted_quantity, counted_fen)
    select tenant_id, refund_no, sale_no, 1, ${PIECES}::integer, amount_fen, 'refunded', ${PIECES}::integer, amount_fen
      from ${own}`.execute(tx)
  await sql`
    insert into attempt (tenant_id, refund_no, seq, payment_no, account_no, kind, state, channel_number, channel_no,
                         body, amount_fen, fence, sends, created_at, settled_at)
    select tenant_id, refund_no, 1, payment_no, ${ACCOUNT}, 'refund', 'succeeded', refund_no || '01',
           'n' || refund_no || '01', '{}', amount_fen, 1, 1, ${at}::timestamptz, ${at}::timestamptz
      from ${own}`.execute(tx)
  await sql`
    insert into transfer (tenant_id, payment_no, refund_no, kind, debit, credit, fen, at)
    select f.tenant_id, f.payment_no, f.refund_no, l.kind, l.debit, l.credit, f.amount_fen, ${at}::timestamptz
      from (select * from ${own}) f,
           (values ('hold', 'refundable', 'held'), ('pay_back', 'held', 'channel')) l (kind, debit, credit)`.execute(
    tx,
  )
}

const refundOf = (paymentNo: string): string => `73${paymentNo.slice(KIND_DIGITS)}`

/** As `evidence.leafHash`: a zero byte, then the words. */
const hashOf = sql`sha256(decode('00', 'hex') || convert_to(body, 'UTF8'))`

async function insertChains(tx: Tx, shop: Shop, numbers: readonly string[], at: Date) {
  const [requested, sending, succeeded] = sampleChain(shop, at)
  const sample = sql`${SAMPLE.slice(KIND_DIGITS)}::text`
  const linked = (event: SealedEvent, before: string) => sql`
    select no, hash as prev, replace(replace(${event.body}::text, ${sample}, no),
                                     ${event.prev?.toString('hex')}::text, encode(hash, 'hex')) as body
      from ${sql.ref(before)}`
  const row = (event: SealedEvent, from: string) => sql`
    select ${shop.tenant}::integer, 'refund', '73' || no, ${event.seq}::integer, ${event.type}::text,
           ${at}::timestamptz, body, prev, hash, ${at}::timestamptz
      from ${sql.ref(from)}`
  await sql`
    with requested as materialized (
      select *, ${hashOf} as hash
        from (select no, null::bytea as prev, replace(${requested.body}::text, ${sample}, no) as body
                from (select substr(no, 3) as no from unnest(${numbers}::text[]) as t (no)) n) s
    ), sending as materialized (
      select *, ${hashOf} as hash from (${linked(sending, 'requested')}) s
    ), succeeded as materialized (
      select *, ${hashOf} as hash from (${linked(succeeded, 'sending')}) s
    )
    insert into event (tenant_id, subject, subject_no, seq, type, at, body, prev, hash, relayed_at)
    ${row(requested, 'requested')} union all ${row(sending, 'sending')} union all ${row(succeeded, 'succeeded')}`.execute(
    tx,
  )
}

const SAMPLE = paymentNumber(0)

function sampleChain(shop: Shop, at: Date): [SealedEvent, SealedEvent, SealedEvent] {
  const no = refundOf(SAMPLE)
  const seal = (
    actor: Actor,
    type: EventDraft['type'],
    facts: EventDraft['facts'],
    before: SealedEvent | null,
  ): SealedEvent => {
    const head = { seq: before?.seq ?? 0, hash: before?.hash ?? null }
    const [event] = sealEvents([{ subject: 'refund', no, type, facts }], head, actor, at).events
    if (event === undefined) throw new Error('an event was not sealed')
    return event
  }
  const requested = seal(
    shop.actor,
    'refund.requested',
    {
      payment: SAMPLE,
      sale: `71${SAMPLE.slice(KIND_DIGITS)}`,
      amount: SALE_FEN,
      fee_kept: 0,
      method: 'original',
      reason: REASON,
      note: null,
      items: [{ line: 1, quantity: PIECES, fen: SALE_FEN }],
      replaces: null,
      ...JUDGEMENT,
    },
    null,
  )
  const sending = seal(
    shop.actor,
    'refund.sending',
    { attempt: 1, kind: 'refund', channel_number: `${no}01` },
    requested,
  )
  const succeeded = seal(
    systemOf(shop.tenant),
    'refund.succeeded',
    {
      at: at.toISOString(),
      channel_no: `n${no}01`,
      destination: 'balance',
      payer_fen: SALE_FEN,
      settlement_fen: SALE_FEN,
      discount_fen: 0,
      attempt: 1,
      from: 'submitted',
    },
    sending,
  )
  return [requested, sending, succeeded]
}
