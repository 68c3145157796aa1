/** What was found, in words: pure, from what the probes and the server said. */
import type { TFunction } from 'i18next'
import type { SelfCheckShown } from '../../../src/api/contract-till.ts'
import { readScan } from '../../../src/domain/numbers.ts'
import { Refused } from '../../shared/api.ts'
import { CHROME_FLOOR } from '../floor.ts'
import { channelName } from '../screens/sale.tsx'
import type { PrinterStatus } from '../device/bridge.ts'
import type { DeviceFacts } from '../device/device.ts'
import type { CameraFound, Offline, Secure, Storage } from './probes.ts'

/** `limited`: payments and refunds work. `plain`: said, and not judged. `wait`: somebody has to do something first. */
export type Level = 'good' | 'limited' | 'fault' | 'plain' | 'wait'
export type Finding = {
  readonly key: string
  readonly name: string
  readonly level: Level
  readonly says: string
}

/** What came of asking the server, and how long it took. */
export type Asked =
  | {
      readonly kind: 'answered'
      readonly answer: SelfCheckShown
      readonly at: number
      readonly tookMs: number
    }
  | { readonly kind: 'failed'; readonly error: unknown }

/** Tokens, certificates and slips live with less; a channel refuses what is minutes off. */
const CLOCK_GOOD_MS = 5_000
const CLOCK_FAULT_MS = 60_000

/** Everything the server knows about: itself, the clock, printer, channels, public address. */
export function serverFindings(
  t: TFunction,
  asked: Asked,
  hasBridgePrinter: boolean,
): readonly Finding[] {
  const answer = asked.kind === 'answered' ? asked.answer : null
  return [
    serverFinding(t, asked),
    clockFinding(t, asked),
    ...channelFindings(t, answer),
    printerFinding(t, answer, hasBridgePrinter),
    {
      key: 'publicUrl',
      name: t('selfCheck.publicUrl.name'),
      level: answer === null || answer.publicUrl.set ? 'plain' : 'limited',
      says: answer?.publicUrl.says ?? t('selfCheck.publicUrl.unknown'),
    },
  ]
}

function serverFinding(t: TFunction, asked: Asked): Finding {
  const name = t('selfCheck.server.name')
  const fault = (says: string): Finding => ({ key: 'server', name, level: 'fault', says })
  if (asked.kind === 'failed') {
    const { error } = asked
    if (!(error instanceof Refused)) return fault(t('selfCheck.server.silent'))
    return fault(t('selfCheck.server.refused', { why: `${error.title}${error.detail}` }))
  }
  const { answer, tookMs } = asked
  if (!answer.database) return fault(t('selfCheck.server.database'))
  const says = t('selfCheck.server.good', { ms: Math.round(tookMs), version: answer.version })
  return { key: 'server', name, level: 'good', says }
}

function clockFinding(t: TFunction, asked: Asked): Finding {
  const name = t('selfCheck.clock.name')
  if (asked.kind === 'failed')
    return { key: 'clock', name, level: 'plain', says: t('selfCheck.clock.unknown') }
  // The server looked at its clock about halfway between question and answer.
  const ahead = asked.at - asked.tookMs / 2 - Date.parse(asked.answer.time)
  const difference = lengthOf(t, Math.abs(ahead))
  if (Math.abs(ahead) <= CLOCK_GOOD_MS)
    return { key: 'clock', name, level: 'good', says: t('selfCheck.clock.good', { difference }) }
  return {
    key: 'clock',
    name,
    level: Math.abs(ahead) > CLOCK_FAULT_MS ? 'fault' : 'limited',
    says: t(ahead > 0 ? 'selfCheck.clock.ahead' : 'selfCheck.clock.behind', { difference }),
  }
}

const SECOND_MS = 1_000
const UNITS = [
  ['days', 86_400 * SECOND_MS],
  ['hours', 3_600 * SECOND_MS],
  ['minutes', 60 * SECOND_MS],
] as const

/** In the largest unit that it fills. */
function lengthOf(t: TFunction, ms: number): string {
  const [unit, size] = UNITS.find(([, each]) => ms >= each) ?? (['seconds', SECOND_MS] as const)
  const count = Math.round(ms / size)
  return t(`selfCheck.lengths.${unit}`, { count })
}

function channelFindings(t: TFunction, answer: SelfCheckShown | null): readonly Finding[] {
  if (answer === null)
    return [
      {
        key: 'channels',
        name: t('selfCheck.channel.all'),
        level: 'plain',
        says: t('selfCheck.channel.unknown'),
      },
    ]
  if (answer.channels.length === 0)
    return [
      {
        key: 'channels',
        name: t('selfCheck.channel.all'),
        level: 'fault',
        says: t('selfCheck.channel.none'),
      },
    ]
  return answer.channels.map(({ account, channel, ok, says }) => ({
    key: `channel/${account}`,
    name:
      answer.channels.length === 1
        ? t('selfCheck.channel.name', { channel: channelName(channel) })
        : t('selfCheck.channel.account', { channel: channelName(channel), account }),
    level: ok ? 'good' : 'fault',
    says,
  }))
}

