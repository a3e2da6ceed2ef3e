/** The two methods of RFC 8705 §2, by their options; over real TLS: test/spec/rfc8705.test.ts. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import Koa, { type Context } from 'koa';
import { createServer } from 'koauthorize';
import {
  type CertificateSource,
  type ClientAuthMethod,
  clientAuthentication,
  headerCertificate,
  selfSignedTlsClientAuth,
  tlsClientAuth,
} from 'koauthorize/client-auth';
import request from 'supertest';
import { toParams } from '../../lib/syntax/param-map.js';
import { type Identity, makeCA, selfSigned } from '../support/certificates.js';
import { assertErrorHere, assertInvalidClient } from '../support/form.js';

interface App {
  readonly client_id: string;
  readonly token_endpoint_auth_method: string;
  readonly [member: string]: unknown;
}

const certificate: CertificateSource = headerCertificate({
  name: 'X-Cert',
  isVerified: (ctx) => ctx.get('X-Verify') === 'SUCCESS',
});

const HOUR = 3_600_000;

/** What a client of these registrations is answered, who presents a certificate to the proxy. */
function ask(
  method: ClientAuthMethod<App>,
  client: object,
  identity: Identity | undefined,
  more: Record<string, string> = {},
) {
  const app = { client_id: 'client', token_endpoint_auth_method: method.name, ...client };
  const koa = new Koa();
  koa.on('error', () => {});
  koa.use(createServer().errorHandler());
  koa.use(clientAuthentication<App>({ find: (id) => (id === 'client' ? app : undefined), methods: [method] }));
  koa.use((ctx) => {
    ctx.body = { method: ctx.state['oauth2'].method };
  });
  const asked = request(koa.callback()).post('/token').type('form').set('X-Verify', 'SUCCESS');
  if (identity) asked.set('X-Cert', identity.x5c);
  for (const [name, value] of Object.entries(more))
    if (name.startsWith('X-') || name === 'Authorization') asked.set(name, value);
  const form = Object.fromEntries(Object.entries(more).filter(([name]) => /^[a-z_]+$/.test(name)));
  return asked.send({ client_id: 'client', ...form });
}

describe('tls_client_auth', () => {
  const DN = { tls_client_auth_subject_dn: 'CN=client,O=Example' };
  const DNS = { tls_client_auth_san_dns: 'client.example' };
  const method = tlsClientAuth<App>({ certificate });
  let ca: Identity;
  let client: Identity;
  before(async () => {
    ca = await makeCA();
    const names = [{ type: 'dns', value: 'client.example' }] as const;
    client = await ca.issue({ subject: 'O=Example, CN=client', names: [...names] });
  });

  it('§2.1.2: by the one name that was registered', async () => {
    for (const registered of [DN, DNS, { ...DN, tls_client_auth_san_dns: '', tls_client_auth_san_uri: null }]) {
      const { body } = await ask(method, registered, client).expect(200);
      assert.equal(body.method, 'tls_client_auth');
    }
  });

  const REFUSED: Readonly<Record<string, object>> = {
    'none is registered': {},
    'an empty one is': { tls_client_auth_subject_dn: '' },
    'two are registered, and both are right': { ...DN, ...DNS },
    'two are registered, and one is right': { ...DN, tls_client_auth_san_uri: 'https://client.example' },
    'another is registered': { tls_client_auth_subject_dn: 'CN=other,O=Example' },
    'what is registered is no text': { tls_client_auth_san_dns: ['client.example'] },
    'what is registered is no name': { tls_client_auth_subject_dn: 'client' },
  };
  for (const [what, registered] of Object.entries(REFUSED)) {
    it(`§2.1.2: refused where ${what}`, async () => {
      assertInvalidClient(await ask(method, registered, client));
    });
  }

  it('tells the operator, once per process, of a client with two names', () => {
    const options = ['--import', './test/register.mjs', '--input-type=module', '-e', WARNS];
    const { stderr } = spawnSync(process.execPath, options, { encoding: 'utf8' });
    assert.equal(stderr.match(/\[KOAUTHORIZE_CERTIFICATE_NAMES\]/g)?.length, 1, stderr);
  });

  it('§2.1: refused where the proxy did not verify it', async () => {
    assertInvalidClient(await ask(method, DN, client, { 'X-Verify': 'FAILED:self-signed certificate' }));
    assertInvalidClient(await ask(method, DN, client, { 'X-Verify': 'NONE' }));
  });

  it('refused before and after its time', async () => {
    const [now, to] = [Date.now(), new Date(Date.now() - HOUR)];
    const expired = await ca.issue({ subject: 'O=Example, CN=client', from: new Date(now - 2 * HOUR), to });
    const early = await ca.issue({
      subject: 'O=Example, CN=client',
      from: new Date(now + HOUR),
      to: new Date(now + 2 * HOUR),
    });
    for (const identity of [expired, early]) assertInvalidClient(await ask(method, DN, identity));
    const at = (seconds: number) => tlsClientAuth<App>({ certificate, now: () => seconds });
    await ask(at(now / 1000 - 1.5 * 3600), DN, expired).expect(200);
    await ask(at(now / 1000 + 1.5 * 3600), DN, early).expect(200);
  });

  it('§2: client_id is in the form, and nothing else is', async () => {
    assertInvalidClient(await ask(method, DN, client, { client_id: '' }));
    assertInvalidClient(await ask(method, DN, client, { client_id: 'other' }));
    assertInvalidClient(await ask(method, DN, client, { client_secret: 'secret' }));
    assertInvalidClient(await ask(method, DN, client, { client_assertion: 'a.b.c' }));
    assertInvalidClient(await ask(method, DN, client, { Authorization: 'Basic Y2xpZW50OnNlY3JldA==' }));
    assertInvalidClient(await ask(method, DN, undefined));
  });

  it('a certificate without a subject is not that of a client whose registration is no name', async () => {
    const nameless = await ca.issue({ subject: [] });
    assertInvalidClient(await ask(method, { tls_client_auth_subject_dn: 'client' }, nameless));
  });

  it('reads clients of another shape', async () => {
    const metadata = ({ dn }: App) => ({ tls_client_auth_subject_dn: String(dn) });
    const other = tlsClientAuth<App>({ certificate, metadata });
    await ask(other, { dn: 'CN=client,O=Example' }, client).expect(200);
    assertInvalidClient(await ask(other, DN, client));
  });

  it('its own connection is where it looks, unless it is told of a header', async () => {
    assertInvalidClient(await ask(tlsClientAuth<App>(), DN, client));
  });
});

