/** What an address says besides its screen. */
import { useParams } from '@tanstack/react-router'

const textIn = (values: object, name: string): string => {
  const value: unknown = name in values ? (values as Record<string, unknown>)[name] : undefined
  return typeof value === 'string' ? value : ''
}

/** The number in `/sale/$no` and its like. */
export const useNo = (): string => textIn(useParams({ strict: false }), 'no')

/** The topic in `/help/$topic`. */
export const useTopic = (): string => textIn(useParams({ strict: false }), 'topic')

/** The day in `/day-slip/$day/$nth`, yymmdd. */
export const useDay = (): string => textIn(useParams({ strict: false }), 'day')
/** Which close of it. */
export const useNth = (): string => textIn(useParams({ strict: false }), 'nth')

/** The code in `/enrol/$code`; empty where there is none. */
export const useEnrolmentCode = (): string => textIn(useParams({ strict: false }), 'code')
