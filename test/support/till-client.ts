/** A till that knows addresses and keys only, as one in a shop: HTTP and nothing else. */
import type { Sandbox } from '../../sandbox/main.ts'
import type { RefundShown } from '../../src/api/contract.ts'
import type { ShopKeys } from '../../src/commands/set-up-shop.ts'
import { newNumber } from './given.ts'

export type TillClient = {
  /** Throws when nobody answers, or when the answer is no. */
  readonly ask: <T>(url: string, method: 'GET' | 'POST', path: string, body?: object) => Promise<T>
  /** @returns the payment's number. */
  readonly pay: (url: string, fen: number) => Promise<string>
  readonly refund: (url: string, no: string, payment: string, fen: number) => Promise<RefundShown>
}

export function tillClient(keys: ShopKeys, sandbox: Sandbox, staff = 'zhang'): TillClient {
  const headers = {
    authorization: `Bearer ${keys.terminals['t1']}`,
    'yuanlu-staff': keys.staff[staff] ?? '',
  }
  const ask: TillClient['ask'] = async (url, method, path, body) => {
    const reply = await fetch(`${url}${path}`, {
      method,
      headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    })
    const text = await reply.text()
    if (!reply.ok) throw new Error(`${method} ${path} was answered ${reply.status}: ${text}`)
    return /json/.test(reply.headers.get('content-type') ?? '') ? JSON.parse(text) : text
  }
  return {
    ask,
    pay: async (url, fen) => {
      const no = newNumber('payment')
      const paymentCode = sandbox.paymentCode(sandbox.createCustomer())
      const sale = {
        no: newNumber('sale'),
        orderAmount: fen,
        paidAmount: fen,
        description: '堂食',
        items: [],
      }
      await ask(url, 'POST', '/v1/payments', { no, sale, amount: fen, method: 'code', paymentCode })
      return no
    },
    refund: (url, no, payment, fen) =>
      ask(url, 'POST', '/v1/refunds', {
        no,
        payment,
        amount: fen,
        method: 'original',
        reason: 'quality',
      }),
  }
}
