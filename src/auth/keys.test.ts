import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { NO_RIGHTS, rightsOf } from '../domain/rights.ts'
import { cachedLookup, KEY_AGE_MAX_MS } from './key-cache.ts'
import {
  actorOf,
  makeKey,
  readKey,
  type FoundKey,
  type KeyHeaders,
  type KeyKind,
  type KeyLookup,
} from './keys.ts'

type Made = { readonly text: string; readonly hash: Buffer }

function issue(tenant: number, kind: KeyKind, found: Partial<FoundKey>): Made & { row: FoundKey } {
  const key = makeKey(tenant, kind, randomBytes(32))
  const row = {
    hash: key.hash,
    kind,
    store: null,
    terminal: null,
    staff: null,
    role: null,
    rights: null,
    requestedBy: null,
    way: null,
    ...found,
  }
  return { ...key, row }
}

const till = issue(1, 'terminal', { terminal: 't1', store: 's1' })
const zhang = issue(1, 'staff', { staff: 'zhang', store: 's1', role: 'cashier' })
const zhangAgain = issue(1, 'staff', { staff: 'zhang', store: 's1', role: 'cashier' })
const li = issue(1, 'staff', { staff: 'li', role: 'supervisor' })
const session = issue(1, 'session', {
  staff: 'zhang',
  store: 's1',
  terminal: 't1',
  role: 'cashier',
  rights: { perDayFen: null },
})
const elsewhere = issue(1, 'session', {
  staff: 'zhang',
  store: 's1',
  terminal: 't2',
  role: 'cashier',
})
const granted = { staff: 'li', role: 'supervisor', way: 'pin', requestedBy: 'zhang' } as const
const grant = issue(1, 'grant', { ...granted, terminal: 't1' })
const grantElsewhere = issue(1, 'grant', { ...granted, terminal: 't2' })
const grantToOther = issue(1, 'grant', { ...granted, terminal: 't1', requestedBy: 'wang' })
const stranger = issue(2, 'staff', { staff: 'wang', role: 'owner' })
const unknown = issue(1, 'staff', { staff: 'left' })

const rowsOf: Record<number, FoundKey[]> = {
  1: [till, zhang, zhangAgain, li, session, elsewhere, grant, grantElsewhere, grantToOther].map(
    (key) => key.row,
  ),
  2: [stranger.row],
}
const lookup: KeyLookup = async (tenant, hashes) =>
  (rowsOf[tenant] ?? []).filter((row) => hashes.some((hash) => hash.equals(row.hash)))

const sign = (bearer: string | undefined, staff?: Made, second?: Made) => {
  const headers: KeyHeaders = {
    authorization: bearer,
    staffKey: staff?.text,
    secondKey: second?.text,
  }
  return actorOf(lookup, headers)
}
const by = (key: Made) => `Bearer ${key.text}`

describe('a key', () => {
  test('reads back as what it was made for', () => {
    expect(till.text).toMatch(/^yk_1_t_[\w-]{43}$/)
    expect(readKey(till.text)).toEqual({ tenant: 1, kind: 'terminal', hash: till.hash })
    expect(readKey(makeKey(2_147_483_647, 'staff', randomBytes(32)).text)?.tenant).toBe(
      2_147_483_647,
    )
  })

  test('is made of nothing less than 32 random bytes and a real tenant', () => {
    expect(() => makeKey(1, 'staff', randomBytes(16))).toThrow(RangeError)
    for (const tenant of [0, -1, 1.5, 2_147_483_648, NaN]) {
      expect(() => makeKey(tenant, 'staff', randomBytes(32))).toThrow(RangeError)
    }
  })

  test.each([
    '',
    'yk_1_t_',
    `yk_0_t_${'a'.repeat(43)}`,
    `yk_01_t_${'a'.repeat(43)}`,
    `yk_-1_t_${'a'.repeat(43)}`,
    `yk_2147483648_t_${'a'.repeat(43)}`,
    `yk_99999999999_t_${'a'.repeat(43)}`,
    `yk_1_x_${'a'.repeat(43)}`,
    `yk_1_t_${'a'.repeat(42)}`,
    `yk_1_t_${'a'.repeat(44)}`,
    `yk_1_t_${'a'.repeat(42)}=`,
    ` yk_1_t_${'a'.repeat(43)}`,
    `yk_1_t_${'a'.repeat(43)}\n`,
    `YK_1_T_${'a'.repeat(43)}`,
  ])('%j is none', (text) => {
    expect(readKey(text)).toBeNull()
  })
})

