/**
 * What this device has decided to send and has no answer to yet, kept through reloads and power cuts. An entry is
 * written before the first byte leaves and goes when the server has answered for its number; from then on the server
 * alone knows. `sent: false` was certainly never sent; `sent: true` may have arrived. Payments stay until their outcome
 * has been seen here, and never hold the customer's payment code: see `pay/take.ts`.
 */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb'

export type Intent = {
  readonly no: string
  readonly path: string
  readonly body: unknown
  /** For the list: what it is about. */
  readonly amount: number
  readonly sale: string
  readonly by: string
  readonly at: string
  readonly sent: boolean
}

interface Outbox extends DBSchema {
  intents: { key: string; value: Intent }
}

let opened: Promise<IDBPDatabase<Outbox>> | null = null

function database(): Promise<IDBPDatabase<Outbox>> {
  opened ??= openDB<Outbox>('yuanlu-till', 1, {
    upgrade: (db) => void db.createObjectStore('intents', { keyPath: 'no' }),
  })
  return opened
}

/** On the disk when it resolves, as far as the browser can promise it. */
export async function keepIntent(intent: Intent): Promise<void> {
  const tx = (await database()).transaction('intents', 'readwrite', { durability: 'strict' })
  await tx.store.put(intent)
  await tx.done
}

export async function dropIntent(no: string): Promise<void> {
  await (await database()).delete('intents', no)
}

export const readIntents = async (): Promise<readonly Intent[]> =>
  (await (await database()).getAll('intents')).toSorted((a, b) => (a.at < b.at ? 1 : -1))

export const readIntent = async (no: string): Promise<Intent | null> =>
  (await (await database()).get('intents', no)) ?? null

/** For the self-check: whether the disk takes an entry and gives it up again. Throws where it does not. */
export async function keepAndDropNothing(): Promise<void> {
  const tx = (await database()).transaction('intents', 'readwrite')
  const nothing = {
    no: 'probe',
    path: '',
    body: null,
    amount: 0,
    sale: '',
    by: '',
    at: '',
    sent: false,
  }
  await tx.store.put(nothing)
  await tx.store.delete(nothing.no)
  await tx.done
}
