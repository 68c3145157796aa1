import { execFile } from 'node:child_process'
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { startSandbox } from '../../sandbox/main.ts'
import { clientOf, codepayBody, openMailbox, refundBody } from './support.ts'

const REFUNDS = 'v3/refund/domestic/refunds'

test('a restart keeps keys, money, refunds on their way and notices not yet acknowledged', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'sandbox-'))
  let answer = 500
  using mailbox = await openMailbox(() => answer)
  const first = await startSandbox({ dir })
  const { merchant } = first
  const order = first.paidOrder({ mchid: merchant.mchid, outTradeNo: 'T-kept', total: 500 })
  const later = first.paidOrder({ mchid: merchant.mchid, outTradeNo: 'T-later', total: 500 })
  const client = clientOf(first, merchant)
  const body = { ...refundBody('T-kept', 'R-kept', 500, 500), notify_url: mailbox.url }
  await client.post(REFUNDS, body)
  await first.advance(3_000)
  await client.post(REFUNDS, refundBody('T-later', 'R-later', 500, 500))
  const funds = first.balance(merchant.mchid)
  await first.close()
  // A process killed in the middle of a write leaves half a line behind.
  await appendFile(join(dir, 'sandbox.jsonl'), '{"t":"order","k":"half')

  const second = await startSandbox({ dir })
  expect(second.merchant).toEqual(merchant)
  expect(second.caPem).toBe(first.caPem)
  expect(second.clock.offsetMs()).toBe(3_000)
  expect(second.balance(merchant.mchid)).toBe(funds)
  answer = 204
  await second.advance(60_000)
  expect(mailbox.received).toHaveLength(2)
  const again = clientOf(second, merchant)
  const arrived = await again.get(`${REFUNDS}/R-later`)
  expect(arrived.data.status).toBe('SUCCESS')
  expect((await again.post(REFUNDS, body)).data.status).toBe('SUCCESS')
  expect(second.book.refundedFen()).toBe(order.total + later.total)
  await second.close()
  await rm(dir, { recursive: true })
})

test('what a sandbox kept before certificates could be renewed is taken up', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'sandbox-'))
  const file = join(dir, 'sandbox.jsonl')
  const first = await startSandbox({ dir })
  await first.close()
  const kept = await readFile(file, 'utf8')
  await writeFile(file, kept.replaceAll('"formerCertificate":null,', ''))
  const second = await startSandbox({ dir })
  expect(second.merchant).toEqual(first.merchant)
  await second.accounts.renewCertificate(second.merchant.mchid)
  await second.close()
  await rm(dir, { recursive: true })
})

test('the control routes do what the helpers do', async () => {
  const sandbox = await startSandbox({ plainHttpPort: 0 })
  const call = async (
    path: string,
    body?: unknown,
    method = body === undefined ? 'GET' : 'POST',
  ) => {
    const given = body === undefined ? {} : { body: JSON.stringify(body) }
    const response = await fetch(`${sandbox.plainUrl}/_sandbox/${path}`, { method, ...given })
    return { status: response.status, data: await response.json() }
  }
  const { mchid } = sandbox.merchant
  await call('paid-order', { mchid, outTradeNo: 'T-control', total: 900 })
  await call('portal-refund', { mchid, outTradeNo: 'T-control', amount: 400 })
  const before = sandbox.clock.now()
  await call('clock', { advanceMs: 86_400_000 })
  expect(sandbox.clock.now() - before).toBeGreaterThanOrEqual(86_400_000)
  const book = await call('book?outTradeNo=T-control')
  expect(book.data).toMatchObject({ refundedFen: 400, refunds: [{ status: 'succeeded' }] })
  expect(
    (await call('portal-refund', { mchid, outTradeNo: 'T-control', amount: 501 })).status,
  ).toBe(400)
  await call('faults', { on: 'refund', kind: 'lost', times: 2 })
  expect((await call('faults')).data).toMatchObject([{ kind: 'lost', struck: 0 }])
  expect((await call('faults', { on: 'refund', kind: 'nonsense' })).status).toBe(400)
  await call('faults', undefined, 'DELETE')
  expect((await call('faults')).data).toEqual([])
  expect((await call('settings', { refundSpacingMs: 5 })).data).toMatchObject({
    refundSpacingMs: 5,
  })
  expect((await call('settings', { noSuchSetting: 5 })).status).toBe(400)
  const made = await call('accounts', { kind: 'partner', name: '新服务商' })
  expect(made.data).toMatchObject({ kind: 'partner', subMchids: [expect.any(String)] })
  await sandbox.close()
})

