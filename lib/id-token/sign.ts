/** Makes ID tokens. @see OpenID Connect Core §2 */
import { textOf } from '../clients/member.js';
import type { Core } from '../core.js';
import { signingKey, signJWT } from '../keys/sign.js';
import type { Claims } from '../types.js';
import { leftHalfHash } from './hash.js';

/** OpenID Connect Registration §2: what signs where a client registered nothing. */
const DEFAULT_ALGORITHM = 'RS256';

/** RFC 7519 §5.1. Access tokens, logout tokens and the other JWTs of a server have types of their own. */
export const ID_TOKEN_TYPE = 'JWT';

/** The algorithm that a client's ID tokens are signed by. */
export function idTokenAlgorithm(client: unknown): string {
  return textOf(client, 'id_token_signed_response_alg') ?? DEFAULT_ALGORITHM;
}

/** What is in an ID token, besides what every one has. */
export interface IDTokenContent {
  readonly clientID: string;
  /** `sub` and what else is said of the user and of the login. Members without a value are left out. */
  readonly claims: Claims & { readonly sub: string };
  /** In seconds. */
  readonly lifetime: number;
  /** Further audiences. The client is then the authorized party, `azp`. */
  readonly audiences?: readonly string[] | undefined;
  /** What is issued beside it. Its hash is in the ID token, so that nobody can replace it. */
  readonly beside?: { readonly accessToken?: unknown; readonly code?: unknown };
}

function hashes({ accessToken, code }: NonNullable<IDTokenContent['beside']>, alg: string): Claims {
  return {
    ...(typeof accessToken === 'string' && { at_hash: leftHalfHash(accessToken, alg) }), // §3.1.3.6, §3.2.2.10
    ...(typeof code === 'string' && { c_hash: leftHalfHash(code, alg) }), // §3.3.2.11
  };
}

/**
 * An ID token for a client, signed by the algorithm that it registered.
 *
 * @throws Error where nothing signs by that algorithm: unsigned, or signed otherwise, it would be what the client does not take
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
    ...(further.length > 0 && { azp: clientID }), // §2: needed where there are several audiences
    iat,
    exp: iat + lifetime,
  };
  return signJWT(key, Object.assign({}, claims, hashes(beside, alg), own), ID_TOKEN_TYPE);
}
