/** People who sign in at terminals by PIN, over HTTP. */
import { expect } from 'vitest'
import type { z } from 'zod'
import type { sessionShown } from '../../src/api/contract-people.ts'
import { setPin } from '../../src/commands/set-pin.ts'
import { inTenant } from '../../src/db/connect.ts'
import type { Rights } from '../../src/domain/rights.ts'
import { TENANT } from './shop.ts'
import { send, type Answer, type Till } from './till.ts'

export const PINS = { zhang: '4827', li: '7391', wang: '583014' } as const
export type Person = keyof typeof PINS
export type Terminal = 't1' | 't2'

export async function givePins(till: Till): Promise<void> {
  for (const [staff, pin] of Object.entries(PINS)) {
    expect(await setPin(till.core, TENANT, staff, pin, till.clock.now())).toBeNull()
  }
}

/** What differs from the role's rights, as it stands from now on (signed-in people notice within two seconds). */
export const setRights = (till: Till, staff: Person, rights: Partial<Rights>): Promise<unknown> =>
  inTenant(till.core.db, TENANT, (tx) =>
    tx
      .updateTable('staff')
      .set({ rights: JSON.stringify(rights) })
      .where('staff_no', '=', staff)
      .execute(),
  )

export type Signed = { readonly staff?: string | undefined; readonly second?: string | undefined }

/** Headers of a terminal, with whoever is there by their tokens or keys. */
export const headersAt = (
  till: Till,
  terminal: Terminal,
  { staff, second }: Signed = {},
): Record<string, string> => ({
  authorization: `Bearer ${till.keys.terminals[terminal]}`,
  'accept-language': 'zh',
  ...(staff === undefined ? {} : { 'yuanlu-staff': staff }),
  ...(second === undefined ? {} : { 'yuanlu-second': second }),
})

type Method = Parameters<typeof send>[1]

export const callAt = (
  till: Till,
  terminal: Terminal,
  signed: Signed,
  method: Method,
  path: string,
  body?: unknown,
): Promise<Answer> => send(till.url, method, path, headersAt(till, terminal, signed), body)

export const trySignIn = (
  till: Till,
  staff: string,
  pin: string,
  terminal: Terminal = 't1',
): Promise<Answer> => callAt(till, terminal, {}, 'POST', '/v1/sessions', { staff, pin })

export async function signIn(
  till: Till,
  staff: Person,
  terminal: Terminal = 't1',
): Promise<z.infer<typeof sessionShown>> {
  const answer = await trySignIn(till, staff, PINS[staff], terminal)
  expect(answer.status, answer.text).toBe(201)
  return answer.body
}

/** Somebody is out within five seconds of whatever ended it, however long keys are remembered. */
export async function isOutSoon(till: Till, terminal: Terminal, signed: Signed): Promise<void> {
  const seen = async (): Promise<unknown> =>
    (await callAt(till, terminal, signed, 'GET', '/v1/till')).body.code
  await expect.poll(seen, { timeout: 5_000, interval: 50 }).toBe('not_signed_in')
}
