/** Which addresses are on the public internet: what is not is of this machine, of its network, or of no host at all. */
import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** RFC 6890 §2.2.2 and the registry that it began; multicast and what is reserved. */
const NOT_PUBLIC_IPV4 = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'],
  ...['224.0.0.0/4', '240.0.0.0/4'],
  '168.63.129.16/32', // public by the registry, but every virtual machine of Azure has a service of its host there, with secrets
];

/** RFC 4291 §2.4: the only block from which addresses of hosts on the internet are given. */
const UNICAST_IPV6 = '2000::/3';

/** Parts of it that are for protocols, for documentation, or carry an IPv4 address that may be any: RFC 2928, RFC 3056, RFC 3849, RFC 9637. */
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

/** Whether a host on the internet can have this address. An IPv4 address that is written as one of IPv6 cannot. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !INNER_IPV4.check(address);
  return isIPv6(address) && UNICAST.check(address, 'ipv6') && !INNER_IPV6.check(address, 'ipv6');
}

/** Whether it is this machine, by an address of its own. */
export function isLoopbackAddress(address: string): boolean {
  return isIPv4(address) ? LOOPBACK_IPV4.check(address) : isIPv6(address) && LOOPBACK_IPV6.check(address, 'ipv6');
}
