/**
 * Resolves the names of hosts that strangers chose. `dns.lookup` has two threads for all names of the process, and cannot be aborted: a name server that does
 * not answer blocks each for some ten seconds, and connections to the application's own database have to wait. Direct DNS queries take no thread.
 */
import dns, { type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';

/** RFC 6761 §6.3: for these names, no query is sent to a name server. */
const LOCALHOST = /(?:^|\.)localhost\.?$/i;

const LOOPBACK: readonly LookupAddress[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

/** All addresses of a name. @throws the error of the name servers if it has none */
async function addressesOf(host: string): Promise<LookupAddress[]> {
  if (LOCALHOST.test(host)) return [...LOOPBACK];
  const { resolve4, resolve6 } = dns.promises; // read at each call: dns.setServers() replaces these functions
  const [four, six] = await Promise.allSettled([resolve4(host), resolve6(host)]);
  if (four.status === 'rejected' && six.status === 'rejected') throw four.reason;
  const addresses = four.status === 'fulfilled' ? four.value.map((address) => ({ address, family: 4 })) : [];
  if (six.status === 'fulfilled') addresses.push(...six.value.map((address) => ({ address, family: 6 })));
  return addresses;
}

/** Queries the name servers of the system, or those of `dns.setServers()`. `/etc/hosts` is not read: a host that only it names is not on the internet. */
export const lookupPublicName: LookupFunction = (host, _options, callback) => {
  addressesOf(host).then(
    (addresses) => callback(null, addresses),
    (error) => callback(error, []),
  );
};
