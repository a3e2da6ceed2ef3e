import type { ProtectedHeaderParameters } from 'jose';
import { ASYMMETRIC } from '../keys/asymmetric.js';
import { verifyJWT } from '../keys/jwt.js';
import { signJWT } from '../keys/sign.js';
import { requireKnown } from '../options.js';
import type { SigningKeys } from '../plugs.js';
import { requireNoPromise } from '../promise.js';
import type { AccessTokenClaims, AccessTokens, IssuerFacts } from './access-token.js';
import { toWire } from './claims.js';
import { isPublishedBy } from './published.js';
import { agreed } from './said-once.js';
import { digestOf, idOf, idOfJTI, isOfKind, newJTI } from './secret.js';

/** Options of `jwt()`. */
export interface JWTOptions {
  /** The authorization server's issuer identifier. Default: that of the server that the token service is connected to. */
  readonly issuer?: string | undefined;
  /** The APIs that tokens are for if the token request names none. @see RFC 9068 §3 */
  readonly audience: string | readonly string[];
  /** The keys that sign. Default: those of the server that the token service is connected to. */
  readonly keys?: SigningKeys | undefined;
}

/**
 * The value of an option, or that of the server.
 *
 * @throws TypeError if neither has one
 * @throws Error if they differ
 */
function said<N extends keyof IssuerFacts>(name: N, options: JWTOptions, server: IssuerFacts) {
  const value = agreed<IssuerFacts, N>(
    [
      { by: 'jwt', facts: options },
      { by: 'createServer', facts: server },
    ],
    name,
  );
  if (value === undefined) throw new TypeError(`jwt({ ${name} }) is needed, or createServer({ ${name}, tokens })`);
  return value;
}

const TYPE = 'at+jwt';

/** @see RFC 9068 §2.2 */
function payloadOf(claims: AccessTokenClaims, jti: string) {
  const { clientID, subject, expiresAt } = claims;
  // §2.2: without a resource owner, the subject is an identifier of the client
  return { ...toWire(claims), client_id: clientID, sub: subject ?? clientID, exp: expiresAt, jti };
}

function sign(claims: AccessTokenClaims, jti: string, keys: SigningKeys): Promise<string> {
  return signJWT(keys.signing(), payloadOf(claims, jti), TYPE); // §2.1
}

/**
 * The `jti` of a token that this server signed. Its expiry and audience are not compared, because the stored record has them: a token that was issued before
 * `audience` was changed can still be revoked and introspected.
 */
async function jtiOf(token: string, issuer: string, keys: SigningKeys): Promise<string | undefined> {
  const getKey = ({ kid, alg }: ProtectedHeaderParameters) => {
    const found = keys.find(kid);
    if (!found || found.alg !== alg) throw new Error('No such key'); // RFC 8725 §3.1
    return found.key;
  };
  const expected = { issuer, typ: TYPE, algorithms: ASYMMETRIC, now: 0, skew: Number.MAX_SAFE_INTEGER };
  const verified = await verifyJWT(token, getKey, expected).catch(() => undefined);
  return verified?.claims.jti;
}

/**
 * Access tokens that an API can verify itself, by their signature. They are stored like opaque ones, under their `jti`, so that they can be
 * introspected and revoked. An API that judges only the signature accepts a revoked token until it expires.
 *
 * @throws TypeError without an audience, and, when the server starts, where neither the options nor the server say an issuer and keys
 * @example tokenService({ store, accessTokens: jwt({ audience: 'https://api.example' }) }) // createServer({ issuer, keys, tokens })
 * @example tokenService({ store, accessTokens: jwt({ issuer: 'https://as.example', audience: 'https://api.example', keys }) })
 * @see RFC 9068
 */
export function jwt(options: JWTOptions): AccessTokens {
  requireKnown<JWTOptions>(options, { issuer: true, audience: true, keys: true }, 'jwt');
  const { audience, keys } = options;
  requireNoPromise('jwt({ keys })', keys);
  if (!audience?.length) throw new TypeError('jwt({ audience }) is needed: the API that the tokens are for');
  return {
    ready(server) {
      said('issuer', options, server);
      said('keys', options, server);
    },
    origin: (server) => ({ issuer: said('issuer', options, server), audience: [audience].flat() }),
    async mint(claims, server = {}) {
      const jti = newJTI(claims.authorizationID);
      const token = await sign(claims, jti, said('keys', options, server));
      return { token, id: idOfJTI(jti), digest: digestOf(token) };
    },
    counts: (token, server) =>
      isPublishedBy({ issuer: said('issuer', options, server), keys: said('keys', options, server) }, token),
    async idOf(token, server = {}) {
      if (isOfKind('access_token', token)) return idOf(token); // from before the server changed to JWTs
      const jti = await jtiOf(token, said('issuer', options, server), said('keys', options, server));
      return jti === undefined ? undefined : idOfJTI(jti);
    },
  };
}
