/** A value that the sandbox's own bookkeeping says is there; throws when that proves wrong. */
export const must = <T>(value: T | undefined, what: string): T => {
  if (value === undefined) throw new Error(`${what} is missing`)
  return value
}
