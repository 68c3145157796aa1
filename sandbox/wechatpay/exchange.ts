// One exchange with a client: authenticate, execute, sign the answer, and every way that can go
// wrong in between. Faults strike here, around the operation, so that no operation knows of them.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { randomBytes } from 'node:crypto'
import type { Account } from '../accounts.ts'
import {
  QUERY_FAULTS,
  REPLY_FAULTS,
  type FaultKind,
  type FaultRule,
  type Operation,
} from '../faults.ts'
import { must } from '../must.ts'
import type { World } from '../world.ts'
import { isFields, type Fields } from './fields.ts'
import type { Answer } from './answer.ts'
import { Refusal, systemError, tooFrequent } from './problem.ts'
import { authenticate, signatureHeaders, type Defect } from './sign.ts'

export type Call = {
  readonly account: Account
  readonly body: Buffer
  /** A number named in the path, by the route's own name for it. */
  readonly param: (name: string) => string
  readonly query: Fields
  readonly request: FastifyRequest
  /** A query must deny what it would have found. */
  readonly hidden: boolean
}

type Execute = (call: Call) => Answer | Promise<Answer>

const DEFECTS: readonly string[] = [
  'bad_signature',
  'unknown_serial',
  'stale_timestamp',
  'signtest',
] satisfies Defect[]
const SLOW_MS = 1_000

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms).unref())

const rawBody = (request: FastifyRequest): Buffer =>
  Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)

const pathParts = (request: FastifyRequest) => request.params as Readonly<Record<string, string>>

/** Numbers of an exchange, for fault rules and the request log; broken bodies have none. */
const numbersOf = (request: FastifyRequest, body: Buffer) => {
  const params = pathParts(request)
  let fields: Fields = {}
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'))
    if (isFields(parsed)) fields = parsed
  } catch {
    // The operation refuses such a body itself.
  }
  const pick = (name: string) => {
    const value = params[name] ?? fields[name]
    return typeof value === 'string' ? value : undefined
  }
  return { outTradeNo: pick('out_trade_no'), outRefundNo: pick('out_refund_no') }
}

/** The amounts of the answer raised by a fen, or set to what the rule claims. */
const withWrongAmount = (body: Fields, claimed: number | undefined): Fields => {
  if (!isFields(body.amount)) return body
  const amount = { ...body.amount }
  const names = 'refund' in amount ? ['refund', 'payer_refund'] : ['total', 'payer_total']
  for (const name of names) {
    if (typeof amount[name] === 'number') amount[name] = claimed ?? amount[name] + 1
  }
  return { ...body, amount }
}

/** What only a paid order or an arrived refund shows. */
const LATER_FIELDS: readonly string[] = [
  'success_time',
  'transaction_id',
  'bank_type',
  'payer',
  'promotion_detail',
]

const withStaleState = (body: Fields): Fields => {
  if (!('trade_state' in body)) {
    return { ...body, success_time: undefined, status: 'PROCESSING' }
  }
  const early = Object.entries(body).filter(([name]) => !LATER_FIELDS.includes(name))
  return { ...Object.fromEntries(early), trade_state: 'NOTPAY', trade_state_desc: '订单未支付' }
}

const HALF = 0.5

/** Text of the answer before signing. */
const bodyText = (answer: Answer, fault: FaultRule | undefined): string => {
  if (answer.body === null) return ''
  let { body } = answer
  if (fault?.kind === 'wrong_amount') body = withWrongAmount(body, fault.amount)
  if (fault?.kind === 'stale_processing') body = withStaleState(body)
  const text = JSON.stringify(body)
  return fault?.kind === 'malformed_body' ? text.replace('{', '{"broken":') : text
}

type Sent = { readonly status: number | null; readonly code: string | null }

const cut = (request: FastifyRequest, reply: FastifyReply): Sent => {
  reply.hijack()
  request.raw.socket.destroy()
  return { status: null, code: null }
}

const silence = (_request: FastifyRequest, reply: FastifyReply): Sent => {
  // The socket stays open until the client gives up or the sandbox closes.
  reply.hijack()
  return { status: null, code: null }
}

const sendRefusal = (reply: FastifyReply, refusal: Refusal): Sent => {
  void reply.code(refusal.status).type('application/json; charset=utf-8').send(refusal.body())
  return { status: refusal.status, code: refusal.code }
}

const HTML = '<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>'

