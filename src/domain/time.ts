/** The shop's calendar. China has one time zone and no summer time. */
const SHANGHAI_OFFSET_MS = 8 * 3_600_000

/** `yymmdd` of an instant in the shop's calendar. */
export const dayOf = (at: Date): string =>
  new Date(at.getTime() + SHANGHAI_OFFSET_MS).toISOString().slice(2, 10).replaceAll('-', '')
