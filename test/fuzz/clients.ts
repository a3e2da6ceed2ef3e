/** One client for each way to be one, and what each can prove itself by. */
import { createHash, generateKeyPairSync } from 'node:crypto';
import type { JWK } from 'jose';
import { goodClaims, signed } from '../support/assertions.js';
import { type App, ISSUER } from '../support/authorization-server.js';
import { type Identity, makeCA, selfSigned } from '../support/certificates.js';

export interface FuzzClient extends App {
  readonly client_secret?: string;
  readonly token_endpoint_auth_method?: string;
  readonly tls_client_auth_subject_dn?: string;
  readonly tls_client_certificate_bound_access_tokens?: boolean;
  readonly jwks?: object;
  readonly scope?: string;
  readonly grant_types?: readonly string[];
}

export const SCOPES = ['read', 'write', 'instant', 'jobs'] as const;

/** Where the proxy of the tests hands certificates on, and says whether it has verified them. */
export const CERTIFICATE_HEADER = 'X-Client-Cert';
export const VERIFIED_HEADER = 'X-Client-Verify';

const secretOf = (name: string): string => `${createHash('sha256').update(name).digest('hex')} of: ${name}+%`;

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
export const signingKey = privateKey.export({ format: 'jwk' }) as JWK;

/** What clients register that sign. */
export const SIGNERS = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'ES256' }] };

const DIRECT = ['client_credentials'];

function client(name: string, more: Partial<FuzzClient>): FuzzClient {
  const redirect_uris = [`https://${name}.example/callback`];
  return { client_id: name, client_name: name, redirect_uris, ...more };
}

const worker: FuzzClient = client('worker', {
  client_secret: secretOf('worker'),
  redirect_uris: [],
  scope: 'jobs read',
  grant_types: [...DIRECT, 'password', 'urn:legacy:client', 'urn:legacy:password'],
});

const plain: readonly FuzzClient[] = [
  client('web', {
    client_secret: secretOf('web'),
    redirect_uris: ['https://web.example/callback', 'https://web.example/other?own=1&b=%20c'],
  }),
  client('spa', { token_endpoint_auth_method: 'none', redirect_uris: ['http://127.0.0.1/callback'] }),
  client('a b:c+%', { client_secret: secretOf('odd'), redirect_uris: ['https://odd.example/callback'] }),
  client('reader', { token_endpoint_auth_method: 'none', scope: 'read' }),
  client('hmac', {
    client_secret: secretOf('hmac'),
    token_endpoint_auth_method: 'client_secret_jwt',
    grant_types: [...DIRECT, 'authorization_code'],
  }),
  client('signer', {
    token_endpoint_auth_method: 'private_key_jwt',
    grant_types: [...DIRECT, 'authorization_code'],
    jwks: SIGNERS,
  }),
  client('api', { client_secret: secretOf('api'), redirect_uris: [] }),
  worker,
];

function bound(self: Identity): readonly FuzzClient[] {
  const more = { tls_client_certificate_bound_access_tokens: true, grant_types: [...DIRECT, 'authorization_code'] };
  return [
    client('tls', { ...more, token_endpoint_auth_method: 'tls_client_auth', tls_client_auth_subject_dn: 'CN=tls' }),
    client('self', {
      ...more,
      token_endpoint_auth_method: 'self_signed_tls_client_auth',
      jwks: { keys: [{ kty: 'EC', x5c: [self.x5c] }] },
    }),
  ];
}

export interface Registration {
  readonly clients: readonly FuzzClient[];
  find(id: string): FuzzClient | undefined;
  /** The certificate of a client that has one, as the proxy hands it on. */
  certificateOf(id: string): string;
}

export async function registration(): Promise<Registration> {
  const tls = await (await makeCA()).issue({ subject: 'CN=tls' });
  const self = await selfSigned({ subject: 'CN=self' });
  const clients = [...plain, ...bound(self)];
  const known = new Map(clients.map((one) => [one.client_id, one]));
  return {
    clients,
    find: (id) => known.get(id),
    certificateOf: (id) => (id === 'self' ? self : tls).x5c,
  };
}

const formEncode = (part: string): string => new URLSearchParams([['', part]]).toString().slice(1);

/** RFC 6749 §2.3.1 */
export function basicOf({ client_id, client_secret = '' }: FuzzClient): string {
  return `Basic ${Buffer.from(`${formEncode(client_id)}:${formEncode(client_secret)}`).toString('base64')}`;
}

/** RFC 7523 §2.2 */
export function assertionOf({ client_id, client_secret }: FuzzClient, now: number): string {
  const claims = goodClaims(client_id, { aud: ISSUER, iat: now, exp: now + 60 });
  return client_secret === undefined
    ? signed(signingKey, { alg: 'ES256', kid: 'one' }, claims)
    : signed(client_secret, { alg: 'HS256' }, claims, 'HS256');
}

/** RFC 8705 §3.1 */
export function thumbprintOf(certificate: string): string {
  return createHash('sha256').update(Buffer.from(certificate, 'base64')).digest('base64url');
}
