/** Times as people at a counter say them, in the shop's time zone. */
import { currentLanguage } from './language.ts'

const FORMAT = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Asia/Shanghai',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hour12: false,
})

function partsOf(at: Date) {
  const found = new Map(FORMAT.formatToParts(at).map(({ type, value }) => [type, value]))
  const part = (type: Intl.DateTimeFormatPartTypes): string => found.get(type) ?? ''
  // Old engines write midnight as 24.
  const hour = part('hour') === '24' ? '00' : part('hour')
  return {
    year: part('year'),
    day: `${part('month')}-${part('day')}`,
    clock: `${hour}:${part('minute')}`,
    seconds: part('second'),
  }
}

/** 今天 19:05, else 11-21 19:05, else 2025-11-21 19:05. */
export function when(iso: string, now: Date = new Date()): string {
  const at = partsOf(new Date(iso))
  const today = partsOf(now)
  if (at.year !== today.year) return `${at.year}-${at.day} ${at.clock}`
  if (at.day !== today.day) return `${at.day} ${at.clock}`
  return `${currentLanguage() === 'zh' ? '今天' : 'Today'} ${at.clock}`
}

/** To the second, for disputes. */
export function exactly(iso: string): string {
  const at = partsOf(new Date(iso))
  return `${at.year}-${at.day} ${at.clock}:${at.seconds}`
}

/** 11-21 周五: a day that is looked forward to. */
export function onDay(iso: string): string {
  const at = new Date(iso)
  const weekday = new Intl.DateTimeFormat(currentLanguage() === 'zh' ? 'zh-CN' : 'en-GB', {
    timeZone: 'Asia/Shanghai',
    weekday: 'short',
  })
  return `${partsOf(at).day} ${weekday.format(at)}`
}
