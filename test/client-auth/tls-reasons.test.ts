/** RFC 8705 §2: what the operator is told of a certificate that was refused; the client is told nothing of it. */
import assert from 'node:assert/strict';
import Koa from 'koa';
import { createServer, type Refusal } from 'koauthorize';
import {
  type CertificateSource,
  type ClientAuthMethod,
  clientAuthentication,
  headerCertificate,
  selfSignedTlsClientAuth,
  tlsClientAuth,
} from 'koauthorize/client-auth';
import request from 'supertest';
import { type Identity, makeCA, selfSigned } from '../support/certificates.js';
import { assertInvalidClient } from '../support/form.js';

interface App {
  readonly client_id: string;
  readonly token_endpoint_auth_method: string;
  readonly [member: string]: unknown;
}

const HOUR = 3_600_000;

const certificate: CertificateSource = headerCertificate({
  name: 'X-Cert',
  isVerified: (ctx) => ctx.get('X-Verify') === 'SUCCESS',
});

/** What the operator is told, of a client of this registration that presents this certificate. */
async function reasonOf(method: ClientAuthMethod<App>, registered: object, { x5c }: Identity, verify = 'SUCCESS') {
  const app = { client_id: 'bank', token_endpoint_auth_method: method.name, ...registered };
  const reasons: (string | undefined)[] = [];
  const koa = new Koa();
  koa.on('error', () => {});
  koa.on('refusal', ({ reason }: Refusal) => reasons.push(reason));
  koa.use(createServer().errorHandler());
  koa.use(clientAuthentication<App>({ find: (id) => (id === 'bank' ? app : undefined), methods: [method] }));
  const asked = request(koa.callback()).post('/token').type('form').set({ 'X-Cert': x5c, 'X-Verify': verify });
  assertInvalidClient(await asked.send({ client_id: 'bank' }));
  assert.equal(reasons.length, 1);
  return (reasons[0] ?? '').replace(/client: "bank", | \(client: "bank"\)/, ''); // which the error handler adds
}

describe('a certificate that is refused: the reason', () => {
  let ca: Identity;
  let client: Identity;
  before(async () => {
    ca = await makeCA();
    client = await ca.issue({ subject: 'O=Example, CN=client', names: [{ type: 'dns', value: 'client.example' }] });
  });
  const expired = () => ca.issue({ from: new Date(Date.now() - 2 * HOUR), to: new Date(Date.now() - HOUR) });

  describe('tls_client_auth', () => {
    const method = tlsClientAuth<App>({ certificate });
    const DN = { tls_client_auth_subject_dn: 'CN=client,O=Example' };

    it('is not verified', async () => {
      assert.match(
        await reasonOf(method, DN, client, 'NONE'),
        /^The certificate of bank is not verified: .*isVerified/,
      );
    });

    it('is out of date', async () => {
      assert.match(await reasonOf(method, DN, await expired()), /^The certificate of bank is not valid now \(from: "/);
    });

    it('has another name', async () => {
      const other = await reasonOf(method, { tls_client_auth_subject_dn: 'CN=other' }, client);
      assert.match(
        other,
        /^The certificate of bank has not the name that it registered \(tls_client_auth_subject_dn: "CN=other", /,
      );
      assert.match(other, /subject: "O=Example\\nCN=client", alternative_names: "DNS:client\.example"\)$/);
    });

    const unreadable: readonly (readonly [member: string, value: string])[] = [
      ['tls_client_auth_subject_dn', '/CN=a'],
      ['tls_client_auth_san_ip', '127.0.0'],
      ['tls_client_auth_san_dns', 'bücher.example'],
    ];
    for (const [member, value] of unreadable)
      it(`registered what cannot be read: ${member} ${value}`, async () => {
        const reason = await reasonOf(method, { [member]: value }, client);
        assert.equal(reason, `What bank registered as ${member} cannot be read (registered: ${JSON.stringify(value)})`);
      });

    it('registered no name, or several', async () => {
      for (const registered of [{}, { tls_client_auth_san_dns: ['a'] }])
        assert.match(await reasonOf(method, registered, client), /^bank registered no name of its certificate/);
      const both = { ...DN, tls_client_auth_san_dns: 'client.example' };
      assert.match(
        await reasonOf(method, both, client),
        /^bank registered several names of its certificate \(registered: \["tls_client_auth_subject_dn","tls_client_auth_san_dns"\]\)$/,
      );
    });

    it('a source that verifies no certificate throws at once: nobody would be let in', () => {
      const source = headerCertificate({ name: 'X-Cert' });
      assert.throws(() => tlsClientAuth({ certificate: source }), /headerCertificate\(\{ isVerified \}\)/);
      selfSignedTlsClientAuth({ certificate: source });
    });
  });

  describe('self_signed_tls_client_auth', () => {
    const method = selfSignedTlsClientAuth<App>({ certificate });

    it('is out of date', async () => {
      assert.match(await reasonOf(method, {}, await expired()), /^The certificate of bank is not valid now \(from: "/);
    });

    it('none is registered', async () => {
      for (const registered of [{}, { jwks: { keys: [{ kty: 'EC' }] } }])
        assert.match(await reasonOf(method, registered, client), /^bank registered no certificate in x5c of its keys$/);
    });

    it('another is registered', async () => {
      const jwks = { keys: [{ kty: 'EC', x5c: [(await selfSigned()).x5c] }] };
      const reason = await reasonOf(method, { jwks }, client);
      assert.match(
        reason,
        /^The certificate of bank is none that it registered \(came: "[\w-]{43}", registered: \["[\w-]{43}"\]\)$/,
      );
    });
  });
});
