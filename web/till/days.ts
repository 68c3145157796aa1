/** Days of the shop's calendar as date fields write them, `2026-11-26`. China has one time zone and no summer time. */
const ZONE = '+08:00'
const SHANGHAI_OFFSET_MS = 8 * 3_600_000
const DAY_MS = 24 * 3_600_000

export const dateOf = (at: number): string =>
  new Date(at + SHANGHAI_OFFSET_MS).toISOString().slice(0, 10)

export const isDate = (text: string): boolean =>
  /^20\d{2}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(startOf(text))

const startOf = (date: string): number => Date.parse(`${date}T00:00:00${ZONE}`)

/** Some days later; earlier when `days` is below zero. */
export const daysAfter = (date: string, days: number): string =>
  dateOf(startOf(date) + days * DAY_MS)

/** From the first moment of a day to the last of another, as queries take them. */
export const spanOf = (first: string, last: string = first): { from: string; to: string } => ({
  from: new Date(startOf(first)).toISOString(),
  to: new Date(startOf(last) + DAY_MS - 1).toISOString(),
})
