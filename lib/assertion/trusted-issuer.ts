/** Issuers whose assertions this server accepts, as the application names them. */
import { type Finding, type Relaxations, relaxationsOf } from '../findings.js';
import { ASYMMETRIC, type AsymmetricAlgorithm, isAsymmetric } from '../keys/asymmetric.js';
import { type OptionNames, requireKnown, requireSeconds } from '../options.js';
import { requireSecureURL } from '../syntax/url.js';
import type { Awaitable } from '../types.js';
import type { AssertionProfile } from './profile.js';

/** An issuer whose assertions are accepted. Its keys are given by either `jwksURI` or `jwks`. */
export interface TrustedIssuer {
  /** The URL of its key set: https, or http on this machine. */
  readonly jwksURI?: string;
  /** Its public keys. */
  readonly jwks?: { readonly keys: readonly object[] };
  /** The algorithms by which it signs. Default: all asymmetric ones. @see RFC 8725 §3.1 */
  readonly algorithms?: readonly AsymmetricAlgorithm[];
  /** The profile that its assertions must have, such as `idJAG()`. Default: none, and then assertions with a profile are refused. */
  readonly profile?: AssertionProfile;
  /**
   * Whether `client_id` of its assertions is the client of this server that may present them, as `issueGrants()` writes it. An assertion that names another
   * client, or none, is then refused: a client that stole it cannot use it. Default `false`: by RFC 8693 §4.3, `client_id` may be a client of the issuer,
   * whose identifier another client may have here. A profile has rules of its own.
   */
  readonly namesClient?: boolean;
  /** Seconds from now to `exp`, at most. Default 3,600. Each used assertion is remembered for that long. */
  readonly maxLifetime?: number;
  /**
   * Whether the URL of the token endpoint may be the audience in place of the issuer identifier. A malicious server that claims this URL as its own token
   * endpoint then gets assertions that are accepted here. Not with a profile. Default `false`.
   *
   * @see RFC 7523 §3 item 3
   */
  readonly allowTokenEndpointAudience?: boolean;
  /**
   * Whether an assertion may be used until it expires. An attacker can then use a stolen assertion after the client has used it. An assertion may
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
    why: 'A malicious server that claims the URL as its own gets assertions that are accepted here',
    section: 'RFC 10070',
    remedy: 'Leave it out, and have the issuer name the issuer identifier of this server',
  },
  allowReuse: {
    why: 'A stolen assertion can be used until it expires, also after the client has used it',
    section: 'RFC 7523 §3',
    remedy: 'Leave it out, and have the issuer give every assertion a jti of its own',
  },
};

/** The issuers by their `iss`; or a function that finds one, if the application adds and removes issuers while it runs. */
export type TrustedIssuers =
  | Readonly<Record<string, TrustedIssuer>>
  | ((issuer: string) => Awaitable<TrustedIssuer | null | undefined | false>);

function requireKeys({ jwksURI, jwks }: TrustedIssuer, what: string): void {
  if ((jwksURI === undefined) === (jwks === undefined)) throw new TypeError(`${what} needs either jwksURI or jwks`);
  if (jwksURI !== undefined) requireSecureURL(jwksURI, `${what}: jwksURI`);
  else if (!Array.isArray(jwks?.keys) || jwks.keys.length === 0)
    throw new TypeError(`${what}: jwks is a key set with keys: { keys: [...] }`);
}

/** @throws TypeError for options that no assertion could satisfy, and for options that are not safe */
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
 * @throws TypeError at start if the issuers are an object; if they are a function, when it has found one
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

/** The relaxations of issuers that are an object; those of a function are not known at start. @param what names the option */
export function findingsOfIssuers(issuers: TrustedIssuers, what: string): readonly Finding[] {
  const named = typeof issuers === 'function' ? [] : Object.entries(issuers);
  return named.flatMap(([issuer, trusted]) => relaxationsOf(`${what}: ${issuer}`, trusted, RELAXATIONS));
}

/** The profiles of issuers that are an object; those of a function are not known at start. */
export function profilesOf(issuers: TrustedIssuers): readonly string[] {
  const named = typeof issuers === 'function' ? [] : Object.values(issuers);
  return [...new Set(named.flatMap(({ profile }) => profile?.name ?? []))];
}
