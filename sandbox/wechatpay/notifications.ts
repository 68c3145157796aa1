// Notifications: encrypted, signed, delivered again along the ladder until acknowledged in time.
import { randomBytes } from 'node:crypto'
import { rootCertificates } from 'node:tls'
import { Agent, request } from 'undici'
import type { Account } from '../accounts.ts'
import { chinaTime } from '../clock.ts'
import type { FaultSubject } from '../faults.ts'
import type { World } from '../world.ts'
import { seal } from './crypto.ts'
import type { Fields } from './fields.ts'
import { payerTotalOf } from './funds.ts'
import type { Order, Refund } from './ledger.ts'
import { describeOrder } from './orders.ts'
import { signatureHeaders } from './sign.ts'

type Event = 'TRANSACTION.SUCCESS' | 'REFUND.SUCCESS' | 'REFUND.ABNORMAL' | 'REFUND.CLOSED'

type Notice = {
  readonly id: string
  readonly mchid: string
  readonly url: string
  readonly event: Event
  readonly createdAt: number
  readonly content: Fields
  readonly subject: FaultSubject
  /** Deliveries made so far. */
  tries: number
  state: 'open' | 'acknowledged' | 'given_up'
  /** When the next delivery is due, business time. */
  dueAt: number
}

const SUMMARY: Record<Event, string> = {
  'TRANSACTION.SUCCESS': '支付成功',
  'REFUND.SUCCESS': '退款成功',
  'REFUND.ABNORMAL': '退款异常',
  'REFUND.CLOSED': '退款关闭',
}

export type Delivery = {
  readonly at: number
  readonly id: string
  readonly event: Event
  readonly url: string
  readonly fault: string | null
  /** HTTP status, or null when nobody answered in time. */
  readonly status: number | null
}

const DELIVERIES_KEPT = 5_000

/** Keeps the pools per merchant, since each may trust another authority. */
export const createPostman = (caPem: string) => {
  const pools = new Map<string, Agent>()
  const deliveries: Delivery[] = []
  let sent = 0
  const pool = (account: Account) => {
    const key = account.notifyCa ?? ''
    const known = pools.get(key)
    if (known !== undefined) return known
    const ca = [...rootCertificates, caPem]
    if (account.notifyCa !== null) ca.push(account.notifyCa)
    const agent = new Agent({ connect: { ca } })
    pools.set(key, agent)
    return agent
  }
  return {
    pool,
    /** Counts deliveries, to know when a probe or the other key is due. */
    next: () => ++sent,
    record: (delivery: Delivery) => {
      deliveries.push(delivery)
      if (deliveries.length > 2 * DELIVERIES_KEPT) deliveries.splice(0, DELIVERIES_KEPT)
    },
    deliveries: (): readonly Delivery[] => deliveries,
    close: async () => {
      for (const agent of pools.values()) await agent.destroy()
    },
  }
}

export type Postman = ReturnType<typeof createPostman>

const post = async (
  world: World,
  account: Account,
  url: string,
  body: string,
  headers: Record<string, string>,
): Promise<number | null> => {
  try {
    const response = await request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'Mozilla/4.0', ...headers },
      body,
      dispatcher: world.postman.pool(account),
      signal: AbortSignal.timeout(world.settings.notifyTimeoutMs),
    })
    await response.body.dump()
    return response.statusCode
  } catch {
    // Refused, cut or too slow: all the same to the ladder.
    return null
  }
}

/** The serial of the key a notification is signed with. */
const signingKeyOf = (world: World, account: Account): string => {
  const certificate =
    account.notifyWith === 'certificate' ||
    (account.notifyWith === 'mixed' && world.postman.next() % 2 === 0)
  return certificate ? account.platformCertificate.serial : account.publicKeyId
}

const envelope = (account: Account, notice: Notice, content: Fields): string => {
  const originalType = notice.event === 'TRANSACTION.SUCCESS' ? 'transaction' : 'refund'
  return JSON.stringify({
    id: notice.id,
    create_time: chinaTime(notice.createdAt),
    resource_type: 'encrypt-resource',
    event_type: notice.event,
    summary: SUMMARY[notice.event],
    resource: {
      original_type: originalType,
      ...seal(account.apiV3Key, JSON.stringify(content), originalType),
    },
  })
}

const OTHER_MERCHANT = '1999999999'

const withAmount = (content: Fields, claimed: number | undefined): Fields => {
  const amount = content.amount as Record<string, unknown>
  const field = 'refund' in amount ? 'refund' : 'total'
  return { ...content, amount: { ...amount, [field]: claimed ?? Number(amount[field]) + 1 } }
}

const asOtherMerchant = (content: Fields): Fields =>
  content.sp_mchid === undefined
    ? { ...content, mchid: OTHER_MERCHANT }
    : { ...content, sp_mchid: OTHER_MERCHANT }

const PROBE_BODY = '{"id":"EV-PROBE","event_type":"PROBE","summary":"签名探测"}'

const probe = async (world: World, account: Account, url: string) => {
  const every = world.settings.probeEvery
  if (every === null || world.postman.next() % every !== 0) return
  const headers = await signatureHeaders(world, account, PROBE_BODY, undefined, 'signtest')
  await post(world, account, url, PROBE_BODY, headers)
}