const PRINTER_LEVEL: Readonly<Record<SelfCheckShown['printer']['result'], Level>> = {
  ready: 'good',
  no_printer: 'limited',
  no_paper: 'limited',
  bad_address: 'limited',
  unreachable: 'limited',
  silent: 'plain',
  busy: 'plain',
  not_checked: 'plain',
}

/** No printer ever keeps a refund from being made: whatever is wrong with one limits, and breaks nothing. */
function printerFinding(
  t: TFunction,
  answer: SelfCheckShown | null,
  hasBridgePrinter: boolean,
): Finding {
  const name = t('selfCheck.printer.name')
  if (answer === null)
    return { key: 'printer', name, level: 'plain', says: t('selfCheck.printer.unknown') }
  const { result, says } = answer.printer
  const level = result === 'no_printer' && hasBridgePrinter ? 'plain' : PRINTER_LEVEL[result]
  return { key: 'printer', name, level, says }
}

export const secureFinding = (t: TFunction, secure: Secure): Finding => ({
  key: 'secure',
  name: t('selfCheck.secure.name'),
  level: secure === 'insecure' ? 'limited' : 'good',
  says: t(secure === 'https' ? 'selfCheck.secure.good' : `selfCheck.secure.${secure}`),
})

export const offlineFinding = (t: TFunction, works: Offline): Finding => ({
  key: 'worker',
  name: t('selfCheck.worker.name'),
  level: works === 'good' ? 'good' : 'limited',
  says: t(`selfCheck.worker.${works}`),
})

export const cameraFinding = (t: TFunction, camera: CameraFound): Finding => ({
  key: 'camera',
  name: t('selfCheck.camera.name'),
  level: camera.kind === 'good' ? 'good' : camera.kind === 'unasked' ? 'wait' : 'limited',
  says: t(`selfCheck.camera.${camera.kind}`, { count: 'count' in camera ? camera.count : 0 }),
})

/** @param code what was read last; null: nothing yet. */
export function scanKeyFinding(t: TFunction, code: string | null): Finding {
  const name = t('selfCheck.scanKey.name')
  if (code === null)
    return { key: 'scanKey', name, level: 'wait', says: t('selfCheck.scanKey.wait') }
  const { kind } = readScan(code)
  const says = t('selfCheck.scanKey.good', {
    kind: t(`selfCheck.scanKey.kinds.${kind}`),
    count: code.length,
  })
  return { key: 'scanKey', name, level: 'good', says }
}

export const soundFinding = (t: TFunction, sound: 'good' | 'blocked' | 'none'): Finding => ({
  key: 'sound',
  name: t('selfCheck.sound.name'),
  level: sound === 'good' ? 'good' : sound === 'none' ? 'limited' : 'wait',
  says: t(`selfCheck.sound.${sound}`),
})

export const storageFinding = (t: TFunction, storage: Storage): Finding => ({
  key: 'storage',
  name: t('selfCheck.storage.name'),
  level: storage === 'good' ? 'good' : storage === 'clearable' ? 'plain' : 'fault',
  says: t(`selfCheck.storage.${storage}`),
})

export const fontFinding = (t: TFunction, isThere: boolean): Finding => ({
  key: 'fonts',
  name: t('selfCheck.fonts.name'),
  level: isThere ? 'good' : 'limited',
  says: t(isThere ? 'selfCheck.fonts.good' : 'selfCheck.fonts.missing'),
})

export function browserFinding(t: TFunction, version: number | null): Finding {
  const name = t('selfCheck.browser.name')
  if (version === null)
    return { key: 'browser', name, level: 'plain', says: t('selfCheck.browser.unknown') }
  const isGood = version >= CHROME_FLOOR
  return {
    key: 'browser',
    name,
    level: isGood ? 'good' : 'fault',
    says: t(isGood ? 'selfCheck.browser.good' : 'selfCheck.browser.old', {
      version,
      floor: CHROME_FLOOR,
    }),
  }
}

/** @param facts null: a plain browser. */
export function bridgeFinding(
  t: TFunction,
  facts: DeviceFacts | null,
  printer: PrinterStatus,
): Finding {
  const name = t('selfCheck.bridge.name')
  if (facts === null)
    return { key: 'bridge', name, level: 'plain', says: t('selfCheck.bridge.none') }
  const told = [
    facts.name,
    facts.serial === null ? null : t('selfCheck.bridge.serial', { serial: facts.serial }),
    facts.place === null ? null : t('selfCheck.bridge.place', { place: facts.place }),
    t(`selfCheck.bridge.printers.${printer}`),
  ].filter((each) => each !== null)
  const isWell = printer === 'ready' || printer === 'absent' || printer === 'unknown'
  return {
    key: 'bridge',
    name,
    level: isWell ? 'good' : 'limited',
    says: `${t('selfCheck.bridge.good')} ${told.join(t('selfCheck.bridge.and'))}`,
  }
}
