/** examples/fapi on two ports of its own, over real TLS, with clients of every kind, and a clock to turn. */
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tlsOptions } from 'koauthorize/client-auth';
import { type App, fapiServer } from '../../examples/fapi/server.js';
import { type Identity, makeCA } from './certificates.js';
import { type Signer, signer } from './request-object.js';

export const CALLBACK = 'https://client.example/callback';

export type Authentication = 'private_key_jwt' | 'tls_client_auth';
export type Binding = 'dpop' | 'mtls';

/** A client, with all that it proves itself by. */
export interface FAPIClient {
  readonly id: string;
  readonly app: App;
  readonly key: Signer;
  readonly certificate: Identity;
}

export interface FAPIServer {
  readonly issuer: string;
  /** Where clients come with certificates. */
  readonly withCertificates: string;
  readonly ca: Identity;
  /** Seconds by which the server's clock is ahead. */
  readonly clock: { ahead: number };
  /** Errors that the operator saw. */
  readonly errors: Error[];
  client(authentication: Authentication, binding: Binding, signs?: 'signs'): FAPIClient;
  /** Another client of the same kind. */
  other(authentication: Authentication, binding: Binding): FAPIClient;
  stop(): Promise<void>;
}

const KINDS = [
  ...([
    ['private_key_jwt', 'dpop'],
    ['private_key_jwt', 'mtls'],
  ] as const),
  ...([
    ['tls_client_auth', 'dpop'],
    ['tls_client_auth', 'mtls'],
  ] as const),
] as const;

async function makeClient(ca: Identity, alg: string, id: string, more: App | object): Promise<FAPIClient> {
  const key = await signer(alg, `key of ${id}`);
  const certificate = await ca.issue({ subject: `CN=${id}` });
  const app: App = {
    client_id: id,
    redirect_uris: [CALLBACK, `${CALLBACK}?dummy1=lorem&dummy2=ipsum`],
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    response_types: ['code'],
    scope: 'openid accounts payments',
    jwks: key.jwks,
    id_token_signed_response_alg: 'ES256',
    ...more,
  };
  return { id, app, key, certificate };
}

/** What a client of that kind registers. @see RFC 8705 §2.1.2, §3.4, RFC 9449 §5.2 */
function registrationOf(id: string, authentication: Authentication, binding: Binding, signs: boolean): object {
  return {
    token_endpoint_auth_method: authentication,
    ...(authentication === 'private_key_jwt'
      ? { token_endpoint_auth_signing_alg: 'ES256' }
      : { tls_client_auth_subject_dn: `CN=${id}` }),
    ...(binding === 'dpop' ? { dpop_bound_access_tokens: true } : { tls_client_certificate_bound_access_tokens: true }),
    ...(signs && { require_signed_request_object: true, request_object_signing_alg: 'ES256' }),
    ...(signs && { authorization_signed_response_alg: 'ES256' }),
  };
}

function listen(options: https.ServerOptions): Promise<https.Server> {
  const server = https.createServer(options);
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

export async function startFAPIServer(): Promise<FAPIServer> {
  const ca = await makeCA();
  const { cert, key } = await ca.issue({ subject: 'CN=localhost', names: [{ type: 'dns', value: 'localhost' }] });
  const plain = await listen({ cert, key, ...tlsOptions() });
  const mutual = await listen({ cert, key, ...tlsOptions({ clientCA: ca.cert }) });
  const urlOf = (server: https.Server) => `https://localhost:${(server.address() as AddressInfo).port}`;
  const clients: FAPIClient[] = [];
  for (const [authentication, binding] of KINDS)
    for (const role of ['first', 'second', 'signs']) {
      const id = `${authentication} ${binding} ${role}`;
      clients.push(await makeClient(ca, 'ES256', id, registrationOf(id, authentication, binding, role === 'signs')));
    }
  const clock = { ahead: 0 };
  const now = () => Math.floor(Date.now() / 1000) + clock.ahead;
  const place = { issuer: urlOf(plain), withCertificates: urlOf(mutual) };
  const app = await fapiServer(
    place,
    clients.map((client) => client.app),
    { now },
  );
  const errors: Error[] = [];
  app.on('error', (error) => errors.push(error));
  for (const server of [plain, mutual]) server.on('request', app.callback());
  const find = (id: string) => {
    const found = clients.find((client) => client.id === id);
    if (!found) throw new Error(`No client ${id}`);
    return found;
  };
  return {
    ...place,
    ca,
    clock,
    errors,
    client: (authentication, binding, signs) => find(`${authentication} ${binding} ${signs ?? 'first'}`),
    other: (authentication, binding) => find(`${authentication} ${binding} second`),
    async stop() {
      for (const server of [plain, mutual]) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
}

/** A request over TLS that trusts the CA of the test, with a client certificate where one is given: each over a connection of its own. Redirects are not followed. */
export function fetchOver(ca: Identity, identity?: Identity): typeof fetch {
  return async (input, init = {}) => {
    const { method = 'GET', body } = init;
    const headers = Object.fromEntries(new Headers(init.headers));
    const presented = identity && { cert: identity.cert, key: identity.key };
    return new Promise<Response>((resolve, reject) => {
      const options = { method, headers, agent: false as const, ca: ca.cert, ...presented };
      const request = https.request(String(input), options, async (response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of response) chunks.push(chunk);
        const { statusCode: status = 0, rawHeaders } = response;
        const all = new Headers();
        for (let n = 0; n < rawHeaders.length; n += 2) all.append(rawHeaders[n] ?? '', rawHeaders[n + 1] ?? '');
        resolve(new Response(status === 204 ? null : Buffer.concat(chunks), { status, headers: all }));
      });
      request.on('error', reject);
      request.end(body === undefined || body === null ? undefined : String(body));
    });
  };
}
