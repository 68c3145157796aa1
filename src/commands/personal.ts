/** Personal data: kept encrypted under its subject's own key, so that one subject can be forgotten without the rest. */
import type { Tx } from '../db/connect.ts'
import { commitmentOf } from '../domain/evidence.ts'
import {
  insertPersonal,
  insertSubjectKeys,
  readPersonal,
  readSubjectKeys,
} from '../store/personal.ts'
import type { Core } from './core.ts'

const KEY_BYTES = 32
const SALT_BYTES = 32

export type Kept = { readonly ref: number; readonly commitment: Buffer }

/** @returns for each value its place and commitment, null for empty values, in order. */
export async function keepPersonal(
  core: Core,
  tx: Tx,
  tenant: number,
  values: readonly { readonly subject: string; readonly kind: string; readonly value: string }[],
  now: Date,
): Promise<(Kept | null)[]> {
  const wanted = values.filter((each) => each.value !== '')
  if (wanted.length === 0) return values.map(() => null)
  const subjects = [...new Set(wanted.map((each) => each.subject))]
  await insertSubjectKeys(
    tx,
    tenant,
    subjects.map((subject) => ({
      subject,
      wrapped: core.vault.seal(core.random.bytes(KEY_BYTES), keySeal(tenant, subject)),
    })),
  )
  const keys = await openKeys(core, tx, tenant, subjects)
  const rows = wanted.map((each) => {
    const salt = core.random.bytes(SALT_BYTES)
    const key = keys.get(each.subject)
    if (!key) throw new Error('a subject key that was just written is not there')
    return {
      tenant_id: tenant,
      subject: each.subject,
      kind: each.kind,
      salt,
      commitment: commitmentOf(salt, each.value),
      ciphertext: core.vault.sealWith(key, Buffer.from(each.value, 'utf8'), each.kind),
      at: now,
    }
  })
  const refs = await insertPersonal(tx, rows)
  let place = 0
  return values.map((each) => {
    if (each.value === '') return null
    const row = rows[place]
    const ref = refs[place]
    place += 1
    if (!row || ref === undefined) throw new Error('a personal value was not kept')
    return { ref, commitment: row.commitment }
  })
}

/** @returns the values by their places; those that were forgotten are not there. */
export async function openPersonal(
  core: Core,
  tx: Tx,
  tenant: number,
  refs: readonly number[],
): Promise<ReadonlyMap<number, string>> {
  if (refs.length === 0) return new Map()
  const rows = await readPersonal(tx, refs)
  const keys = await openKeys(core, tx, tenant, [...new Set(rows.map((row) => row.subject))])
  return new Map(
    rows.flatMap(({ ref, subject, kind, ciphertext }) => {
      const key = keys.get(subject)
      if (key === undefined || ciphertext === null) return []
      return [[ref, core.vault.openWith(key, ciphertext, kind).toString('utf8')]]
    }),
  )
}

const keySeal = (tenant: number, subject: string): string => `subject_key/${tenant}/${subject}`

async function openKeys(
  core: Core,
  tx: Tx,
  tenant: number,
  subjects: readonly string[],
): Promise<ReadonlyMap<string, Buffer>> {
  if (subjects.length === 0) return new Map()
  const rows = await readSubjectKeys(tx, subjects)
  return new Map(
    rows.map(({ subject, wrapped }) => [
      subject,
      core.vault.open(wrapped, keySeal(tenant, subject)),
    ]),
  )
}
