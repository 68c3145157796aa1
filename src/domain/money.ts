/**
 * Money is a whole number of fen (1/100 yuan) in a branded safe integer. Nothing here rounds silently:
 * a value that is not a safe integer is a programmer's error and throws.
 */
declare const unit: unique symbol
export type Fen = number & { readonly [unit]: 'fen' }

export const CURRENCY = 'CNY'

/** The only constructor. Throws RangeError on fractions, NaN, and anything past 2^53 − 1. */
export function fen(value: number): Fen {
  if (!Number.isSafeInteger(value)) throw new RangeError(`not a whole amount in fen: ${value}`)
  return value as Fen
}

export const ZERO = fen(0)

export const addFen = (...amounts: Fen[]): Fen => fen(amounts.reduce((sum, each) => sum + each, 0))
export const subFen = (from: Fen, ...amounts: Fen[]): Fen =>
  fen(amounts.reduce((rest: number, each) => rest - each, from))
/** Never −0, which is no amount. */
export const negFen = (amount: Fen): Fen => fen(0 - amount)
export const minFen = (a: Fen, b: Fen): Fen => (a < b ? a : b)
export const maxFen = (a: Fen, b: Fen): Fen => (a > b ? a : b)

/** `1200` → `"12.00"`; negative amounts keep their sign. */
export function yuan(amount: Fen): string {
  const digits = String(Math.abs(amount)).padStart(3, '0')
  return `${amount < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}

/**
 * Shares `total` out in proportion to `weights` by the largest remainder: the shares always add up to `total`
 * exactly, no share is more than one fen from its exact value, and ties go to the earlier place, so the
 * same input gives the same shares on every machine. Zero weights get nothing while any weight is positive;
 * when all are zero the total goes to the first place. Throws on negative input or no weights.
 */
export function shareOut(total: Fen, weights: readonly Fen[]): Fen[] {
  if (total < 0 || weights.length === 0 || weights.some((weight) => weight < 0)) {
    throw new RangeError('shareOut takes a non-negative total and at least one non-negative weight')
  }
  const whole = weights.reduce((sum, weight) => sum + BigInt(weight), 0n)
  if (whole === 0n) return weights.map((_, place) => (place === 0 ? total : ZERO))
  // BigInt, because total × weight passes 2^53 for sums a wholesale shop really takes.
  const exact = weights.map((weight, place) => {
    const product = BigInt(total) * BigInt(weight)
    return { place, floor: product / whole, remainder: product % whole }
  })
  const shares = exact.map(({ floor }) => Number(floor))
  let left = total - shares.reduce((sum, share) => sum + share, 0)
  const byRemainder = exact.toSorted((a, b) =>
    a.remainder === b.remainder ? a.place - b.place : a.remainder > b.remainder ? -1 : 1,
  )
  for (const { place } of byRemainder) {
    if (left === 0) break
    shares[place] = (shares[place] ?? 0) + 1
    left -= 1
  }
  return shares.map(fen)
}
