/** docs/for-partners.md: its commands and programs, over TLS, against the server of its operator. */
import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type Koa from 'koa';
import type { Refusal } from 'koauthorize';
import { tlsOptions } from 'koauthorize/client-auth';
import { type Programs, pageAt, programsOf } from './readme/programs.js';
import { makeCA } from './support/certificates.js';
import { freePort } from './support/free-port.js';

interface Operator {
  readonly koa: Koa;
  readonly apps: Map<string, object>;
}
type Answer = Readonly<Record<string, string>>;

const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

describe('docs/for-partners.md', function () {
  this.timeout(60_000);
  let operator: Operator;
  let programs: Programs;
  let server: Server;
  let issuer: string;
  let ca: string;
  const refusals: Refusal[] = [];

  before(async () => {
    const port = await freePort();
    issuer = `https://localhost:${port}`;
    const authority = await makeCA();
    ca = authority.cert;
    const { cert, key } = await authority.issue({ names: [{ type: 'dns', value: 'localhost' }] });
    const environment = { ISSUER: issuer, API: issuer, NODE_EXTRA_CA_CERTS: 'ca.pem', CURL_CA_BUNDLE: 'ca.pem' };
    const page = pageAt('docs/for-partners.md');
    programs = programsOf(page, environment, [
      ['https://as.example', issuer],
      ['curl ', 'curl -sS '],
    ]);
    writeFileSync(join(programs.directory, 'ca.pem'), ca);
    process.env['ISSUER'] = issuer;
    operator = (await programs.load('operator')) as Operator;
    delete process.env['ISSUER'];
    operator.koa.silent = true;
    operator.koa.on('refusal', (refusal: Refusal) => refusals.push(refusal));
    server = createServer({ cert, key, ...tlsOptions({ clientCA: ca }) }, operator.koa.callback()).listen(port);
    await once(server, 'listening');
    assert.equal((server.address() as AddressInfo).port, port);
    await programs.shell('openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out private.pem');
    await register('partner', await programs.shell('node jwks.mjs private.pem'));
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  /** The operator stores the set that a partner has sent. */
  const register = (id: string, set: string) => {
    operator.apps.set(id, { ...operator.apps.get(id), jwks: JSON.parse(set) });
  };
  const succeeded = async (file: string, args?: readonly string[], more?: NodeJS.ProcessEnv): Promise<string> => {
    const { ok, stdout, output } = await programs.node(file, args, more);
    assert.ok(ok, output);
    return stdout;
  };

  /** An answer of the token endpoint to this form. */
  async function token(form: Answer, headers: Answer = {}): Promise<{ status: number; body: Answer }> {
    const sent = request(`${issuer}/token`, {
      method: 'POST',
      ca,
      headers: { ...headers, 'Content-Type': 'application/x-www-form-urlencoded' },
    });
    sent.end(new URLSearchParams(form).toString());
    const [response] = await once(sent, 'response');
    const chunks = await response.toArray();
    return { status: response.statusCode, body: JSON.parse(Buffer.concat(chunks).toString()) };
  }
  const assertion = async () => (await succeeded('print.mjs')).trim();
  const asking = async (more: Answer = {}): Promise<Answer> => ({
    grant_type: 'client_credentials',
    client_assertion_type: JWT_BEARER,
    client_assertion: await assertion(),
    ...more,
  });
  /** What a program of the page signs, with other claims. */
  const signed = async (claims: object, header: object = {}): Promise<string> => {
    const text = `
      import { keyFrom } from './key.mjs';
      const key = keyFrom('private.pem');
      const now = Math.floor(Date.now() / 1000);
      const usual = { iss: 'partner', sub: 'partner', aud: process.env.ISSUER, jti: String(Math.random()), exp: now + 60 };
      console.log(key.jwt({ kid: key.kid, ...${JSON.stringify(header)} }, { ...usual, ...${JSON.stringify(claims)} }));`;
    writeFileSync(join(programs.directory, 'signed.mjs'), text);
    return (await succeeded('signed.mjs')).trim();
  };

  it('both ways make a private key that only its owner can read, and the set has no private member', async () => {
    const path = (file: string) => join(programs.directory, file);
    const ofOpenssl = readFileSync(path('private.pem'), 'utf8');
    const taken = await programs.node('make-key.mjs');
    assert.ok(!taken.ok && taken.output.includes('EEXIST'), 'it overwrites no key');
    const made = readFileSync(path('make-key.mjs'), 'utf8').replace('private.pem', 'jose.pem');
    writeFileSync(path('make-jose.mjs'), made);
    await succeeded('make-jose.mjs');
    for (const file of ['private.pem', 'jose.pem']) assert.equal(statSync(path(file)).mode & 0o077, 0, file);
    assert.equal(readFileSync(path('private.pem'), 'utf8'), ofOpenssl);
    const { keys } = JSON.parse(await succeeded('jwks.mjs', ['private.pem', 'jose.pem']));
    assert.equal(keys.length, 2);
    for (const key of keys) assert.deepEqual(Object.keys(key), ['kty', 'crv', 'x', 'y', 'kid', 'alg', 'use']);
  });

  it('the client gets a token and calls the API, and so does curl', async () => {
    assert.equal(await programs.shell('node client.mjs'), '200 {"notesOf":"partner"}\n');
    const { token_type, scope } = JSON.parse(await programs.shell(`curl https://as.example/token -d grant_type`));
    assert.deepEqual([token_type, scope], ['Bearer', 'read']);
  });

  it('changes its key in the order of the page, and no step is refused', async () => {
    const next = readFileSync(join(programs.directory, 'make-key.mjs'), 'utf8').replace('private.pem', 'next.pem');
    writeFileSync(join(programs.directory, 'make-next.mjs'), next);
    await succeeded('make-next.mjs');
    const works = async (pem: string) =>
      assert.match(await succeeded('client.mjs', [], { PRIVATE_PEM: pem }), /^200 /, pem);
    register('partner', await succeeded('jwks.mjs', ['private.pem', 'next.pem']));
    await works('private.pem');
    await works('next.pem');
    register('partner', await succeeded('jwks.mjs', ['next.pem']));
    await works('next.pem');
    const { ok, output } = await programs.node('client.mjs');
    assert.ok(!ok && output.includes('400 invalid_client'), output);
    register('partner', await succeeded('jwks.mjs', ['private.pem']));
  });

  it('DPoP: the token is bound to the key', async () => {
    const pem = 'openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out dpop.pem';
    await programs.shell(pem);
    assert.equal(await programs.shell('node dpop.mjs'), 'DPoP 200 {"notesOf":"partner"}\n');
  });

  it('mutual TLS: a registered self-signed certificate gets a token that counts with it alone, and another gets none', async () => {
    await programs.shell('openssl req -x509');
    const curl = () => programs.shell('curl https://as.example/token --cert');
    assert.equal(JSON.parse(await curl()).error, 'invalid_client');
    register('partner-tls', await programs.shell('node x5c.mjs'));
    const { access_token } = JSON.parse(await curl());
    const call = async (identity: object) => {
      const headers = { Authorization: `Bearer ${access_token}` };
      const sent = request(`${issuer}/notes`, { ca, agent: false, headers, ...identity });
      sent.end();
      const [response] = await once(sent, 'response');
      response.resume();
      return response.statusCode;
    };
    const [cert, key] = ['tls.pem', 'tls.key'].map((file) => readFileSync(join(programs.directory, file)));
    assert.deepEqual([await call({ cert, key }), await call({})], [200, 401]);
    await programs.shell('openssl req -new');
  });

  describe('errors', () => {
    const causes: readonly (readonly [title: string, claims: object, header: object, reason: RegExp])[] = [
      [
        'the audience is the URL of the token endpoint',
        { aud: 'https://as.example/token' },
        {},
        /aud is not the issuer/,
      ],
      ['the key is not registered', {}, { kid: 'unknown' }, /no key that fits/],
      ['the assertion has expired', { exp: 1 }, {}, /exp has passed/],
      ['the assertion is of the future', { iat: 9e9 }, {}, /iat is in the future/],
      ['the assertion expires in more than an hour', { exp: 9e9 }, {}, /exp is too far off/],
      ['the issuer of the assertion is another', { iss: 'other' }, {}, /iss is not sub/],
      ['the assertion has no jti', { jti: null }, {}, /jti is missing/],
    ];
    for (const [title, claims, header, reason] of causes)
      it(`${title}: the client gets invalid_client, and the operator the cause`, async () => {
        refusals.length = 0;
        const { status, body } = await token(await asking({ client_assertion: await signed(claims, header) }));
        assert.deepEqual([status, body['error']], [400, 'invalid_client']);
        assert.match(`${refusals[0]?.reason}`, reason);
      });

    it('a second use, another client_id, another method and a missing type are invalid_client', async () => {
      const form = await asking();
      assert.equal((await token(form)).status, 200);
      const { client_assertion_type: _, ...untyped } = await asking();
      const refused = [
        await token(form),
        await token(await asking({ client_id: 'partner-tls' })),
        await token(await asking({ client_assertion: await signed({ iss: 'partner-tls', sub: 'partner-tls' }) })),
        await token(untyped),
      ];
      for (const { status, body } of refused) assert.deepEqual([status, body['error']], [400, 'invalid_client']);
    });

    it('a set with a private key, and jwks beside jwks_uri, authenticate nobody', async () => {
      const before = operator.apps.get('partner');
      const { keys } = JSON.parse(await succeeded('jwks.mjs', ['private.pem']));
      const pem = readFileSync(join(programs.directory, 'private.pem'));
      const { d } = createPrivateKey(pem).export({ format: 'jwk' });
      const wrong = [
        { jwks: { keys: [{ ...keys[0], d }] } },
        { jwks: { keys }, jwks_uri: 'https://partner.example/jwks' },
      ];
      for (const registered of wrong) {
        operator.apps.set('partner', { ...before, ...registered });
        const { status, body } = await token(await asking());
        assert.deepEqual([status, body['error']], [400, 'invalid_client'], Object.keys(registered).join());
      }
      operator.apps.set('partner', before ?? {});
      assert.equal((await token(await asking())).status, 200);
    });

    it('unauthorized_client: a client that is not registered for the grant type', async () => {
      const before = operator.apps.get('partner');
      operator.apps.set('partner', { ...before, grant_types: ['authorization_code'] });
      const { status, body } = await token(await asking());
      operator.apps.set('partner', before ?? {});
      assert.deepEqual([status, body['error']], [400, 'unauthorized_client']);
    });

    it('the API tells apart a request without a token, one with an unknown token, and one with a wrong proof', async () => {
      const challenges: string[] = [];
      const codeOf = (challenge: string) => /error="(\w+)"/.exec(challenge)?.[1] ?? 'none';
      for (const headers of [{}, { Authorization: 'Bearer unknown' }]) {
        const sent = request(`${issuer}/notes`, { ca, headers });
        sent.end();
        const [response] = await once(sent, 'response');
        response.resume();
        assert.equal(response.statusCode, 401);
        challenges.push(codeOf(response.headers['www-authenticate']));
      }
      const wrong = readFileSync(join(programs.directory, 'dpop.mjs'), 'utf8')
        .replace("keyFrom('dpop.pem')", "keyFrom('private.pem')")
        .replace("proof('GET', notes,", "proof('GET', 'https://other.example/notes',")
        .replace('response.status', "response.status, response.headers.get('www-authenticate')");
      writeFileSync(join(programs.directory, 'wrong-proof.mjs'), wrong);
      const output = await succeeded('wrong-proof.mjs');
      assert.match(output, /^DPoP 401 /);
      assert.deepEqual([...challenges, codeOf(output)], ['none', 'invalid_token', 'invalid_dpop_proof']);
    });

    it('a client_id that is the same is accepted', async () => {
      assert.equal((await token(await asking({ client_id: 'partner' }))).status, 200);
    });

    const answers: readonly (readonly [error: string, form: Answer, headers?: Answer])[] = [
      ['unsupported_grant_type', { grant_type: 'password' }],
      ['invalid_scope', { scope: 'write' }],
      ['invalid_request', { grant_type: '' }],
      ['invalid_dpop_proof', {}, { DPoP: 'a.b.c' }],
    ];
    for (const [error, form, headers] of answers)
      it(`${error} is 400`, async () => {
        const { status, body } = await token(await asking(form), headers);
        assert.deepEqual([status, body['error']], [400, error]);
      });
  });
});
