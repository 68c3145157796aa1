/**
 * The floor of this machine at this moment: refunds per second when one refund is nothing but two function calls in
 * PostgreSQL, driven over a few connections. What the product does is told as a ratio to it, because absolute
 * figures of a shared machine differ from hour to hour.
 */
import { randomInt, randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Pool } from 'pg'
import { summarise, type Figures } from './figures.ts'

export const FLOOR_CONNECTIONS = 8

const PAYMENTS = 100_000
const FEN_MAX = 100
const FILES = ['schema.sql', 'functions.sql', 'history.sql']

/** Makes the floor's own schema in the database behind `pool`, with history. */
export async function prepareFloor(pool: Pool): Promise<void> {
  for (const file of FILES) {
    await pool.query(await readFile(join(import.meta.dirname, 'floor', file), 'utf8'))
  }
}

/** Throws when a refund was lost or the floor's books do not add up: such a figure would mean nothing. */
export async function measureFloor(
  pool: Pool,
  spans: { readonly warmUpMs: number; readonly measureMs: number },
): Promise<Figures> {
  const tookMs: number[] = []
  const begin = performance.now() + spans.warmUpMs
  const end = begin + spans.measureMs
  const drive = async () => {
    for (let from = performance.now(); from < end; from = performance.now()) {
      await refundOnce(pool)
      const now = performance.now()
      if (now >= begin && now <= end) tookMs.push(now - from)
    }
  }
  await Promise.all(Array.from({ length: FLOOR_CONNECTIONS }, drive))
  await checkFloor(pool)
  return summarise(tookMs, spans.measureMs)
}

/** Named statements, so that the floor is as low as the driver lets it be. */
async function refundOnce(pool: Pool): Promise<void> {
  const accepted = await pool.query<{ refund: string | null }>({
    name: 'floor-accept',
    text: 'select floor.accept($1, $2, $3) as refund',
    values: [1 + randomInt(PAYMENTS), 1 + randomInt(FEN_MAX), randomUUID()],
  })
  await pool.query({
    name: 'floor-settle',
    text: 'select floor.settle($1)',
    values: [accepted.rows[0]?.refund],
  })
}

async function checkFloor(pool: Pool): Promise<void> {
  const { rows } = await pool.query<{ balanced: boolean }>(`
    select not exists (select from floor.job)
       and not exists (select from floor.payment where held <> 0)
       and (select sum(refunded) from floor.payment) =
           (select sum(fen) from floor.entry where account = 'channel')
       and (select sum(fen) from floor.entry) = 0 as balanced`)
  if (rows[0]?.balanced !== true) throw new Error('the floor lost a refund or is unbalanced')
}
