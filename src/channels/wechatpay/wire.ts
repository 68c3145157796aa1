/**
 * WeChat Pay's JSON as far as we read it. The shapes are loose, since the channel adds members without notice;
 * what we do read must be there and be right.
 */
import { z } from 'zod'
import { fen } from '../../domain/money.ts'

const fenValue = z.int().nonnegative().transform(fen)
const text = z.string().min(1)

/** RFC 3339 with an offset, as `2026-11-22T20:00:00+08:00`. */
const moment = z.iso.datetime({ offset: true }).transform((value) => new Date(value))

const currency = z.literal('CNY').optional()

export const errorReply = z.looseObject({
  code: z.string().regex(/^[A-Z0-9_]{1,64}$/),
  message: z.string().default(''),
})

export const certificatesReply = z.looseObject({
  data: z
    .array(
      z.looseObject({
        serial_no: text,
        encrypt_certificate: z.looseObject({
          algorithm: text,
          nonce: text,
          associated_data: z.string().optional(),
          ciphertext: text,
        }),
      }),
    )
    .min(1),
})

/** Create, query and remedy of a refund answer with the same object. */
export const refundReply = z.looseObject({
  refund_id: text,
  out_refund_no: text,
  out_trade_no: text,
  channel: z.string().optional(),
  user_received_account: z.string().optional(),
  success_time: moment.optional(),
  status: text,
  amount: z.looseObject({
    total: fenValue,
    refund: fenValue,
    payer_refund: fenValue,
    settlement_refund: fenValue.optional(),
    discount_refund: fenValue.optional(),
    refund_fee: fenValue.optional(),
    currency,
  }),
})
export type RefundReply = z.infer<typeof refundReply>

const merchants = {
  mchid: z.string().optional(),
  sp_mchid: z.string().optional(),
  sub_mchid: z.string().optional(),
}

/** An order, from pay by code, query and the payment notification; only its state is certain to be there. */
export const orderReply = z.looseObject({
  ...merchants,
  out_trade_no: z.string().optional(),
  transaction_id: text.optional(),
  trade_type: z.string().optional(),
  trade_state: text,
  bank_type: z.string().optional(),
  success_time: moment.optional(),
  payer: z
    .looseObject({
      openid: text.optional(),
      sp_openid: text.optional(),
      sub_openid: text.optional(),
    })
    .optional(),
  amount: z.looseObject({ total: fenValue, payer_total: fenValue.optional(), currency }).optional(),
})
export type OrderReply = z.infer<typeof orderReply>

export const nativeReply = z.looseObject({ code_url: text })
export const reverseReply = z.looseObject({ ...merchants, out_trade_no: text })

export const billReply = z.looseObject({
  hash_type: z.literal('SHA1'),
  hash_value: z.string().regex(/^[0-9a-fA-F]{40}$/),
  download_url: z.url(),
})

export const noticeEnvelope = z.looseObject({
  id: text,
  event_type: text,
  resource_type: text,
  resource: z.looseObject({
    algorithm: text,
    original_type: text,
    ciphertext: text,
    nonce: text,
    associated_data: z.string().optional(),
  }),
})

export const refundNotice = z.looseObject({
  ...merchants,
  out_trade_no: text,
  out_refund_no: text,
  refund_id: text,
  refund_status: text,
  success_time: moment.optional(),
  user_received_account: z.string().optional(),
  amount: z.looseObject({
    total: fenValue,
    refund: fenValue,
    payer_total: fenValue,
    payer_refund: fenValue,
    currency,
  }),
})
