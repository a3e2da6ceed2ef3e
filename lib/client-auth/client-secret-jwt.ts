import { randomBytes } from 'node:crypto';
import { clientSecretOf } from '../clients/registration.js';
import { warnOnce } from '../errors/warning.js';
import { relaxationsOf } from '../findings.js';
import { requireKnown } from '../options.js';
import type { Awaitable, Client } from '../types.js';
import { ASSERTION_OPTIONS, ASSERTION_RELAXATIONS, type AssertionOptions } from './assertion.js';
import { assertionMethod } from './assertion-method.js';
import type { ClientAuthMethod } from './method.js';
import { requireUnexpired } from './secret.js';

/** The algorithms, with the length of their hashes in bytes. */
const HASH_LENGTHS: ReadonlyMap<string, number> = new Map([
  ['HS256', 32],
  ['HS384', 48],
  ['HS512', 64],
]);

/** The algorithms by which a client may sign with its secret. */
export type ClientSecretAlgorithm = 'HS256' | 'HS384' | 'HS512';

/** Options of `clientSecretJwt()`. */
export interface ClientSecretJwtOptions<C = Client> extends AssertionOptions<ClientSecretAlgorithm, C> {
  /** The client's secret as it was given to the client, not a hash of it. Default: its `client_secret`. */
  readonly secret?: (client: C) => Awaitable<string | null | undefined>;
}

/** RFC 7518 §3.2: a key of the same size as the hash output, or larger, MUST be used. */
function isLongEnough(key: Uint8Array, alg: string): boolean {
  return key.length >= (HASH_LENGTHS.get(alg) ?? Number.POSITIVE_INFINITY);
}

/**
 * A client signs with its secret, so that the secret itself is never sent. The server must store the secret in plain text. With `private_key_jwt`
 * the server stores no secret: use `client_secret_jwt` only for clients that do not support `private_key_jwt`.
 *
 * @throws TypeError for options that no assertion could satisfy
 * @example clientSecretJwt({ issuer: 'https://as.example', useOnce: tokens.useOnce })
 * @see RFC 7523 §2.2, §3, RFC 10070, OpenID Connect Core 1.0 §9
 */
export function clientSecretJwt<C = Client>(options: ClientSecretJwtOptions<C> = {}): ClientAuthMethod<C> {
  requireKnown<ClientSecretJwtOptions<C>>(options, { ...ASSERTION_OPTIONS, secret: true }, 'clientSecretJwt');
  const { secret = clientSecretOf } = options;
  const decoy = randomBytes(64);
  const method = assertionMethod<C, ClientSecretAlgorithm>(
    {
      name: 'client_secret_jwt',
      algorithms: [...HASH_LENGTHS.keys()],
      decoyKey: () => decoy,
      requireUsable: requireUnexpired,
      async keyOf(client, { alg = '' }) {
        const key = Buffer.from((await secret(client)) ?? '', 'utf8');
        if (isLongEnough(key, alg)) return key;
        warnOnce(
          'KOAUTHORIZE_SHORT_CLIENT_SECRET',
          'client_secret_jwt refuses secrets shorter than the hash: 32 bytes for HS256, 48 for HS384, 64 for HS512. RFC 7518 §3.2',
        );
        return undefined;
      },
    },
    options,
  );
  return { ...method, findings: () => relaxationsOf('clientSecretJwt', options, ASSERTION_RELAXATIONS) };
}
