import { createSecretKey } from 'node:crypto'
import { expect, test } from 'vitest'
import { makeVault } from './vault.ts'

const vaultOf = (byte: number) => makeVault(createSecretKey(Buffer.alloc(32, byte)))

test('a mac is the same for the same value and place, and another for any other or under another master key', () => {
  const vault = vaultOf(1)
  const mac = vault.mac('value', 'slip/1')
  expect(mac).toHaveLength(32)
  expect(vaultOf(1).mac('value', 'slip/1')).toEqual(mac)
  const others = [
    vault.mac('value ', 'slip/1'),
    vault.mac('value', 'slip/2'),
    vault.mac('1value', 'slip/'),
    vaultOf(2).mac('value', 'slip/1'),
  ]
  for (const other of others) expect(other).not.toEqual(mac)
  expect(new Set([mac, ...others].map((each) => each.toString('hex'))).size).toBe(5)
})
