/** Shifts at a till: opened, looked at, handed over, on paper. */
import type { FastifyRequest } from 'fastify'
import { closeShift } from '../commands/close-shift.ts'
import type { Core } from '../commands/core.ts'
import { openShift } from '../commands/open-shift.ts'
import { readInTenant } from '../db/connect.ts'
import type { Actor } from '../domain/actor.ts'
import { fen } from '../domain/money.ts'
import { refuse } from '../domain/problems.ts'
import { mayOversee, maySeeShift } from '../domain/shift.ts'
import { findOpenShift, findShift, listShifts, placeOf } from '../store/shifts.ts'
import type { Resource } from './api.ts'
import { numberParams } from './contract.ts'
import {
  currentShift,
  handOverGiven,
  handOverSlipShown,
  shiftGiven,
  shiftPage,
  shiftShown,
  shiftsQuery,
} from './contract-shifts.ts'
import { drawnAs, paperGiven, paperQuery, printedShown } from './contract-slips.ts'
import { placeCursor, readPlaceCursor } from './cursor.ts'
import { accepted, present, shiftIn, shiftNote, shiftOf } from './found.ts'
import { Problem } from './problem.ts'
import { handOverSlip } from './report-slip-facts.ts'
import { showHandOverSlip, showShiftLine } from './show-shifts.ts'
import { who } from './sign-in.ts'
import { drawSlip, LOOK, PRINT, printSlip } from './slip-paper.ts'

export const shiftResource =
  (core: Core): Resource =>
  (v1) => {
    v1.post(
      '/shifts',
      {
        schema: {
          summary: "Open a shift at the caller's terminal",
          description: '201: opened. 200: the number was used before with the same content.',
          body: shiftGiven,
          response: { 200: shiftShown, 201: shiftShown },
        },
      },
      async (request, reply) => {
        const actor = who(request)
        const { no, openingCash } = request.body
        const shift = { no, openingCash: fen(openingCash) }
        const opened = await openShift(core, actor, shift, core.clock.now())
        const { fresh } = await accepted(core, actor.tenant, opened)
        return reply.code(fresh ? 201 : 200).send(await shiftOf(core, actor.tenant, no))
      },
    )

    v1.get(
      '/shifts/current',
      {
        schema: {
          summary: "The shift that is open at the caller's terminal, with its totals by now",
          response: { 200: currentShift },
        },
      },
      async (request) => {
        const { tenant, terminal } = who(request)
        if (terminal === null) throw new Problem(refuse('terminal_needed', {}))
        return readInTenant(core.db, tenant, async (tx) => {
          const row = await findOpenShift(tx, terminal)
          return { shift: row && (await shiftIn(core, tx, tenant, row)) }
        })
      },
    )

    v1.get(
      '/shifts/:no',
      {
        schema: {
          summary: 'A shift',
          description: 'For whoever had it, at its terminal, and for those who oversee its store.',
          params: numberParams,
          response: { 200: shiftShown },
        },
      },
      async (request) => {
        const actor = who(request)
        const shift = await shiftOf(core, actor.tenant, request.params.no)
        if (!maySeeShift(actor, shift)) throw notTheirs()
        return shift
      },
    )

    v1.get(
      '/shifts',
      {
        schema: {
          summary: 'Shifts, newest first',
          description: 'Those of one’s own and of one’s terminal, or of the stores one oversees.',
          querystring: shiftsQuery,
          response: { 200: shiftPage },
        },
      },
      async (request) => {
        const actor = who(request)
        const { terminal, staff, from, to, open, cursor, limit } = request.query
        const rows = await readInTenant(core.db, actor.tenant, (tx) =>
          listShifts(tx, {
            ...ownedBy(actor, request.query.store),
            terminalNo: terminal ?? null,
            staffNo: staff ?? null,
            from: from === undefined ? null : new Date(from),
            to: to === undefined ? null : new Date(to),
            open: open === undefined ? null : open === 'true',
            after: cursor === undefined ? null : readPlaceCursor(request, cursor),
            // One more than shown tells whether there is a next page.
            most: limit + 1,
          }),
        )
        const page = rows.slice(0, limit)
        const last = rows.length > limit ? page.at(-1) : undefined
        return {
          shifts: page.map(showShiftLine),
          next: last ? placeCursor({ at: last.opened_at, no: last.shift_no }) : null,
        }
      },
    )

    v1.post(
      '/shifts/:no/close',
      {
        schema: {
          summary: 'Hand a shift over',
          description:
            'Never refused because of open refunds: they are listed. For cash of which nobody has said whether it was handed out, an incident calls a supervisor.',
          params: numberParams,
          body: handOverGiven,
          response: { 200: shiftShown },
        },
      },
      async (request) => {
        const [actor, { no }] = [who(request), request.params]
        const { countedCash, note } = request.body
        const close = { no, countedCash: fen(countedCash), note }
        const closed = await closeShift(core, actor, close, core.clock.now())
        await accepted(core, actor.tenant, closed)
        return shiftOf(core, actor.tenant, no)
      },
    )

    v1.get(
      '/shifts/:no/slip',
      {
        schema: {
          summary: 'The hand-over slip (交接班单) of a closed shift',
          description: LOOK,
          params: numberParams,
          querystring: paperQuery,
          response: { 200: drawnAs(handOverSlipShown) },
        },
      },
      (request, reply) =>
        drawSlip(core, request, reply, request.query, slipOf(core, request), showHandOverSlip),
    )

    v1.post(
      '/shifts/:no/print',
      {
        schema: {
          summary: "Print the hand-over slip on the terminal's printer",
          description: PRINT,
          params: numberParams,
          body: paperGiven,
          response: { 200: printedShown },
        },
      },
      (request) => printSlip(core, request, request.body, slipOf(core, request)),
    )
  }

const notTheirs = (): Problem => new Problem(refuse('not_allowed', { right: 'see_shift' }))

/** What the caller's list may hold at most, and the store that was asked for. */
function ownedBy(actor: Actor, asked: string | undefined) {
  const storeNo = asked ?? (actor.roles.includes('owner') ? null : actor.store)
  return mayOversee(actor, storeNo)
    ? { storeNo, reader: null }
    : {
        storeNo: asked ?? null,
        reader: { terminalNo: actor.terminal, staffNo: actor.staff },
      }
}

const slipOf = (core: Core, request: FastifyRequest<{ Params: { no: string } }>) => () => {
  const actor = who(request)
  return readInTenant(core.db, actor.tenant, async (tx) => {
    const row = present(await findShift(tx, request.params.no), 'shift')
    if (!maySeeShift(actor, placeOf(row))) throw notTheirs()
    return handOverSlip(core, tx, row, await shiftNote(core, tx, actor.tenant, row))
  })
}
