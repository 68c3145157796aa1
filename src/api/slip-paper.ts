/** Any slip on its way out: drawn for a screen, as bytes for a printer of the caller's, or on the terminal's own one. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { Core } from '../commands/core.ts'
import { beginPrint, recordPrint, takeBackPrint } from '../commands/print-slip.ts'
import { readInTenant } from '../db/connect.ts'
import { keptFactsOf, slipKeyOf, type AnySlip } from '../domain/any-slip.ts'
import { printBytes, type PrintResult } from '../notify/printer.ts'
import { slipEscpos, slipSvg } from '../notify/slip-print.ts'
import { readPeople } from '../store/slip-reads.ts'
import { readPrints } from '../store/slips.ts'
import type { paperGiven, paperQuery, PrintedShown } from './contract-slips.ts'
import { languageOf } from './problem.ts'
import { who } from './sign-in.ts'

/** For the descriptions of routes. */
export const LOOK =
  '`format`: svg for a screen, escpos for a printer (GB18030), json for the facts. A slip that is only looked at is no print.'
export const PRINT =
  'Printer trouble is a result and no refusal: what is printed is as good without its paper. Prints are counted for the merchant as a whole; from the second on the slip says 补打第 n 次.'

/** @param show what the contract shows of it as json. */
export async function drawSlip<Made extends AnySlip>(
  core: Core,
  request: FastifyRequest,
  reply: FastifyReply,
  { format, paper }: Pick<z.infer<typeof paperQuery>, 'format' | 'paper'>,
  make: () => Promise<Made>,
  show: (slip: Made) => object,
): Promise<FastifyReply> {
  const { tenant } = who(request)
  const language = languageOf(request.headers['accept-language'])
  const made = await make()
  // The paper in somebody's hand may be the n-th print: the picture shows what was printed last.
  const prints = await readInTenant(core.db, tenant, (tx) => readPrints(tx, slipKeyOf(made)))
  const slip = { ...made, reprint: Math.max(0, prints - 1) }
  switch (format) {
    case 'svg':
      return reply.type('image/svg+xml; charset=utf-8').send(slipSvg(slip, paper, language))
    case 'escpos':
      return reply
        .type('application/octet-stream')
        .send(Buffer.from(slipEscpos(slip, paper, language)))
    case 'json':
      return reply.send(show(slip))
  }
}

export async function printSlip(
  core: Core,
  request: FastifyRequest,
  { paper, by }: z.infer<typeof paperGiven>,
  make: () => Promise<AnySlip>,
): Promise<PrintedShown> {
  const actor = who(request)
  const language = languageOf(request.headers['accept-language'])
  const slip = await make()
  const key = slipKeyOf(slip)
  if (by !== 'printer') {
    const reprint = await beginPrint(core, actor, key, keptFactsOf(slip), core.clock.now())
    const facts = { reprint, paper, result: `handed_over_${by}` }
    await recordPrint(core, actor, key, facts, core.clock.now())
    const counted = { ...slip, reprint }
    const escpos = Buffer.from(slipEscpos(counted, paper, language)).toString('base64')
    return {
      ...NOTHING_PRINTED,
      result: 'handed_over',
      reprint,
      ...(by === 'device' ? { escpos } : { svg: slipSvg(counted, paper, language) }),
    }
  }
  const { printer } = await readInTenant(core.db, actor.tenant, (tx) =>
    readPeople(tx, { terminalNo: actor.terminal, staffNo: null }),
  )
  if (printer === null) return { ...NOTHING_PRINTED, result: 'no_printer' }
  const reprint = await beginPrint(core, actor, key, keptFactsOf(slip), core.clock.now())
  const result = await printBytes(printer, slipEscpos({ ...slip, reprint }, paper, language))
  if (nothingCameOut(result)) await takeBackPrint(core, actor, key)
  else {
    const facts = { reprint, paper, result: result.kind }
    await recordPrint(core, actor, key, facts, core.clock.now())
  }
  return {
    ...NOTHING_PRINTED,
    result: result.kind,
    confirmed: result.kind === 'printed' && result.confirmed,
    reprint,
  }
}

const NOTHING_PRINTED = { confirmed: false, reprint: 0, escpos: null, svg: null } as const

const nothingCameOut = ({ kind }: PrintResult): boolean =>
  kind !== 'printed' && kind !== 'interrupted'
