import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { startSandbox } from '../../sandbox/main.ts'
import { closeCalls } from '../../src/channels/call.ts'
import { ConfigFault, type Account } from '../../src/channels/channel.ts'
import { wechatpay } from '../../src/channels/wechatpay/wechatpay.ts'
import { fen } from '../../src/domain/money.ts'
import {
  accountAt,
  lineTo,
  merchant,
  openDesk,
  partnerAt,
  pemOf,
  platformCertificate,
  PUBLIC_KEY_ID,
  seal,
  type Desk,
  type Spoken,
} from '../support/wechatpay-desk.ts'
import { accountAtSandbox } from '../support/wechatpay-sandbox.ts'

let desk: Desk
beforeAll(async () => {
  desk = await openDesk()
})
afterAll(async () => {
  await desk.close()
  await closeCalls()
})
beforeEach(() => {
  desk.heard.length = 0
})

let places = 100
/** An account without a public key, that has never fetched anything. */
function certificateAccount(settings: Readonly<Record<string, unknown>> = {}) {
  places += 1
  const { publicKey: _, publicKeyId: __, ...rest } = accountAt(desk.url).settings
  return {
    ...accountAt(desk.url),
    accountNo: String(places),
    settings: { ...rest, fetchCertificates: true, ...settings },
  }
}

const payment = {
  channelNumber: '722611220000000000001901',
  channelNo: null,
  method: 'code',
  body: '{}',
  paid: fen(100),
} as const
const CLOSED_ORDER = {
  mchid: '1900000001',
  out_trade_no: payment.channelNumber,
  trade_state: 'CLOSED',
}

const old = platformCertificate('3A'.repeat(20))
const fresh = platformCertificate('4B'.repeat(20))
const ended = platformCertificate('5C'.repeat(20), -3_600_000)

/** Certificates as given, and every other request answered by `answer`. */
const speak = (list: Spoken, answer: Spoken) =>
  desk.say((heard) => (heard.path === '/v3/certificates' ? list : answer))
const listOf = (...all: (typeof old)[]): Spoken => ({
  status: 200,
  body: { data: all.map((each) => each.entry) },
  by: (all[0] ?? old).signer,
})
const ask = (account: Account) => wechatpay.queryPayment(payment, lineTo(account))
const fetches = () => desk.heard.filter((each) => each.path === '/v3/certificates').length

test('certificates are fetched when the first answer names one, and kept', async () => {
  const account = certificateAccount()
  speak(listOf(old), { status: 200, body: CLOSED_ORDER, by: old.signer })
  expect(await ask(account)).toEqual({ kind: 'closed' })
  expect(await ask(account)).toEqual({ kind: 'closed' })
  expect(fetches()).toBe(1)
  expect(desk.heard.at(-1)?.headers['wechatpay-serial']).toBe(old.signer.id)
})

test('during a change of certificates both are good', async () => {
  const account = certificateAccount()
  for (const by of [old.signer, fresh.signer]) {
    speak(listOf(old, fresh), { status: 200, body: CLOSED_ORDER, by })
    expect(await ask(account)).toEqual({ kind: 'closed' })
  }
  expect(fetches()).toBe(1)
})

test('an answer signed with a public key that nobody entered still makes the first fetch', async () => {
  const account = certificateAccount()
  speak(listOf(old), { status: 200, body: CLOSED_ORDER })
  expect(await ask(account)).toEqual({ kind: 'unknown', cause: 'unknown_serial', alarm: true })
  // Now there is a certificate to name, and the channel answers with what it is asked for.
  speak(listOf(old), { status: 200, body: CLOSED_ORDER, by: old.signer })
  expect(await ask(account)).toEqual({ kind: 'closed' })
  expect(desk.heard.at(-1)?.headers['wechatpay-serial']).toBe(old.signer.id)
  expect(fetches()).toBe(1)
})

test('a fetch names the key that the channel is known by', async () => {
  const account = { ...accountAt(desk.url, { fetchCertificates: true }), accountNo: 'both' }
  speak(listOf(old), { status: 200, body: CLOSED_ORDER, by: old.signer })
  expect(await ask(account)).toEqual({ kind: 'closed' })
  const fetch = desk.heard.find((each) => each.path === '/v3/certificates')
  expect(fetch?.headers['wechatpay-serial']).toBe(PUBLIC_KEY_ID)
})

test('concurrent answers share one fetch', async () => {
  const account = certificateAccount()
  speak(listOf(old), { status: 200, body: CLOSED_ORDER, by: old.signer })
  const all = await Promise.all(Array.from({ length: 8 }, () => ask(account)))
  expect(new Set(all.map((each) => each.kind))).toEqual(new Set(['closed']))
  expect(fetches()).toBe(1)
})

const unknownSerial = { kind: 'unknown', cause: 'unknown_serial', alarm: true }

