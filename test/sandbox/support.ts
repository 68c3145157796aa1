// A client for the tests that is not ours: wechatpay-axios-plugin against a running sandbox.
import { createRequire } from 'node:module'
import { Agent } from 'node:https'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Account } from '../../sandbox/accounts.ts'
import type { Sandbox } from '../../sandbox/main.ts'

/**
 * The fields of answers and notification contents that tests read, amounts in fen. An answer has
 * only its own of them; a test that reads another one finds nothing there and fails.
 */
export type Content = {
  readonly amount: {
    readonly refund: number
    readonly payer_refund: number
    readonly settlement_refund: number
    readonly discount_refund: number
  }
  readonly code: string
  readonly code_url: string
  readonly data: readonly [{ readonly serial_no: string; readonly encrypt_certificate: Sealed }]
  readonly download_url: string
  readonly hash_value: string
  readonly mchid: string
  readonly message: string
  readonly refund_id: string
  readonly status: string
  readonly trade_state: string
  readonly transaction_id: string
  readonly user_received_account: string
}

type Sealed = {
  readonly ciphertext: string
  readonly nonce: string
  readonly associated_data: string
}

export type Reply = {
  readonly status: number
  readonly data: Content
  readonly headers: Record<string, string>
}
type Send = (...args: unknown[]) => Promise<Reply>
type Chain = { readonly get: Send; readonly post: Send }
type Plugin = {
  new (options: Record<string, unknown>): { readonly chain: (path: string) => Chain }
  readonly Aes: {
    readonly AesGcm: {
      readonly decrypt: (text: string, key: string, nonce: string, aad: string) => string
    }
  }
  readonly Rsa: {
    readonly verify: (message: string, signature: string, key: string) => boolean
    readonly sign: (message: string, key: string) => string
    readonly encrypt: (text: string, key: string) => string
  }
  readonly Formatter: {
    readonly castCsvBill: (file: Buffer) => {
      readonly rows: readonly Record<string, string>[]
      readonly summary: Record<string, string>
    }
    readonly response: (timestamp: string, nonce: string, body: string) => string
    readonly request: (
      method: string,
      url: string,
      timestamp: string | number,
      nonce: string,
      body?: string,
    ) => string
  }
}

export const plugin = createRequire(import.meta.url)('wechatpay-axios-plugin') as Plugin

export type Client = {
  readonly get: (path: string, params?: Record<string, string>, extra?: object) => Promise<Reply>
  readonly post: (path: string, body: unknown, extra?: object) => Promise<Reply>
}

const CLIENT_TIMEOUT_MS = 5_000

/** A client of one merchant; refused answers come back like any other, unverified ones throw. */
export const clientOf = (
  sandbox: Sandbox,
  account: Account,
  timeout = CLIENT_TIMEOUT_MS,
): Client => {
  const wechat = new plugin({
    mchid: account.mchid,
    serial: account.merchant.serial,
    privateKey: account.merchant.privatePem,
    certs: {
      [account.publicKeyId]: account.publicKey.publicPem,
      [account.platformCertificate.serial]: account.platformCertificate.certificatePem,
    },
    baseURL: `${sandbox.url}/`,
    httpsAgent: new Agent({ ca: sandbox.caPem, keepAlive: false }),
    timeout,
  })
  const settled = async (sent: Promise<Reply>): Promise<Reply> => {
    try {
      return await sent
    } catch (error) {
      const { response } = error as { response?: Reply }
      if (response !== undefined && response.status >= 400) return response
      throw error
    }
  }
  return {
    get: (path, params = {}, extra = {}) => settled(wechat.chain(path).get({ params, ...extra })),
    post: (path, body, extra = {}) => settled(wechat.chain(path).post(body, extra)),
  }
}

let numbers = 0
export const newNumber = (prefix: string): string =>
  `${prefix}${String(++numbers).padStart(8, '0')}`

export const refundBody = (
  outTradeNo: string,
  outRefundNo: string,
  refund: number,
  total: number,
) => ({
  out_trade_no: outTradeNo,
  out_refund_no: outRefundNo,
  amount: {
    refund,
    total,
    currency: 'CNY',
  },
})

export const codepayBody = (account: Account, outTradeNo: string, total: number, code: string) => ({
  appid: account.appid,
  mchid: account.mchid,
  description: '午餐',
  out_trade_no: outTradeNo,
  payer: { auth_code: code },
  amount: {
    total,
    currency: 'CNY',
  },
  scene_info: { store_info: { out_id: 'S1' } },
})

/** A notification before its resource is decrypted. */
type Envelope = {
  readonly id: string
  readonly event_type: string
  readonly resource: Sealed
}

export type Received = {
  readonly headers: Record<string, string>
  readonly body: string
  readonly parsed: Envelope
}

/** A merchant's notification address on loopback; `answer` decides what it acknowledges. */
export const openMailbox = async (answer: () => number = () => 204) => {
  const received: Received[] = []
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8')
      const headers = request.headers as Record<string, string>
      received.push({ headers, body, parsed: JSON.parse(body) })
      response.writeHead(answer()).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/notify`
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  return { received, url, close, [Symbol.dispose]: close }
}

/** Checks a notification's signature by the key its serial names. */
export const genuine = (account: Account, { headers, body }: Received): boolean => {
  const serial = headers['wechatpay-serial']
  const key =
    serial === account.publicKeyId
      ? account.publicKey.publicPem
      : serial === account.platformCertificate.serial
        ? account.platformCertificate.certificatePem
        : null
  const signed = plugin.Formatter.response(
    headers['wechatpay-timestamp']!,
    headers['wechatpay-nonce']!,
    body,
  )
  const signature = headers['wechatpay-signature']!
  return key !== null && plugin.Rsa.verify(signed, signature, key)
}

export const opened = (account: Account, { parsed }: Received): Content => {
  const { ciphertext, nonce, associated_data: aad } = parsed.resource
  return JSON.parse(plugin.Aes.AesGcm.decrypt(ciphertext, account.apiV3Key, nonce, aad))
}
