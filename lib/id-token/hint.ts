/** Reads ID tokens of this server that a client sends back: `id_token_hint`. @see OpenID Connect Core §3.1.2.1, RP-Initiated Logout §2 */
import type { Core } from '../core.js';
import { isAsymmetric } from '../keys/asymmetric.js';
import { claimsIn, isSignedBy, readJWS } from '../keys/jws.js';
import type { SigningKeys } from '../plugs.js';
import type { Claims } from '../types.js';
import { ID_TOKEN_TYPE } from './sign.js';

/** An ID token of ours, and what it says. */
export interface IDTokenHint {
  /** The outward `sub`, as the client knows it. */
  readonly sub: string;
  /** The clients that it is for. */
  readonly audience: readonly string[];
  /** The session that it was issued in, as `sid` says it. */
  readonly sid?: string;
  readonly claims: Claims;
}

/** What is read; and if it is no ID token of ours, why, for the operator. */
export type ReadHint = { readonly hint: IDTokenHint } | { readonly fault: string };

/** In characters: far more than the claims of a user need. */
const MAX_CHARACTERS = 32 * 1024;

/** The content of a token that we signed, with a key that is published: the one that signs now, or an earlier one. */
async function verified(keys: SigningKeys, token: string): Promise<unknown> {
  const jws = readJWS(token);
  const { kid, alg = '', typ } = jws.header;
  const isIDToken = typ === undefined || typ === ID_TOKEN_TYPE; // RFC 8725 §3.11: an access token, say, has another type
  const key = keys.find(kid);
  // RFC 8725 §3.1: the algorithm is that of the key, and not what is written in the token
  if (!isIDToken || key?.alg !== alg || !isAsymmetric(alg)) return undefined;
  return (await isSignedBy(jws, key.key, alg)) ? claimsIn(jws) : undefined;
}

function isIDToken({ sub, exp, iat, events }: Claims): boolean {
  return typeof sub === 'string' && sub !== '' && Number.isFinite(exp) && Number.isFinite(iat) && events === undefined;
}

/**
 * An ID token that this server issued. It may have expired: the client keeps it for longer than it is good.
 *
 * @returns why it is none, if it is none
 * @see OpenID Connect Core §3.1.2.1
 */
export async function readIDTokenHint<C, U>({ keys, issuer }: Core<C, U>, token: string): Promise<ReadHint> {
  if (!keys) return { fault: 'There are no keys' };
  if (token.length > MAX_CHARACTERS) return { fault: 'It is too long' };
  const content = await verified(keys, token).catch(() => undefined);
  if (typeof content !== 'object' || content === null) return { fault: 'No published key of ours has signed it' };
  const claims = content as Claims;
  if (claims['iss'] !== issuer) return { fault: 'It is of another issuer' };
  if (!isIDToken(claims)) return { fault: 'It is no ID token' };
  const { sub, aud, sid } = claims;
  const audience = [aud].flat().filter((one) => typeof one === 'string');
  return { hint: { sub: String(sub), audience, ...(typeof sid === 'string' && { sid }), claims } };
}
