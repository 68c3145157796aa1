/** The merchant's channel accounts and their rules in plain words. */
import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { channelsShown } from '../../src/api/contract-till.ts'
import { makeKey } from '../../src/auth/keys.ts'
import { setUpShop } from '../../src/commands/set-up-shop.ts'
import { inTenant } from '../../src/db/connect.ts'
import { testDatabase } from '../support/database.ts'
import { TENANT, wechatAccount } from '../support/shop.ts'
import { openTill, send } from '../support/till.ts'

test('each account tells its rules, when money arrives, and whether it is paused', async () => {
  const till = await openTill((await testDatabase()).db)
  const { status, body } = await till.call('GET', '/v1/channels', undefined, 'nobody')
  expect(status).toBe(200)
  const { channels } = channelsShown.parse(body)
  expect(channels).toMatchObject([
    {
      no: 'wx1',
      channel: 'wechatpay',
      name: '微信支付',
      isDefault: true,
      sandbox: true,
      paused: null,
      hotline: null,
    },
  ])
  expect(channels[0]?.rules).toEqual([
    { key: 'window', says: '付款后 365 天内可以退款。' },
    { key: 'count', says: '一笔收款最多退 50 次。' },
    { key: 'spacing', says: '同一笔收款两次退款至少间隔 1 分钟，系统会自动等候。' },
    { key: 'serial', says: '同一付款人的退款一笔一笔提交，系统会自动排队。' },
    { key: 'partial', says: '可以全额退，也可以分几次部分退。' },
    { key: 'least_amount', says: '每次至少退 ¥0.01。' },
    { key: 'same_day_void', says: '没有当日撤销，当天也按退款处理。' },
    { key: 'acquirer_fee', says: '渠道收的手续费按退款比例退还本店。' },
    {
      key: 'unknown_outcome',
      says: '没有收到结果时是“结果待确认”，系统会自动查询，渠道也会通知。用同一单号再提交也只退一次。停止提交 10 分钟后渠道仍查无此单，才算没有退。',
    },
  ])
  expect(channels[0]?.arrival).toEqual([
    { destination: 'balance', when: 'minutes', says: '退到余额（如微信零钱）：几分钟内到账。' },
    { destination: 'bank_card', when: 'days_1_3', says: '退到银行卡：1–3 个工作日到账。' },
    { destination: 'original', when: 'days_1_3', says: '退到原付款账户：1–3 个工作日到账。' },
    { destination: 'merchant', when: 'by_hand', says: '退回了商户账户：由本店另行退给顾客。' },
  ])

  await inTenant(till.core.db, TENANT, (tx) =>
    sql`update channel_account set paused = 'by hand'`.execute(tx),
  )
  const headers = { ...till.headers('zhang'), 'accept-language': 'en' }
  const english = await send(till.url, 'GET', '/v1/channels', headers)
  expect(english.body.channels).toMatchObject([{ name: 'WeChat Pay', paused: 'by hand' }])
  expect(english.text).not.toMatch(/[\u4e00-\u9fff]/)
  expect((await send(till.url, 'GET', '/v1/channels', {})).status).toBe(401)
})

test("what the account's contract says goes first, and its hotline is told", async () => {
  const till = await openTill((await testDatabase()).db)
  const tenant = 3
  const keys = await setUpShop(
    till.core,
    {
      tenant,
      name: '合同店',
      phone: '',
      stores: [{ no: 's1', name: '合同店', address: '', phone: '' }],
      terminals: [{ no: 't1', store: 's1', name: '1号机', printer: null }],
      staff: [{ no: 'boss', store: null, name: '老板', role: 'owner' }],
      accounts: [
        {
          ...wechatAccount(till.sandbox),
          sandbox: false,
          contract: { windowDays: 90, countMax: 5, acquirerFee: 'kept', hotline: '400-000-0000' },
        },
      ],
    },
    (of, kind) => makeKey(of, kind, randomBytes(32)),
  )
  const { body } = await send(till.url, 'GET', '/v1/channels', {
    authorization: `Bearer ${keys?.terminals['t1']}`,
  })
  expect(body.channels).toHaveLength(1)
  expect(body.channels[0]).toMatchObject({
    sandbox: false,
    hotline: {
      phone: '400-000-0000',
      says: '顾客问款项到哪了，可拨 400-000-0000 向支付渠道查询。',
    },
  })
  const said = Object.fromEntries(
    (body.channels[0].rules as { key: string; says: string }[]).map(({ key, says }) => [key, says]),
  )
  expect(said).toMatchObject({
    window: '付款后 90 天内可以退款。',
    count: '一笔收款最多退 5 次。',
    acquirer_fee: '渠道收的手续费不退还本店。',
  })
})
