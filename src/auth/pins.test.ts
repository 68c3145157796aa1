import { createSecretKey, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { makePins, PinsBusy } from './pins.ts'
import { makeVault } from './vault.ts'

const vaultOf = () => makeVault(createSecretKey(randomBytes(32)))
const vault = vaultOf()
const pins = makePins(vault)
const hash = (pin: string, owner = '1/zhang') => pins.inTurn((hasher) => hasher.hash(pin, owner))
const matches = (stored: string | null, pin: string, owner = '1/zhang', by = pins) =>
  by.inTurn((hasher) => hasher.matches(stored, pin, owner))

test('what is kept of a PIN names its own cost, which is never below 19 MiB and two passes', async () => {
  const stored = await hash('4827')
  const [, memory, passes] =
    /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=1\$[\w+/]{22}\$[\w+/]{43}$/.exec(stored) ?? []
  expect(Number(memory)).toBeGreaterThanOrEqual(19 * 1024)
  expect(Number(passes)).toBeGreaterThanOrEqual(2)
  expect(await hash('4827')).not.toBe(stored)
})

test('only the same PIN of the same person under the same master key matches', async () => {
  const stored = await hash('4827')
  expect(await matches(stored, '4827')).toBe(true)
  expect(await matches(stored, '4828')).toBe(false)
  expect(await matches(stored, '4827', '1/li')).toBe(false)
  expect(await matches(stored, '4827', '2/zhang')).toBe(false)
  expect(await matches(stored, '4827', '1/zhang', makePins(vaultOf()))).toBe(false)
  expect(await matches(stored, '4827', '1/zhang', makePins(vault))).toBe(true)
})

test('for somebody without a PIN nothing matches, and it takes as long', async () => {
  const stored = await hash('4827')
  const took = async (of: string | null): Promise<number> => {
    const began = performance.now()
    expect(await matches(of, '0000')).toBe(false)
    return performance.now() - began
  }
  const fastest = async (of: string | null) =>
    Math.min(await took(of), await took(of), await took(of), await took(of))
  const [without, withOne] = [await fastest(null), await fastest(stored)]
  expect(without).toBeGreaterThan(withOne / 3)
  expect(without).toBeLessThan(withOne * 3)
})

test('few are looked at at once, some wait in order, and the rest are told to come back', async () => {
  let atOnce = 0
  let most = 0
  const letGo = Promise.withResolvers<void>()
  const done: number[] = []
  const work = (name: number) =>
    pins.inTurn(async () => {
      atOnce += 1
      most = Math.max(most, atOnce)
      await letGo.promise
      atOnce -= 1
      done.push(name)
    })
  const held = Array.from({ length: 34 }, (_, name) => work(name))
  await expect(work(99)).rejects.toThrow(PinsBusy)
  letGo.resolve()
  await Promise.all(held)
  expect(most).toBe(2)
  expect(done).toEqual(Array.from({ length: 34 }, (_, name) => name))
  expect(await pins.inTurn(async () => 'free again')).toBe('free again')
})

test('work that fails gives its place back', async () => {
  for (let times = 0; times < 5; times += 1) {
    await expect(pins.inTurn(async () => Promise.reject(new Error('away')))).rejects.toThrow('away')
  }
  expect(await pins.inTurn(async () => 'free')).toBe('free')
})
