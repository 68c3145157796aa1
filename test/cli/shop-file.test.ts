import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { readShopFile, ShopFileError } from '../../src/cli/shop-file.ts'

const SAMPLE = await readFile(new URL('../../docs/shop.json', import.meta.url), 'utf8')

type Shop = ReturnType<typeof readShopFile>
type Changing<T> = T extends readonly (infer U)[]
  ? Changing<U>[]
  : T extends object
    ? { -readonly [K in keyof T]: Changing<T[K]> }
    : T

/** The message for the sample after `change`, or null when it is taken. */
function faultOf(change: (shop: Changing<Shop>) => void): string | null {
  const shop = JSON.parse(SAMPLE) as Changing<Shop>
  change(shop)
  return messageOf(JSON.stringify(shop))
}

function messageOf(text: string): string | null {
  try {
    readShopFile(text)
    return null
  } catch (error) {
    if (error instanceof ShopFileError) return error.message
    throw error
  }
}

test('the sample of the documentation is a shop file', () => {
  expect(readShopFile(SAMPLE)).toEqual(JSON.parse(SAMPLE))
})

test.each<[string, RegExp, (shop: Changing<Shop>) => void]>([
  ['a missing name', /^ {2}name .*string/m, (shop) => Reflect.deleteProperty(shop, 'name')],
  [
    'a word nobody knows',
    /Unrecognized key: "adress"/,
    (shop) => Object.assign(shop, { adress: '' }),
  ],
  [
    'a number with a blank',
    /^ {2}terminals\.0\.no takes 1 to 32 letters/m,
    (shop) => Object.assign(shop.terminals[0] ?? {}, { no: '收银台 1' }),
  ],
  [
    'an account that no payment could name',
    /^ {2}accounts\.0\.no takes 1 to 32 small letters/m,
    (shop) => Object.assign(shop.accounts[0] ?? {}, { no: 'WeChat' }),
  ],
  [
    'a channel that is not there',
    /^ {2}accounts\.0\.channel .*"wechatpay"/m,
    (shop) => Object.assign(shop.accounts[0] ?? {}, { channel: 'alipay' }),
  ],
  [
    'a store that is not there',
    /^ {2}staff\.1\.store is none of the stores/m,
    (shop) => Object.assign(shop.staff[1] ?? {}, { store: 's9' }),
  ],
  [
    'a number given twice',
    /^ {2}terminals\.1\.no stands there twice/m,
    (shop) => Object.assign(shop.terminals[1] ?? {}, { no: 't1' }),
  ],
  [
    'a printer that could never print',
    /^ {2}terminals\.0\.printer is not the address of a printer; set it like tcp:/m,
    (shop) => Object.assign(shop.terminals[0] ?? {}, { printer: '192.168.1.50' }),
  ],
])('%s is told with its place', (_name, line, change) => {
  expect(faultOf(change)).toMatch(line)
})

test('every fault is told at once', () => {
  const message = faultOf((shop) => {
    shop.name = ''
    shop.tenant = 0
  })
  expect(message?.split('\n')).toHaveLength(3)
})

test('a key with real line ends is told by its line, and not shown', () => {
  const message = messageOf(SAMPLE.replace(String.raw`KEY-----\n…`, 'KEY-----\n…'))
  expect(message).toMatch(/it is not JSON at position \d+ \(line \d+ column \d+\); a key in PEM/)
  expect(messageOf('secret')).not.toContain('secret')
})
