/** Whether an address is on the public internet. All others belong to this machine, to its network, or to no host. */
import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** RFC 6890 §2.2.2 and the registry that it established; multicast and reserved blocks. */
const NOT_PUBLIC_IPV4 = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'],
  ...['224.0.0.0/4', '240.0.0.0/4'],
  '168.63.129.16/32', // public in the registry, but from a virtual machine of Azure it reaches a service of its host, which gives out secrets
];

/** RFC 4291 §2.4: the only block with addresses of hosts on the internet. */
const UNICAST_IPV6 = '2000::/3';

/**
 * Parts of that block for protocols, for documentation, or with an embedded IPv4 address, which may be a private one: RFC 2928, RFC 3056, RFC 3849, RFC 9637.
 */
const NOT_PUBLIC_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

function listOf(family: 'ipv4' | 'ipv6', ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [network = '', bits] = range.split('/');
    list.addSubnet(network, Number(bits), family);
  }
  return list;
}

const INNER_IPV4 = listOf('ipv4', NOT_PUBLIC_IPV4);
const UNICAST = listOf('ipv6', [UNICAST_IPV6]);
const INNER_IPV6 = listOf('ipv6', NOT_PUBLIC_IPV6);
const LOOPBACK_IPV4 = listOf('ipv4', ['127.0.0.0/8']);
const LOOPBACK_IPV6 = listOf('ipv6', ['::1/128']);

/** Whether a host on the internet can have this address. False for an IPv4 address in the notation of IPv6. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !INNER_IPV4.check(address);
  return isIPv6(address) && UNICAST.check(address, 'ipv6') && !INNER_IPV6.check(address, 'ipv6');
}

/** Whether it is a loopback address, by which only this machine can be reached. */
export function isLoopbackAddress(address: string): boolean {
  return isIPv4(address) ? LOOPBACK_IPV4.check(address) : isIPv6(address) && LOOPBACK_IPV6.check(address, 'ipv6');
}
