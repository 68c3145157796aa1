/** Every resource below `/v1`, and the channels' notifications outside of it: one line each. */
import type { Core } from '../commands/core.ts'
import type { RefundLanes } from '../commands/refund-lanes.ts'
import type { Resource } from './api.ts'
import { channelResource } from './channels.ts'
import { dayResource } from './days.ts'
import { deliveryResource } from './deliveries.ts'
import { directoryResource } from './directory.ts'
import { enrolmentResource, enrolResource } from './enrolments.ts'
import { eventResource } from './events.ts'
import { incidentResource } from './incidents.ts'
import { noticeResource } from './notices.ts'
import { paymentResource } from './payments.ts'
import { peopleResource } from './people.ts'
import { previewResource } from './previews.ts'
import { refundActs } from './refund-acts.ts'
import { refundResource } from './refunds.ts'
import { saleResource } from './sales.ts'
import { secondResource } from './seconds.ts'
import { selfCheckResource } from './self-check.ts'
import { shiftResource } from './shifts.ts'
import { slipCheckResource } from './slip-checks.ts'
import { slipResource } from './slips.ts'
import { webhookResource } from './webhooks.ts'

export const resources = (core: Core, lanes: RefundLanes): readonly Resource[] => [
  enrolmentResource(core),
  peopleResource(core),
  directoryResource(core),
  secondResource(core),
  paymentResource(core),
  saleResource(core),
  refundResource(core, lanes),
  previewResource(core),
  refundActs(core, lanes),
  eventResource(core),
  incidentResource(core),
  shiftResource(core),
  dayResource(core),
  slipResource(core),
  slipCheckResource(core),
  webhookResource(core),
  deliveryResource(core),
  channelResource(core),
  selfCheckResource(core),
]

/** Where nobody signs in: each proves its caller in its own way. */
export const openResources = (core: Core, lanes: RefundLanes): readonly Resource[] => [
  noticeResource(core, lanes),
  enrolResource(core),
]
