/** Issuers whose assertions this server accepts, as the application names them. */
import { type Finding, type Relaxations, relaxationsOf } from '../findings.js';
import { ASYMMETRIC, type AsymmetricAlgorithm, isAsymmetric } from '../keys/asymmetric.js';
import { type OptionNames, requireKnown, requireSeconds } from '../options.js';
import { requireSecureURL } from '../syntax/url.js';
import type { Awaitable } from '../types.js';
import type { AssertionProfile } from './profile.js';

/** An issuer whose assertions are accepted, by one of `jwksURI` and `jwks`. */
export interface TrustedIssuer {
  /** The URL of its key set: https, or http on this machine. */
  readonly jwksURI?: string;
  /** Its public keys. */
  readonly jwks?: { readonly keys: readonly object[] };
  /** The algorithms by which it signs. Default: all with a private and a public key. @see RFC 8725 §3.1 */
  readonly algorithms?: readonly AsymmetricAlgorithm[];
  /** The profile that its assertions must be of, such as `idJAG()`. Default: none, and then its assertions may be of no profile. */
  readonly profile?: AssertionProfile;
  /**
   * Whether `client_id` of its assertions names the client of this server that may present them, as `issueGrants()` writes it: one that names another, or
   * none, is then refused, so that a client which stole it gets nothing for it. Default `false`: by RFC 8693 §4.3 it may be a client of the issuer, and
   * the name of another client here. A profile has rules of its own.
   */
  readonly namesClient?: boolean;
  /** Seconds from now to `exp`, at most. Default 3,600. Each used assertion is remembered for that long. */
  readonly maxLifetime?: number;
  /**
   * Whether the URL of the token endpoint may be the audience in place of the issuer identifier. Gives up this protection: whoever can have the issuer
   * name that URL, such as a malicious server that says it was its own, gets assertions that count here. Not with a profile. Default `false`.
   *
   * @see RFC 7523 §3 item 3
   */
  readonly allowTokenEndpointAudience?: boolean;
  /**
   * Whether an assertion may be used until it expires. Gives up that one which was stolen is of no use once the client has used it. An assertion may
   * then lack `jti`. Default `false`. @see RFC 7523 §3 item 7
   */
  readonly allowReuse?: boolean;
}

const KNOWN: OptionNames<TrustedIssuer> = {
  jwksURI: true,
  jwks: true,
  algorithms: true,
  profile: true,
  namesClient: true,
  maxLifetime: true,
  allowTokenEndpointAudience: true,
  allowReuse: true,
};

const RELAXATIONS: Relaxations<TrustedIssuer> = {
  allowTokenEndpointAudience: {
    why: 'A malicious server that says the URL was its own gets assertions that count here',
    section: 'RFC 10070',
    remedy: 'Leave it out, and have the issuer name the issuer identifier of this server',
  },
  allowReuse: {
    why: 'An assertion that was stolen is of use until it expires',
    section: 'RFC 7523 §3',
    remedy: 'Leave it out, and have the issuer give every assertion a jti of its own',
  },
};

/** The issuers by their `iss`; or a function that finds one, for issuers that come and go. */
export type TrustedIssuers =
  | Readonly<Record<string, TrustedIssuer>>
  | ((issuer: string) => Awaitable<TrustedIssuer | null | undefined | false>);

function requireKeys({ jwksURI, jwks }: TrustedIssuer, what: string): void {
  if ((jwksURI === undefined) === (jwks === undefined)) throw new TypeError(`${what} needs either jwksURI or jwks`);
  if (jwksURI !== undefined) requireSecureURL(jwksURI, `${what}: jwksURI`);
  else if (!Array.isArray(jwks?.keys) || jwks.keys.length === 0)
    throw new TypeError(`${what}: jwks is a key set with keys: { keys: [...] }`);
}

/** @throws TypeError for what no assertion could satisfy, or what would accept too many */
export function requireTrusted(trusted: TrustedIssuer, what: string): void {
  requireKnown<TrustedIssuer>(trusted, KNOWN, what);
  requireKeys(trusted, what);
  const { algorithms = ASYMMETRIC, maxLifetime = 1, profile, allowTokenEndpointAudience } = trusted;
  // RFC 8725 §3.1, §3.2: never `none`, and never HMAC, whose key is the verifier's too
  if (algorithms.length === 0 || !algorithms.every(isAsymmetric))
    throw new TypeError(`${what}: algorithms are some of ${ASYMMETRIC.join(', ')}, not ${algorithms.join(', ')}`);
  requireSeconds(`${what}: maxLifetime`, maxLifetime, 1);
  if (profile && allowTokenEndpointAudience)
    throw new TypeError(`${what}: the audience of ${profile.name} is the issuer identifier alone`);
}

/**
 * Finds trusted issuers by `iss`, compared as text. @see RFC 7523 §3 item 1
 *
 * @param what names the option in messages
 * @throws TypeError at start, for issuers that are all named; otherwise when one is found
 */
export function findTrusted(
  issuers: TrustedIssuers,
  what: string,
): (issuer: string) => Promise<TrustedIssuer | undefined> {
  if (typeof issuers === 'function') {
    return async (issuer) => {
      const found = (await issuers(issuer)) || undefined;
      if (found) requireTrusted(found, `${what}: ${issuer}`);
      return found;
    };
  }
  const named = new Map(Object.entries(issuers ?? {}));
  if (named.size === 0) throw new TypeError(`${what} is needed: whose assertions are accepted`);
  for (const [issuer, trusted] of named) requireTrusted(trusted, `${what}: ${issuer}`);
  return async (issuer) => named.get(issuer);
}

/** What is given up for issuers that are all named. @param what names the option */
export function findingsOfIssuers(issuers: TrustedIssuers, what: string): readonly Finding[] {
  const named = typeof issuers === 'function' ? [] : Object.entries(issuers);
  return named.flatMap(([issuer, trusted]) => relaxationsOf(`${what}: ${issuer}`, trusted, RELAXATIONS));
}

/** The profiles of issuers that are all named. */
export function profilesOf(issuers: TrustedIssuers): readonly string[] {
  const named = typeof issuers === 'function' ? [] : Object.values(issuers);
  return [...new Set(named.flatMap(({ profile }) => profile?.name ?? []))];
}