describe('who acts', () => {
  test('a terminal alone has no person', async () => {
    expect(await sign(by(till))).toEqual({
      tenant: 1,
      store: 's1',
      terminal: 't1',
      staff: null,
      way: null,
      roles: [],
      rights: NO_RIGHTS,
      second: null,
    })
  })

  test('a person at a terminal, with another behind', async () => {
    expect(await sign(by(till), zhang, li)).toEqual({
      tenant: 1,
      store: 's1',
      terminal: 't1',
      staff: 'zhang',
      way: 'key',
      roles: ['cashier'],
      rights: rightsOf('cashier'),
      second: { staff: 'li', roles: ['supervisor'], way: 'key', grant: null },
    })
  })

  test('a person who signed in at the terminal, with a grant behind', async () => {
    expect(await sign(by(till), session, grant)).toEqual({
      tenant: 1,
      store: 's1',
      terminal: 't1',
      staff: 'zhang',
      way: 'pin',
      roles: ['cashier'],
      rights: rightsOf('cashier', { perDayFen: null }),
      second: { staff: 'li', roles: ['supervisor'], way: 'pin', grant: grant.hash },
    })
    expect(await sign(by(till), zhang, grant)).toMatchObject({ way: 'key', second: { way: 'pin' } })
  })

  test('a grant to somebody else or at another terminal is for neither', async () => {
    for (const [who, second] of [
      [session, grantElsewhere],
      [session, grantToOther],
      [zhang, grantToOther],
    ] as const) {
      expect(await sign(by(till), who, second)).toMatchObject({ code: 'second_not_for_this' })
    }
    expect(await sign(by(zhang), undefined, grant)).toMatchObject({ code: 'second_not_for_this' })
    expect(await sign(by(till), li, grant)).toMatchObject({ code: 'second_person_same' })
  })

  test('a person from elsewhere has no terminal, and the store they belong to', async () => {
    const actor = await sign(by(zhang), undefined, li)
    expect(actor).toMatchObject({ store: 's1', terminal: null, staff: 'zhang' })
    expect(await sign(by(li))).toMatchObject({ store: null, staff: 'li', second: null })
  })

  test.each<[string, string | undefined, Made?, Made?]>([
    ['nothing', undefined],
    ['no key', 'Bearer x'],
    ['another scheme', `Basic ${till.text}`],
    ['two keys in one header', `Bearer ${till.text} ${zhang.text}`],
    ['an unknown key', by(unknown)],
    ['an unknown person at a known terminal', by(till), unknown],
    ['an unknown second person', by(till), zhang, unknown],
    ['a terminal as a person', by(till), till],
    ['a terminal as a second person', by(till), zhang, till],
    ['a person beside a person', by(zhang), li],
    ['the same person twice in both places', by(zhang), zhang],
    ['a session at another terminal', by(till), elsewhere],
    ['a session without a terminal', by(session)],
    ['a session beside a person', by(zhang), session],
    ['a session as a second person', by(till), li, session],
    ['a grant without a terminal', by(grant)],
    ['a grant as a person', by(till), grant],
    ["another merchant's person", by(till), stranger],
    ["another merchant's second person", by(till), zhang, stranger],
  ])('%s is not signed in', async (_name, bearer, staff, second) => {
    expect(await sign(bearer, staff, second)).toEqual({ code: 'not_signed_in', params: {} })
  })

  test('keys of two merchants never act together, whatever a look-up would find', async () => {
    const careless: KeyLookup = async () => Object.values(rowsOf).flat()
    for (const [staff, second] of [
      [stranger, undefined],
      [zhang, stranger],
    ]) {
      const headers = {
        authorization: by(till),
        staffKey: staff?.text,
        secondKey: second?.text,
      }
      expect(await actorOf(careless, headers)).toMatchObject({ code: 'not_signed_in' })
    }
  })

  test('the letter of a key does not make a terminal of a person', async () => {
    const forged = makeKey(1, 'terminal', randomBytes(32))
    const asPerson: KeyLookup = async () => [{ ...zhang.row, hash: forged.hash }]
    const headers = { authorization: by(forged), staffKey: undefined, secondKey: undefined }
    expect(await actorOf(asPerson, headers)).toMatchObject({ code: 'not_signed_in' })
  })

  test('nobody stands behind themselves, with whichever of their keys', async () => {
    for (const second of [zhang, zhangAgain]) {
      expect(await sign(by(till), zhang, second)).toMatchObject({ code: 'second_person_same' })
      expect(await sign(by(zhang), undefined, second)).toMatchObject({ code: 'second_person_same' })
    }
  })

  test('a second person needs a first', async () => {
    expect(await sign(by(till), undefined, li)).toMatchObject({ code: 'staff_needed' })
  })
})

