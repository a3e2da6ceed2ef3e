/** Reads ID tokens of this server that a client sends back: `id_token_hint`. @see OpenID Connect Core §3.1.2.1, RP-Initiated Logout §2 */
import type { Core } from '../core.js';
import { isAsymmetric } from '../keys/asymmetric.js';
import { claimsIn, isSignedBy, readJWS } from '../keys/jws.js';
import type { SigningKeys } from '../plugs.js';
import type { Claims } from '../types.js';
import { ID_TOKEN_TYPE } from './sign.js';

/** An ID token of this server. */
export interface IDTokenHint {
  /** `sub`, the identifier by which the client knows the user. */
  readonly sub: string;
  /** The clients that it is for. */
  readonly audience: readonly string[];
  /** `sid`, the session that it was issued in. */
  readonly sid?: string;
  readonly claims: Claims;
}

/** The ID token; or, for the operator, why the hint is not an ID token of this server. */
export type ReadHint = { readonly hint: IDTokenHint } | { readonly fault: string };

/** In characters: far more than the claims of a user need. */
const MAX_CHARACTERS = 32 * 1024;

/** The content of a token that this server signed with a published key: the current one, or an earlier one. */
async function verified(keys: SigningKeys, token: string): Promise<unknown> {
  const jws = readJWS(token);
  const { kid, alg = '', typ } = jws.header;
  const isIDToken = typ === undefined || typ === ID_TOKEN_TYPE; // RFC 8725 §3.11: an access token, say, has another type
  const key = keys.find(kid);
  // RFC 8725 §3.1: the algorithm must be that of the key, whatever the token says
  if (!isIDToken || key?.alg !== alg || !isAsymmetric(alg)) return undefined;
  return (await isSignedBy(jws, key.key, alg)) ? claimsIn(jws) : undefined;
}

function isIDToken({ sub, exp, iat, events }: Claims): boolean {
  return typeof sub === 'string' && sub !== '' && Number.isFinite(exp) && Number.isFinite(iat) && events === undefined;
}

/**
 * Reads an ID token that this server issued. It may have expired: clients keep ID tokens longer than these are valid.
 *
 * @returns the ID token, or why it is not accepted
 * @see OpenID Connect Core §3.1.2.1
 */
export async function readIDTokenHint<C, U>({ keys, issuer }: Core<C, U>, token: string): Promise<ReadHint> {
  if (!keys) return { fault: 'There are no keys' };
  if (token.length > MAX_CHARACTERS) return { fault: 'It is too long' };
  const content = await verified(keys, token).catch(() => undefined);
  if (typeof content !== 'object' || content === null)
    return { fault: 'No published key of this server has signed it' };
  const claims = content as Claims;
  if (claims['iss'] !== issuer) return { fault: 'It is of another issuer' };
  if (!isIDToken(claims)) return { fault: 'It is not an ID token' };
  const { sub, aud, sid } = claims;
  const audience = [aud].flat().filter((one) => typeof one === 'string');
  return { hint: { sub: String(sub), audience, ...(typeof sid === 'string' && { sid }), claims } };
}
