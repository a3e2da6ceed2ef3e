import { type JWTHeaderParameters, jwtVerify, SignJWT } from 'jose';
import type { AccessTokenClaims, AccessTokens } from './access-token.js';
import type { KeySet } from './keys.js';
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
function claimsOf({ clientID, subject, scope }: AccessTokenClaims) {
  return {
    client_id: clientID,
    // §2.2: without a resource owner, the subject is an identifier of the client
    sub: subject ?? clientID,
    ...(scope.length > 0 && { scope: scope.join(' ') }), // §2.2.3
  };
}

/**
 * Access tokens that an API can verify by itself, by signature. They are stored by `jti` like others, so that they can be
 * introspected and revoked until they expire; an API that only looks at the signature learns of a revocation only then.
 *
 * @example tokenService({ store, accessTokens: jwt({ issuer, audience: 'https://api.example', keys: await keySet({ signing }) }) })
 * @see RFC 9068
 */
export function jwt({ issuer, audience, keys }: JWTOptions): AccessTokens {
  const audiences = [audience].flat();
  const aud = audiences.length === 1 ? (audiences[0] as string) : audiences;
  return {
    introspection: { iss: issuer, aud },
    async mint(claims) {
      const { alg, kid, key } = keys.signing();
      const jti = newJTI(claims.authorizationID);
      const token = await new SignJWT(claimsOf(claims))
        .setProtectedHeader({ alg, kid, typ: TYPE }) // §2.1
        .setIssuer(issuer)
        .setAudience(aud)
        .setIssuedAt(claims.issuedAt)
        .setExpirationTime(claims.expiresAt)
        .setJti(jti)
        .sign(key);
      return { token, id: idOfJTI(jti) };
    },
    async idOf(token) {
      if (isOfKind('access_token', token)) return idOf(token); // from before the server changed to JWTs
      const getKey = ({ kid, alg }: JWTHeaderParameters) => {
        const found = keys.find(kid);
        if (!found || found.alg !== alg) throw new Error('No such key'); // RFC 8725 §3.1
        return found.key;
      };
      try {
        // whether it expired is the stored record's to say
        const { payload } = await jwtVerify(token, getKey, {
          issuer,
          audience: audiences,
          typ: TYPE,
          clockTolerance: Number.MAX_SAFE_INTEGER,
        });
        return payload.jti === undefined ? undefined : idOfJTI(payload.jti);
      } catch {
        return undefined;
      }
    },
  };
}
