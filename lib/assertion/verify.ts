/** Verifies what a trusted issuer has signed. @see RFC 7523 §3, RFC 7521 §5.2 */
import type { KeyObject } from 'node:crypto';
import type { JSONWebKeySet } from 'jose';
import { CLOCK_SKEW } from '../clock.js';
import { debugAbout } from '../errors/debug.js';
import { Reason, type ReasonValues, reasoned } from '../errors/reason.js';
import { TokenError } from '../errors/token-error.js';
import { ASYMMETRIC } from '../keys/asymmetric.js';
import { type ClientKeysOptions, fetchForClients } from '../keys/client-keys.js';
import { isSignedBy } from '../keys/jws.js';
import { type FindKey, localKeys } from '../keys/local-keys.js';
import { KeysUnavailableError, remoteKeys } from '../keys/remote-keys.js';
import { recentlyUsed } from '../oldest-first.js';
import type { Claims } from '../types.js';
import { type AssertionRules, faultOfAssertion } from './claims.js';
import type { PresentedAt } from './profile.js';
import { readAssertion, type UnverifiedAssertion } from './read.js';
import { findTrusted, type TrustedIssuer, type TrustedIssuers } from './trusted-issuer.js';

const debug = debugAbout('assertion');

/** How the key sets of trusted issuers are fetched. */
export type FetchIssuerKeys = Pick<ClientKeysOptions, 'fetch' | 'fetchTimeout' | 'allowHTTP'>;

/** Where an assertion is presented, by whom, and when. */
export interface Presented extends PresentedAt {
  readonly tokenEndpoint: string;
  /** Epoch seconds. */
  readonly now: number;
}

/** An assertion that a trusted issuer has signed, for this server. */
export interface VerifiedAssertion {
  readonly issuer: string;
  readonly subject: string;
  readonly claims: Claims;
  /** The name of its profile in the server's metadata. */
  readonly profile: string | undefined;
  /** What must be remembered so that it cannot be used again; undefined if it may be used several times. */
  readonly useOnce: { readonly jti: string /** Epoch seconds. */; readonly until: number } | undefined;
}

/** The error for every failure. It is always the same, so that the client cannot find out which issuers this server trusts. @see RFC 7523 §3.1 */
export function invalidAssertion(why: string, values?: ReasonValues): TokenError {
  return reasoned(new TokenError('Invalid assertion', 'invalid_grant'), `assertion: ${why}`, values);
}

/** The values of `typ` for an assertion without a profile. The second one is that of the drafts of RFC 10070. */
const WITHOUT_PROFILE: ReadonlySet<string> = new Set(['jwt', 'authorization-grant+jwt']);

function rulesFor(trusted: TrustedIssuer, { issuer, tokenEndpoint }: Presented): AssertionRules {
  const { profile, maxLifetime = 3600, allowTokenEndpointAudience, allowReuse } = trusted;
  return {
    types: profile ? new Set([profile.type]) : WITHOUT_PROFILE,
    audiences: new Set(allowTokenEndpointAudience === true ? [issuer, tokenEndpoint] : [issuer]),
    maxLifetime,
    skew: CLOCK_SKEW,
    mayBeReused: allowReuse === true,
  };
}

function read(text: string): UnverifiedAssertion {
  try {
    return readAssertion(text);
  } catch (cause) {
    throw invalidAssertion(`it is malformed: ${cause}`);
  }
}

/** Finds keys of one issuer only: a `kid` is never looked up in the key set of another issuer. */
function keysOf(options: FetchIssuerKeys, now: () => number): (trusted: TrustedIssuer) => FindKey {
  const keysAt = remoteKeys({ ...options, fetch: fetchForClients(options), now });
  const local = recentlyUsed(1000, (text): FindKey => localKeys(JSON.parse(text) as JSONWebKeySet));
  return ({ jwksURI, jwks }) => (jwksURI === undefined ? local(JSON.stringify(jwks)) : keysAt(jwksURI).find);
}

async function keyFor({ header }: UnverifiedAssertion, find: FindKey): Promise<KeyObject> {
  try {
    return await find(header);
  } catch (cause) {
    debug('no key: %s', cause);
    if (!(cause instanceof KeysUnavailableError)) throw invalidAssertion('its issuer has no key for it', header);
    throw new TokenError('Try again later', 'temporarily_unavailable', undefined, 503, { cause });
  }
}

/** If the issuer names the client, no other client can use a stolen assertion. @see RFC 7521 §8.2 */
function faultOfClient({ client_id: named }: Claims, { namesClient }: TrustedIssuer, { clientID }: Presented) {
  if (namesClient !== true || (named === clientID && clientID !== '')) return undefined;
  return new Reason('client_id is not the client that presents it', { client_id: named });
}

/** The fault that a profile finds in the claims. Its text contains no values of the claims. */
function faultOfProfile({ profile }: TrustedIssuer, claims: Claims, presented: Presented): Reason | undefined {
  const fault = profile?.faultOf(claims, presented);
  return fault === undefined ? undefined : new Reason(fault);
}

/** Why an assertion with a valid signature is refused, for the operator. The checks are in the order of RFC 7523 §3. */
function faultOf(assertion: UnverifiedAssertion, trusted: TrustedIssuer, presented: Presented): Reason | undefined {
  const { header, claims } = assertion;
  const { sub } = claims;
  if (typeof sub !== 'string' || sub === '') return new Reason('sub is missing'); // RFC 7523 §3 item 2
  const fault = faultOfAssertion(header, claims, rulesFor(trusted, presented), presented.now);
  return fault ?? faultOfClient(claims, trusted, presented) ?? faultOfProfile(trusted, claims, presented);
}

/**
 * Makes a function that verifies assertions.
 *
 * @param what names the option in messages
 * @throws TypeError for issuers with invalid options
 * @returns a function that throws TokenError: `invalid_grant`; `temporarily_unavailable` (503) while a key set cannot be fetched
 */
export function assertionVerifier(
  issuers: TrustedIssuers,
  fetching: FetchIssuerKeys,
  { what, now }: { readonly what: string; now(): number },
): (text: string, presented: Presented) => Promise<VerifiedAssertion> {
  const find = findTrusted(issuers, what);
  const findKeys = keysOf(fetching, now);
  return async (text, presented) => {
    const assertion = read(text);
    const { iss, sub = '', jti, exp = 0 } = assertion.claims;
    const { alg, kid } = assertion.header;
    const trusted = typeof iss === 'string' ? await find(iss) : undefined;
    if (iss === undefined || !trusted) throw invalidAssertion('its issuer is not trusted', { iss });
    const algorithms: readonly string[] = trusted.algorithms ?? ASYMMETRIC;
    if (!algorithms.includes(alg)) throw invalidAssertion('its algorithm is not allowed', { iss, alg, algorithms });
    const key = await keyFor(assertion, findKeys(trusted));
    if (!(await isSignedBy(assertion.jws, key, alg)))
      throw invalidAssertion('its signature is wrong', { iss, alg, kid });
    const fault = faultOf(assertion, trusted, presented);
    if (fault) throw invalidAssertion(fault.what, { iss, sub, aud: assertion.claims.aud, exp, ...fault.values });
    return {
      issuer: iss,
      subject: sub,
      claims: assertion.claims,
      profile: trusted.profile?.name,
      useOnce: trusted.allowReuse === true ? undefined : { jti: String(jti), until: Math.ceil(exp + CLOCK_SKEW) },
    };
  };
}
