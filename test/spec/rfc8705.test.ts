/** RFC 8705: mutual TLS, for client authentication and for access tokens. Over real TLS, with certificates made here. */
import assert from 'node:assert/strict';
import type { X509Certificate } from 'node:crypto';
import http2 from 'node:http2';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import Router from '@koa/router';
import { decodeJwt } from 'jose';
import Koa from 'koa';
import {
  type Client,
  certificateBoundTokens,
  createServer,
  exchange,
  grant,
  introspection,
  issuer,
  metadata,
  pkce,
  type ServerMetadata,
} from 'koauthorize';
import {
  type CertificateSource,
  clientAuthentication,
  clientSecretBasic,
  headerCertificate,
  none,
  selfSignedTlsClientAuth,
  socketCertificate,
  tlsClientAuth,
} from 'koauthorize/client-auth';
import { generateSigningKey, jwt, type KeySet, keySet, memoryStore, tokenService } from 'koauthorize/tokens';
import * as oauth from 'oauth4webapi';
import { thumbprintOf } from '../../lib/certificate/certificate.js';
import { CALLBACK, CHALLENGE, VERIFIER } from '../support/authorization-server.js';
import { type Identity, makeCA, selfSigned } from '../support/certificates.js';
import { encode } from '../support/form.js';

interface App extends Client {
  readonly token_endpoint_auth_method: string;
  readonly tls_client_certificate_bound_access_tokens?: boolean;
  readonly [member: string]: unknown;
}

interface User {
  readonly id: string;
}

const ISSUER = 'https://as.example';
const SECRET = 'a secret of the API';
const API = { client_id: 'api', token_endpoint_auth_method: 'client_secret_basic', client_secret: SECRET };
const HOUR = 3_600_000;

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly location: URLSearchParams;
  readonly isResumed: boolean;
}

interface Setup {
  readonly clients?: readonly Partial<App>[];
  readonly certificate?: CertificateSource;
  readonly keys?: KeySet;
  readonly metadata?: Partial<ServerMetadata>;
  readonly tls?: https.ServerOptions;
}

const servers: https.Server[] = [];

