/** The shop's calendar. China has one time zone and no summer time. */
const SHANGHAI_OFFSET_MS = 8 * 3_600_000
const DAY_MS = 24 * 3_600_000

/** `yymmdd` of an instant in the shop's calendar. */
export const dayOf = (at: Date): string =>
  new Date(at.getTime() + SHANGHAI_OFFSET_MS).toISOString().slice(2, 10).replaceAll('-', '')

/** From its first instant to the first of the next day. */
export type DaySpan = { readonly from: Date; readonly to: Date }

/** The span of a day written `yymmdd`; null when there is no such day. */
export function daySpan(day: string): DaySpan | null {
  const [, year, month, date] = /^(\d{2})(\d{2})(\d{2})$/.exec(day) ?? []
  const from = new Date(
    Date.UTC(2000 + Number(year), Number(month) - 1, Number(date)) - SHANGHAI_OFFSET_MS,
  )
  // The calendar carries a 31st of February over into March; a day that comes back as another is none.
  if (Number.isNaN(from.getTime()) || dayOf(from) !== day) return null
  return { from, to: new Date(from.getTime() + DAY_MS) }
}

/** When the shop's calendar day of an instant began. */
export const startOfDay = (at: Date): Date => {
  const local = at.getTime() + SHANGHAI_OFFSET_MS
  return new Date(local - (local % DAY_MS) - SHANGHAI_OFFSET_MS)
}
