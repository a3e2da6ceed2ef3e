/** Reads the logout token that the server posts to an application when a session is over. @see OpenID Connect Back-Channel Logout §2.6 */
import { createRemoteJWKSet, jwtVerify } from 'jose';

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';

/** @returns the session that is over. @throws Error for a token that is no logout token of the server for this application */
export async function endedSession(issuer: string, clientID: string, token: string): Promise<string> {
  const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL('/jwks', issuer)), {
    issuer,
    audience: clientID,
    typ: 'logout+jwt', // so that an ID token cannot be used as a logout token
    algorithms: ['RS256'],
    requiredClaims: ['jti', 'iat', 'exp'],
  });
  const { events, sid } = payload;
  const isLogout = typeof events === 'object' && events !== null && EVENT in events && !('nonce' in payload);
  if (!isLogout || typeof sid !== 'string') throw new Error('This is no logout token with a session');
  return sid;
}
