/** Makes ID tokens. @see OpenID Connect Core §2 */
import { textOf } from '../clients/member.js';
import type { Core } from '../core.js';
import { signingKey, signJWT } from '../keys/sign.js';
import type { Claims } from '../types.js';
import { leftHalfHash } from './hash.js';

/** OpenID Connect Registration §2: the algorithm for a client that registered none. */
const DEFAULT_ALGORITHM = 'RS256';

/** `typ` of ID tokens: RFC 7519 §5.1. Access tokens, logout tokens and the other JWTs of a server have types of their own. */
export const ID_TOKEN_TYPE = 'JWT';

/** The algorithm that a client's ID tokens are signed with. */
export function idTokenAlgorithm(client: unknown): string {
  return textOf(client, 'id_token_signed_response_alg') ?? DEFAULT_ALGORITHM;
}

/** The content of an ID token, without the claims that every ID token has. */
export interface IDTokenContent {
  readonly clientID: string;
  /** `sub` and further claims about the user and the login. Members without a value are left out. */
  readonly claims: Claims & { readonly sub: string };
  /** In seconds. */
  readonly lifetime: number;
  /** Further audiences. The client is then the authorized party, `azp`. */
  readonly audiences?: readonly string[] | undefined;
  /** The code and the access token that are issued together with it. The ID token has their hashes, so that an attacker cannot replace them. */
  readonly beside?: { readonly accessToken?: unknown; readonly code?: unknown };
}

function hashes({ accessToken, code }: NonNullable<IDTokenContent['beside']>, alg: string): Claims {
  return {
    ...(typeof accessToken === 'string' && { at_hash: leftHalfHash(accessToken, alg) }), // §3.1.3.6, §3.2.2.10
    ...(typeof code === 'string' && { c_hash: leftHalfHash(code, alg) }), // §3.3.2.11
  };
}

/**
 * Makes an ID token for a client, signed with the algorithm that the client registered.
 *
 * @throws Error if no key signs with that algorithm: the client would refuse an ID token that is signed with another one
 * @see OpenID Connect Core §2
 */
export async function signIDToken<C, U>(core: Core<C, U>, client: C, content: IDTokenContent): Promise<string> {
  const { clientID, claims, lifetime, audiences = [], beside = {} } = content;
  const alg = idTokenAlgorithm(client);
  const key = signingKey(core.keys, alg);
  if (!key || core.issuer === undefined) throw new Error(`No key of createServer({ keys }) signs ID tokens by ${alg}`);
  const further = audiences.filter((audience) => audience !== clientID);
  const iat = Math.floor(core.now());
  const own = {
    iss: core.issuer,
    aud: further.length > 0 ? [clientID, ...further] : clientID,
    ...(further.length > 0 && { azp: clientID }), // §2: needed if there are several audiences
    iat,
    exp: iat + lifetime,
  };
  return signJWT(key, Object.assign({}, claims, hashes(beside, alg), own), ID_TOKEN_TYPE);
}
