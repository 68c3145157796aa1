/** Slips: looked at, taken as bytes for a printer of the caller's, or put on the terminal's own printer. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { Core } from '../commands/core.ts'
import { beginPrint, recordPrint, takeBackPrint } from '../commands/print-slip.ts'
import { readInTenant } from '../db/connect.ts'
import type { PendingRefundSlip, RefundSlip, Slip } from '../domain/slip.ts'
import { printBytes, type PrintResult } from '../notify/printer.ts'
import { slipEscpos, slipSvg } from '../notify/slip-print.ts'
import { readPeople, readPrints } from '../store/slip-reads.ts'
import type { SlipKey } from '../store/slips.ts'
import type { Resource } from './api.ts'
import { numberParams, printedShown, printGiven, slipQuery } from './contract.ts'
import { languageOf } from './problem.ts'
import { refundSlipOf, saleSlipOf } from './slip-facts.ts'
import { who } from './sign-in.ts'

const DESCRIPTION =
  '`format`: svg for a screen, escpos for a printer (GB18030), json for the facts. A slip that is only looked at is no print.'

export const slipResource =
  (core: Core): Resource =>
  (v1) => {
    const schema = { description: DESCRIPTION, params: numberParams, querystring: slipQuery }

    v1.get(
      '/refunds/:no/slip',
      { schema: { ...schema, summary: 'The slip of a refund' } },
      async (request, reply) => {
        const { tenant } = who(request)
        const { no } = request.params
        const { copy } = request.query
        const language = languageOf(request.headers['accept-language'])
        const slip = await refundSlipOf(core, tenant, { no, copy, language })
        // The paper in the customer's hand may be the n-th print: the picture shows what was printed last.
        const prints = await readInTenant(core.db, tenant, (tx) =>
          readPrints(tx, { refundNo: no, kind: slip.kind, copy }),
        )
        return draw(request, reply, { ...slip, reprint: Math.max(0, prints - 1) }, request.query)
      },
    )

    v1.get(
      '/sales/:no/slip',
      { schema: { ...schema, summary: 'The receipt of a sale' } },
      async (request, reply) => {
        const { tenant } = who(request)
        const slip = await saleSlipOf(core, tenant, request.params.no, request.query.copy)
        return draw(request, reply, slip, request.query)
      },
    )

    v1.post(
      '/refunds/:no/print',
      {
        schema: {
          summary: "Print the slip of a refund on the terminal's printer",
          description:
            'Printer trouble is a result and no refusal: the refund is as good without its paper. Prints are counted; from the second on the slip says 补打第 n 次.',
          params: numberParams,
          body: printGiven,
          response: { 200: printedShown },
        },
      },
      (request) => print(core, request, request.params.no, request.body),
    )
  }

function draw(
  request: FastifyRequest,
  reply: FastifyReply,
  slip: Slip,
  { format, paper }: z.infer<typeof slipQuery>,
): FastifyReply {
  const language = languageOf(request.headers['accept-language'])
  switch (format) {
    case 'svg':
      return reply.type('image/svg+xml; charset=utf-8').send(slipSvg(slip, paper, language))
    case 'escpos':
      return reply
        .type('application/octet-stream')
        .send(Buffer.from(slipEscpos(slip, paper, language)))
    case 'json':
      return reply.send(slip)
  }
}

async function print(
  core: Core,
  request: FastifyRequest,
  no: string,
  { copy, paper }: z.infer<typeof printGiven>,
): Promise<z.infer<typeof printedShown>> {
  const actor = who(request)
  const language = languageOf(request.headers['accept-language'])
  const slip = await refundSlipOf(core, actor.tenant, { no, copy, language })
  const { printer } = await readInTenant(core.db, actor.tenant, (tx) =>
    readPeople(tx, { terminalNo: actor.terminal, staffNo: null }),
  )
  if (printer === null) return { result: 'no_printer', confirmed: false, reprint: 0 }
  const key: SlipKey = { refundNo: no, kind: slip.kind, copy }
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

/** Kept to check a slip against later; who paid is personal and stays out. */
const factsOf = (slip: RefundSlip | PendingRefundSlip) => ({
  ...slip,
  refund: { ...slip.refund, payer: null, destination: null },
})

const nothingCameOut = ({ kind }: PrintResult): boolean =>
  kind !== 'printed' && kind !== 'interrupted'