/** What the wallet's routes answer; each answer has some of these fields. */
type WalletAnswer = {
  readonly id: string
  readonly code: string
  readonly kind: string
  readonly waiting: readonly { mchid: string; subMchid: string | null; outTradeNo: string }[]
  readonly newest: { readonly outTradeNo: string } | null
  readonly codeOpen: boolean
  readonly refunds: readonly { readonly status: string }[]
}

test('the wallet pays by code and by scanning, asks for the password, and shows refunds', async () => {
  const sandbox = await startSandbox({ plainHttpPort: 0 })
  const wallet = async (path: string, body?: unknown) => {
    const given = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
    const response = await fetch(`${sandbox.plainUrl}/_sandbox/wallet/customers${path}`, given)
    return (await response.json()) as WalletAnswer
  }
  const { merchant } = sandbox
  const client = clientOf(sandbox, merchant)
  const { id } = await wallet('', { name: '小原', passwordAbove: 0, balance: 5_000 })
  const { code } = await wallet(`/${id}/code`, {})
  const asked = await client.post(
    'v3/pay/transactions/codepay',
    codepayBody(merchant, 'T-wallet', 3_000, code),
  )
  expect(asked.status).toBe(202)
  const [waiting] = (await wallet(`/${id}`)).waiting
  const { mchid, subMchid, outTradeNo } = waiting!
  const typed = { mchid, subMchid, outTradeNo }
  const wrong = await wallet(`/${id}/password`, { ...typed, password: '000000' })
  expect(wrong).toEqual({ kind: 'refused', reason: 'wrong_password' })
  expect((await wallet(`/${id}/password`, { ...typed, password: '123456' })).kind).toBe('paid')
  const native = await client.post('v3/pay/transactions/native', {
    appid: merchant.appid,
    mchid,
    description: '茶',
    out_trade_no: 'T-native',
    notify_url: 'http://127.0.0.1:9/none',
    amount: { total: 2001 },
  })
  const pay = { codeUrl: native.data.code_url, password: '123456' }
  expect(await wallet(`/${id}/pay`, pay)).toEqual({ kind: 'refused', reason: 'short_of_money' })
  await client.post(REFUNDS, refundBody('T-wallet', 'R-wallet', 1_000, 3_000))
  await sandbox.advance(3_000)
  const bills = await wallet(`/${id}/bills`)
  expect(bills).toMatchObject([
    { outTradeNo: 'T-wallet', paid: 3_000, refunds: [{ amount: 1_000, status: 'SUCCESS' }] },
  ])
  expect((await wallet(`/${id}/pay`, pay)).kind).toBe('paid')
  const page = await (await fetch(`${sandbox.plainUrl}/`)).text()
  expect(page).toContain('沙盒，不涉及真实资金')
  const barcode = await fetch(`${sandbox.plainUrl}/_sandbox/wallet/code/bar?text=T-wallet`)
  expect(await barcode.text()).toContain('<svg')
  await sandbox.close()
})

