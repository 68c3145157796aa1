/** Names and addresses under which a till reaches this machine. */
import { isIPv4 } from 'node:net'
import { hostname, networkInterfaces } from 'node:os'
import { domainToASCII } from 'node:url'
import ipaddr from 'ipaddr.js'

export type Machine = {
  /** As the system calls itself; may be anything. */
  readonly name: string
  /** IPv4 and IPv6, without those that mean this machine only. */
  readonly addresses: readonly string[]
}

export const thisMachine = (): Machine => ({
  name: hostname(),
  addresses: Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .filter(({ internal }) => !internal)
    .map(({ address }) => address),
})

const OF_EVERY_MACHINE = ['localhost', '127.0.0.1', '::1'] as const

/**
 * What a certificate for this machine names by itself. Left out: link-local addresses, which no browser can be told,
 * and public IPv6 ones, which systems change every day.
 */
export function hostsOf({ name, addresses }: Machine): readonly string[] {
  const host = normalHost(name)
  const names = host === null || ipaddr.isValid(host) ? [] : withMulticastName(host)
  return [...new Set([...OF_EVERY_MACHINE, ...names, ...addresses.filter(isSteady)])]
}

/** `till-pc` is `till-pc.local` to phones and tablets, which ask by multicast DNS. */
const withMulticastName = (name: string): readonly string[] =>
  name.includes('.') ? [name] : [name, `${name}.local`]

function isSteady(address: string): boolean {
  const range = ipaddr.parse(address).range()
  return isIPv4(address) ? range !== 'linkLocal' : range === 'uniqueLocal'
}

const NAME_CHARACTERS_MAX = 253
const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

/**
 * A host in the one form in which certificates and browsers compare it: lower case, Punycode, IPv6 shortened and without
 * brackets. Null for what is no host: an address with a port or scheme, a wildcard, a name with a blank or underscore.
 */
export function normalHost(text: string): string | null {
  const bare = /^\[(.+)\]$/.exec(text.trim())?.[1] ?? text.trim()
  if (isIPv4(bare)) return bare
  if (ipaddr.IPv6.isValid(bare)) {
    // The zone behind a % belongs to one machine only.
    return bare.includes('%') ? null : ipaddr.IPv6.parse(bare).toRFC5952String()
  }
  const name = domainToASCII(bare.replace(/\.$/, ''))
  const labels = name.split('.')
  // Digits at the end would be read as an address: 192.168.1 is no name.
  const isName = labels.every((label) => LABEL.test(label)) && !/^\d+$/.test(labels.at(-1) ?? '')
  return isName && name.length <= NAME_CHARACTERS_MAX ? name : null
}
