/** The secrets that a client is given. They are kept as hashes, and told once. */

import { generateClientSecret, hashClientSecret, matchesClientSecret } from '../../client-auth/secret.js';
import { isBySecret } from '../../clients/judge-authentication.js';
import type { ClientMetadata } from '../../types.js';
import type { ClientRegistrationOptions } from './options.js';
import type { RegisteredClient } from './registered.js';

/** Credentials as they are told, in the answer that makes them. */
export interface Told {
  readonly client_secret?: string;
  readonly registration_access_token?: string;
}

/** What is kept of credentials, and what is told. */
export interface Credentials<Kept> {
  readonly kept: Kept;
  readonly told: Told;
}

type KeptSecret = Pick<RegisteredClient, 'client_secret_hash' | 'client_secret_expires_at'>;

/** Whether the client has a secret that is still good. */
function hasSecret({ client_secret_hash, client_secret_expires_at: end = 0 }: RegisteredClient, now: number): boolean {
  return client_secret_hash !== undefined && (end === 0 || now < end);
}

/** A secret for a client whose method needs one: the one that it has, or a new one. @see RFC 7591 §3.2.1 */
export function secretFor(
  { token_endpoint_auth_method: method }: ClientMetadata,
  earlier: RegisteredClient | undefined,
  { secretLifetime = 0 }: ClientRegistrationOptions,
  now: number,
): Credentials<KeptSecret> {
  if (!isBySecret(method)) return { kept: {}, told: {} };
  if (earlier && hasSecret(earlier, now)) {
    const { client_secret_hash = '', client_secret_expires_at = 0 } = earlier;
    return { kept: { client_secret_hash, client_secret_expires_at }, told: {} };
  }
  const secret = generateClientSecret();
  const client_secret_expires_at = secretLifetime === 0 ? 0 : Math.floor(now) + secretLifetime;
  return {
    kept: { client_secret_hash: hashClientSecret(secret), client_secret_expires_at },
    told: { client_secret: secret },
  };
}

/** A new registration access token: 256 random bits, as a secret is. @see RFC 7592 §3 */
export function newAccessToken(): Credentials<Pick<RegisteredClient, 'registration_access_token_hash'>> {
  const token = generateClientSecret();
  return {
    kept: { registration_access_token_hash: hashClientSecret(token) },
    told: { registration_access_token: token },
  };
}

/** What is compared where there is no such client, so that it takes as long. Nobody knows the token of this hash. */
const DECOY = hashClientSecret(generateClientSecret());

/** Whether a registration access token is that of a client. */
export function isAccessTokenOf(token: string, client: RegisteredClient | undefined): boolean {
  return matchesClientSecret(token, client?.registration_access_token_hash ?? DECOY);
}
