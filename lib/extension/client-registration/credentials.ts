/** The secrets that a client is given. They are stored as hashes, and sent once. */

import { generateClientSecret, hashClientSecret, matchesClientSecret } from '../../client-auth/secret.js';
import { isBySecret } from '../../clients/judge-authentication.js';
import type { ClientMetadata } from '../../types.js';
import type { ClientRegistrationOptions } from './options.js';
import type { RegisteredClient } from './registered.js';

/** Credentials in plain text, for the response that issues them. */
export interface Told {
  readonly client_secret?: string;
  readonly registration_access_token?: string;
}

/** Credentials in both forms: hashed for the store, and in plain text for the client. */
export interface Credentials<Kept> {
  readonly kept: Kept;
  readonly told: Told;
}

type KeptSecret = Pick<RegisteredClient, 'client_secret_hash' | 'client_secret_expires_at'>;

/** Whether the client has a secret that has not expired. */
function hasSecret({ client_secret_hash, client_secret_expires_at: end = 0 }: RegisteredClient, now: number): boolean {
  return client_secret_hash !== undefined && (end === 0 || now < end);
}

/** The secret of a client whose method needs one: its present secret, or a new one. @see RFC 7591 §3.2.1 */
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

/** A new registration access token: 256 random bits, as in a client secret. @see RFC 7592 §3 */
export function newAccessToken(): Credentials<Pick<RegisteredClient, 'registration_access_token_hash'>> {
  const token = generateClientSecret();
  return {
    kept: { registration_access_token_hash: hashClientSecret(token) },
    told: { registration_access_token: token },
  };
}

/** The hash that is compared for an unknown client, so that the answer takes as long as for a known one. Nobody knows the token of this hash. */
const DECOY = hashClientSecret(generateClientSecret());

/** Whether a registration access token belongs to this client. */
export function isAccessTokenOf(token: string, client: RegisteredClient | undefined): boolean {
  return matchesClientSecret(token, client?.registration_access_token_hash ?? DECOY);
}
