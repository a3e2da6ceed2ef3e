/** A `fetch` for URLs that somebody else chose: it reaches the internet, and nothing inside. */
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
   * Resolves host names. Default: the name servers of the system, or of `dns.setServers()`, and not `/etc/hosts`; with `allowLoopback` the system's `dns.lookup`.
   * That has two threads for the whole process, which hosts of strangers with silent name servers can hold.
   */
  readonly lookup?: LookupFunction;
  /** Certificates of authorities, as PEM, that are trusted in place of those of Node: those of a network or a machine that has its own. */
  readonly ca?: string | readonly string[];
}

const RELAXATIONS: Relaxations<PublicFetchOptions> = {
  allowLoopback: {
    why: 'A URL that a stranger chose reaches services that listen on this machine only (SSRF)',
    section: 'RFC 9101 §10.4',
    remedy: 'Leave it out where others than developers of this machine register clients',
  },
};

type IsAllowed = (address: string) => boolean;

/** A host is not where strangers may send this server. To try again would not help. */
export class NotPublicError extends Error {
  constructor(host: string, address: string) {
    super(`${host} is at ${address}, which is not an address of the internet`);
  }
}

/** Resolves a name, and gives its addresses only if all of them may be reached. The connection goes to one of these: a name cannot resolve to another one later. */
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

/** @throws RangeError for a status that is none of HTTP's */
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
  // no agent: another part of the process could have a connection open to a host of that name, which would be used without a look at its address
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
        reject(error); // nobody catches what is thrown here: a status such as 999, which no Response can have, would end the process
      }
    });
    sent.on('error', reject).end(body);
  });
}

/**
 * A `fetch` that reaches public addresses only, for URLs that clients or others chose (SSRF): of a host whose name resolves to an address of this
 * machine, of a private network, or of a cloud's metadata service, it gives an error, and sends nothing. It follows no redirects, keeps no
 * cookies, and uses a new connection each time. Networks that reach IPv4 hosts by translated addresses (NAT64) need a `fetch` of their own.
 *
 * @returns a function that throws Error where a host is not public, or cannot be reached
 * @throws TypeError for an option that there is not
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
    if (isIP(host) && !isAllowed(host)) throw new NotPublicError(host, host); // Node resolves no address, so that the lookup would not see it
    const body = Buffer.from(await request.arrayBuffer());
    // not the signal of the request, which follows this one only until garbage is collected: a silent host would keep its connection for ever
    return sendTo(request, body, init?.signal ?? undefined, safeLookup, ca);
  };
  return carrying(fetch, relaxationsOf('publicFetch', options, RELAXATIONS));
}

/** The default of those who fetch for a server: one that is on this machine only, where it is developed, reaches others on this machine. */
export function publicFetchFor(issuer: string | undefined): Fetch {
  const host = issuer === undefined ? '' : new URL(issuer).hostname.replace(/^\[|\]$/g, '');
  return publicFetch({ allowLoopback: host === 'localhost' || isLoopbackAddress(host) });
}
