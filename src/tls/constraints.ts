/**
 * What our own authority may vouch for, written into its certificate as name constraints: private names and addresses,
 * and the few hosts it was made for. Whoever steals its key from a shop's machine still cannot play a bank, or WeChat, to
 * the browsers that trust it. (Old Android versions do not look at an authority's constraints.)
 */
import { isIP, isIPv4 } from 'node:net'
import type { OctetString } from 'asn1js'
import ipaddr from 'ipaddr.js'
import { GeneralSubtree, NameConstraints, type GeneralName } from 'pkijs'
import { addressName, DNS_NAME, hostName, IP_ADDRESS, OID, parsed } from './x509.ts'

/** Names that no registry gives away. */
const PRIVATE_NAMES = ['localhost', 'local', 'lan', 'internal', 'home.arpa'] as const

/** Addresses that mean nothing on the internet. */
const PRIVATE_SUBNETS = [
  '127.0.0.0/8',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '::1/128',
  'fc00::/7',
] as const

/** @param hosts what else; a name stands for all below it too */
export function permitting(hosts: readonly string[]): NameConstraints {
  const names = hosts.filter((host) => isIP(host) === 0)
  const addresses = hosts.filter((host) => isIP(host) !== 0)
  const subnets = [
    ...PRIVATE_SUBNETS,
    ...addresses.map((host) => `${host}/${isIPv4(host) ? 32 : 128}`),
  ]
  const bases = [...[...PRIVATE_NAMES, ...names].map(hostName), ...subnets.map(subnetName)]
  return new NameConstraints({
    permittedSubtrees: bases.map((base) => new GeneralSubtree({ base })),
  })
}

function subnetName(subnet: string): GeneralName {
  const [address, length] = ipaddr.parseCIDR(subnet)
  const family = address.kind() === 'ipv4' ? ipaddr.IPv4 : ipaddr.IPv6
  const mask = family.subnetMaskFromPrefixLength(length)
  return addressName([...address.toByteArray(), ...mask.toByteArray()])
}

/** Which hosts an authority's certificate lets it vouch for. */
export function permittedBy(authorityPem: string): (host: string) => boolean {
  const found = parsed(authorityPem).extensions?.find(
    ({ extnID }) => extnID === OID.nameConstraints,
  )
  if (!(found?.parsedValue instanceof NameConstraints)) return () => true
  const bases = (found.parsedValue.permittedSubtrees ?? []).map(({ base }) => base)
  return (host) => bases.some((base) => holds(base, host))
}

function holds(base: GeneralName, host: string): boolean {
  const isAddress = isIP(host) !== 0
  if (base.type === DNS_NAME && !isAddress) {
    return host === base.value || host.endsWith(`.${String(base.value)}`)
  }
  if (base.type !== IP_ADDRESS || !isAddress) return false
  const bytes = [...(base.value as OctetString).valueBlock.valueHexView]
  const net = ipaddr.fromByteArray(bytes.slice(0, bytes.length / 2))
  const mask = ipaddr.fromByteArray(bytes.slice(bytes.length / 2))
  const address = ipaddr.parse(host)
  // Of two families, `match` would throw.
  return address.kind() === net.kind() && address.match(net, mask.prefixLengthFromSubnetMask() ?? 0)
}
