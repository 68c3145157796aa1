/** By when money that a channel has paid back should be there, and from when on it is right to ask where it is. */
import type { ArrivalText } from './capabilities.ts'
import { startOfDay } from './time.ts'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 3_600_000
const SHANGHAI_OFFSET_MS = 8 * 3_600_000

/** "Within minutes", with room for a slow evening: nobody is called before that. */
const MINUTES_MS = 30 * MINUTE_MS

/** Words of a promise that end on a day, and on which working day. */
const WORKING_DAYS = { days_1_3: 3, days_1_7: 7 } as const

export type ExpectedArrival = {
  /** The moment, or the beginning of the last day, on which it should be there. */
  readonly by: Date
  /** Whether `by` means any time of that day. */
  readonly wholeDay: boolean
  /** Before this, asking finds nothing out. */
  readonly askFrom: Date
}

/**
 * Null where nobody promises a time. Working days are Mondays to Fridays: which of them are public holidays is decreed
 * anew each year, so people are told that holidays come on top.
 */
export function expectedArrival(when: ArrivalText, paidBackAt: Date): ExpectedArrival | null {
  switch (when) {
    case 'at_once':
      return atMoment(paidBackAt)
    case 'minutes':
      return atMoment(new Date(paidBackAt.getTime() + MINUTES_MS))
    case 'days_1_3':
    case 'days_1_7': {
      const by = workingDayAfter(startOfDay(paidBackAt), WORKING_DAYS[when])
      return { by, wholeDay: true, askFrom: new Date(by.getTime() + DAY_MS) }
    }
    case 'by_hand':
    case 'by_channel':
      return null
  }
}

const atMoment = (by: Date): ExpectedArrival => ({ by, wholeDay: false, askFrom: by })

/** The `count`th working day after the day that begins at `day`. */
function workingDayAfter(day: Date, count: number): Date {
  let at = day
  for (let left = count; left > 0;) {
    at = new Date(at.getTime() + DAY_MS)
    if (isWorkingDay(at)) left -= 1
  }
  return at
}

function isWorkingDay(day: Date): boolean {
  const weekday = new Date(day.getTime() + SHANGHAI_OFFSET_MS).getUTCDay()
  return weekday !== 0 && weekday !== 6
}