const WARNS = `
  const { tlsClientAuth } = await import('./lib/client-auth/tls-client-auth.ts');
  const certificate = () => ({ certificate: { validFrom: '2020-01-01', validTo: '9999-01-01' }, isVerified: true });
  const client = { tls_client_auth_san_dns: 'a', tls_client_auth_san_uri: 'b' };
  for (const _ of '12') await tlsClientAuth({ certificate }).verify(client, {}).catch(() => {});
`;

describe('a request without a certificate', () => {
  for (const method of [tlsClientAuth({ certificate: () => undefined }), selfSignedTlsClientAuth()]) {
    it(`is not made by ${method.name}`, () => {
      const ctx = { req: { socket: {}, headers: {}, rawHeaders: [] } } as unknown as Context;
      assert.deepEqual(method.identify({ ctx, params: toParams(new Map([['client_id', 'client']])) }), []);
    });
  }
});

describe('self_signed_tls_client_auth', () => {
  const method = selfSignedTlsClientAuth<App>({ certificate });
  let client: Identity;
  let other: Identity;
  before(async () => {
    client = await selfSigned({ subject: 'CN=client' });
    other = await selfSigned({ subject: 'CN=client' });
  });

  const jwks = (...chains: readonly unknown[]) => ({ jwks: { keys: chains.map((x5c) => ({ kty: 'EC', x5c })) } });

  it('§2.2: by a certificate that was registered, verified or not', async () => {
    for (const registered of [jwks([client.x5c]), jwks([other.x5c], [client.x5c]), jwks([client.x5c, other.x5c])]) {
      const { body } = await ask(method, registered, client, { 'X-Verify': 'NONE' }).expect(200);
      assert.equal(body.method, 'self_signed_tls_client_auth');
    }
  });

  it('§2.2: refused where it is another, of the same name, or stands behind another', async () => {
    const longer = Buffer.concat([client.certificate.raw, Buffer.alloc(3)]).toString('base64');
    for (const registered of [jwks(), jwks([other.x5c]), jwks([other.x5c, client.x5c]), jwks([longer])])
      assertInvalidClient(await ask(method, registered, client));
  });

  it('whatever is registered instead is none', async () => {
    const rows = [
      {},
      { jwks: null },
      { jwks: 'text' },
      { jwks: { keys: 'text' } },
      { jwks: { keys: [null, 'text', {}] } },
    ];
    const chains = [jwks(client.x5c), jwks(null), jwks([]), jwks(['']), jwks([5]), jwks([{}])];
    for (const registered of [...rows, ...chains]) assertInvalidClient(await ask(method, registered, client));
  });

  it('refused before and after its time', async () => {
    const now = Date.now();
    const expired = await selfSigned({ from: new Date(now - 2 * HOUR), to: new Date(now - HOUR) });
    assertInvalidClient(await ask(method, jwks([expired.x5c]), expired));
    const earlier = selfSignedTlsClientAuth<App>({ certificate, now: () => now / 1000 - 1.5 * 3600 });
    await ask(earlier, jwks([expired.x5c]), expired).expect(200);
    assertInvalidClient(await ask(earlier, jwks([client.x5c]), client));
  });

  it('§2: client_id is in the form, and nothing else is', async () => {
    const registered = jwks([client.x5c]);
    for (const more of [{ client_id: '' }, { client_secret: 'secret' }, { client_assertion: 'a.b.c' }])
      assertInvalidClient(await ask(method, registered, client, more));
    assertInvalidClient(await ask(method, registered, undefined));
  });

  it('RFC 7591 §2: jwks_uri, and not both', async () => {
    const fetch = async (url: string): Promise<Response> => {
      if (url !== 'https://client.example/jwks') return new Response(null, { status: 404 });
      return Response.json({ keys: [{ kty: 'EC', x5c: [client.x5c] }] });
    };
    const elsewhere = selfSignedTlsClientAuth<App>({ certificate, fetch });
    await ask(elsewhere, { jwks_uri: 'https://client.example/jwks' }, client).expect(200);
    assertInvalidClient(await ask(elsewhere, { jwks_uri: 'https://client.example/jwks' }, other));
    const both = { ...jwks([client.x5c]), jwks_uri: 'https://client.example/jwks' };
    assertInvalidClient(await ask(elsewhere, both, client));
    const down = await ask(elsewhere, { jwks_uri: 'https://other.example/' }, client);
    assertErrorHere(down, 503, 'temporarily_unavailable');
  });
});
