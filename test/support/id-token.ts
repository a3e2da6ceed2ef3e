/** The claims of an ID token, verified by the keys that its server publishes. */
import { createLocalJWKSet, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose';
import type { Server } from 'koauthorize';
import type { App, User } from './authorization-server.js';

export async function claimsOfToken({ core }: Server<App, User>, token: string): Promise<JWTPayload> {
  const keys = createLocalJWKSet((await core.keys?.jwks()) as JSONWebKeySet);
  return (await jwtVerify(token, keys, { clockTolerance: 1e9 })).payload;
}