describe('remembering keys', () => {
  function counted(live: { rows: FoundKey[] }) {
    let now = 0
    let asked = 0
    const ask = cachedLookup(
      async (_tenant, hashes) => {
        asked += 1
        return live.rows.filter((row) => hashes.some((hash) => hash.equals(row.hash)))
      },
      () => now,
    )
    return { ask, advance: (ms: number) => (now += ms), asked: () => asked }
  }

  test('asks once for many requests, also for those at the same moment', async () => {
    const { ask, asked } = counted({ rows: [till.row, zhang.row] })
    const hashes = [till.hash, zhang.hash]
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask(1, hashes)))
    expect(answers.every((rows) => rows.length === 2)).toBe(true)
    await ask(1, [zhang.hash])
    expect(asked()).toBe(1)
  })

  test('somebody who left is out when the memory is too old, at the latest', async () => {
    const live = { rows: [zhang.row] }
    const { ask, advance } = counted(live)
    await ask(1, [zhang.hash])
    live.rows = []
    advance(KEY_AGE_MAX_MS - 1)
    expect(await ask(1, [zhang.hash])).toHaveLength(1)
    advance(1)
    expect(await ask(1, [zhang.hash])).toEqual([])
    expect(KEY_AGE_MAX_MS).toBeLessThanOrEqual(2_000)
  })

  test('the age counts from before the question, however slow the answer', async () => {
    let now = 0
    let rows = [zhang.row]
    const ask = cachedLookup(
      async () => {
        const answer = rows
        now += KEY_AGE_MAX_MS
        return answer
      },
      () => now,
    )
    await ask(1, [zhang.hash])
    rows = []
    expect(await ask(1, [zhang.hash])).toEqual([])
  })

  test('an unknown key is not remembered as unknown', async () => {
    const live: { rows: FoundKey[] } = { rows: [] }
    const { ask } = counted(live)
    expect(await ask(1, [zhang.hash])).toEqual([])
    live.rows = [zhang.row]
    expect(await ask(1, [zhang.hash])).toHaveLength(1)
  })

  test('the key of one merchant is not found for another', async () => {
    const ask = cachedLookup(lookup, () => 0)
    expect(await ask(1, [zhang.hash])).toHaveLength(1)
    expect(await ask(2, [zhang.hash])).toEqual([])
  })

  test('a failed question is asked again', async () => {
    let fails = true
    const ask = cachedLookup(
      async () => {
        if (fails) throw new Error('away')
        return [zhang.row]
      },
      () => 0,
    )
    await expect(ask(1, [zhang.hash])).rejects.toThrow('away')
    fails = false
    expect(await ask(1, [zhang.hash])).toHaveLength(1)
  })
})
