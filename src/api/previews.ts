/** What a refund would become, said before anybody confirms it. */
import type { z } from 'zod'
import type { Core } from '../commands/core.ts'
import { lookAhead, type LookedAhead } from '../commands/preview-refund.ts'
import { CURRENCY } from '../domain/money.ts'
import { arrivalAhead, discountsOf, type Preview } from '../domain/preview.ts'
import type { Language } from '../texts/language.ts'
import { arrivalAheadText, discountText, planText, routeText } from '../texts/preview.ts'
import { ruleText } from '../texts/rules.ts'
import type { Resource } from './api.ts'
import { previewGiven, previewShown } from './contract-till.ts'
import { languageOf, Problem } from './problem.ts'
import { wishOf } from './refund-wish.ts'
import { who } from './sign-in.ts'

export const previewResource =
  (core: Core): Resource =>
  (v1) => {
    v1.post(
      '/refunds/preview',
      {
        schema: {
          summary: 'What a refund would become',
          description:
            'Judged by the rules of the request itself, for the same person, on the books of this moment; nothing is written and nothing is held. Where the request would be refused, this is refused with the same problem.',
          body: previewGiven,
          response: { 200: previewShown },
        },
      },
      async (request) => {
        const ahead = await lookAhead(core, who(request), wishOf(request.body), core.clock.now())
        if (ahead.kind === 'refused') throw new Problem(ahead.refusal)
        return show(languageOf(request.headers['accept-language']), ahead)
      },
    )
  }

function show(
  language: Language,
  { preview, payment, sale, can }: Extract<LookedAhead, { kind: 'previewed' }>,
): z.infer<typeof previewShown> {
  const { kind } = preview
  const ahead = arrivalAhead(can)
  const discounts = discountsOf(
    { order: sale.order_fen, discount: sale.discount_fen, paid: sale.paid_fen },
    { paid: payment.paid_fen, payer: payment.payer_total_fen },
    preview.amount,
  )
  return {
    amount: preview.amount,
    feeKept: preview.feeKept,
    refundableAfter: preview.refundableAfter,
    currency: CURRENCY,
    kind,
    plan: { ...showPlan(preview.plan), says: planText(language, preview) },
    verdict: preview.verdict,
    why: preview.why.map((rule) => ({ rule, says: ruleText(language, rule, preview) })),
    second: preview.second,
    payer: payment.payer_masked,
    route: routeText(language, { kind, channel: payment.channel, payer: payment.payer_masked }),
    arrival: {
      key: kind === 'cash' ? 'by_hand' : ahead.key,
      says: arrivalAheadText(language, kind, ahead),
    },
    discountNote: discounts === null ? null : discountText(language, discounts),
  }
}

const showPlan = (plan: Preview['plan']) =>
  plan.kind === 'now'
    ? { when: 'now' as const, at: null, reason: null }
    : { when: 'at' as const, at: plan.at.toISOString(), reason: plan.reason }
