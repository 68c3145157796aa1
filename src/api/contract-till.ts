/** What a till asks before and beside a refund: previews, channel rules, the self-check; conventions as in `contract.ts`. */
import { z } from 'zod'
import { ATTEMPT_KINDS } from '../domain/attempt.ts'
import { ARRIVAL_TEXTS, DESTINATIONS } from '../domain/capabilities.ts'
import { CURRENCY } from '../domain/money.ts'
import { RULE_IDS } from '../domain/policy/policy.ts'
import { SECONDS } from '../domain/preview.ts'
import { CHANNEL_HEALTHS, PRINTER_HEALTHS } from '../domain/self-check.ts'
import {
  fenShown,
  hasOneMeasure,
  ONE_MEASURE,
  refundWish,
  text,
  textOrNull,
  time,
  timeOrNull,
} from './contract.ts'

export const previewGiven = z.strictObject(refundWish).refine(hasOneMeasure).describe(ONE_MEASURE)

export const previewShown = z
  .strictObject({
    amount: fenShown.describe('fen that would go back'),
    feeKept: fenShown,
    refundableAfter: fenShown.describe('What could still be asked for afterwards'),
    currency: z.literal(CURRENCY),
    kind: z.enum(ATTEMPT_KINDS).extract(['refund', 'void', 'cash']),
    plan: z.strictObject({
      when: z.enum(['now', 'at']).describe('From now on, or from the approval on'),
      at: timeOrNull,
      reason: z.enum(['spacing', 'in_flight', 'paused', 'channel_down']).nullable(),
      says: text,
    }),
    verdict: z.enum(['allow', 'needs_approval']),
    why: z
      .array(z.strictObject({ rule: z.enum(RULE_IDS), says: text }))
      .describe('Every rule that wants a second person'),
    second: z
      .enum(SECONDS)
      .describe('pin_or_code: a second person at this till is enough. elsewhere: it is not'),
    payer: textOrNull.describe('Who gets it, masked'),
    route: text,
    arrival: z.strictObject({ key: text, says: text }),
    discountNote: textOrNull,
  })
  .meta({ id: 'RefundPreview' })
export type PreviewShown = z.infer<typeof previewShown>

const channelShown = z.strictObject({
  no: text,
  channel: text,
  name: text,
  isDefault: z.boolean(),
  sandbox: z.boolean(),
  paused: textOrNull,
  rules: z.array(z.strictObject({ key: text, says: text })),
  arrival: z.array(
    z.strictObject({
      destination: z.enum(DESTINATIONS),
      when: z.enum(ARRIVAL_TEXTS),
      says: text,
    }),
  ),
  hotline: z
    .strictObject({ phone: text, says: text })
    .nullable()
    .describe("As the shop has set it in the account's contract"),
})
export const channelsShown = z.strictObject({ channels: z.array(channelShown) })
export type ChannelsShown = z.infer<typeof channelsShown>

export const selfCheckShown = z.strictObject({
  time: time.describe("The server's clock"),
  database: z.boolean(),
  printer: z.strictObject({ result: z.enum(PRINTER_HEALTHS), says: text }),
  channels: z.array(
    z.strictObject({
      account: text,
      channel: text,
      ok: z.boolean(),
      code: z.enum(CHANNEL_HEALTHS),
      says: text,
      tookMs: z.int(),
    }),
  ),
  publicUrl: z.strictObject({ set: z.boolean(), says: text }),
  https: z.boolean().describe('How this request came to this server'),
  version: text,
})
export type SelfCheckShown = z.infer<typeof selfCheckShown>
