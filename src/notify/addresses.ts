/**
 * Which addresses a message for a stranger's server may go to. Whoever registers a webhook chooses where we connect
 * to; without this they could make us speak to the database, a router or the cloud's metadata service.
 *
 * Ranges: IANA's special-purpose registries for IPv4 and IPv6.
 */
import { BlockList, isIP, isIPv4 } from 'node:net'

export type AddressKind =
  | 'public'
  /** This machine. */
  | 'loopback'
  /** The shop's own network (RFC 1918, RFC 4193). */
  | 'private'
  /** Never spoken to: link-local, metadata, carrier NAT, translation, multicast, reserved, unreadable. */
  | 'forbidden'

const list = (...ranges: readonly (readonly [string, number])[]): BlockList => {
  const made = new BlockList()
  for (const [net, prefix] of ranges) made.addSubnet(net, prefix, isIPv4(net) ? 'ipv4' : 'ipv6')
  return made
}

const LOOPBACK_4 = list(['127.0.0.0', 8])
const PRIVATE_4 = list(['10.0.0.0', 8], ['172.16.0.0', 12], ['192.168.0.0', 16])
const FORBIDDEN_4 = list(
  ['0.0.0.0', 8],
  // Carrier NAT; Alibaba Cloud's metadata service (100.100.100.200) lives in it.
  ['100.64.0.0', 10],
  ['169.254.0.0', 16],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  // Azure's platform address: public by number, reachable from inside its machines only.
  ['168.63.129.16', 32],
)

const LOOPBACK_6 = list(['::1', 128])
const PRIVATE_6 = list(['fc00::', 7])
/** Metadata services of AWS and Google Cloud, inside the private range. */
const METADATA_6 = list(['fd00:ec2::', 32], ['fd20:ce::', 32])
/** Only this block is handed out as global unicast; mapped, translated and site-local forms lie outside it. */
const GLOBAL_6 = list(['2000::', 3])
const FORBIDDEN_6 = list(
  // Protocol assignments with Teredo and ORCHID, documentation, 6to4: each may carry another address inside.
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
)

/** @param address as a resolver or the parser of URLs writes it, without brackets. */
export function kindOfAddress(address: string): AddressKind {
  switch (isIP(address)) {
    case 4:
      if (LOOPBACK_4.check(address, 'ipv4')) return 'loopback'
      if (PRIVATE_4.check(address, 'ipv4')) return 'private'
      return FORBIDDEN_4.check(address, 'ipv4') ? 'forbidden' : 'public'
    case 6:
      return kindOf6(address)
    default:
      return 'forbidden'
  }
}

function kindOf6(address: string): AddressKind {
  // A zone names one of our own network cards; nobody outside has business with it.
  if (address.includes('%')) return 'forbidden'
  if (LOOPBACK_6.check(address, 'ipv6')) return 'loopback'
  if (METADATA_6.check(address, 'ipv6')) return 'forbidden'
  // The list reads ::ffff:10.0.0.1 as the IPv4 address in it; what is not wholly IPv6 stays forbidden below.
  if (PRIVATE_6.check(address, 'ipv6')) return 'private'
  if (!GLOBAL_6.check(address, 'ipv6')) return 'forbidden'
  return FORBIDDEN_6.check(address, 'ipv6') ? 'forbidden' : 'public'
}
