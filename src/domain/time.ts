/** The shop's calendar. China has one time zone and no summer time. */
const SHANGHAI_OFFSET_MS = 8 * 3_600_000
const DAY_MS = 24 * 3_600_000

/** `yymmdd` of an instant in the shop's calendar. */
export const dayOf = (at: Date): string =>
  new Date(at.getTime() + SHANGHAI_OFFSET_MS).toISOString().slice(2, 10).replaceAll('-', '')

/** When the shop's calendar day of an instant began. */
export const startOfDay = (at: Date): Date => {
  const local = at.getTime() + SHANGHAI_OFFSET_MS
  return new Date(local - (local % DAY_MS) - SHANGHAI_OFFSET_MS)
}