test.each([
  ['signed with a bad signature', { ...listOf(old), defect: 'bad_signature' }],
  ['signed long ago', { ...listOf(old), defect: 'stale' }],
  ['not signed', { ...listOf(old), defect: 'unsigned' }],
  ['signed by one it does not bring', { ...listOf(old), by: fresh.signer }],
  [
    'sealed under another key',
    {
      ...listOf(old),
      body: {
        data: [{ ...old.entry, encrypt_certificate: seal(old.pem, 'certificate', 'e'.repeat(32)) }],
      },
    },
  ],
  [
    'naming another serial than the certificate has',
    { ...listOf(old), body: { data: [{ ...old.entry, serial_no: fresh.signer.id }] } },
  ],
  ['with a certificate that has ended', listOf(ended)],
  ['refused', { status: 404, body: { code: 'RESOURCE_NOT_EXISTS', message: '' } }],
] as readonly (readonly [string, Spoken])[])(
  'a list of certificates %s is not believed',
  async (_, list) => {
    const by = list.by ?? old.signer
    speak(list, { status: 200, body: CLOSED_ORDER, by: by === fresh.signer ? old.signer : by })
    expect(await ask(certificateAccount())).toEqual(unknownSerial)
  },
)

test('a renewal at the channel is followed, and the certificate before stays good beside it', async () => {
  const sandbox = await startSandbox()
  const { mchid } = sandbox.merchant
  sandbox.paidOrder({ mchid, outTradeNo: payment.channelNumber, total: payment.paid })
  const account = accountAtSandbox(sandbox, sandbox.merchant, 'fetched_certificates', null)
  const serial = async () => {
    const line = lineTo(account)
    expect(await wechatpay.queryPayment(payment, line)).toMatchObject({ kind: 'paid' })
    return line.exchanges.at(-1)?.responseHeaders['wechatpay-serial']
  }
  const first = sandbox.merchant.platformCertificate.serial
  expect(await serial()).toBe(first)
  await sandbox.accounts.renewCertificate(mchid)
  expect(await serial()).toBe(first)
  // Twice renewed, the first is gone; the channel answers with one that has to be fetched.
  const { platformCertificate } = await sandbox.accounts.renewCertificate(mchid)
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000 })
  expect(await serial()).toBe(platformCertificate.serial)
  vi.useRealTimers()
  await sandbox.close()
})

test('a given certificate verifies without any fetch', async () => {
  const account = certificateAccount({ fetchCertificates: false, platformCertificates: [old.pem] })
  speak({ status: 500, body: null }, { status: 200, body: CLOSED_ORDER, by: old.signer })
  expect(await ask(account)).toEqual({ kind: 'closed' })
  speak({ status: 500, body: null }, { status: 200, body: CLOSED_ORDER, by: fresh.signer })
  expect(await ask(account)).toEqual(unknownSerial)
  expect(fetches()).toBe(0)
})

const settings = (change: Record<string, unknown>) => accountAt(desk.url, change)
const secrets = (change: Record<string, string>) => accountAt(desk.url, {}, change)

test('usable settings pass, direct and partner', () => {
  for (const account of [accountAt(desk.url), partnerAt(desk.url), certificateAccount()]) {
    expect(() => wechatpay.checkSettings(account)).not.toThrow()
  }
})

test.each([
  ['settings.mchid', () => settings({ mchid: 'shop' })],
  ['settings.mode', () => settings({ mode: 'indirect' })],
  ['settings.merchantSerial', () => settings({ merchantSerial: '5F2D' })],
  ['settings.publicKey', () => settings({ publicKey: 'key' })],
  ['settings.publicKey', () => settings({ publicKey: '-----BEGIN PUBLIC KEY-----\nAA==\n' })],
  ['settings.publicKey', () => settings({ publicKey: undefined })],
  ['settings.publicKeyId', () => settings({ publicKeyId: undefined })],
  ['settings.publicKey', () => settings({ publicKey: undefined, publicKeyId: undefined })],
  [
    'settings.platformCertificates.0',
    () => settings({ platformCertificates: [pemOf(merchant.publicKey)] }),
  ],
  ['settings.baseUrl', () => settings({ baseUrl: 'https://api.mch.weixin.qq.com/v3' })],
  ['settings.colour', () => settings({ colour: 'green' })],
  ['settings.subMchid', () => settings({ subMchid: '1600000001' })],
  ['secrets.privateKey', () => secrets({ privateKey: '-----BEGIN PRIVATE KEY-----\nAA==\n' })],
  ['secrets.apiV3Key', () => secrets({ apiV3Key: 'short' })],
  ['secrets.password', () => secrets({ password: 'x' })],
])('a fault in %s is named, and no secret is in its words', (field, account) => {
  const fault = faultOf(account())
  expect(fault.field).toBe(field)
  expect(String(fault)).not.toContain('AA==')
})

function faultOf(account: Account): ConfigFault {
  try {
    wechatpay.checkSettings(account)
  } catch (error) {
    if (error instanceof ConfigFault) return error
    throw error
  }
  throw new Error('the settings were taken')
}
