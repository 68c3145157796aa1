/** The slips of refunds and sales: looked at, taken as bytes, or put on the terminal's own printer. */
import type { FastifyRequest } from 'fastify'
import type { Core } from '../commands/core.ts'
import type { SlipCopy } from '../domain/slip.ts'
import type { Resource } from './api.ts'
import { numberParams } from './contract.ts'
import { drawnAs, printedShown, printGiven, slipQuery, slipShown } from './contract-slips.ts'
import { languageOf } from './problem.ts'
import { showSlip } from './show-slip.ts'
import { who } from './sign-in.ts'
import { refundSlipOf, saleSlipOf } from './slip-facts.ts'
import { drawSlip, LOOK, PRINT, printSlip } from './slip-paper.ts'

type Numbered = FastifyRequest<{ Params: { no: string } }>

export const slipResource =
  (core: Core): Resource =>
  (v1) => {
    const ofRefund = (request: Numbered, copy: SlipCopy) => () =>
      refundSlipOf(core, who(request).tenant, {
        no: request.params.no,
        copy,
        language: languageOf(request.headers['accept-language']),
      })
    const ofSale = (request: Numbered, copy: SlipCopy) => () =>
      saleSlipOf(core, who(request).tenant, request.params.no, copy)
    const look = {
      description: LOOK,
      params: numberParams,
      querystring: slipQuery,
      response: { 200: drawnAs(slipShown) },
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
      (request, reply) =>
        drawSlip(
          core,
          request,
          reply,
          request.query,
          ofRefund(request, request.query.copy),
          showSlip,
        ),
    )

    v1.get(
      '/sales/:no/slip',
      { schema: { ...look, summary: 'The receipt of a sale' } },
      (request, reply) =>
        drawSlip(
          core,
          request,
          reply,
          request.query,
          ofSale(request, request.query.copy),
          showSlip,
        ),
    )

    v1.post(
      '/refunds/:no/print',
      { schema: { ...print, summary: "Print the slip of a refund on the terminal's printer" } },
      (request) => printSlip(core, request, request.body, ofRefund(request, request.body.copy)),
    )

    v1.post(
      '/sales/:no/print',
      { schema: { ...print, summary: "Print the receipt of a sale on the terminal's printer" } },
      (request) => printSlip(core, request, request.body, ofSale(request, request.body.copy)),
    )
  }
