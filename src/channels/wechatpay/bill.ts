/** Fetching a day's bill: asked for with a signature, downloaded, and believed by its hash. */
import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import {
  StatementFault,
  type Line,
  type StatementLine,
  type StatementRequest,
  type StatementTrouble,
} from '../channel.ts'
import { fundLine, tradeLine } from './bill-lines.ts'
import { billRows, broken } from './bill-table.ts'
import { prepare } from './client.ts'
import { openAccount, type Settings } from './settings.ts'
import { prepareCall } from './transport.ts'
import { billReply } from './wire.ts'

const FILE_BYTES_MAX = 512 * 1024 * 1024
const GZIP_MAGIC = Buffer.from([0x1f, 0x8b])
const DOWNLOAD_PATH = '/v3/billdownload/file'
const OFFICIAL_HOSTS = [
  'api.mch.weixin.qq.com',
  'api2.mch.weixin.qq.com',
  'api.wechatpay.cn',
  'api2.wechatpay.cn',
]

/** No such file for the day, because nothing was traded. */
const NO_TRADE = 'NO_STATEMENT_EXIST'
/** Statuses of a download that asking again does not mend. */
const DENIED = [401, 403]
const TROUBLES: Readonly<Record<string, StatementTrouble>> = {
  STATEMENT_CREATING: 'not_ready',
  SYSTEM_ERROR: 'unreachable',
  FREQUENCY_LIMITED: 'unreachable',
}

/** `day` is `yyyy-mm-dd` in China; the bill of a day is there from about ten the next morning, for three months. */
export async function* statement(
  request: StatementRequest,
  line: Line,
): AsyncGenerator<StatementLine> {
  const file = await fetchBill(request, line)
  if (file === null) return
  const read = request.kind === 'trade' ? tradeLine : fundLine
  for (const row of billRows(file)) yield read(row)
}

/** The uncompressed file, null for a day without trade. Throws StatementFault, and ConfigFault for an unusable account. */
async function fetchBill(request: StatementRequest, line: Line): Promise<Buffer | null> {
  // Asked by a partner, the fund bill is of the partner's own money and not of its sub-merchant's.
  if (request.kind === 'fund' && openAccount(line.account).settings.mode === 'partner') {
    throw new StatementFault('refused', 'a partner cannot have the fund bill of its sub-merchant')
  }
  const said = await prepare(line, ({ settings }) => ({
    act: 'bill',
    method: 'GET',
    path: billPath(request, settings),
    body: '',
  }))()
  if (said.kind === 'unclear') {
    throw new StatementFault(said.alarm ? 'broken' : 'unreachable', said.cause)
  }
  if (said.kind === 'refusal') {
    if (said.code === NO_TRADE) return null
    throw new StatementFault(TROUBLES[said.code] ?? 'refused', said.code)
  }
  const reply = billReply.safeParse(said.json)
  if (!reply.success) throw broken('the answer names no file')
  const content = await download(reply.data.download_url, line)
  const file = unpacked(content)
  const hash = createHash('sha1').update(file).digest('hex')
  if (hash !== reply.data.hash_value.toLowerCase()) throw broken('the file has another hash')
  return file
}

function billPath(request: StatementRequest, settings: Settings): string {
  const query = new URLSearchParams({ bill_date: request.day })
  if (request.kind === 'trade') query.set('bill_type', 'ALL')
  else query.set('account_type', 'BASIC')
  query.set('tar_type', 'GZIP')
  if (request.kind === 'trade' && settings.mode === 'partner') {
    query.set('sub_mchid', settings.subMchid)
  }
  const name = request.kind === 'trade' ? 'tradebill' : 'fundflowbill'
  return `/v3/bill/${name}?${query.toString()}`
}

/** The download is not signed by the channel; the caller compares the hash. */
async function download(address: string, line: Line): Promise<Buffer> {
  const opened = openAccount(line.account)
  const path = downloadPath(address, opened.settings.baseUrl)
  const wanted = { act: 'bill_download', method: 'GET', path, body: '' } as const
  const answer = await prepareCall(
    { ...wanted, keyId: null, keepAnswer: false },
    opened,
    line,
    () => 'unsigned',
  )()
  if (answer.kind === 'lost') throw new StatementFault('unreachable', 'the download was cut off')
  if (answer.status !== 200) {
    // A token that has ended is asked for anew; one of another merchant never becomes ours.
    const trouble = DENIED.includes(answer.status) ? 'refused' : 'unreachable'
    throw new StatementFault(trouble, `download ${answer.status}`)
  }
  return answer.body
}

/**
 * Path and query of the download, for the host that the account is set to. The address comes from outside, so it
 * may name no host but the channel's and no path but the download's.
 */
function downloadPath(address: string, baseUrl: string): string {
  const url = new URL(address)
  const isKnown = OFFICIAL_HOSTS.includes(url.host) || url.host === new URL(baseUrl).host
  if (!isKnown || url.pathname !== DOWNLOAD_PATH) throw broken('the file is at a foreign address')
  return url.pathname + url.search
}

function unpacked(content: Buffer): Buffer {
  if (!content.subarray(0, GZIP_MAGIC.length).equals(GZIP_MAGIC)) return content
  try {
    return gunzipSync(content, { maxOutputLength: FILE_BYTES_MAX })
  } catch (error) {
    throw new StatementFault('broken', 'the file does not unpack', { cause: error })
  }
}
