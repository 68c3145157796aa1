/** Figures inside sentences: money, the shop's time of day, spans of time. */
import { yuan, type Fen } from '../domain/money.ts'
import type { Language } from './language.ts'

/** `12345678` fen → `123,456.78`: groups make long ones readable. */
export const grouped = (amount: Fen): string => yuan(amount).replace(/\B(?=(?:\d{3})+\.)/g, ',')

/** `120000` fen → `¥1,200.00`. */
export const money = (amount: Fen): string => `¥${grouped(amount)}`

const CLOCK = new Intl.DateTimeFormat('zh-CN', {
  timeZone: 'Asia/Shanghai',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})

/** The shop's time of day; channels wait minutes, not days. */
export const clock = (at: Date): string => CLOCK.format(at)

const MINUTE_S = 60
const HOUR_S = 60 * MINUTE_S

/** `90_000` → `1 分 30 秒`; whole seconds, rounded up so that nobody comes too early. */
export function span(language: Language, ms: number): string {
  const seconds = Math.ceil(ms / 1000)
  const parts: readonly (readonly [number, Unit])[] = [
    [Math.floor(seconds / HOUR_S), 'hour'],
    [Math.floor((seconds % HOUR_S) / MINUTE_S), 'minute'],
    [seconds % MINUTE_S, 'second'],
  ]
  const said = parts.filter(([count]) => count > 0)
  // A single unit is said in full: `1 分钟`, and not `1 分`.
  if (said.length === 1) return said.map(([count, unit]) => whole(language, count, unit)).join('')
  return said.map(([count, unit]) => part(language, count, unit)).join(' ')
}

type Unit = 'hour' | 'minute' | 'second'
const ZH = { hour: '小时', minute: '分钟', second: '秒' } as const
const ZH_SHORT = { hour: '小时', minute: '分', second: '秒' } as const

const whole = (language: Language, count: number, unit: Unit): string =>
  language === 'zh' ? `${count} ${ZH[unit]}` : `${count} ${unit}${count === 1 ? '' : 's'}`
const part = (language: Language, count: number, unit: Unit): string =>
  language === 'zh' ? `${count} ${ZH_SHORT[unit]}` : whole(language, count, unit)
