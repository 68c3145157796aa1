/** Receivers of webhooks over the wire; the conventions are those of `contract.ts`. */
import { z } from 'zod'
import { limitText, numberParams, text, textOrNull, time, timeOrNull } from './contract.ts'

export const webhookGiven = z.strictObject({
  url: z
    .string()
    .min(1)
    .max(2_000)
    .describe('https; plain http only to this machine, in development'),
  allowPrivate: z
    .boolean()
    .default(false)
    .describe("The receiver stands on the shop's own network"),
})

export const webhookAdded = z.strictObject({
  no: text,
  secret: text.describe('Shown this once: signs every delivery'),
})

export const webhookShown = z
  .strictObject({
    no: text,
    url: text,
    allowPrivate: z.boolean(),
    paused: z.boolean(),
    createdAt: time,
  })
  .meta({ id: 'Webhook' })
export const webhookList = z.strictObject({ webhooks: z.array(webhookShown) })

export const deliveriesQuery = z.strictObject({
  delivered: z.enum(['true', 'false']).optional(),
  cursor: z.string().min(1).max(100).optional(),
  limit: limitText,
})
export const deliveryParams = numberParams.extend({ event: z.string().regex(/^[1-9]\d{0,14}$/) })

export const deliveryShown = z
  .strictObject({
    event: z.int().describe('The webhook-id ends in it'),
    type: text,
    no: text.describe('Of the refund or payment it is about'),
    seq: z.int().describe("The event's place in that one's chain"),
    at: time,
    tries: z.int(),
    status: z.int().nullable().describe('The last answer'),
    error: textOrNull.describe('Why the last try failed; blanked after 30 days'),
    triedAt: timeOrNull,
    deliveredAt: timeOrNull.describe('Null: not taken yet'),
  })
  .meta({ id: 'Delivery' })
export const deliveryPage = z.strictObject({
  deliveries: z.array(deliveryShown),
  next: textOrNull,
})
