/** Everything that a seed decides is drawn here; the same seed draws the same, in the same order. */
import { createRandom } from '../sandbox/random.ts'

export type Draw = {
  /** A whole number from 0 up to, not including, `limit`. */
  readonly below: (limit: number) => number
  readonly chance: (probability: number) => boolean
  readonly pick: <Item>(items: readonly Item[]) => Item
  readonly digits: (count: number) => string
  readonly bytes: (count: number) => Buffer
  /** A stream of its own: what is drawn there moves nothing here, so that a smaller story stays the same story. */
  readonly fork: (name: string) => Draw
}

export function drawFrom(seed: number, name = ''): Draw {
  const random = createRandom(mixed(seed, name))
  const below = (limit: number) => Math.floor(random.next() * limit)
  return {
    below,
    chance: (probability) => random.next() < probability,
    pick: (items) => {
      const item = items[below(items.length)]
      if (item === undefined) throw new RangeError('nothing to pick from')
      return item
    },
    digits: random.digits,
    bytes: (count) => Buffer.from(Array.from({ length: count }, () => below(256))),
    fork: (other) => drawFrom(seed, `${name}/${other}`),
  }
}

/** FNV-1a over the name, stirred into the seed: neighbours must not begin alike. */
function mixed(seed: number, name: string): number {
  let hash = 0x811c9dc5 ^ Math.imul(seed, 0x9e3779b1)
  for (const character of name) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193)
  }
  return hash >>> 0
}
