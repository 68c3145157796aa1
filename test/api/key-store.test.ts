import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { actorOf, makeKey, type KeyKind, type KeyLookup } from '../../src/auth/keys.ts'
import { inTenant } from '../../src/db/connect.ts'
import { findKeys } from '../../src/store/keys.ts'
import { testDatabase } from '../support/database.ts'

const { db } = await testDatabase()
const lookup: KeyLookup = (tenant, hashes) =>
  inTenant(db, tenant, (tx) => findKeys(tx, hashes, new Date()))

const make = (tenant: number, kind: KeyKind) => makeKey(tenant, kind, randomBytes(32))
const keys = {
  till: make(1, 'terminal'),
  zhang: make(1, 'staff'),
  revoked: make(1, 'staff'),
  left: make(1, 'staff'),
  stranger: make(2, 'staff'),
}

for (const tenant of [1, 2]) {
  await inTenant(db, tenant, async (tx) => {
    const of = { tenant_id: tenant }
    await tx
      .insertInto('merchant')
      .values({ ...of, name: '川味小馆' })
      .execute()
    await tx
      .insertInto('store')
      .values({ ...of, store_no: 's1', name: '总店' })
      .execute()
    await tx
      .insertInto('terminal')
      .values({ ...of, terminal_no: 't1', store_no: 's1', name: '1号机' })
      .execute()
    await tx
      .insertInto('staff')
      .values([
        { ...of, staff_no: 'zhang', name: '张三', role: 'cashier', store_no: 's1' },
        { ...of, staff_no: 'left', name: '王五', role: 'owner', left_at: new Date() },
      ])
      .execute()
    const rows =
      tenant === 1
        ? [
            { ...of, key_hash: keys.till.hash, terminal_no: 't1' },
            { ...of, key_hash: keys.zhang.hash, staff_no: 'zhang' },
            { ...of, key_hash: keys.revoked.hash, staff_no: 'zhang', revoked_at: new Date() },
            { ...of, key_hash: keys.left.hash, staff_no: 'left' },
          ]
        : [{ ...of, key_hash: keys.stranger.hash, staff_no: 'zhang' }]
    for (const row of rows) await tx.insertInto('api_key').values(row).execute()
  })
}
const all = Object.values(keys).map(({ hash }) => hash)

test('only live keys are found: not revoked ones, nor those of people who left', async () => {
  const none = {
    terminal: null,
    staff: null,
    role: null,
    rights: null,
    requestedBy: null,
    way: null,
  }
  const found = await lookup(1, all)
  expect(found).toHaveLength(2)
  expect(found).toEqual(
    expect.arrayContaining([
      { ...none, hash: keys.till.hash, kind: 'terminal', terminal: 't1', store: 's1' },
      {
        ...none,
        hash: keys.zhang.hash,
        kind: 'staff',
        staff: 'zhang',
        role: 'cashier',
        rights: {},
        store: 's1',
      },
    ]),
  )
})

test("another merchant's keys are not found, whoever asks with them", async () => {
  expect((await lookup(2, all)).map(({ hash }) => hash)).toEqual([keys.stranger.hash])
  expect(await lookup(3, all)).toEqual([])
})

test('a till and a person sign in by their keys', async () => {
  const actor = await actorOf(lookup, {
    authorization: `Bearer ${keys.till.text}`,
    staffKey: keys.zhang.text,
    secondKey: undefined,
  })
  expect(actor).toMatchObject({ tenant: 1, store: 's1', terminal: 't1', staff: 'zhang' })
})
