/** A `fetch` for URLs that a stranger chose: it reaches hosts on the internet, and none of the internal network. */
import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import { type IncomingMessage, request as requestHTTP } from 'node:http';
import { request as requestHTTPS } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { Readable } from 'node:stream';
import { carrying, type Relaxations, relaxationsOf } from '../findings.js';
import { requireKnown } from '../options.js';
import type { Fetch } from './fetch-text.js';
import { isLoopbackAddress, isPublicAddress } from './public-address.js';
import { lookupPublicName } from './public-names.js';

/** Options of `publicFetch()`. */
export interface PublicFetchOptions {
  /** Also reaches this machine by its loopback addresses. Gives up the protection of services that listen on this machine only. Default `false`. */
  readonly allowLoopback?: boolean;
  /**
   * Resolves host names. Default: the name servers of the system, or of `dns.setServers()`, without `/etc/hosts`; with `allowLoopback` the system's
   * `dns.lookup`. `dns.lookup` has two threads for the whole process: strangers whose name servers do not answer can block both.
   */
  readonly lookup?: LookupFunction;
  /** The certificate authorities that are trusted in place of Node's, as PEM: for a network or a machine that has its own. */
  readonly ca?: string | readonly string[];
}

const RELAXATIONS: Relaxations<PublicFetchOptions> = {
  allowLoopback: {
    why: 'A URL that a stranger chose reaches services that listen on this machine only (SSRF)',
    section: 'RFC 9101 §10.4',
    remedy: 'Leave it out if anyone but the developers of this machine can register clients',
  },
};

type IsAllowed = (address: string) => boolean;

/** The host has an address to which strangers must not direct this server. Another attempt would fail in the same way. */
export class NotPublicError extends Error {
  constructor(host: string, address: string) {
    super(`${host} is at ${address}, which is not an address of the internet`);
  }
}

/**
 * Resolves a name, and gives its addresses only if all of them are allowed. The connection uses these addresses: the name is not resolved again (DNS
 * rebinding).
 */
function guarded(lookup: LookupFunction, isAllowed: IsAllowed): LookupFunction {
  return (host, options, callback) => {
    lookup(host, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, []);
      const addresses = found as LookupAddress[];
      const refused = addresses.find(({ address }) => !isAllowed(address));
      const [first] = addresses;
      if (refused || !first) return callback(new NotPublicError(host, refused?.address ?? 'no address'), []);
      return options.all ? callback(null, addresses) : callback(null, first.address, first.family);
    });
  };
}

/** RFC 9110 §15.3.5, §15.3.6, §15.4.5 */
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

/** @throws RangeError for a status outside 200 to 599, which `Response` does not accept */
function responseOf(answer: IncomingMessage): Response {
  const status = answer.statusCode ?? 0;
  const lines = Object.entries(answer.headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  );
  const text = WITHOUT_BODY.has(status) ? null : Readable.toWeb(answer);
  return new Response(text as ConstructorParameters<typeof Response>[0], { status, headers: lines });
}

function sendTo(
  request: Request,
  body: Buffer,
  signal: AbortSignal | undefined,
  lookup: LookupFunction,
  ca: PublicFetchOptions['ca'],
): Promise<Response> {
  const url = new URL(request.url);
  const send = url.protocol === 'https:' ? requestHTTPS : requestHTTP;
  const headers = { ...Object.fromEntries(request.headers), 'accept-encoding': 'identity' };
  // no agent: it could reuse a connection that another part of the process has opened to this host name, and whose address was not checked
  const trusted = ca === undefined ? {} : { ca: [ca].flat() };
  const options = {
    method: request.method,
    headers,
    lookup,
    agent: false,
    signal,
    ...trusted,
  } as const;
  return new Promise((resolve, reject) => {
    const sent = send(url, options, (answer) => {
      try {
        resolve(responseOf(answer));
      } catch (error) {
        answer.destroy();
        reject(error); // an error thrown in this callback, such as for the status 999, would end the process
      }
    });
    sent.on('error', reject).end(body);
  });
}

/**
 * A `fetch` that reaches public addresses only, for URLs that clients or others chose (SSRF). If a host resolves to an address of this machine, of a
 * private network, or of a cloud's metadata service, it throws an error, and sends nothing. It follows no redirects, keeps no
 * cookies, and uses a new connection each time. Networks that reach IPv4 hosts by translated addresses (NAT64) need a `fetch` of their own.
 *
 * @returns a function that throws Error if a host is not public, or cannot be reached
 * @throws TypeError for an unknown option
 * @example const answer = await publicFetch()('https://client.example/jwks', { signal: AbortSignal.timeout(5000) });
 * @see RFC 9101 §10.4, RFC 7591 §5
 */
export function publicFetch(options: PublicFetchOptions = {}): Fetch {
  requireKnown<PublicFetchOptions>(options, { allowLoopback: true, lookup: true, ca: true }, 'publicFetch');
  const { allowLoopback = false, ca } = options;
  const { lookup = allowLoopback === true ? (systemLookup as LookupFunction) : lookupPublicName } = options;
  const isAllowed: IsAllowed = (address) =>
    isPublicAddress(address) || (allowLoopback === true && isLoopbackAddress(address));
  const safeLookup = guarded(lookup, isAllowed);
  const fetch: Fetch = async (url, init) => {
    const request = new Request(url, init);
    const host = new URL(request.url).hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) && !isAllowed(host)) throw new NotPublicError(host, host); // Node does not call the lookup for an IP address
    const body = Buffer.from(await request.arrayBuffer());
    // not `request.signal`: it follows `init.signal` only until it is garbage-collected, and a silent host would then keep its connection for ever
    return sendTo(request, body, init?.signal ?? undefined, safeLookup, ca);
  };
  return carrying(fetch, relaxationsOf('publicFetch', options, RELAXATIONS));
}

/** The default `fetch` of a server's extensions. If the issuer is on this machine, as during development, it also reaches other servers on this machine. */
export function publicFetchFor(issuer: string | undefined): Fetch {
  const host = issuer === undefined ? '' : new URL(issuer).hostname.replace(/^\[|\]$/g, '');
  return publicFetch({ allowLoopback: host === 'localhost' || isLoopbackAddress(host) });
}
