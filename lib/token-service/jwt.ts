import { type JWTHeaderParameters, jwtVerify, SignJWT } from 'jose';
import type { KeySet } from '../keys/key-set.js';
import { requireKnown } from '../options.js';
import type { AccessTokenClaims, AccessTokens } from './access-token.js';
import { toWire } from './claims.js';
import { idOf, idOfJTI, isOfKind, newJTI } from './secret.js';

export interface JWTOptions {
  /** The authorization server's issuer identifier. */
  readonly issuer: string;
  /** The API that the tokens are for. @see RFC 9068 §3 */
  readonly audience: string | readonly string[];
  readonly keys: KeySet;
}

const TYPE = 'at+jwt';

/** @see RFC 9068 §2.2 */
function payloadOf(claims: AccessTokenClaims, jti: string) {
  const { clientID, subject, expiresAt } = claims;
  // §2.2: without a resource owner, the subject is an identifier of the client
  return { ...toWire(claims), client_id: clientID, sub: subject ?? clientID, exp: expiresAt, jti };
}

async function sign(claims: AccessTokenClaims, jti: string, { keys }: JWTOptions): Promise<string> {
  const { alg, kid, key } = keys.signing();
  return new SignJWT(payloadOf(claims, jti)).setProtectedHeader({ alg, kid, typ: TYPE }).sign(key); // §2.1
}

/**
 * The `jti` of a token that we signed. Whether it has expired, and for which API it is, the stored record says: a token from before `audience` was
 * changed can be revoked and introspected like all others.
 */
async function jtiOf(token: string, { issuer, keys }: JWTOptions): Promise<string | undefined> {
  const getKey = ({ kid, alg }: JWTHeaderParameters) => {
    const found = keys.find(kid);
    if (found?.alg !== alg) throw new Error('No such key'); // RFC 8725 §3.1
    return found.key;
  };
  const clockTolerance = Number.MAX_SAFE_INTEGER;
  const expected = { issuer, typ: TYPE, clockTolerance };
  const verified = await jwtVerify(token, getKey, expected).catch(() => undefined);
  return verified?.payload.jti;
}

/**
 * Access tokens that an API can verify by itself, by signature. They are stored by `jti` like others, so that they can be
 * introspected and revoked until they expire; an API that only looks at the signature learns of a revocation only then.
 *
 * @throws TypeError without an audience
 * @example tokenService({ store, accessTokens: jwt({ issuer, audience: 'https://api.example', keys: await keySet({ signing }) }) })
 * @see RFC 9068
 */
export function jwt(options: JWTOptions): AccessTokens {
  requireKnown<JWTOptions>(options, { issuer: true, audience: true, keys: true }, 'jwt');
  const { issuer, audience } = options;
  if (audience.length === 0) throw new TypeError('jwt({ audience }) is needed: the API that the tokens are for');
  return {
    origin: { issuer, audience: [audience].flat() },
    async mint(claims) {
      const jti = newJTI(claims.authorizationID);
      return { token: await sign(claims, jti, options), id: idOfJTI(jti) };
    },
    async idOf(token) {
      if (isOfKind('access_token', token)) return idOf(token); // from before the server changed to JWTs
      const jti = await jtiOf(token, options);
      return jti === undefined ? undefined : idOfJTI(jti);
    },
  };
}
