/** Slips: looked at, taken as bytes for a printer of the caller's, or put on the terminal's own printer. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { Core } from '../commands/core.ts'
import { beginPrint, recordPrint, takeBackPrint } from '../commands/print-slip.ts'
import { readInTenant } from '../db/connect.ts'
import type { Slip, SlipCopy } from '../domain/slip.ts'
import { printBytes, type PrintResult } from '../notify/printer.ts'
import { slipEscpos, slipSvg } from '../notify/slip-print.ts'
import { readPeople } from '../store/slip-reads.ts'
import { readPrints, type SlipKey } from '../store/slips.ts'
import type { Language } from '../texts/language.ts'
import type { Resource } from './api.ts'
import { numberParams } from './contract.ts'
import { printedShown, printGiven, slipDrawn, slipQuery } from './contract-slips.ts'
import { languageOf } from './problem.ts'
import { showSlip } from './show-slip.ts'
import { refundSlipOf, saleSlipOf } from './slip-facts.ts'
import { who } from './sign-in.ts'

const LOOK =
  '`format`: svg for a screen, escpos for a printer (GB18030), json for the facts. A slip that is only looked at is no print.'
const PRINT =
  'Printer trouble is a result and no refusal: sale and refund are as good without their paper. Prints are counted for the merchant as a whole; from the second on the slip says 补打第 n 次.'

/** What is asked for, and how it is made from the books. */
type Wanted = { readonly no: string; readonly copy: SlipCopy; readonly language: Language }
type Make = (tenant: number, of: Wanted) => Promise<Slip>

export const slipResource =
  (core: Core): Resource =>
  (v1) => {
    const ofRefund: Make = (tenant, of) => refundSlipOf(core, tenant, of)
    const ofSale: Make = (tenant, { no, copy }) => saleSlipOf(core, tenant, no, copy)
    const look = {
      description: LOOK,
      params: numberParams,
      querystring: slipQuery,
      response: { 200: slipDrawn },
    }
    const print = {
      description: PRINT,
      params: numberParams,
      body: printGiven,
      response: { 200: printedShown },
    }

    v1.get(
      '/refunds/:no/slip',
      { schema: { ...look, summary: 'The slip of a refund' } },
      (request, reply) => draw(core, request, reply, request.params.no, request.query, ofRefund),
    )

    v1.get(
      '/sales/:no/slip',
      { schema: { ...look, summary: 'The receipt of a sale' } },
      (request, reply) => draw(core, request, reply, request.params.no, request.query, ofSale),
    )

    v1.post(
      '/refunds/:no/print',
      { schema: { ...print, summary: "Print the slip of a refund on the terminal's printer" } },
      (request) => printSlip(core, request, request.params.no, request.body, ofRefund),
    )

    v1.post(
      '/sales/:no/print',
      { schema: { ...print, summary: "Print the receipt of a sale on the terminal's printer" } },
      (request) => printSlip(core, request, request.params.no, request.body, ofSale),
    )
  }

async function draw(
  core: Core,
  request: FastifyRequest,
  reply: FastifyReply,
  no: string,
  { format, paper, copy }: z.infer<typeof slipQuery>,
  make: Make,
): Promise<FastifyReply> {
  const { tenant } = who(request)
  const language = languageOf(request.headers['accept-language'])
  const made = await make(tenant, { no, copy, language })
  // The paper in somebody's hand may be the n-th print: the picture shows what was printed last.
  const prints = await readInTenant(core.db, tenant, (tx) => readPrints(tx, keyOf(made)))
  const slip = { ...made, reprint: Math.max(0, prints - 1) }
  switch (format) {
    case 'svg':
      return reply.type('image/svg+xml; charset=utf-8').send(slipSvg(slip, paper, language))
    case 'escpos':
      return reply
        .type('application/octet-stream')
        .send(Buffer.from(slipEscpos(slip, paper, language)))
    case 'json':
      return reply.send(showSlip(slip))
  }
}

async function printSlip(
  core: Core,
  request: FastifyRequest,
  no: string,
  { copy, paper }: z.infer<typeof printGiven>,
  make: Make,
): Promise<z.infer<typeof printedShown>> {
  const actor = who(request)
  const language = languageOf(request.headers['accept-language'])
  const slip = await make(actor.tenant, { no, copy, language })
  const { printer } = await readInTenant(core.db, actor.tenant, (tx) =>
    readPeople(tx, { terminalNo: actor.terminal, staffNo: null }),
  )
  if (printer === null) return { result: 'no_printer', confirmed: false, reprint: 0 }
  const key = keyOf(slip)
  const reprint = await beginPrint(core, actor, key, factsOf(slip), core.clock.now())
  const result = await printBytes(printer, slipEscpos({ ...slip, reprint }, paper, language))
  if (nothingCameOut(result)) await takeBackPrint(core, actor, key)
  else {
    const facts = { reprint, paper, result: result.kind }
    await recordPrint(core, actor, key, facts, core.clock.now())
  }
  return {
    result: result.kind,
    confirmed: result.kind === 'printed' && result.confirmed,
    reprint,
  }
}

const keyOf = (slip: Slip): SlipKey => ({
  subjectNo: slip.kind === 'sale' ? slip.orderNo : slip.refund.refundNo,
  kind: slip.kind,
  copy: slip.copy,
})

/** Kept to look up what was printed; who paid is personal and stays out. */
const factsOf = (slip: Slip) =>
  slip.kind === 'sale'
    ? slip
    : { ...slip, refund: { ...slip.refund, payer: null, destination: null } }

const nothingCameOut = ({ kind }: PrintResult): boolean =>
  kind !== 'printed' && kind !== 'interrupted'
