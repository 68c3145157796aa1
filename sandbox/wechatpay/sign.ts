// Who is calling, proved by the request signature; and the headers that prove who answered.
import { randomBytes, type KeyObject } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Account } from '../accounts.ts'
import { must } from '../must.ts'
import type { World } from '../world.ts'
import { signMessage, verifyMessage } from './crypto.ts'
import { Refusal } from './problem.ts'

const SCHEME = 'WECHATPAY2-SHA256-RSA2048'
const ATTRIBUTES = ['mchid', 'nonce_str', 'signature', 'timestamp', 'serial_no'] as const

export type SignedRequest = {
  readonly method: string
  /** Path and query exactly as they came over the wire. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

const signError = (message: string, detail?: Record<string, unknown>) =>
  new Refusal(401, 'SIGN_ERROR', message, detail)

const MALFORMED = 'Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》'
const MALFORMED_PAY = '签名信息错误，验签失败'

/** Attributes come in any order, double-quoted; a missing one makes the header malformed. */
const parseAuthorization = (header: string | undefined) => {
  if (header === undefined || !header.startsWith(`${SCHEME} `)) return undefined
  const found = new Map(
    [...header.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value]),
  )
  const [mchid, nonce, signature, timestamp = '', serial] = ATTRIBUTES.map((key) => found.get(key))
  if (!mchid || !nonce || !signature || !serial || !/^\d{1,12}$/.test(timestamp)) return
  return { mchid, nonce, signature, timestamp, serial }
}

/**
 * Finds the calling merchant or throws a Refusal. The order of the checks is WeChat Pay's own: the
 * timestamp is looked at before the signature.
 */
export const authenticate = (world: World, request: SignedRequest): Account => {
  const { headers, method, url, body } = request
  if (!headers.accept || !headers['user-agent']) {
    throw new Refusal(400, 'INVALID_REQUEST', 'Http头缺少Accept或User-Agent')
  }
  const given = parseAuthorization(headers.authorization)
  if (given === undefined) {
    throw signError(url.startsWith('/v3/pay/') ? MALFORMED_PAY : MALFORMED)
  }
  const skewMs = Math.abs(Date.now() - Number(given.timestamp) * 1_000)
  if (skewMs > world.settings.timestampSkewMs) {
    throw signError('Http头Authorization中的timestamp与发起请求的时间不得超过5分钟')
  }
  const account = world.accounts.get(given.mchid)
  if (account === undefined || account.merchant.serial !== given.serial) {
    throw signError('商户证书序列号有误，请使用签名私钥匹配的证书序列号')
  }
  const head = `${method}\n${url}\n${given.timestamp}\n${given.nonce}\n`
  const message = Buffer.concat([Buffer.from(head), body, Buffer.from('\n')])
  const key = world.accounts.keys(account).merchantPublic
  if (!verifyMessage(message, key, given.signature)) {
    throw signError('签名错误，请检查签名串、私钥与证书是否一致', {
      sign_information: {
        method,
        url,
        truncated_sign_message: message.toString('utf8').slice(0, 120),
        sign_message_length: message.length,
      },
    })
  }
  return account
}

/** Deliberate defects of a signature, for faults and probes. */
export type Defect = 'bad_signature' | 'unknown_serial' | 'stale_timestamp' | 'signtest'

const UNKNOWN_SERIAL = 'PUB_KEY_ID_0100000000000000000000000000000000'
const STALE_S = 3_600

/** The platform's keys of an account by the serial that names them, the one for unnamed requests first. */
export const platformKeys = (world: World, account: Account): readonly PlatformKey[] => {
  const keys = world.accounts.keys(account)
  const certificates = [
    { serial: account.platformCertificate.serial, key: keys.certificatePrivate },
    ...(account.formerCertificate === null || keys.formerPrivate === null
      ? []
      : [{ serial: account.formerCertificate.serial, key: keys.formerPrivate }]),
  ]
  const publicKey = { serial: account.publicKeyId, key: keys.publicKeyPrivate }
  if (account.platform === 'public_key') return [publicKey]
  if (account.platform === 'certificate') return certificates
  return world.settings.unnamedKey === 'certificate'
    ? [...certificates, publicKey]
    : [publicKey, ...certificates]
}

type PlatformKey = { readonly serial: string; readonly key: KeyObject }

/** Headers that sign `body`; `wanted` is the key the client named in Wechatpay-Serial. */
export const signatureHeaders = async (
  world: World,
  account: Account,
  body: string,
  wanted: string | undefined,
  defect?: Defect,
): Promise<Record<string, string>> => {
  const keys = platformKeys(world, account)
  const signer = must(keys.find((one) => one.serial === wanted) ?? keys[0], 'a platform key')
  const staleness = defect === 'stale_timestamp' ? STALE_S : 0
  const timestamp = String(Math.floor(Date.now() / 1_000) - staleness)
  const nonce = randomBytes(16).toString('hex')
  const signed = defect === 'bad_signature' ? `${body} ` : body
  const signature = await signMessage(
    Buffer.from(`${timestamp}\n${nonce}\n${signed}\n`),
    signer.key,
  )
  return {
    'Wechatpay-Nonce': nonce,
    'Wechatpay-Timestamp': timestamp,
    'Wechatpay-Serial': defect === 'unknown_serial' ? UNKNOWN_SERIAL : signer.serial,
    'Wechatpay-Signature': defect === 'signtest' ? `WECHATPAY/SIGNTEST/${signature}` : signature,
    'Wechatpay-Signature-Type': SCHEME,
  }
}
