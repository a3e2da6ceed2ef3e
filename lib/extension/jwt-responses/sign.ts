/** Signs an authorization response. @see JARM §2.1, §2.2 */
import { SignJWT } from 'jose';
import { textOf } from '../../clients/member.js';
import type { Core } from '../../core.js';
import { ASYMMETRIC } from '../../keys/asymmetric.js';
import type { SigningKey } from '../../plugs.js';
import { entries } from '../../response-mode/encode.js';
import type { ResponseParams, Transaction } from '../../types.js';

type SignKey = Parameters<SignJWT['sign']>[0];

/** The key that signs by an algorithm; undefined where there is none. Never `none`, and never HMAC: its key would be the client's, too. @throws what the keys throw with the status 503 */
function signing<C, U>({ keys }: Core<C, U>, alg: string | undefined): SigningKey | undefined {
  if (!keys) return undefined;
  try {
    const key = keys.signing(alg);
    const isAllowed = key.alg === (alg ?? key.alg) && (ASYMMETRIC as readonly string[]).includes(key.alg);
    return isAllowed ? key : undefined;
  } catch (error) {
    if ((error as { readonly status?: unknown } | null)?.status === 503) throw error; // keys elsewhere that cannot be reached now
    return undefined; // keys throw if they have none for an algorithm
  }
}

/** The algorithms by which responses can be signed. */
export function algorithmsOf<C, U>(core: Core<C, U>): readonly string[] {
  const published = core.keys?.jwks().keys.flatMap((jwk) => textOf(jwk, 'alg') ?? []) ?? [];
  return [...new Set(published)].filter((alg) => signing(core, alg));
}

/**
 * A response as a JWT.
 *
 * @param lifetime in seconds
 * @throws Error where nothing signs by the algorithm that the client registered. Nothing is sent then: unsigned, it would be what the client does not take
 */
export async function signedResponse<C, U>(
  core: Core<C, U>,
  txn: Transaction<unknown>,
  params: ResponseParams,
  lifetime: number,
): Promise<string> {
  const alg = textOf(txn.client, 'authorization_signed_response_alg'); // §3
  const key = signing(core, alg);
  if (!key || core.issuer === undefined)
    throw new Error(`No key of createServer({ keys }) signs authorization responses by ${alg ?? 'any algorithm'}`);
  const claims = {
    ...Object.fromEntries(entries(params)), // §2.1: the parameters as they are without JWT, `state` among them
    iss: core.issuer,
    aud: txn.req.clientID,
    exp: Math.floor(core.now()) + lifetime,
  };
  return new SignJWT(claims).setProtectedHeader({ alg: key.alg, kid: key.kid }).sign(key.key as SignKey);
}
