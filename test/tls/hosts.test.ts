import { expect, test } from 'vitest'
import { hostsOf, normalHost } from '../../src/tls/hosts.ts'

test('a machine is reached by its name, by multicast DNS and by its steady addresses', () => {
  expect(
    hostsOf({
      name: 'Till-PC',
      addresses: ['192.168.1.5', '169.254.7.7', 'fe80::1', '2001:db8::7', 'fd12::1', '192.168.1.5'],
    }),
  ).toEqual(['localhost', '127.0.0.1', '::1', 'till-pc', 'till-pc.local', '192.168.1.5', 'fd12::1'])
})

test.each([
  ['收银 台', []],
  ['till_pc', []],
  ['till.lan', ['till.lan']],
  ['收银台', ['xn--kprv51b169a', 'xn--kprv51b169a.local']],
])('a machine that calls itself %s', (name, names) => {
  expect(hostsOf({ name, addresses: [] }).slice(3)).toEqual(names)
})

test.each([
  ['Till.Shop.CN.', 'till.shop.cn'],
  ['店.local', 'xn--hxt.local'],
  [' 192.168.1.5 ', '192.168.1.5'],
  ['[FD00:0:0::01]', 'fd00::1'],
  ['fe80::1%eth0', null],
  ['192.168.1', null],
  ['192.168.1.5:8080', null],
  ['https://till.lan', null],
  ['*.shop.cn', null],
  ['a_b', null],
  ['a..b', null],
  ['', null],
  [`${'a'.repeat(64)}.cn`, null],
])('%s as a host is %s', (given, host) => {
  expect(normalHost(given)).toBe(host)
})
