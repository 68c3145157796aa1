/** A request to WeChat Pay and what came of it: a signed word, an unsigned refusal, or nothing that can be relied on. */
import { ConfigFault, type Line, type Send } from '../channel.ts'
import { judgeByRing, preferredKey } from './keys.ts'
import { openAccount, type Opened, type Settings } from './settings.ts'
import { prepareCall, type Answer, type Wanted } from './transport.ts'
import { errorReply } from './wire.ts'

export type Said =
  | { readonly kind: 'signed'; readonly status: number; readonly json: unknown }
  | {
      readonly kind: 'refusal'
      readonly status: number
      readonly code: string
      /** The channel's clock when it refused, null when it does not say. */
      readonly date: Date | null
    }
  | { readonly kind: 'unclear'; readonly cause: string; readonly alarm: boolean }

type Unclear = Extract<Said, { kind: 'unclear' }>

/** A request as its act describes it; the key is the account's preferred one unless fields were sealed for another. */
export type Asked = Omit<Wanted, 'keyId'> & { readonly keyId?: string }

/** No answer but a bill is longer. */
const JSON_BYTES_MAX = 1024 * 1024

/** Signs at once and sends when called; neither step ever throws. An unusable account sends nothing and says so. */
export function prepare(line: Line, describe: (opened: Opened) => Asked): Send<Said> {
  let send: Send<Answer>
  try {
    const opened = openAccount(line.account)
    const asked = describe(opened)
    const keyId = asked.keyId ?? preferredKey(opened, new Date())?.id ?? null
    send = prepareCall({ ...asked, keyId }, opened, line, (headers, body) =>
      judgeByRing(opened, line, headers, body),
    )
  } catch (error) {
    const said = unclear(error instanceof ConfigFault ? error.field : 'not_prepared', true)
    return () => Promise.resolve(said)
  }
  return async () => {
    try {
      return read(await send())
    } catch {
      // Recording failed after the request left: it may have been executed.
      return unclear('not_recorded', true)
    }
  }
}

export const unclear = (cause: string, alarm: boolean): Unclear => ({
  kind: 'unclear',
  cause,
  alarm,
})

function read(answer: Answer): Said {
  if (answer.kind === 'lost') return unclear('lost', false)
  const { status, verdict } = answer
  if (status >= 200 && status < 300) {
    if (verdict !== 'good') return unclear(verdict, true)
    if (answer.body.length === 0) return { kind: 'signed', status, json: null }
    const json = parseJson(answer.body)
    return json === undefined
      ? unclear('not_json', true)
      : { kind: 'signed', status, json: json.value }
  }
  const refusal = errorReply.safeParse(parseJson(answer.body)?.value)
  if (!refusal.success) return unclear(`http_${status}`, false)
  const date = new Date(answer.headers['date'] ?? '')
  return {
    kind: 'refusal',
    status,
    code: refusal.data.code,
    date: Number.isNaN(date.getTime()) ? null : date,
  }
}

export function parseJson(body: Buffer): { readonly value: unknown } | undefined {
  if (body.length > JSON_BYTES_MAX) return undefined
  try {
    return { value: JSON.parse(body.toString()) }
  } catch {
    return undefined
  }
}

type Merchants = {
  readonly mchid?: string | undefined
  readonly sp_mchid?: string | undefined
  readonly sub_mchid?: string | undefined
}

/** Whether an object of WeChat Pay's belongs to this account and not to another merchant whose key is also trusted. */
export function isOurs(settings: Settings, said: Merchants): boolean {
  return settings.mode === 'direct'
    ? said.mchid === settings.mchid && said.sub_mchid === undefined
    : said.sp_mchid === settings.spMchid && said.sub_mchid === settings.subMchid
}
