/** Signing in at a terminal, a PIN of one's own, and what the terminal shows of the shop and its people. */
import { readKey } from '../auth/keys.ts'
import type { Core } from '../commands/core.ts'
import { changePin } from '../commands/set-pin.ts'
import { signInAtTill, signOut } from '../commands/sign-in-at-till.ts'
import { readInTenant } from '../db/connect.ts'
import { refuse } from '../domain/problems.ts'
import { rightsOf } from '../domain/rights.ts'
import { findPerson, findTerminal, listPeopleAt, type PersonRow } from '../store/people.ts'
import { readPlace } from '../store/shop.ts'
import { z } from 'zod'
import type { Resource } from './api.ts'
import {
  pinGiven,
  sessionGiven,
  sessionShown,
  tillShown,
  type StaffShown,
} from './contract-people.ts'
import { accepted, present } from './found.ts'
import { keyMaker } from './key-maker.ts'
import { Problem } from './problem.ts'
import { keyHeaders, who } from './sign-in.ts'

const nothing = z.void().describe('Done')

export const peopleResource =
  (core: Core): Resource =>
  (v1) => {
    v1.get(
      '/till',
      {
        schema: {
          summary: 'This terminal: its shop, who is signed in, who may sign in',
          response: { 200: tillShown },
        },
      },
      (request) => {
        const { tenant, terminal: terminalNo, staff: staffNo } = who(request)
        if (terminalNo === null) throw new Problem(refuse('terminal_needed', {}))
        return readInTenant(core.db, tenant, async (tx) => {
          const terminal = present(await findTerminal(tx, terminalNo), 'terminal')
          const place = present(await readPlace(tx, terminal.store_no), 'store')
          const people = await listPeopleAt(tx, terminal.store_no)
          return {
            merchant: { name: place.merchant_name, phone: place.merchant_phone },
            store: {
              no: terminal.store_no,
              name: place.store_name ?? '',
              address: place.store_address ?? '',
              phone: place.store_phone ?? '',
            },
            terminal: {
              no: terminal.terminal_no,
              name: terminal.name,
              hasPrinter: terminal.has_printer,
            },
            staff:
              staffNo === null ? null : showStaff(present(await findPerson(tx, staffNo), 'staff')),
            people: people.map(({ staff_no, name, role }) => ({ no: staff_no, name, role })),
            sandbox: terminal.sandbox,
            time: core.clock.now().toISOString(),
            publicUrl: core.settings.publicUrl,
          }
        })
      },
    )

    v1.post(
      '/sessions',
      {
        config: { terminalAlone: true },
        schema: {
          summary: 'Sign in at this terminal by PIN',
          description: 'Five wrong PINs in a row lock it for a quarter of an hour.',
          body: sessionGiven,
          response: { 201: sessionShown },
        },
      },
      async (request, reply) => {
        const actor = who(request)
        const answer = await signInAtTill(
          core,
          actor,
          request.body,
          keyMaker(core),
          core.clock.now(),
        )
        const { token, person, expiresAt } = await accepted(core, actor.tenant, answer)
        return reply
          .code(201)
          .send({ token, staff: showStaff(person), expiresAt: expiresAt.toISOString() })
      },
    )

    v1.delete(
      '/sessions/current',
      { schema: { summary: 'Sign out at this terminal', response: { 204: nothing } } },
      async (request, reply) => {
        const { tenant } = who(request)
        const key = readKey(keyHeaders(request).staffKey ?? '')
        if (key === null || !(await signOut(core, tenant, key.hash))) {
          throw new Problem(refuse('not_found', { what: 'session' }))
        }
        return reply.code(204).send()
      },
    )

    v1.put(
      '/staff/me/pin',
      {
        schema: {
          summary: "Change one's own PIN",
          description: 'Every session and every yes that the old one opened is over.',
          body: pinGiven,
          response: { 204: nothing },
        },
      },
      async (request, reply) => {
        const { pin, newPin } = request.body
        const refusal = await changePin(core, who(request), pin, newPin, core.clock.now())
        if (refusal) throw new Problem(refusal)
        return reply.code(204).send()
      },
    )
  }

const showStaff = (row: PersonRow): StaffShown => ({
  no: row.staff_no,
  name: row.name,
  role: row.role,
  rights: rightsOf(row.role, row.rights),
})
