/** Logout tokens, which tell a client that a session is over. @see OpenID Connect Back-Channel Logout §2.4 */
import type { Core } from '../../core.js';
import { idTokenAlgorithm } from '../../id-token/sign.js';
import { signingKey, signJWT } from '../../keys/sign.js';

/** §2.4: the member of `events` that says that this is a logout token. */
const EVENT = 'http://schemas.openid.net/event/backchannel-logout';

/** Seconds. §4: preferably at most two minutes in the future. */
const LIFETIME = 120;

/** The session that is over, for one client. */
export interface Over {
  /** The subject of the user, by `createServer({ subject })`. It is sent to no client. */
  readonly user: string;
  readonly clientID: string;
  /** The `sub` of the user at this client. */
  readonly sub: string;
  readonly sid: string | undefined;
}

/** @throws Error if there is no key for the algorithm of the client's ID tokens */
export function signLogoutToken<C, U>(core: Core<C, U>, client: C, { clientID, sub, sid }: Over): Promise<string> {
  const alg = idTokenAlgorithm(client);
  const key = signingKey(core.keys, alg);
  if (!key) throw new Error(`No key of createServer({ keys }) signs logout tokens by ${alg}`);
  const iat = Math.floor(core.now());
  const claims = { iss: core.issuer, aud: clientID, iat, exp: iat + LIFETIME, jti: core.uid(22) };
  // §2.4: no nonce, so that it cannot be used as an ID token
  return signJWT(key, { ...claims, events: { [EVENT]: {} }, sub, ...(sid !== undefined && { sid }) }, 'logout+jwt');
}
