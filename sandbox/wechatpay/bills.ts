// Asking for a bill and fetching it. A bill is a snapshot: what it says of a refund is how things
// stood when the bill was made, and it never changes afterwards.
import { createHash, randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { Account } from '../accounts.ts'
import { chinaDate, chinaDayStart } from '../clock.ts'
import type { World } from '../world.ts'
import { fundBill, tradeBill } from './bill-text.ts'
import { optionalText, text, type Fields } from './fields.ts'
import { badField, invalidRequest, Refusal, tooFrequent } from './problem.ts'
import type { Answer } from './answer.ts'

type Ticket = {
  readonly mchid: string
  readonly file: Buffer
  readonly gzip: boolean
  readonly expiresAt: number
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const MONTH_DAYS = 31
const TICKETS_MAX = 1_000
const OFFICIAL = 'https://api.mch.weixin.qq.com'

export type Tickets = Map<string, Ticket>

/** The day's first moment and the moment its bill was made; refuses days without a bill. */
const readDay = (world: World, query: Fields) => {
  const { billReadyHour, billMonths } = world.settings
  const date = text(query, '/bill_date', { max: 10 })
  const start = chinaDayStart(date)
  if (Number.isNaN(start)) throw badField('/bill_date', date, '格式应为yyyy-MM-DD', 'query')
  const now = world.clock.now()
  const today = chinaDayStart(chinaDate(now))
  if (start >= today) throw invalidRequest('当日账单不可下载')
  if (start < today - billMonths * MONTH_DAYS * DAY_MS) throw invalidRequest('仅支持三个月内的账单')
  const madeAt = start + DAY_MS + billReadyHour * HOUR_MS
  if (now < madeAt) throw new Refusal(400, 'STATEMENT_CREATING', '账单生成中，请稍后再试')
  return { date, madeAt }
}

const choose = <T extends string>(query: Fields, name: string, known: readonly T[]): T => {
  const given = optionalText(query, `/${name}`, { max: 16 })
  const found = known.find((one) => one === (given ?? known[0]))
  if (found === undefined) throw badField(`/${name}`, given, '取值不合法', 'query')
  return found
}

const ticketFor = (
  world: World,
  account: Account,
  query: Fields,
  bill: string | null,
  base: string,
): Answer => {
  const gzip = optionalText(query, '/tar_type', { max: 8 })
  if (gzip !== null && gzip !== 'GZIP') throw badField('/tar_type', gzip, '取值不合法', 'query')
  if (bill === null) throw new Refusal(400, 'NO_STATEMENT_EXIST', '账单不存在：当日没有交易')
  const file = Buffer.from(bill)
  const token = randomBytes(24).toString('base64url')
  const expiresAt = world.clock.now() + world.settings.billTokenLifeMs
  world.tickets.set(token, { mchid: account.mchid, file, gzip: gzip !== null, expiresAt })
  if (world.tickets.size > TICKETS_MAX) {
    for (const oldest of world.tickets.keys()) {
      world.tickets.delete(oldest)
      break
    }
  }
  const host = world.settings.billDownloadHost === 'own' ? base : OFFICIAL
  return {
    status: 200,
    body: {
      hash_type: 'SHA1',
      hash_value: createHash('sha1').update(file).digest('hex'),
      download_url: `${host}/v3/billdownload/file?token=${token}`,
    },
  }
}

const throttle = (world: World, account: Account) => {
  if (!world.rates.allow(`bill|${account.mchid}`, world.settings.billsPerSecond))
    throw tooFrequent()
}

/** The merchants whose money a bill covers: a partner's covers all its sub-merchants. */
const ownersOf = (account: Account, query: Fields): readonly string[] => {
  const sub = optionalText(query, '/sub_mchid', { max: 32 })
  if (account.kind === 'direct') return [account.mchid]
  if (sub === null) return account.subMchids
  if (!account.subMchids.includes(sub))
    throw new Refusal(403, 'NO_AUTH', '与该特约商户没有受理关系')
  return [sub]
}

export const askTradeBill = (
  world: World,
  account: Account,
  query: Fields,
  base: string,
): Answer => {
  throttle(world, account)
  const type = choose(query, 'bill_type', ['ALL', 'SUCCESS', 'REFUND'] as const)
  const owners = ownersOf(account, query)
  const { date, madeAt } = readDay(world, query)
  return ticketFor(world, account, query, tradeBill(world, owners, date, madeAt, type), base)
}

export const askFundBill = (
  world: World,
  account: Account,
  query: Fields,
  base: string,
): Answer => {
  throttle(world, account)
  const kind = choose(query, 'account_type', ['BASIC', 'OPERATION', 'FEES'] as const)
  const { date } = readDay(world, query)
  const bill = kind === 'BASIC' ? fundBill(world, account.mchid, date) : null
  return ticketFor(world, account, query, bill, base)
}

export type BillFile = { readonly content: Buffer; readonly gzip: boolean }

/** The file behind a token; unsigned, checked by its hash. */
export const fetchBill = (world: World, account: Account, query: Fields): BillFile => {
  const token = text(query, '/token', { max: 64 })
  const ticket = world.tickets.get(token)
  if (ticket === undefined || world.clock.now() > ticket.expiresAt) {
    throw invalidRequest('token已失效，请重新申请账单')
  }
  if (ticket.mchid !== account.mchid) throw new Refusal(403, 'NO_AUTH', '无权下载该账单')
  return { content: ticket.gzip ? gzipSync(ticket.file) : ticket.file, gzip: ticket.gzip }
}