test('the wallet learns of what others did: a used code, a shown code, a refund', async () => {
  const sandbox = await startSandbox({ plainHttpPort: 0 })
  const { merchant } = sandbox
  const client = clientOf(sandbox, merchant)
  const { id } = sandbox.createCustomer()
  const base = `${sandbox.plainUrl}/_sandbox/wallet`
  const phone = async (code: string) =>
    (await (await fetch(`${base}/customers/${id}?code=${code}`)).json()) as WalletAnswer
  const shown = async () =>
    (await (await fetch(`${base}/codes`)).json()) as { codeUrl: string; total: number }[]

  const code = sandbox.paymentCode(id)
  expect(await phone(code)).toMatchObject({ codeOpen: true, newest: null, refunds: [] })
  await client.post('v3/pay/transactions/codepay', codepayBody(merchant, 'T-phone', 3_000, code))
  expect(await phone(code)).toMatchObject({ codeOpen: false, newest: { outTradeNo: 'T-phone' } })
  await client.post(REFUNDS, refundBody('T-phone', 'R-phone', 1_000, 3_000))
  expect((await phone(code)).refunds).toMatchObject([{ amount: 1_000, status: 'PROCESSING' }])
  await sandbox.advance(3_000)
  expect((await phone(code)).refunds).toMatchObject([{ amount: 1_000, status: 'SUCCESS' }])

  for (const [outTradeNo, total] of [
    ['T-code-1', 1_100],
    ['T-code-2', 2_200],
  ] as const) {
    await client.post('v3/pay/transactions/native', {
      appid: merchant.appid,
      mchid: merchant.mchid,
      description: '茶',
      out_trade_no: outTradeNo,
      notify_url: 'http://127.0.0.1:9/none',
      amount: { total },
    })
  }
  expect(await shown()).toMatchObject([{ total: 2_200 }, { total: 1_100 }])
  sandbox.scanAndPay((await shown())[1]!.codeUrl, id)
  expect(await shown()).toMatchObject([{ total: 2_200 }])
  await sandbox.advance(sandbox.settings.nativeLifeMs)
  expect(await shown()).toEqual([])
  await sandbox.close()
})

test('the wallet page says everything in Chinese and in English', async () => {
  const sandbox = await startSandbox({ plainHttpPort: 0 })
  for (const file of ['wallet.css', 'wallet.js', 'texts.js']) {
    const response = await fetch(`${sandbox.plainUrl}/wallet/${file}`)
    expect([file, response.status]).toEqual([file, 200])
  }
  await sandbox.close()
  const words = new URL('../../sandbox/wallet/texts.js', import.meta.url).href
  const { TEXTS } = (await import(words)) as { readonly TEXTS: Record<'zh' | 'en', object> }
  const shape = (texts: object): unknown =>
    Object.entries(texts).map(([name, text]: [string, unknown]) => [
      name,
      typeof text === 'object' && text !== null ? shape(text) : typeof text,
    ])
  expect(shape(TEXTS.en)).toEqual(shape(TEXTS.zh))
  const page = await readFile(new URL('../../sandbox/wallet/wallet.js', import.meta.url), 'utf8')
  // Every sentence is in the texts; what is written elsewhere would stay untranslated.
  const written = page.replace(/^\s*(\/\/|\/?\*).*$/gm, '').match(/\p{Script=Han}+/gu)
  expect(new Set(written)).toEqual(new Set(['商户', '支付用户零钱']))
})

test('it stands alone: no file of the sandbox imports from outside of it', async () => {
  const root = new URL('../../sandbox/', import.meta.url)
  const files = (await readdir(root, { recursive: true })).filter((file) => file.endsWith('.ts'))
  expect(files.length).toBeGreaterThan(10)
  for (const file of files) {
    const depth = file.split('/').length - 1
    const text = await readFile(new URL(file, root), 'utf8')
    const ups = [...text.matchAll(/from '((?:\.\.\/)+)/g)].map(([, up = '']) => up.length / 3)
    expect(Math.max(0, ...ups), file).toBeLessThanOrEqual(depth)
  }
})

test('the command prints its usage and refuses a port that is no number', async () => {
  const run = promisify(execFile)
  const command = new URL('../../sandbox/run.ts', import.meta.url).pathname
  const { stdout } = await run(process.execPath, [command, '--help'])
  expect(stdout).toContain('--port')
  await expect(run(process.execPath, [command, '--port', 'x'])).rejects.toThrow(
    /--port takes a number/,
  )
})
