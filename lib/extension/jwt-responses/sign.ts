/** Signs an authorization response. @see JARM §2.1, §2.2 */
import { textOf } from '../../clients/member.js';
import type { Core } from '../../core.js';
import { signingKey, signJWT } from '../../keys/sign.js';
import { entries } from '../../response-mode/encode.js';
import type { ResponseParams, Transaction } from '../../types.js';
import { requireUnencrypted } from './registration.js';

/**
 * A response as a JWT.
 *
 * @param lifetime in seconds
 * @throws Error if there is no key for the algorithm that the client registered. No response is sent then, since the client would not accept an unsigned one
 * @throws AuthorizationError if the client registered encryption, for the same reason
 */
export async function signedResponse<C, U>(
  core: Core<C, U>,
  txn: Transaction<unknown>,
  params: ResponseParams,
  lifetime: number,
): Promise<string> {
  requireUnencrypted(txn.client);
  const alg = textOf(txn.client, 'authorization_signed_response_alg');
  // §3: RS256 if the client registered none. A server without a key for RS256 signs with another key, which its metadata announce
  const key = signingKey(core.keys, alg ?? 'RS256') ?? (alg === undefined ? signingKey(core.keys) : undefined);
  if (!key || core.issuer === undefined)
    throw new Error(`No key of createServer({ keys }) signs authorization responses by ${alg ?? 'any algorithm'}`);
  const claims = {
    ...Object.fromEntries(entries(params)), // §2.1: the same parameters as without JWT, including `state`
    iss: core.issuer,
    aud: txn.req.clientID,
    exp: Math.floor(core.now()) + lifetime,
  };
  return signJWT(key, claims);
}
