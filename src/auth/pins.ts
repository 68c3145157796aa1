/**
 * PINs are short, so each guess must be dear and none may be tried elsewhere: argon2id with a pepper that only the
 * master key gives, and the hash bound to its owner, so that a row copied to somebody else's place opens nothing.
 * Each run takes memory and a thread of the process: few go at once, some wait, the rest are told to come back.
 */
import { argon2, randomBytes, timingSafeEqual, type Argon2Parameters } from 'node:crypto'
import { promisify } from 'node:util'
import type { Vault } from './vault.ts'

/** OWASP's least for argon2id. What is stored names its own, so that they can be raised without anybody noticing. */
const MEMORY_KIB = 19 * 1024
const PASSES = 2
const LANES = 1
const SALT_BYTES = 16
const HASH_BYTES = 32

/** Half of the threads that Node shares among files, look-ups of names and these. */
const AT_ONCE_MAX = 2
const WAITING_MAX = 32

export type Hasher = {
  /** `$argon2id$v=19$m=…,t=…,p=…$salt$hash`. `owner` names the one person it is for. */
  readonly hash: (pin: string, owner: string) => Promise<string>
  /** With null, for somebody without a PIN, it takes as long and is false. */
  readonly matches: (stored: string | null, pin: string, owner: string) => Promise<boolean>
}

export type Pins = {
  /** Runs `work` when it is its turn. Throws PinsBusy, before anything was done, when too many wait already. */
  readonly inTurn: <T>(work: (hasher: Hasher) => Promise<T>) => Promise<T>
}

export class PinsBusy extends Error {
  constructor() {
    super('too many PINs wait to be checked')
    this.name = 'PinsBusy'
  }
}

export function makePins(vault: Pick<Vault, 'mac'>): Pins {
  const hasher = makeHasher(vault.mac('pepper', 'pin'))
  const waiting: (() => void)[] = []
  let free = AT_ONCE_MAX
  const turn = async (): Promise<void> => {
    if (free > 0) {
      free -= 1
      return
    }
    if (waiting.length >= WAITING_MAX) throw new PinsBusy()
    await new Promise<void>((resolve) => waiting.push(resolve))
  }
  const done = (): void => {
    const next = waiting.shift()
    // Whoever waits takes the place over, so that nobody who comes later can.
    if (next) next()
    else free += 1
  }
  return {
    inTurn: async (work) => {
      await turn()
      try {
        return await work(hasher)
      } finally {
        done()
      }
    },
  }
}

type Cost = { readonly memory: number; readonly passes: number; readonly parallelism: number }
type Stored = { readonly cost: Cost; readonly salt: Buffer; readonly hash: Buffer }

const COST: Cost = { memory: MEMORY_KIB, passes: PASSES, parallelism: LANES }
const run = promisify<'argon2id', Argon2Parameters, Buffer>(argon2)

function makeHasher(pepper: Buffer): Hasher {
  const nobody: Stored = {
    cost: COST,
    salt: randomBytes(SALT_BYTES),
    hash: randomBytes(HASH_BYTES),
  }
  const derive = (pin: string, owner: string, { cost, salt, hash }: Stored): Promise<Buffer> =>
    run('argon2id', {
      ...cost,
      message: pin,
      nonce: salt,
      secret: pepper,
      associatedData: owner,
      tagLength: hash.length,
    })
  return {
    hash: async (pin, owner) => {
      const fresh = { ...nobody, salt: randomBytes(SALT_BYTES) }
      return write({ ...fresh, hash: await derive(pin, owner, fresh) })
    },
    matches: async (stored, pin, owner) => {
      const known = stored === null ? nobody : read(stored)
      const derived = await derive(pin, owner, known)
      return timingSafeEqual(derived, known.hash) && stored !== null
    },
  }
}

const VERSION = 19
const plain = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '')

const write = ({ cost, salt, hash }: Stored): string =>
  `$argon2id$v=${VERSION}$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${plain(salt)}$${plain(hash)}`

const STORED = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/

function read(text: string): Stored {
  const [, memory, passes, lanes, salt = '', hash = ''] = STORED.exec(text) ?? []
  if (hash === '') throw new Error('a stored PIN is not in the form of ours')
  return {
    cost: { memory: Number(memory), passes: Number(passes), parallelism: Number(lanes) },
    salt: Buffer.from(salt, 'base64'),
    hash: Buffer.from(hash, 'base64'),
  }
}