const sendAnswer = async (
  world: World,
  call: Pick<Call, 'account' | 'request'>,
  reply: FastifyReply,
  answer: Answer,
  fault: FaultRule | undefined,
): Promise<Sent> => {
  if (answer.file !== undefined) {
    const { content, gzip } = answer.file
    void reply.type(gzip ? 'application/x-gzip' : 'text/plain; charset=utf-8').send(content)
    return { status: answer.status, code: null }
  }
  const text = bodyText(answer, fault)
  const defect = DEFECTS.includes(fault?.kind ?? '') ? (fault?.kind as Defect) : undefined
  const named = call.request.headers['wechatpay-serial']
  const wanted = typeof named === 'string' ? named : undefined
  const headers = await signatureHeaders(world, call.account, text, wanted, defect)
  void reply.code(answer.status).headers(headers)
  if (fault?.kind === 'html_body') {
    void reply.type('text/html; charset=utf-8').send(HTML)
  } else if (fault?.kind === 'truncated_body') {
    // Announces the whole length, sends half and cuts: what a dying proxy leaves behind.
    const half = Buffer.from(text).subarray(0, Math.ceil(text.length * HALF))
    reply.hijack()
    reply.raw.writeHead(answer.status, {
      ...headers,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    })
    reply.raw.write(half, () => reply.raw.socket?.destroy())
  } else if (answer.body === null) {
    void reply.send()
  } else {
    void reply.type('application/json; charset=utf-8').send(text)
  }
  return { status: answer.status, code: null }
}

type Instead = {
  readonly executed: boolean
  readonly send: (request: FastifyRequest, reply: FastifyReply) => Sent
}

const fail: Instead['send'] = (_request, reply) => sendRefusal(reply, systemError())
const throttle: Instead['send'] = (_request, reply) => sendRefusal(reply, tooFrequent())

/** What a client meets instead of the answer; any other fault lets an answer through. */
const INSTEAD: Readonly<Partial<Record<FaultKind, Instead>>> = {
  executed_then_timeout: { executed: true, send: silence },
  lost: { executed: false, send: silence },
  error_500_executed: { executed: true, send: fail },
  error_500_not_executed: { executed: false, send: fail },
  error_429_executed: { executed: true, send: throttle },
  error_429_not_executed: { executed: false, send: throttle },
  drop_connection_executed: { executed: true, send: cut },
  drop_connection_not_executed: { executed: false, send: cut },
}

/** A Fastify handler for one operation of the channel. */
export const exchange =
  (world: World, operation: Operation, execute: Execute) =>
  async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const body = rawBody(request)
    const numbers = numbersOf(request, body)
    const url = request.raw.url ?? ''
    void reply.header('Request-ID', `SANDBOX-${randomBytes(8).toString('hex')}`)
    let account: Account | undefined
    let fault: FaultRule | undefined
    let sent: Sent
    try {
      account = authenticate(world, { method: request.method, url, headers: request.headers, body })
      fault = world.faults.take(operation, [...REPLY_FAULTS, ...QUERY_FAULTS], {
        mchid: account.mchid,
        ...numbers,
      })
      if (fault?.kind === 'slow') await wait(fault.ms ?? SLOW_MS)
      const call: Call = {
        account,
        body,
        request,
        param: (name) => must(pathParts(request)[name], `${name} in the path`),
        query: request.query as Fields,
        hidden: fault?.kind === 'not_found_although_executed',
      }
      sent = await run(world, call, reply, fault, execute)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      sent = sendRefusal(reply, error)
    }
    world.requests.add({
      at: Date.now(),
      operation,
      method: request.method,
      url,
      mchid: account?.mchid ?? null,
      outTradeNo: numbers.outTradeNo ?? null,
      outRefundNo: numbers.outRefundNo ?? null,
      signature: account === undefined ? 'bad' : 'ok',
      ...sent,
      fault: fault?.kind ?? null,
      body: body.toString('utf8'),
    })
    return reply
  }

const run = async (
  world: World,
  call: Call,
  reply: FastifyReply,
  fault: FaultRule | undefined,
  execute: Execute,
): Promise<Sent> => {
  const instead = fault === undefined ? undefined : INSTEAD[fault.kind]
  if (instead?.executed === false) return instead.send(call.request, reply)
  let answer: Answer
  try {
    answer = await execute(call)
  } catch (error) {
    // A refusal is an answer too: a timeout hides it just as it hides a success.
    if (error instanceof Refusal && instead !== undefined) return instead.send(call.request, reply)
    throw error
  }
  if (instead !== undefined) return instead.send(call.request, reply)
  return sendAnswer(world, call, reply, answer, fault)
}