describe('RFC 8705: mutual TLS', function () {
  this.timeout(60_000); // other processes, large keys or much data: on a busy machine they take long
  let ca: Identity;
  let server: Identity;
  let stranger: Identity;
  let client: Identity;
  let own: Identity;
  before(async () => {
    ca = await makeCA('O=Example, CN=Clients');
    stranger = await makeCA('O=Example, CN=Clients');
    server = await selfSigned({ subject: 'CN=localhost', names: [{ type: 'dns', value: 'localhost' }] });
    client = await ca.issue({ subject: 'C=DE, O=Example, CN=client' });
    own = await selfSigned({ subject: 'CN=self-signed' });
  });
  after(() => {
    for (const each of servers) each.close();
    for (const each of servers) each.closeAllConnections();
  });

  const DN = { tls_client_auth_subject_dn: 'CN=client,O=Example,C=DE' };
  const PKI = { client_id: 'pki', token_endpoint_auth_method: 'tls_client_auth' };
  const SELF = { client_id: 'self', token_endpoint_auth_method: 'self_signed_tls_client_auth' };
  const BOUND = { tls_client_certificate_bound_access_tokens: true };
  const PUBLIC = { client_id: 'public', token_endpoint_auth_method: 'none', ...BOUND };
  const registeredKeys = (...identities: readonly Identity[]) => ({
    jwks: { keys: identities.map(({ x5c }) => ({ kty: 'EC', x5c: [x5c] })) },
  });

  function makeApp({ clients = [], certificate, keys, metadata: more }: Setup) {
    const all = [...clients, API].map((each) => ({
      grant_types: ['client_credentials', 'authorization_code', 'refresh_token'],
      redirect_uris: [CALLBACK],
      ...each,
    })) as readonly App[];
    const find = (id: string) => all.find(({ client_id }) => client_id === id);
    const from = certificate ? { certificate } : {};
    const tokens = tokenService<App, User>({
      store: memoryStore(),
      ...(keys && { accessTokens: jwt({ issuer: ISSUER, audience: 'https://api.example', keys }) }),
    });
    const methods = [
      tlsClientAuth<App>(from),
      selfSignedTlsClientAuth<App>(from),
      none<App>(),
      clientSecretBasic<App>(),
    ];
    const authenticateClient = clientAuthentication<App>({ find, methods });
    const as = createServer<App, User>()
      .grant(grant.code(tokens.code))
      .grant(grant.token(tokens.token))
      .exchange(exchange.code(tokens.code))
      .exchange(exchange.refreshToken(tokens.refreshToken))
      .exchange(exchange.clientCredentials(tokens.clientCredentials))
      .extend(pkce())
      .extend(issuer(ISSUER))
      .extend(certificateBoundTokens(from))
      .extend(authenticateClient);
    const router = new Router();
    const validate = (id: string, uri: string | undefined) => [find(id), uri] as const;
    router.get(
      '/authorize',
      as.authorization(validate, () => true),
    );
    router.post('/token', authenticateClient, as.token());
    const resourceServer = ({ client_id }: App) => client_id === API.client_id;
    router.post('/introspect', authenticateClient, as.endpoint(introspection(tokens.introspect, { resourceServer })));
    router.get('/.well-known/oauth-authorization-server', as.endpoint(metadata({ token_endpoint: '/token', ...more })));
    const app = new Koa();
    const errors: Error[] = [];
    app.on('error', (error) => errors.push(error));
    app.use(as.errorHandler());
    app.use((ctx, next) => {
      ctx.state['user'] = { id: 'alice' };
      return next();
    });
    app.use(router.routes());
    return { app, tokens, errors, find };
  }

  /** The server, and requests to it, each over a connection of its own. */
  async function serve(setup: Setup) {
    const { app, tokens, errors, find } = makeApp(setup);
    const { cert, key } = server;
    const tls = { cert, key, ca: ca.cert, requestCert: true, rejectUnauthorized: false, ...setup.tls };
    const listening = https.createServer(tls, app.callback());
    servers.push(listening);
    await new Promise<void>((resolve) => listening.listen(0, resolve));
    const { port } = listening.address() as AddressInfo;

    const send = (path: string, form: object | undefined, identity?: Identity, options: https.RequestOptions = {}) =>
      new Promise<Answer>((resolve, reject) => {
        const type = form ? { 'Content-Type': 'application/x-www-form-urlencoded' } : {};
        const presented = identity && { cert: identity.cert, key: identity.key };
        const { headers, ...more } = options;
        const all = { host: 'localhost', port, path, ca: cert, agent: false as const, ...presented, ...more };
        const sent = https.request({ ...all, method: form ? 'POST' : 'GET', headers: { ...type, ...headers } });
        sent.on('error', reject).on('response', async (response) => {
          const isResumed = (response.socket as TLSSocket).isSessionReused();
          let text = '';
          for await (const chunk of response) text += chunk;
          const location = new URL(response.headers.location ?? 'about:blank').searchParams;
          const isJSON = /json/.test(response.headers['content-type'] ?? '');
          const body = isJSON ? JSON.parse(text) : {};
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body, location, isResumed });
        });
        sent.end(form && encode(form as Record<string, string>));
      });
    const credentials = (clientID: string, identity?: Identity, options?: https.RequestOptions) =>
      send('/token', { grant_type: 'client_credentials', client_id: clientID }, identity, options);
    const asAPI = { auth: `${API.client_id}:${encodeURIComponent(SECRET)}` };
    const introspect = async (token: string | undefined) =>
      (await send('/introspect', { token }, undefined, asAPI)).body as unknown as Readonly<Record<string, unknown>>;
    const connect = async (clientID: string, identity?: Identity): Promise<Answer> => {
      const areq = {
        response_type: 'code',
        client_id: clientID,
        code_challenge: CHALLENGE,
        code_challenge_method: 'S256',
      };
      const { location } = await send(`/authorize?${encode(areq)}`, undefined);
      const code = location.get('code') ?? assert.fail(String(location));
      const form = { grant_type: 'authorization_code', client_id: clientID, code, code_verifier: VERIFIER };
      return await send('/token', form, identity);
    };
    const refresh = (clientID: string, token: string | undefined, identity?: Identity) =>
      send('/token', { grant_type: 'refresh_token', client_id: clientID, refresh_token: token }, identity);
    return { port, tokens, errors, find, send, credentials, introspect, connect, refresh };
  }

  const assertGiven = ({ status, body }: Answer): void => {
    assert.deepEqual([status, body['token_type']], [200, 'Bearer'], JSON.stringify(body));
  };
  const assertRefused = ({ status, body, headers }: Answer, code = 'invalid_client'): void => {
    assert.deepEqual([status, body['error']], [400, code], JSON.stringify(body));
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal('www-authenticate' in headers, false, 'a certificate is no Authorization header: RFC 6749 §5.2');
  };

  describe('§2.1: tls_client_auth', () => {
    const URI = 'spiffe://example.org/client';
    const ROWS: readonly (readonly [
      member: string,
      registered: string,
      type: 'dns' | 'url' | 'ip' | 'email',
      wrong: string,
    ])[] = [
      ['tls_client_auth_san_dns', 'client.example.org', 'dns', 'other.example.org'],
      ['tls_client_auth_san_uri', URI, 'url', `${URI}/other`],
      ['tls_client_auth_san_ip', '192.0.2.1', 'ip', '192.0.2.2'],
      ['tls_client_auth_san_ip', '2001:db8::1', 'ip', '2001:db8::2'],
      ['tls_client_auth_san_email', 'client@example.org', 'email', 'other@example.org'],
    ];
    for (const algorithm of ['ECDSA', 'RSA'] as const) {
      for (const [member, registered, type, wrong] of ROWS) {
        it(`§2.1.2: ${member} ${registered}, ${algorithm}`, async () => {
          const { credentials } = await serve({ clients: [{ ...PKI, [member]: registered }] });
          const named = (value: string) => ca.issue({ algorithm, names: [{ type, value }] });
          assertGiven(await credentials('pki', await named(registered)));
          assertRefused(await credentials('pki', await named(wrong)));
          assertRefused(await credentials('pki', await ca.issue({ subject: `CN=${registered}` })));
        });
      }

      it(`§2.1.2: tls_client_auth_subject_dn, ${algorithm}`, async () => {
        const { credentials } = await serve({ clients: [{ ...PKI, ...DN }] });
        const named = (subject: string) => ca.issue({ subject, algorithm });
        assertGiven(await credentials('pki', await named('C=DE, O=Example, CN=client')));
        for (const subject of [
          'C=DE, O=Example, CN=other',
          'CN=client, O=Example, C=DE',
          'CN=client',
          'O=Example, CN=client',
        ])
          assertRefused(await credentials('pki', await named(subject)));
      });
    }

    it('§2.1: any certificate with the name will do, so that it can be renewed', async () => {
      const { credentials } = await serve({ clients: [{ ...PKI, ...DN }] });
      assertGiven(await credentials('pki', client));
      assertGiven(await credentials('pki', await ca.issue({ subject: 'C=DE, O=Example, CN=client' })));
    });

    it('refused: none presented, in all that is said', async () => {
      const { credentials, errors } = await serve({ clients: [{ ...PKI, ...DN }] });
      assertRefused(await credentials('pki'));
      assertRefused(await credentials('nobody', client));
      assert.deepEqual(
        errors.map(({ message }) => message),
        ['Client authentication failed', 'Client authentication failed'],
      );
    });

    it('§7.4: refused: the right name in a self-signed certificate, from another CA of the same name, and from a CA that the client sends', async () => {
      const { credentials } = await serve({ clients: [{ ...PKI, ...DN }] });
      const subject = 'C=DE, O=Example, CN=client';
      assertRefused(await credentials('pki', await selfSigned({ subject })));
      assertRefused(await credentials('pki', await stranger.issue({ subject })));
      const chained = await stranger.issue({ subject });
      assertRefused(await credentials('pki', { ...chained, cert: `${chained.cert}\n${stranger.cert}` }));
    });

    it('§7.4: refused: one that another client issued, whose certificate is no CA’s', async () => {
      const { credentials } = await serve({ clients: [{ ...PKI, ...DN }] });
      const other = await ca.issue({ subject: 'O=Example, CN=other' });
      const forged = await other.issue({ subject: 'C=DE, O=Example, CN=client' });
      assertRefused(await credentials('pki', { ...forged, cert: `${forged.cert}\n${other.cert}` }));
    });

    it('refused: expired, and not yet valid', async () => {
      const { credentials } = await serve({ clients: [{ ...PKI, ...DN }] });
      const subject = 'C=DE, O=Example, CN=client';
      const to = new Date(Date.now() - HOUR);
      assertRefused(await credentials('pki', await ca.issue({ subject, from: new Date(to.getTime() - HOUR), to })));
      const from = new Date(Date.now() + HOUR);
      assertRefused(await credentials('pki', await ca.issue({ subject, from, to: new Date(from.getTime() + HOUR) })));
    });

    it('refused: a client that registered another method', async () => {
      const others = ['none', 'self_signed_tls_client_auth', 'client_secret_basic', 'private_key_jwt', undefined];
      for (const token_endpoint_auth_method of others) {
        const other = { ...PKI, ...DN, token_endpoint_auth_method } as Partial<App>;
        const { credentials } = await serve({ clients: [other] });
        const { status, body } = await credentials('pki', client);
        const isPublic = token_endpoint_auth_method === 'none';
        assert.deepEqual([status, body['error']], [400, isPublic ? 'unauthorized_client' : 'invalid_client']);
      }
    });

    it('§2: client_id is REQUIRED, and a secret besides is a second method', async () => {
      const { send } = await serve({ clients: [{ ...PKI, ...DN }] });
      const form = { grant_type: 'client_credentials' };
      assertRefused(await send('/token', form, client));
      assertRefused(await send('/token', { ...form, client_id: 'pki', client_secret: 's' }, client));
      const both = await send('/token', { ...form, client_id: 'pki' }, client, { auth: 'pki:s' });
      assert.deepEqual([both.status, both.body['error']], [401, 'invalid_client']);
      assertGiven(await send('/token', { ...form, client_id: 'pki' }, client));
    });

    it('over HTTP/2 too', async () => {
      const { app } = makeApp({ clients: [{ ...PKI, ...DN }] });
      const { cert, key } = server;
      const listening = http2.createSecureServer({
        cert,
        key,
        ca: ca.cert,
        requestCert: true,
        rejectUnauthorized: false,
      });
      listening.on('request', app.callback());
      await new Promise<void>((resolve) => listening.listen(0, resolve));
      const { port } = listening.address() as AddressInfo;
      const ask = async (identity: Identity) => {
        const session = http2.connect(`https://localhost:${port}`, {
          ca: cert,
          cert: identity.cert,
          key: identity.key,
        });
        const type = 'application/x-www-form-urlencoded';
        const form = 'grant_type=client_credentials&client_id=pki';
        const headers = { 'content-type': type, 'content-length': form.length };
        const stream = session.request({ ':path': '/token', ':method': 'POST', ...headers });
        stream.end(form);
        let text = '';
        for await (const chunk of stream) text += chunk;
        session.close();
        return JSON.parse(text);
      };
      assert.equal((await ask(client)).token_type, 'Bearer');
      assert.equal((await ask(own)).error, 'invalid_client');
      listening.close();
    });
  });

  describe('§2.2: self_signed_tls_client_auth', () => {
    it('by a certificate that was registered', async () => {
      const rsa = await selfSigned({ algorithm: 'RSA' });
      const { credentials } = await serve({ clients: [{ ...SELF, ...registeredKeys(own, rsa) }] });
      assertGiven(await credentials('self', own));
      assertGiven(await credentials('self', rsa));
    });

    it('refused: another, of the same name; one by a CA that is trusted; none; one that expired', async () => {
      const to = new Date(Date.now() - HOUR);
      const expired = await selfSigned({ from: new Date(to.getTime() - HOUR), to });
      const { credentials } = await serve({ clients: [{ ...SELF, ...DN, ...registeredKeys(own, expired) }] });
      assertRefused(await credentials('self', await selfSigned({ subject: 'CN=self-signed' })));
      assertRefused(await credentials('self', client));
      assertRefused(await credentials('self'));
      assertRefused(await credentials('self', expired));
    });
  });

  describe('a resumed session has the certificate that it began with', () => {
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      it(maxVersion, async () => {
        const clients = [
          { ...PKI, ...DN, ...BOUND },
          { ...SELF, ...registeredKeys(own) },
        ];
        const { credentials, introspect } = await serve({ clients, tls: { maxVersion } });
        const twice = async (clientID: string, identity?: Identity) => {
          const agent = new https.Agent({ keepAlive: false });
          const headers = { Connection: 'close' };
          const answers = [];
          for (let i = 0; i < 2; i++) answers.push(await credentials(clientID, identity, { agent, headers }));
          agent.destroy();
          assert.deepEqual(
            answers.map(({ isResumed }) => isResumed),
            [false, true],
          );
          return answers;
        };
        const bound = thumbprintOf(client.certificate);
        for (const answer of await twice('pki', client)) {
          assertGiven(answer);
          assert.deepEqual((await introspect(answer.body['access_token']))['cnf'], { 'x5t#S256': bound });
        }
        for (const answer of await twice('self', own)) assertGiven(answer);
        // and one that began with none has none, though Node calls it authorized then
        for (const answer of await twice('pki')) assertRefused(answer);
        // nor is what was not verified then verified now
        const forged = await selfSigned({ subject: 'C=DE, O=Example, CN=client' });
        for (const answer of await twice('pki', forged)) assertRefused(answer);
      });
    }
  });

  describe('§6.5: TLS ends at a proxy', () => {
    const certificate = headerCertificate({
      name: 'X-Client-Cert',
      isVerified: (ctx) => ctx.get('X-Client-Verify') === 'SUCCESS',
    });
    const from = (identity: Identity, verify = 'SUCCESS') => ({
      headers: { 'X-Client-Cert': encodeURIComponent(identity.cert), 'X-Client-Verify': verify },
    });
    const clients = () => [{ ...PKI, ...DN, ...BOUND }, { ...SELF, ...registeredKeys(own) }, { ...PUBLIC }];

    it('by the certificate that it hands on', async () => {
      const { credentials, introspect } = await serve({ clients: clients(), certificate });
      const answer = await credentials('pki', undefined, from(client));
      assertGiven(answer);
      const bound = thumbprintOf(client.certificate);
      assert.deepEqual((await introspect(answer.body['access_token']))['cnf'], { 'x5t#S256': bound });
      assertGiven(await credentials('self', undefined, from(own, 'FAILED')));
    });

    it('by the first certificate, if Traefik appends the intermediate ones of the client after commas', async () => {
      const { credentials } = await serve({ clients: clients(), certificate });
      const [leaf, other] = [client, own].map(({ certificate }) => certificate.raw.toString('base64'));
      const ask = (value: string) =>
        credentials('pki', undefined, { headers: { 'X-Client-Cert': value, 'X-Client-Verify': 'SUCCESS' } });
      for (const value of [`${leaf},${other}`, `${leaf},${other},${other}`]) assertGiven(await ask(value));
      for (const value of [`${other},${leaf}`, `,${leaf}`, `${leaf}, ${other}`]) assertRefused(await ask(value));
    });

    it('refused: not verified, another’s, none, and whatever cannot be read', async () => {
      const { credentials, errors } = await serve({ clients: clients(), certificate });
      assertRefused(await credentials('pki', undefined, from(client, 'FAILED:expired')));
      assertRefused(await credentials('pki', undefined, from(own)));
      assertRefused(await credentials('self', undefined, from(client)));
      assertRefused(await credentials('pki'));
      for (const value of ['', 'a', '%', '(null)', ':AAAA:', encodeURIComponent(client.key), 'A'.repeat(9000)]) {
        const headers = { 'X-Client-Cert': value, 'X-Client-Verify': 'SUCCESS' };
        for (const id of ['pki', 'self']) assertRefused(await credentials(id, undefined, { headers }));
      }
      assert.ok(errors.every((error) => 'status' in error && error.status === 401));
    });

    it('the proxy’s own certificate counts for nothing', async () => {
      const { credentials } = await serve({ clients: clients(), certificate });
      assertRefused(await credentials('pki', client));
    });

    it('a header that is not configured is ignored, for client authentication and for token binding', async () => {
      const { credentials, connect, send } = await serve({ clients: clients() });
      assertRefused(await credentials('pki', undefined, from(client)));
      assertRefused(await credentials('self', undefined, from(own)));
      const forged = { headers: { ...from(client).headers, 'Client-Cert': `:${client.x5c}:` } };
      assertRefused(await credentials('pki', undefined, forged));
      const { body } = await connect('public', own);
      const form = { grant_type: 'refresh_token', client_id: 'public', refresh_token: body['refresh_token'] };
      assertRefused(await send('/token', form, undefined, from(own)), 'invalid_request');
    });
  });

  describe('§3: access tokens that are bound to the certificate', () => {
    let keys: KeySet;
    before(async () => {
      keys = await keySet({ signing: await generateSigningKey('ES256') });
    });
    const of = ({ certificate }: { readonly certificate: X509Certificate }) => ({
      'x5t#S256': thumbprintOf(certificate),
    });
    const bound = () => [{ ...PKI, ...DN, ...BOUND }, { ...SELF, ...registeredKeys(own), ...BOUND }, PUBLIC];

    it('§3.1, §3.2: cnf in the JWT, in introspection and in VerifiedToken', async () => {
      const { credentials, introspect, tokens } = await serve({ clients: bound(), keys });
      for (const [id, identity] of [
        ['pki', client],
        ['self', own],
      ] as const) {
        const { access_token = '', token_type } = (await credentials(id, identity)).body;
        assert.deepEqual(decodeJwt(access_token)['cnf'], of(identity));
        const told = await introspect(access_token);
        assert.deepEqual([told['cnf'], told['token_type'], token_type], [of(identity), 'Bearer', 'Bearer']);
        assert.deepEqual((await tokens.verify(access_token))?.confirmation, of(identity));
      }
    });

    it('§3.4: only those of clients that registered it, whatever they present', async () => {
      const { credentials, introspect } = await serve({
        clients: [
          { ...PKI, ...DN },
          { ...SELF, ...registeredKeys(own), tls_client_certificate_bound_access_tokens: false },
        ],
      });
      for (const [id, identity] of [
        ['pki', client],
        ['self', own],
      ] as const)
        assert.equal('cnf' in (await introspect((await credentials(id, identity)).body['access_token'])), false);
    });

    it('§3: a bound client without a certificate gets no token, and is told why', async () => {
      const { connect, send } = await serve({ clients: [...bound(), { ...API, ...BOUND, client_id: 'secret' }] });
      const answer = await connect('public');
      assertRefused(answer, 'invalid_request');
      assert.match(answer.body['error_description'] ?? '', /certificate/);
      const basic = { auth: `secret:${encodeURIComponent(SECRET)}` };
      const form = { grant_type: 'client_credentials' };
      assertRefused(await send('/token', form, undefined, basic), 'invalid_request');
      assertGiven(await send('/token', form, own, basic)); // §3: whichever way it authenticates
    });

    it('a refreshed token is bound to the certificate of its own request: a client may renew it', async () => {
      const renewed = await ca.issue({ subject: 'C=DE, O=Example, CN=client' });
      const { connect, refresh, introspect } = await serve({ clients: bound() });
      const first = (await connect('pki', client)).body;
      const second = await refresh('pki', first['refresh_token'], renewed);
      assertGiven(second);
      const told = [await introspect(first['access_token']), await introspect(second.body['access_token'])];
      assert.deepEqual(
        told.map(({ cnf }) => cnf),
        [of(client), of(renewed)],
      );
    });

    it('§7.1: another’s certificate does not refresh a confidential client’s token', async () => {
      const { connect, refresh } = await serve({ clients: bound() });
      const { body } = await connect('pki', client);
      assertRefused(await refresh('pki', body['refresh_token'], own));
      assertRefused(await refresh('self', body['refresh_token'], own), 'invalid_grant');
      assertGiven(await refresh('pki', body['refresh_token'], client));
    });

    it('within the grace window the answer goes to the same certificate only', async () => {
      const renewed = await ca.issue({ subject: 'C=DE, O=Example, CN=client' });
      const { connect, refresh } = await serve({ clients: bound() });
      const { body } = await connect('pki', client);
      const [first, again] = [
        await refresh('pki', body['refresh_token'], client),
        await refresh('pki', body['refresh_token'], client),
      ];
      assert.equal(first.body['access_token'], again.body['access_token']);
      assertRefused(await refresh('pki', body['refresh_token'], renewed), 'invalid_grant');
      assertGiven(await refresh('pki', first.body['refresh_token'], renewed));
    });

    it('§4: a public client’s tokens are bound, and its refresh token too', async () => {
      const { connect, refresh, introspect } = await serve({ clients: bound() });
      const first = (await connect('public', own)).body;
      assert.deepEqual((await introspect(first['access_token']))['cnf'], of(own));
      assertRefused(await refresh('public', first['refresh_token'], client), 'invalid_grant');
      assertRefused(await refresh('public', first['refresh_token']), 'invalid_request');
      const second = await refresh('public', first['refresh_token'], own);
      assertGiven(second);
      assert.deepEqual((await introspect(second.body['access_token']))['cnf'], of(own));
      assertRefused(await refresh('public', second.body['refresh_token'], client), 'invalid_grant');
      assertGiven(await refresh('public', second.body['refresh_token'], own));
    });

    it('§4: and stays so when the client’s registration no longer asks for it', async () => {
      const { connect, refresh, find } = await serve({ clients: bound() });
      const { body } = await connect('public', own);
      Object.assign(find('public') ?? {}, { tls_client_certificate_bound_access_tokens: false });
      assertRefused(await refresh('public', body['refresh_token'], own), 'invalid_grant');
      assertRefused(await refresh('public', body['refresh_token'], client), 'invalid_grant');
    });

    it('§6.4: none by way of the browser, where no certificate comes', async () => {
      const { send } = await serve({
        clients: [...bound(), { client_id: 'unbound', token_endpoint_auth_method: 'none' }].map((each) => ({
          ...each,
          grant_types: ['implicit'],
        })),
      });
      const ask = async (clientID: string) => {
        const { headers } = await send(
          `/authorize?${encode({ response_type: 'token', client_id: clientID })}`,
          undefined,
        );
        return new URLSearchParams(new URL(String(headers['location'])).hash.slice(1));
      };
      const refused = await ask('public');
      assert.deepEqual([refused.get('error'), refused.get('access_token')], ['unauthorized_client', null]);
      assert.ok((await ask('unbound')).get('access_token'), 'a client that is not bound is none of its business');
    });
  });

  it('§2.1.1, §2.2.1, §3.3, §5: the metadata has the methods, the binding and the aliases', async () => {
    const mtls_endpoint_aliases = { token_endpoint: 'https://mtls.as.example/token' };
    const { send } = await serve({ metadata: { mtls_endpoint_aliases } });
    const body = (await send('/.well-known/oauth-authorization-server', undefined)).body as unknown as ServerMetadata;
    assert.equal(body.tls_client_certificate_bound_access_tokens, true);
    assert.deepEqual(body.mtls_endpoint_aliases, mtls_endpoint_aliases);
    const methods = body.token_endpoint_auth_methods_supported ?? [];
    assert.deepEqual(methods.slice(0, 2), ['tls_client_auth', 'self_signed_tls_client_auth']);
  });

  describe('oauth4webapi as the client', () => {
    /** Node's fetch cannot present certificates without a package; https can. */
    const fetchWith = (identity: Identity, port: number, seen: string[]) => async (url: string, init: RequestInit) => {
      const { host, pathname } = new URL(url);
      seen.push(host);
      const headers = Object.fromEntries(new Headers(init.headers));
      const { cert, key } = identity;
      const options = { host: 'localhost', port, path: pathname, ca: server.cert, cert, key, agent: false as const };
      return await new Promise<Response>((resolve, reject) => {
        const sent = https.request({ ...options, method: init.method, headers });
        sent.on('error', reject).on('response', async (response) => {
          let text = '';
          for await (const chunk of response) text += chunk;
          const type = response.headers['content-type'] ?? '';
          resolve(new Response(text, { status: response.statusCode ?? 0, headers: { 'content-type': type } }));
        });
        sent.end(init.body ? String(init.body) : undefined);
      });
    };

    for (const id of ['pki', 'self']) {
      it(`TlsClientAuth, by the aliases that the metadata has: ${id}`, async () => {
        const mtls_endpoint_aliases = { token_endpoint: 'https://mtls.as.example/token' };
        const clients = [
          { ...PKI, ...DN, ...BOUND },
          { ...SELF, ...registeredKeys(own), ...BOUND },
        ];
        const { port, introspect } = await serve({ clients, metadata: { mtls_endpoint_aliases } });
        const identity = id === 'pki' ? client : own;
        const seen: string[] = [];
        const options = { [oauth.customFetch]: fetchWith(identity, port, seen) as never };
        const url = new URL(ISSUER);
        const discovered = await oauth.discoveryRequest(url, { ...options, algorithm: 'oauth2' });
        const as = await oauth.processDiscoveryResponse(url, discovered);
        const relyingParty = { client_id: id, use_mtls_endpoint_aliases: true };
        const auth = oauth.TlsClientAuth();
        const response = await oauth.clientCredentialsGrantRequest(as, relyingParty, auth, {}, options);
        const { access_token } = await oauth.processClientCredentialsResponse(as, relyingParty, response);
        assert.deepEqual(seen, ['as.example', 'mtls.as.example']);
        assert.deepEqual((await introspect(access_token))['cnf'], { 'x5t#S256': thumbprintOf(identity.certificate) });
      });
    }

    it('is told invalid_client in a way that it understands', async () => {
      const { port } = await serve({ clients: [{ ...PKI, ...DN }] });
      const as = { issuer: ISSUER, token_endpoint: `${ISSUER}/token` };
      const options = { [oauth.customFetch]: fetchWith(own, port, []) as never };
      const response = await oauth.clientCredentialsGrantRequest(
        as,
        { client_id: 'pki' },
        oauth.TlsClientAuth(),
        {},
        options,
      );
      await assert.rejects(oauth.processClientCredentialsResponse(as, { client_id: 'pki' }, response), {
        error: 'invalid_client',
      });
    });
  });

  it('socketCertificate is what an application can use by itself', async () => {
    const app = new Koa();
    app.use((ctx) => {
      const { certificate, isVerified } = socketCertificate(ctx) ?? {};
      ctx.body = { subject: certificate?.subject, isVerified };
    });
    const { cert, key } = server;
    const listening = https.createServer(
      { cert, key, ca: ca.cert, requestCert: true, rejectUnauthorized: false },
      app.callback(),
    );
    servers.push(listening);
    await new Promise<void>((resolve) => listening.listen(0, resolve));
    const { port } = listening.address() as AddressInfo;
    const ask = (identity?: Identity) =>
      new Promise<unknown>((resolve, reject) => {
        const presented = identity && { cert: identity.cert, key: identity.key };
        https
          .get({ host: 'localhost', port, ca: cert, agent: false, ...presented }, async (response) => {
            let text = '';
            for await (const chunk of response) text += chunk;
            resolve(JSON.parse(text));
          })
          .on('error', reject);
      });
    assert.deepEqual(await ask(client), { subject: 'C=DE\nO=Example\nCN=client', isVerified: true });
    assert.deepEqual(await ask(own), { subject: 'CN=self-signed', isVerified: false });
    assert.deepEqual(await ask(), {});
  });
});