const acknowledged = (status: number | null) => status === 200 || status === 204

/** One delivery with whatever fault applies to it; returns the status of the last copy. */
const deliver = async (world: World, account: Account, notice: Notice) => {
  const fault = world.faults.take(
    'notify',
    ['forged', 'signtest', 'other_merchant', 'amount_changed', 'duplicate'],
    notice.subject,
  )
  let content = notice.content
  if (fault?.kind === 'other_merchant') content = asOtherMerchant(content)
  if (fault?.kind === 'amount_changed') content = withAmount(content, fault.amount)
  await probe(world, account, notice.url)
  const body = envelope(account, notice, content)
  const defect =
    fault?.kind === 'forged' ? 'bad_signature' : fault?.kind === 'signtest' ? 'signtest' : undefined
  const copies = fault?.kind === 'duplicate' ? 1 + (fault.n ?? 1) : 1
  let status: number | null = null
  for (let copy = 0; copy < copies; copy += 1) {
    const wanted = signingKeyOf(world, account)
    const headers = await signatureHeaders(world, account, body, wanted, defect)
    status = await post(world, account, notice.url, body, headers)
    world.postman.record({
      at: Date.now(),
      id: notice.id,
      event: notice.event,
      url: notice.url,
      fault: fault?.kind ?? null,
      status,
    })
  }
  return status
}

const attempt = async (world: World, notice: Notice, dueAt: number): Promise<void> => {
  const account = world.accounts.get(notice.mchid)
  if (account === undefined) return
  const status = await deliver(world, account, notice)
  const wait = world.settings.notifyLadderMs[notice.tries]
  notice.tries += 1
  if (acknowledged(status)) notice.state = 'acknowledged'
  else if (wait === undefined) notice.state = 'given_up'
  else schedule(world, notice, dueAt + wait)
  world.journal.put('notice', notice.id, notice)
}

const schedule = (world: World, notice: Notice, at: number): void => {
  notice.dueAt = at
  world.clock.at(at, (dueAt) => world.clock.track(attempt(world, notice, dueAt)))
}

/** Takes up the ladders that a restart interrupted. */
export const resumeNotices = (world: World): void => {
  for (const notice of world.journal.load<Notice>('notice')) {
    if (notice.state === 'open') schedule(world, notice, notice.dueAt)
  }
}

type NewNotice = Pick<Notice, 'mchid' | 'url' | 'event' | 'content' | 'subject'>

const send = (world: World, given: NewNotice, at: number): Promise<void> => {
  const fault = world.faults.take('notify', ['never', 'late'], given.subject)
  if (fault?.kind === 'never') return Promise.resolve()
  const id = `EV-${chinaTime(at).replace(/\D/g, '').slice(0, 14)}${randomBytes(5).readUIntBE(0, 5)}`
  const dueAt = at + (fault?.kind === 'late' ? (fault.ms ?? 0) : 0)
  const notice: Notice = { id, ...given, createdAt: at, tries: 0, state: 'open', dueAt }
  world.journal.put('notice', id, notice)
  if (dueAt > world.clock.now()) {
    schedule(world, notice, dueAt)
    return Promise.resolve()
  }
  const work = attempt(world, notice, dueAt)
  world.clock.track(work)
  return work
}

export const notifyPaid = (world: World, order: Order, at: number): void => {
  if (order.notifyUrl === null) return
  const { mchid, outTradeNo, notifyUrl: url } = order
  const notice = {
    mchid,
    url,
    event: 'TRANSACTION.SUCCESS',
    subject: { mchid, outTradeNo },
  } as const
  void send(world, { ...notice, content: describeOrder(order) }, at)
}

const REFUND_EVENT = {
  SUCCESS: 'REFUND.SUCCESS',
  ABNORMAL: 'REFUND.ABNORMAL',
  CLOSED: 'REFUND.CLOSED',
} as const

/** Resolves after the first delivery, so that an early notice can be sent before the answer. */
export const notifyRefund = (
  world: World,
  refund: Refund,
  order: Order,
  state: keyof typeof REFUND_EVENT,
  at: number,
): Promise<void> => {
  const { mchid, subMchid, outTradeNo, outRefundNo } = refund
  const account = world.accounts.get(mchid)
  const url = refund.source === 'portal' ? account?.portalNotifyUrl : refund.notifyUrl
  if (url === null || url === undefined) return Promise.resolve()
  const content = {
    mchid: subMchid === null ? mchid : undefined,
    sp_mchid: subMchid === null ? undefined : mchid,
    sub_mchid: subMchid ?? undefined,
    transaction_id: refund.transactionId,
    out_trade_no: outTradeNo,
    refund_id: refund.refundId,
    out_refund_no: outRefundNo,
    refund_status: state,
    success_time: state === 'SUCCESS' ? chinaTime(at) : undefined,
    user_received_account: refund.account,
    amount: {
      total: refund.total,
      refund: refund.amount,
      payer_total: payerTotalOf(order),
      payer_refund: refund.payerRefund,
    },
  }
  const subject = { mchid, outTradeNo, outRefundNo }
  return send(world, { mchid, url, event: REFUND_EVENT[state], content, subject }, at)
}
