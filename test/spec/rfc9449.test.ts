/** RFC 9449: DPoP, both sides, over HTTP. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { base64url } from 'jose';
import Koa, { type Middleware } from 'koa';
import { createServer, dpop, dpopNonces, type Extension, exchange } from 'koauthorize';
import {
  bearer,
  type DPoPProofOptions,
  dpopProof,
  introspectionVerifier,
  jwtVerifier,
  type Proof,
  type Verify,
} from 'koauthorize/resource-server';
import { generateSigningKey, jwt, keySet, memoryStore } from 'koauthorize/tokens';
import request, { type Response as Answer } from 'supertest';
import { thumbprintOf } from '../../lib/certificate/certificate.js';
import { CHALLENGE } from '../support/authorization-server.js';
import { selfSigned } from '../support/certificates.js';
import { type ClientKey, clientKey, type ProofParts, type ProofTarget, proofFor } from '../support/dpop.js';
import {
  API,
  type App,
  AS,
  BOUND,
  type DPoPSetup,
  dpopServer,
  MUTUAL,
  PUBLIC,
  SERVICE,
  START,
  type User,
} from '../support/dpop-server.js';
import { assertErrorHere, assertNoStore } from '../support/form.js';
import { thenable } from '../support/thenable.js';

const answerJSON = (body: unknown): globalThis.Response => Response.json(body);

const SECRET = 'a secret of thirty-two characters';
/** One character more than is taken. */
const LONG_JTI = 'j'.repeat(257);

const assertProofRefused = (response: Answer, error = 'invalid_dpop_proof'): void =>
  assertErrorHere(response, 400, error);

/** §7.1: 401, with the error in the challenge of DPoP, and both schemes. */
function assertAPIRefused(response: Answer, error: string): void {
  assert.deepEqual([response.status, response.body.error], [401, error], response.text);
  assertNoStore(response);
  const header = response.headers['www-authenticate'] ?? '';
  assert.match(header, new RegExp(`DPoP realm="API", algs="ES256 PS256 EdDSA Ed25519", error="${error}"`));
  assert.match(header, /^Bearer realm="API"/);
}

describe('RFC 9449: DPoP', () => {
  let key: ClientKey;
  let other: ClientKey;
  before(async () => {
    [key, other] = [await clientKey(), await clientKey()];
  });

  /** A token of client credentials that is bound to the key. */
  const boundToken = async ({ proof, credentials }: ReturnType<typeof dpopServer>): Promise<string> =>
    (await credentials(await proof(key)).expect(200)).body.access_token;

  describe('§4.3: the proof, at the token endpoint and at an API', () => {
    interface Bad {
      readonly target?: Partial<ProofTarget>;
      readonly parts?: () => ProofParts | Promise<ProofParts>;
      /** The header, in place of the proof that was made. */
      readonly write?: (proof: string) => string;
    }
    const header = (more: Record<string, unknown>): Bad => ({ parts: () => ({ header: more }) });
    const claims = (more: Record<string, unknown>): Bad => ({ parts: () => ({ claims: more }) });
    const unsigned = (alg: string, sign: (input: string) => string): Bad => ({
      write(proof) {
        const [head = '', payload = ''] = proof.split('.');
        const { jwk } = JSON.parse(Buffer.from(head, 'base64url').toString());
        const input = `${base64url.encode(JSON.stringify({ typ: 'dpop+jwt', alg, jwk }))}.${payload}`;
        return `${input}.${sign(input)}`;
      },
    });
    const hmac = (input: string): string =>
      createHmac('sha256', JSON.stringify(key.jwk)).update(input).digest('base64url');

    const rows: readonly (readonly [title: string, bad: Bad])[] = [
      ['1: there are two', { write: (proof) => `${proof}, ${proof}` }],
      ['2: it is no JWT', { write: () => 'not.a.jwt' }],
      ['2: it is empty', { write: () => '' }],
      ['2: it has five parts', { write: (proof) => `${proof}.x.y` }],
      ['2: it is larger than any proof need be', claims({ more: 'x'.repeat(4096) })],
      ['2: its payload is no JSON', { parts: () => ({ payload: 'no JSON' }) }],
      ['2: its payload is a list', { parts: () => ({ payload: '[]' }) }],
      ['2: its payload is null', { parts: () => ({ payload: 'null' }) }],
      ['3: without jti', claims({ jti: undefined })],
      ['3: without htm', claims({ htm: undefined })],
      ['3: without htu', claims({ htu: undefined })],
      ['3: without iat', claims({ iat: undefined })],
      ['4: without typ', header({ typ: undefined })],
      ['4: typ of another JWT', header({ typ: 'JWT' })],
      ['4: typ of an access token', header({ typ: 'at+jwt' })],
      ['5: alg none', unsigned('none', () => '')],
      ['5: alg none, with a signature', unsigned('none', () => 'AAAA')],
      ['5: a shared secret', unsigned('HS256', hmac)],
      ['5: RS256, which is not taken by default', { parts: async () => ({ signedBy: await clientKey('RS256') }) }],
      [
        '5: an alg that is another than that of its key',
        { parts: async () => ({ signedBy: await clientKey('ES384') }) },
      ],
      ['6: signed by another key', { parts: () => ({ signedBy: other }) }],
      ['6: the signature is changed', { write: (proof) => `${proof.slice(0, -4)}AAAA` }],
      ['6: without jwk', header({ jwk: undefined })],
      ['6: jwk is a list', header({ jwk: [] })],
      ['6: jwk is no key', header({ jwk: { kty: 'EC' } })],
      ['6: jwk is on no curve', header({ jwk: { kty: 'EC', crv: 'P-256', x: 'AAAA', y: 'AAAA' } })],
      ['6: crit, which nobody understands', header({ crit: ['exp'], exp: 1 })],
      ['7: jwk has the private key', { parts: () => ({ header: { jwk: key.privateJWK } }) }],
      ['7: jwk has an empty private member', { parts: () => ({ header: { jwk: { ...key.jwk, d: '' } } }) }],
      ['8: htm of another method', claims({ htm: 'PUT' })],
      ['8: htm in small letters', claims({ htm: 'post' })],
      ['9: htu of another host', claims({ htu: 'https://evil.example/token' })],
      ['9: htu of another path', claims({ htu: `${AS}/other` })],
      ['9: htu of another scheme', claims({ htu: 'http://as.example/token' })],
      ['9: htu of another port', claims({ htu: 'https://as.example:8443/token' })],
      ['9: htu with a slash more', claims({ htu: `${AS}/token/` })],
      ['9: htu with credentials', claims({ htu: 'https://user@as.example/token' })],
      ['9: htu is a path', claims({ htu: '/token' })],
      ['9: htu is a list', claims({ htu: [`${AS}/token`] })],
      ['11: iat an hour ago', claims({ iat: START - 3600 })],
      ['11: iat in an hour', claims({ iat: START + 3600 })],
      ['11: iat is text', claims({ iat: String(START) })],
      ['§4.2: jti is empty', claims({ jti: '' })],
      ['§4.2: jti is a number', claims({ jti: 1 })],
      ['§11.1: jti is longer than a server need remember', claims({ jti: LONG_JTI })],
      ['§4.2: nonce is a number', claims({ nonce: 1 })],
    ];
    for (const [title, { target, parts, write = (proof: string) => proof }] of rows) {
      it(`${title}: refused`, async () => {
        const made = dpopServer();
        const bad = await parts?.();
        assertProofRefused(await made.credentials(write(await made.proof(key, target, bad))));
        const token = await boundToken(made);
        const atAPI = write(await made.proofOf(key, token, target, bad));
        assertAPIRefused(await made.ask(`DPoP ${token}`, atAPI), 'invalid_dpop_proof');
        await made.ask(`DPoP ${token}`, await made.proofOf(key, token)).expect(200);
        assert.match(String((made.errors[0]?.cause as Error)?.message), /The DPoP proof is not valid/);
      });
    }

    const taken: readonly (readonly [title: string, parts: (url: string) => ProofParts])[] = [
      ['9: the query and the fragment of htu do not count', (url) => ({ claims: { htu: `${url}?a=1#b` } })],
      [
        '9: scheme and host of htu in any case',
        (url) => ({ claims: { htu: url.replace(/^https:\/\/\w+/, (start) => start.toUpperCase()) } }),
      ],
      ['9: the default port in htu', (url) => ({ claims: { htu: url.replace('.example', '.example:443') } })],
      [
        '9: needless escapes and dot segments in htu',
        (url) => ({ claims: { htu: url.replace('/t', '/x/../%74').replace('/n', '/./%6e') } }),
      ],
      ['11: iat 10 s ago', () => ({ claims: { iat: START - 10 } })],
      ['11: iat in 10 s', () => ({ claims: { iat: START + 10 } })],
      ['§4.2: further claims', () => ({ claims: { nbf: START - 10, exp: START + 10, more: {} } })],
      ['§4.2: a nonce that nobody asked for', () => ({ claims: { nonce: 'x' } })],
      [
        '§4.2: what a JWK says besides',
        () => ({ header: { jwk: { ...key.jwk, kid: '1', use: 'sig', key_ops: ['verify'], alg: 'ES256' } } }),
      ],
    ];
    for (const [title, parts] of taken) {
      it(`${title}: taken`, async () => {
        const made = dpopServer();
        const { body } = await made.credentials(await made.proof(key, {}, parts(`${AS}/token`))).expect(200);
        const atAPI = await made.proofOf(key, body.access_token, {}, parts(`${API}/notes`));
        await made.ask(`DPoP ${body.access_token}`, atAPI).expect(200);
      });
    }

    it('1: several headers are told to be several, each on a line of its own or in one', async () => {
      const made = dpopServer();
      const two = [await made.proof(key), await made.proof(key)];
      for (const dpop of [two, two.join(', ')]) {
        const sent = request(made.app.callback()).post('/token').type('form').auth('service', 'secret');
        const response = await sent.set('DPoP', dpop as string).send('grant_type=client_credentials');
        assertProofRefused(response);
        assert.equal(response.body.error_description, 'DPoP proof: there are several');
      }
    });

    it('what the operator is told has the values that differ, and the client is not told them', async () => {
      const made = dpopServer();
      const { body } = await made.credentials(await made.proof(key, { url: 'https://other.example/token' }));
      assert.equal(body.error_description, 'DPoP proof: htu is not the URL of the request');
      const message = String(made.errors[0]?.cause);
      assert.match(message, /htu: "https:\/\/other\.example\/token", url: "https:\/\/as\.example\/token"/);
      assert.match(message, /client: "service"/);
    });

    it('12: ath of another token, or none, is refused at an API', async () => {
      const made = dpopServer();
      const token = await boundToken(made);
      for (const ath of [undefined, 'x', 'fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo'])
        assertAPIRefused(
          await made.ask(`DPoP ${token}`, await made.proofOf(key, token, {}, { claims: { ath } })),
          'invalid_dpop_proof',
        );
    });

    it('12: a proof by another key than the token is bound to is refused, without further details', async () => {
      const made = dpopServer();
      const token = await boundToken(made);
      assertAPIRefused(await made.ask(`DPoP ${token}`, await made.proofOf(other, token)), 'invalid_token');
    });

    for (const alg of ['ES256', 'PS256', 'EdDSA', 'Ed25519']) {
      it(`5: ${alg} is taken by default`, async () => {
        const [made, own] = [dpopServer(), await clientKey(alg)];
        const { body } = await made.credentials(await made.proof(own)).expect(200);
        await made.ask(`DPoP ${body.access_token}`, await made.proofOf(own, body.access_token)).expect(200);
      });
    }

    for (const alg of ['RS256', 'ES384', 'ES512', 'PS512']) {
      it(`5: ${alg} is taken where the application says so`, async () => {
        const algorithms = [alg];
        const [made, own] = [dpopServer({ dpop: { algorithms }, proof: { algorithms } }), await clientKey(alg)];
        const { body } = await made.credentials(await made.proof(own)).expect(200);
        await made.ask(`DPoP ${body.access_token}`, await made.proofOf(own, body.access_token)).expect(200);
        assertProofRefused(await made.credentials(await made.proof(key)));
      });
    }

    it('throws for an algorithm with a shared secret, none, or no algorithm at all', () => {
      for (const algorithms of [['HS256'], ['none'], ['ES256', 'HS512'], []]) {
        assert.throws(() => dpop({ algorithms }), /algorithms of DPoP proofs/);
        assert.throws(() => dpopProof({ algorithms }), /algorithms of DPoP proofs/);
      }
    });
  });

  describe('§5: the token endpoint', () => {
    it('a proof binds the token: token_type, cnf in introspection, and what verify gives', async () => {
      const made = dpopServer();
      const response = await made.credentials(await made.proof(key)).expect(200);
      assert.equal(response.body.token_type, 'DPoP');
      assertNoStore(response);
      const told = await made.introspect(response.body.access_token);
      assert.deepEqual([told.active, told.token_type, told.cnf], [true, 'DPoP', { jkt: key.thumbprint }]);
      const verified = await made.tokens.verify(response.body.access_token);
      assert.deepEqual(verified?.confirmation, { jkt: key.thumbprint });
    });

    it('without a proof, a client that need not have one gets a bearer token', async () => {
      const { body } = await dpopServer().credentials().expect(200);
      assert.equal(body.token_type, 'Bearer');
    });

    it('§5.2: dpop_bound_access_tokens: no proof, no token', async () => {
      const made = dpopServer();
      assertProofRefused(await made.credentials(undefined, BOUND));
      const code = await made.codeFor(BOUND);
      assertProofRefused(await made.redeem(BOUND, code));
      const { body } = await made.redeem(BOUND, code, await made.proof(key)).expect(200);
      assertProofRefused(await made.refresh(BOUND, body.refresh_token));
      assert.equal(
        (await made.refresh(BOUND, body.refresh_token, await made.proof(key)).expect(200)).body.token_type,
        'DPoP',
      );
    });

    it('§5.2: dpop_bound_access_tokens that cannot be read as no binds', async () => {
      for (const value of ['yes', {}, 1, 'true']) {
        const made = dpopServer({ clients: [{ ...SERVICE, dpop_bound_access_tokens: value }] });
        assertProofRefused(await made.credentials());
      }
      for (const value of [false, null, undefined, 0, 'false']) {
        const made = dpopServer({ clients: [{ ...SERVICE, dpop_bound_access_tokens: value }] });
        await made.credentials().expect(200);
      }
    });

    it('isBound says whose tokens must be bound, and what it says may be a promise', async () => {
      for (const isBound of [() => true, async () => true]) {
        const made = dpopServer({ dpop: { isBound } });
        assertProofRefused(await made.credentials());
        assert.equal((await made.credentials(await made.proof(key)).expect(200)).body.token_type, 'DPoP');
      }
    });

    it('what isBound gives and nobody can read as no binds', async () => {
      for (const said of ['no', 0, {}, Promise.resolve('no')]) {
        const made = dpopServer({ dpop: { isBound: () => said as boolean } });
        assertProofRefused(await made.credentials());
      }
      await dpopServer({ dpop: { isBound: () => undefined as unknown as boolean } })
        .credentials()
        .expect(200);
    });

    it('isBound may give whatever can be awaited', async () => {
      const made = dpopServer({ dpop: { isBound: () => thenable(true) } });
      assertProofRefused(await made.credentials());
      const answer = await made.authorize(SERVICE, { response_type: 'token' });
      assert.equal(answer.get('error'), 'unauthorized_client');
    });

    it('a token of the implicit grant cannot be bound: a client whose tokens must be gets none', async () => {
      const made = dpopServer();
      const answer = await made.authorize(BOUND, { response_type: 'token' });
      assert.equal(answer.get('error'), 'unauthorized_client');
    });

    it('§5: the refresh token of a public client is bound to the key, and another key is refused', async () => {
      const made = dpopServer();
      const { body } = await made.redeem(PUBLIC, await made.codeFor(PUBLIC), await made.proof(key)).expect(200);
      assertProofRefused(await made.refresh(PUBLIC, body.refresh_token), 'invalid_dpop_proof');
      assertProofRefused(await made.refresh(PUBLIC, body.refresh_token, await made.proof(other)), 'invalid_grant');
      const again = await made.refresh(PUBLIC, body.refresh_token, await made.proof(key)).expect(200);
      assertProofRefused(
        await made.refresh(PUBLIC, again.body.refresh_token, await made.proof(other)),
        'invalid_grant',
      );
      await made.refresh(PUBLIC, again.body.refresh_token, await made.proof(key)).expect(200);
    });

    it('§5: the refresh token of a client that authenticates is not: it may change its key', async () => {
      const made = dpopServer();
      const { body } = await made.redeem(SERVICE, await made.codeFor(SERVICE), await made.proof(key)).expect(200);
      const refreshed = (await made.refresh(SERVICE, body.refresh_token, await made.proof(other)).expect(200)).body;
      assert.deepEqual((await made.introspect(refreshed.access_token)).cnf, { jkt: other.thumbprint });
    });

    describe('§5, §10: where the code was bound, the refresh token', () => {
      /** By `dpop_jkt`, and by the proof of a pushed request. */
      const boundCodes = async (made: ReturnType<typeof dpopServer>, client: App): Promise<readonly string[]> => {
        const { body } = await made.push(client, {}, await made.proof(key, { url: `${AS}/par` })).expect(201);
        const pushed = await made.codeFor(client, { request_uri: body.request_uri });
        return [await made.codeFor(client, { dpop_jkt: key.thumbprint }), pushed];
      };

      it('of a client that authenticates is good with another key, and without one', async () => {
        const made = dpopServer();
        for (const code of await boundCodes(made, SERVICE)) {
          const { body } = await made.redeem(SERVICE, code, await made.proof(key)).expect(200);
          const byOther = (await made.refresh(SERVICE, body.refresh_token, await made.proof(other)).expect(200)).body;
          assert.deepEqual((await made.introspect(byOther.access_token)).cnf, { jkt: other.thumbprint });
          const plain = (await made.refresh(SERVICE, byOther.refresh_token).expect(200)).body;
          assert.equal(plain.token_type, 'Bearer');
        }
      });

      it('of a client whose tokens must be bound is good with another key, and with none it is not', async () => {
        const made = dpopServer();
        for (const code of await boundCodes(made, BOUND)) {
          const { body } = await made.redeem(BOUND, code, await made.proof(key)).expect(200);
          assertProofRefused(await made.refresh(BOUND, body.refresh_token));
          await made.refresh(BOUND, body.refresh_token, await made.proof(other)).expect(200);
        }
      });

      it('of a public client is good with the first key alone', async () => {
        const made = dpopServer();
        for (const code of await boundCodes(made, PUBLIC)) {
          const { body } = await made.redeem(PUBLIC, code, await made.proof(key)).expect(200);
          const wrong = await made.refresh(PUBLIC, body.refresh_token, await made.proof(other));
          assertProofRefused(wrong, 'invalid_grant');
          assertProofRefused(await made.refresh(PUBLIC, body.refresh_token));
          await made.refresh(PUBLIC, body.refresh_token, await made.proof(key)).expect(200);
        }
      });

      it('is judged in the same way where the application keeps it, and under another name of the grant type', async () => {
        const made = dpopServer({
          plug: (server) =>
            server.exchange(
              'urn:example:kept',
              exchange.refreshToken<App>({
                redeem: (_token, { client: { client_id: clientID } }) => ({
                  ...{ clientID, redirectURI: '', scope: [] },
                  request: { type: 'code', clientID, dpopJKT: key.thumbprint },
                }),
                issue: (_authorization, { tokenType = 'Bearer' }) => ({ access_token: 'x', token_type: tokenType }),
              }),
            ),
        });
        const refresh = (client: App, proof?: string) =>
          made.post('/token', client, { grant_type: 'urn:example:kept', refresh_token: 'kept' }, proof);
        assertProofRefused(await refresh(PUBLIC, await made.proof(other)), 'invalid_grant');
        assertProofRefused(await refresh(PUBLIC));
        await refresh(PUBLIC, await made.proof(key)).expect(200);
        await refresh(SERVICE, await made.proof(other)).expect(200);
        await refresh(SERVICE).expect(200);
      });
    });

    it('the password grant and a grant of one’s own are bound in the same way', async () => {
      const made = dpopServer({
        tokens: { authenticate: (username) => ({ id: username }) },
        plug(server) {
          server.exchange({
            name: 'urn:example:own',
            redeem: (asked) => ({
              issue: (_check, respond) => made.tokens.issue({ subject: 'bob' }, asked, respond),
            }),
          });
        },
      });
      for (const params of [
        { grant_type: 'password', username: 'alice', password: 'x' },
        { grant_type: 'urn:example:own' },
      ]) {
        const { body } = await made.post('/token', SERVICE, params, await made.proof(key));
        assert.equal(body.token_type, 'DPoP', JSON.stringify(body));
        assert.deepEqual((await made.introspect(body.access_token)).cnf, { jkt: key.thumbprint });
      }
    });

    it('a callback that gives a bound token another type is the application’s mistake', async () => {
      const made = dpopServer({
        plug(server) {
          server.exchange({
            name: 'urn:example:own',
            redeem: () => ({ issue: () => ({ access_token: 'x', token_type: 'Bearer' }) }),
          });
        },
      });
      await made.post('/token', SERVICE, { grant_type: 'urn:example:own' }, await made.proof(key)).expect(500);
      assert.match(String(made.errors[0]), /has the type DPoP/);
    });

    it('a bad proof is refused from a client that need not have one: it is no bearer request', async () => {
      const made = dpopServer();
      assertProofRefused(await made.credentials('x'));
    });

    it('an error that can be corrected spends no code', async () => {
      const made = dpopServer();
      const code = await made.codeFor(PUBLIC);
      assertProofRefused(await made.redeem(PUBLIC, code, await made.proof(key, { url: `${AS}/other` })));
      assertProofRefused(await made.redeem(PUBLIC, code, await made.proof(key, { at: START - 600 })));
      await made.redeem(PUBLIC, code, await made.proof(key)).expect(200);
    });

    it('§5.1: the metadata says which algorithms are taken', async () => {
      const { app } = dpopServer();
      const { body } = await request(app.callback()).get('/.well-known/oauth-authorization-server').expect(200);
      assert.deepEqual(body.dpop_signing_alg_values_supported, ['ES256', 'PS256', 'EdDSA', 'Ed25519']);
    });

    it('§5.2: a registration says true or false', async () => {
      const register = dpopServer().server.core.extension('dpop')?.register ?? assert.fail();
      assert.deepEqual(await register({ dpop_bound_access_tokens: true }), { dpop_bound_access_tokens: true });
      assert.deepEqual(await register({}), {});
      await assert.rejects(async () => register({ dpop_bound_access_tokens: 'true' as never }), {
        code: 'invalid_client_metadata',
      });
    });
  });

  describe('§6: the binding in the token, with each verifier', () => {
    it('§6.1: a JWT has cnf.jkt', async () => {
      const keys = await keySet({ signing: await generateSigningKey('ES256') });
      const accessTokens = jwt({ issuer: AS, audience: API, keys });
      const made = dpopServer({ tokens: { accessTokens } });
      const token = await boundToken(made);
      const { cnf } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
      assert.deepEqual(cnf, { jkt: key.thumbprint });
      await made.ask(`DPoP ${token}`, await made.proofOf(key, token)).expect(200);
    });
  });

  describe('§7: an API', () => {
    it('lets a bound token in with its proof, whatever the case of the scheme', async () => {
      const made = dpopServer();
      const token = await boundToken(made);
      for (const scheme of ['DPoP', 'dpop', 'DPOP']) {
        const { body } = await made.ask(`${scheme} ${token}`, await made.proofOf(key, token)).expect(200);
        assert.deepEqual(body, { client: 'service', confirmation: { jkt: key.thumbprint } });
      }
    });

    it('§7.1: without a token, the challenge has both schemes, and algs', async () => {
      const { app } = dpopServer();
      const { headers } = await request(app.callback()).get('/notes').expect(401);
      assert.equal(
        headers['www-authenticate'],
        'Bearer realm="API", DPoP realm="API", algs="ES256 PS256 EdDSA Ed25519"',
      );
    });

    it('§7.1: a bound token without a proof is refused', async () => {
      const made = dpopServer();
      assertAPIRefused(await made.ask(`DPoP ${await boundToken(made)}`), 'invalid_dpop_proof');
    });

    it('§7.2: a bound token never passes as Bearer, with its proof or without', async () => {
      const made = dpopServer();
      const token = await boundToken(made);
      for (const proof of [undefined, await made.proofOf(key, token)]) {
        const { body, headers } = await made.ask(`Bearer ${token}`, proof).expect(401);
        assert.equal(body.error, 'invalid_token');
        assert.match(headers['www-authenticate'] ?? '', /^Bearer realm="API", error="invalid_token"/);
      }
    });

    it('§7.2: a bearer token is not let in under DPoP, and goes on working as Bearer', async () => {
      const made = dpopServer();
      const { access_token: token } = (await made.credentials().expect(200)).body;
      assertAPIRefused(await made.ask(`DPoP ${token}`, await made.proofOf(key, token)), 'invalid_token');
      await made.ask(`Bearer ${token}`).expect(200);
    });
    it('§7.1: introspection and JWT: each verifier returns the binding', async () => {
      const keys = await keySet({ signing: await generateSigningKey('ES256') });
      const made = dpopServer({ tokens: { accessTokens: jwt({ issuer: AS, audience: API, keys }) } });
      const token = await boundToken(made);
      const asked = {
        fetch: async (_url: string, { body }: { body?: unknown } = {}) =>
          answerJSON(await made.introspect(new URLSearchParams(String(body)).get('token') ?? '')),
      };
      const verifiers: readonly (readonly [string, Verify])[] = [
        ['in process', made.tokens.verify],
        [
          'introspection',
          introspectionVerifier({
            endpoint: `${AS}/introspect`,
            clientID: 'x',
            clientSecret: 'y',
            tokenTypes: ['Bearer', 'DPoP'],
            ...(asked as object),
          }),
        ],
        [
          'JWT',
          jwtVerifier({
            issuer: AS,
            audience: API,
            jwksURI: `${AS}/jwks`,
            now: () => START,
            fetch: (async () => answerJSON(keys.jwks())) as never,
          }),
        ],
      ];
      for (const [name, verify] of verifiers) {
        const { ask, proofOf } = dpopServer({ verify });
        await ask(`DPoP ${token}`, await proofOf(key, token)).expect(200);
        assert.equal((await ask(`DPoP ${token}`, await proofOf(other, token))).status, 401, name);
        assert.equal((await ask(`DPoP ${token}`)).status, 401, name);
        assert.equal((await ask(`Bearer ${token}`, await proofOf(key, token))).status, 401, name);
      }
    });

    it('a token that is bound to a certificate too needs both', async () => {
      const own = await selfSigned();
      const certificate = { 'X-Client-Cert': own.x5c };
      const another = { 'X-Client-Cert': (await selfSigned()).x5c };
      const made = dpopServer();
      const { access_token: token, token_type: type } = (
        await made.credentials(await made.proof(key), MUTUAL, certificate).expect(200)
      ).body;
      assert.equal(type, 'DPoP');
      assert.deepEqual((await made.introspect(token)).cnf, {
        'x5t#S256': thumbprintOf(own.certificate),
        jkt: key.thumbprint,
      });
      const asked = async (by: ClientKey, headers: object, scheme = 'DPoP') =>
        (await made.ask(`${scheme} ${token}`, await made.proofOf(by, token), headers as Record<string, string>)).status;
      assert.deepEqual(
        [
          await asked(key, certificate),
          await asked(key, {}),
          await asked(key, another),
          await asked(other, certificate),
          await asked(key, certificate, 'Bearer'),
        ],
        [200, 401, 401, 401, 401],
      );
    });

    describe('§4.3 item 9: the URL of an API', () => {
      const bases: readonly (readonly [title: string, proof: DPoPProofOptions, url: string])[] = [
        ['its URL is given by baseURL, and not by the Host header', { baseURL: API }, `${API}/notes`],
        [
          'baseURL has the path that a proxy takes away',
          { baseURL: 'https://example.com/api/' },
          'https://example.com/api/notes',
        ],
        ['baseURL has all the hosts that clients see', { baseURL: ['https://other.example', API] }, `${API}/notes`],
      ];
      for (const [title, proof, url] of bases) {
        it(title, async () => {
          const made = dpopServer({ proof });
          const token = await boundToken(made);
          const headers = { Host: 'evil.example', 'X-Forwarded-Host': 'evil.example' };
          assertAPIRefused(
            await made.ask(
              `DPoP ${token}`,
              await made.proofOf(key, token, { url: 'https://evil.example/notes' }),
              headers,
            ),
            'invalid_dpop_proof',
          );
          assertAPIRefused(
            await made.ask(
              `DPoP ${token}`,
              await made.proofOf(key, token, { url: 'http://evil.example/notes' }),
              headers,
            ),
            'invalid_dpop_proof',
          );
          await made.ask(`DPoP ${token}`, await made.proofOf(key, token, { url }), headers, '/notes?a=1').expect(200);
        });
      }

      it('without baseURL, the request says it: behind a proxy by the headers that Koa trusts', async () => {
        for (const isProxied of [false, true]) {
          const made = dpopServer({ proof: { baseURL: undefined as never } });
          made.app.proxy = isProxied;
          const token = await boundToken(made);
          const headers = {
            Host: 'inner.example',
            'X-Forwarded-Host': 'api.example',
            'X-Forwarded-Proto': 'https',
            Origin: 'https://spa.example',
          };
          const url = isProxied ? `${API}/notes` : 'http://inner.example/notes';
          await made.ask(`DPoP ${token}`, await made.proofOf(key, token, { url }), headers).expect(200);
          assertAPIRefused(
            await made.ask(
              `DPoP ${token}`,
              await made.proofOf(key, token, { url: 'https://spa.example/notes' }),
              headers,
            ),
            'invalid_dpop_proof',
          );
        }
      });

      it('a request without a proof is not asked where it went: nobody is warned of a Host header that nobody believes', async () => {
        let asked = 0;
        const made = dpopServer({ proof: { baseURL: undefined as never } });
        made.app.middleware.unshift((ctx, next) => {
          const protocol = () => {
            asked += 1;
            return 'http';
          };
          Object.defineProperty(ctx, 'protocol', { get: protocol });
          return next();
        });
        const token = await boundToken(made);
        assertAPIRefused(await made.ask(`DPoP ${token}`), 'invalid_dpop_proof');
        assert.equal(asked, 0);
        const proof = await made.proofOf(key, token, { url: 'http://here.example/notes' });
        await made.ask(`DPoP ${token}`, proof, { Host: 'here.example' }).expect(200);
        assert.equal(asked, 1);
      });

      it('under a mount, the whole path counts', async () => {
        const confirmation = { jkt: key.thumbprint };
        const app = new Koa().use((ctx, next) => {
          ctx.path = ctx.path.replace('/v1', ''); // as koa-mount does
          return next();
        });
        app.use(bearer({ verify: () => ({ scope: [], confirmation }), proofs: [dpopProof({ baseURL: API })] }));
        app.use((ctx) => {
          ctx.body = ctx.path;
        });
        const ask = async (url: string) => {
          const dpop = await proofFor(key, { method: 'GET', url, token: 'x' });
          return request(app.callback()).get('/v1/notes?a=1').set({ Authorization: 'DPoP x', DPoP: dpop });
        };
        assert.equal((await ask(`${API}/v1/notes`)).text, '/notes');
        assert.equal((await ask(`${API}/notes`)).status, 401);
      });

      it('a request target that begins with two slashes is a path, and no other host', async () => {
        const made = dpopServer();
        const token = await boundToken(made);
        const response = await made.ask(
          `DPoP ${token}`,
          await made.proofOf(key, token, { url: 'https://evil.example/notes' }),
          {},
          '//evil.example/notes',
        );
        assert.notEqual(response.status, 200);
      });

      it('throws for a baseURL that is none', () => {
        for (const baseURL of [
          'api.example',
          '/api',
          'http://api.example',
          'https://api.example?x',
          'https://api.example#x',
          '',
        ])
          for (const make of [dpop, dpopProof]) assert.throws(() => make({ baseURL }), /baseURL is an https URL/);
      });
    });
  });

  describe('§8, §9: nonces', () => {
    const withNonces = (clock: { now: number }) => dpopNonces({ secret: SECRET, now: () => clock.now });
    const nonceServer = (setup: DPoPSetup = {}) => {
      const clock = { now: START };
      const made = dpopServer({
        dpop: { nonces: withNonces(clock), ...setup.dpop },
        proof: { nonces: withNonces(clock) },
        ...(setup.plug && { plug: setup.plug }),
        ...(setup.server && { server: setup.server }),
      });
      return Object.assign(made, { nonceClock: clock });
    };
    const nonceOf = (response: Answer): string => {
      const nonce = response.headers['dpop-nonce'] ?? assert.fail(response.text);
      assert.match(nonce, /^[\x21\x23-\x5b\x5d-\x7e]+$/); // §8.1: NQCHAR
      assertNoStore(response); // §8.2
      return nonce;
    };

    it('§8: the token endpoint asks for a nonce, and takes the one that it told', async () => {
      const made = nonceServer();
      const response = await made.credentials(await made.proof(key));
      assert.deepEqual([response.status, response.body.error], [400, 'use_dpop_nonce']);
      const nonce = nonceOf(response);
      const { body } = await made.credentials(await made.proof(key, { nonce })).expect(200);
      assert.equal(body.token_type, 'DPoP');
    });

    it('§9: an API asks for a nonce in the challenge of DPoP, and takes the one that it told', async () => {
      const made = nonceServer();
      const first = await made.credentials(await made.proof(key));
      const { access_token: token } = (
        await made.credentials(await made.proof(key, { nonce: nonceOf(first) })).expect(200)
      ).body;
      const response = await made.ask(`DPoP ${token}`, await made.proofOf(key, token));
      assertAPIRefused(response, 'use_dpop_nonce');
      const answer = await made
        .ask(`DPoP ${token}`, await made.proofOf(key, token, { nonce: nonceOf(response) }))
        .expect(200);
      nonceOf(answer);
    });

    it('§8.2: every answer to a proof tells the next nonce, errors too', async () => {
      const made = nonceServer();
      const nonce = nonceOf(await made.credentials(await made.proof(key)));
      assert.equal(nonceOf(await made.credentials(await made.proof(key, { nonce })).expect(200)), nonce);
      made.nonceClock.now += 60;
      const next = nonceOf(await made.credentials(await made.proof(key, { nonce })).expect(200));
      assert.notEqual(next, nonce);
      assert.equal(
        nonceOf(await made.credentials(await made.proof(key, { nonce, url: 'https://evil.example' })).expect(400)),
        next,
      );
    });

    it('§8: a nonce is good for one minute at least, and for two at most', async () => {
      const made = nonceServer();
      const nonce = nonceOf(await made.credentials(await made.proof(key)));
      made.nonceClock.now += 119;
      await made.credentials(await made.proof(key, { nonce })).expect(200);
      made.nonceClock.now += 1;
      assert.equal((await made.credentials(await made.proof(key, { nonce }))).body.error, 'use_dpop_nonce');
    });

    it('a nonce of another secret, or none of anybody, is told the right one', async () => {
      const made = nonceServer();
      const foreign = await dpopNonces({ secret: `${SECRET}, another`, now: () => START }).current();
      for (const nonce of [foreign, 'x', '', 'x'.repeat(1000)])
        assert.equal((await made.credentials(await made.proof(key, { nonce }))).body.error, 'use_dpop_nonce');
    });

    it('several processes with one secret take the nonces of each other', async () => {
      const [one, two] = [nonceServer(), nonceServer()];
      const nonce = nonceOf(await one.credentials(await one.proof(key)));
      await two.credentials(await two.proof(key, { nonce })).expect(200);
    });

    it('a process whose clock is late takes the nonces of one whose clock is early', async () => {
      const [early, late] = [nonceServer(), nonceServer()];
      early.nonceClock.now += 60;
      const nonce = nonceOf(await early.credentials(await early.proof(key)));
      await late.credentials(await late.proof(key, { nonce })).expect(200);
    });

    it('use_dpop_nonce spends no code and no refresh token', async () => {
      const made = nonceServer();
      const code = await made.codeFor(PUBLIC);
      const nonce = nonceOf(await made.redeem(PUBLIC, code, await made.proof(key)));
      const { refresh_token: token } = (await made.redeem(PUBLIC, code, await made.proof(key, { nonce })).expect(200))
        .body;
      assert.equal((await made.refresh(PUBLIC, token, await made.proof(key))).body.error, 'use_dpop_nonce');
      await made.refresh(PUBLIC, token, await made.proof(key, { nonce })).expect(200);
    });

    it('a request without a proof that must have one is told the nonce at once', async () => {
      const made = nonceServer();
      const response = await made.credentials(undefined, BOUND);
      assertProofRefused(response);
      await made.credentials(await made.proof(key, { nonce: nonceOf(response) }), BOUND).expect(200);
    });

    it('scripts of other origins can read the nonce and the challenge', async () => {
      const made = nonceServer({ server: { allowOrigins: ['https://spa.example'] } });
      const headers = { Origin: 'https://spa.example' };
      const response = await made.post(
        '/token',
        PUBLIC,
        { grant_type: 'authorization_code', code: 'x' },
        await made.proof(key),
        headers,
      );
      nonceOf(response);
      assert.equal(response.headers['access-control-expose-headers'], '*'); // counts, for there are no credentials
      assert.equal('access-control-allow-credentials' in response.headers, false);
    });

    it('a secret is long enough, and one that is made up is said to be so', async () => {
      assert.throws(() => dpopNonces({ secret: 'short' }), /at least 32 characters/);
      const warned = once(process, 'warning');
      dpopNonces();
      const [warning] = await warned;
      assert.equal(warning.code, 'KOAUTHORIZE_DPOP_NONCES');
    });
  });

  describe('§10: codes are bound to a key', () => {
    const bound = async (made: ReturnType<typeof dpopServer>) => made.codeFor(PUBLIC, { dpop_jkt: key.thumbprint });

    it('§10: dpop_jkt: the code is good with that key', async () => {
      const made = dpopServer();
      await made.redeem(PUBLIC, await bound(made), await made.proof(key)).expect(200);
    });

    it('§10: another key is refused, and the code is spent, so that nobody can try a second key', async () => {
      const made = dpopServer();
      const code = await bound(made);
      assertProofRefused(await made.redeem(PUBLIC, code, await made.proof(other)), 'invalid_grant');
      assertProofRefused(await made.redeem(PUBLIC, code, await made.proof(key)), 'invalid_grant');
    });

    it('§10: no proof is refused, and the code is not spent', async () => {
      const made = dpopServer();
      const code = await bound(made);
      assertProofRefused(await made.redeem(PUBLIC, code));
      await made.redeem(PUBLIC, code, await made.proof(key)).expect(200);
    });

    it('§10: dpop_jkt that is no thumbprint is told to the client', async () => {
      const made = dpopServer();
      for (const jkt of ['x', `${key.thumbprint}=`, 'a'.repeat(44), JSON.stringify(key.jwk)])
        assert.equal((await made.authorize(PUBLIC, { dpop_jkt: jkt })).get('error'), 'invalid_request');
    });

    it('RFC 6749 §3.1: dpop_jkt twice is no request, and where no code is asked for it counts for nothing', async () => {
      const made = dpopServer();
      const twice = await made.authorize(PUBLIC, { dpop_jkt: [key.thumbprint, key.thumbprint] });
      assert.equal(twice.get('error'), 'invalid_request');
      const token = await made.authorize(SERVICE, { response_type: 'token', dpop_jkt: 'no thumbprint' });
      assert.ok(token.get('access_token'));
    });

    it('§10.1: a proof with a pushed request binds the code', async () => {
      const made = dpopServer();
      for (const params of [{}, { dpop_jkt: key.thumbprint }]) {
        const pushedCode = async (): Promise<string> => {
          const { body } = await made.push(SERVICE, params, await made.proof(key, { url: `${AS}/par` })).expect(201);
          return made.codeFor(SERVICE, { request_uri: body.request_uri });
        };
        assertProofRefused(await made.redeem(SERVICE, await pushedCode(), await made.proof(other)), 'invalid_grant');
        await made.redeem(SERVICE, await pushedCode(), await made.proof(key)).expect(200);
      }
    });

    it('§10.1: a pushed request whose dpop_jkt is another key than that of its proof is refused', async () => {
      const made = dpopServer();
      const proof = await made.proof(key, { url: `${AS}/par` });
      assertProofRefused(await made.push(SERVICE, { dpop_jkt: other.thumbprint }, proof), 'invalid_request');
    });

    it('§10.1: a bad proof with a pushed request is refused, for the URL of the token endpoint too', async () => {
      const made = dpopServer();
      for (const proof of ['x', await made.proof(key), await made.proof(key, { url: `${AS}/par`, at: START - 3600 })])
        assertProofRefused(await made.push(SERVICE, {}, proof));
    });

    it('§10.1: a nonce is asked for, and told, where a request is pushed', async () => {
      const made = dpopServer({ dpop: { nonces: dpopNonces({ secret: SECRET }) } });
      const response = await made.push(SERVICE, {}, await made.proof(key, { url: `${AS}/par` }));
      assert.deepEqual([response.status, response.body.error], [400, 'use_dpop_nonce']);
      const nonce = response.headers['dpop-nonce'];
      await made.push(SERVICE, {}, await made.proof(key, { url: `${AS}/par`, nonce })).expect(201);
    });
  });

  describe('§4.3 item 9: the URL of the authorization server', () => {
    const at = (setup: DPoPSetup, url: string, headers: Record<string, string> = {}) => {
      const made = dpopServer(setup);
      return made.proof(key, { url }).then((proof) => made.credentials(proof, SERVICE, headers));
    };
    const stripping: DPoPSetup['before'] = (ctx, next) => {
      ctx.url = ctx.originalUrl.replace('/oauth', '');
      return next();
    };

    it('the Host header is ignored', async () => {
      const headers = { Host: 'evil.example', 'X-Forwarded-Host': 'evil.example' };
      await at({}, `${AS}/token`, headers).then((response) => assert.equal(response.status, 200));
      for (const scheme of ['http', 'https'])
        assertProofRefused(await at({}, `${scheme}://evil.example/token`, headers));
    });

    it('an issuer with a path, whose path a proxy takes away', async () => {
      const server = { issuer: `${AS}/tenant` };
      await at({ server }, `${AS}/tenant/token`).then((response) => assert.equal(response.status, 200));
      assertProofRefused(await at({ server }, `${AS}/token`));
      assertProofRefused(await at({ server }, `${AS}/another/token`));
    });

    it('a prefix, under which the application is mounted', async () => {
      const made = dpopServer({ server: { issuer: AS, prefix: '/oauth' }, before: stripping });
      const send = async (url: string) =>
        request(made.app.callback())
          .post('/oauth/token')
          .auth('service', 'secret')
          .type('form')
          .set('DPoP', await made.proof(key, { url }))
          .send('grant_type=client_credentials');
      assert.equal((await send(`${AS}/oauth/token`)).status, 200);
      assertProofRefused(await send(`${AS}/token`));
    });

    it('an endpoint that is where nobody said: the path of the request, at the issuer', async () => {
      const server = { issuer: AS, endpoints: { token: '/elsewhere' } };
      await at({ server }, `${AS}/token`).then((response) => assert.equal(response.status, 200));
    });

    it('baseURL, for a host that is not the issuer’s', async () => {
      const setup = { dpop: { baseURL: 'https://mtls.as.example' } };
      await at(setup, 'https://mtls.as.example/token').then((response) => assert.equal(response.status, 200));
      assertProofRefused(await at(setup, `${AS}/token`));
    });

    it('baseURL, for a server that clients see at several hosts: RFC 8705 §5', async () => {
      const setup = { dpop: { baseURL: [AS, 'https://mtls.as.example'] } };
      for (const host of [AS, 'https://mtls.as.example']) {
        await at(setup, `${host}/token`).then((response) => assert.equal(response.status, 200));
      }
      assertProofRefused(await at(setup, 'https://evil.example/token'));
      for (const make of [dpop, dpopProof]) assert.throws(() => make({ baseURL: [] }), /empty list/);
    });

    it('an alias of the endpoint for clients with certificates, with or without baseURL: RFC 8705 §5', async () => {
      const alias = 'https://mtls.as.example/token';
      const metadata = { mtls_endpoint_aliases: { token_endpoint: alias } };
      for (const setup of [{ metadata }, { metadata, dpop: { baseURL: AS } }]) {
        for (const url of [`${AS}/token`, alias])
          await at(setup, url).then((response) => assert.equal(response.status, 200, url));
        for (const url of ['https://mtls.as.example/revoke', 'https://evil.example/token'])
          assertProofRefused(await at(setup, url));
      }
      assertProofRefused(await at({}, alias)); // nobody has said that there is one
      const below = { metadata: { mtls_endpoint_aliases: { token_endpoint: '/mtls/token' } } };
      await at(below, `${AS}/mtls/token`).then((response) => assert.equal(response.status, 200)); // a proxy takes /mtls away
    });

    it('an alias of another endpoint is no URL of this one', async () => {
      const other = 'https://mtls.as.example/revoke';
      assertProofRefused(await at({ metadata: { mtls_endpoint_aliases: { revocation_endpoint: other } } }, other));
    });

    it('at start: without an issuer or a place to remember proofs, the server says what is missing', () => {
      assert.throws(() => createServer().extend(dpop()).check(), /say createServer\(\{ issuer \}\)/);
      assert.throws(() => createServer({ issuer: AS }).extend(dpop()).check(), /say createServer\(\{ tokens \}\)/);
      createServer()
        .extend(dpop({ baseURL: AS, useOnce: () => true }))
        .check();
    });
  });

  describe('§11.1: each proof is good once', () => {
    it('at the token endpoint, whoever sends it', async () => {
      const made = dpopServer();
      const proof = await made.proof(key);
      await made.credentials(proof).expect(200);
      assertProofRefused(await made.credentials(proof));
      assertProofRefused(await made.credentials(proof, BOUND));
      assertProofRefused(await made.redeem(PUBLIC, await made.codeFor(PUBLIC), proof));
    });

    it('a proof that another extension has used in the same request is not used a second time', async () => {
      const early: Extension<App, User> = {
        name: 'early',
        token: {
          async respond(_response, { dpopProof }) {
            await dpopProof?.use();
            return undefined;
          },
        },
      };
      const made = dpopServer({ plug: (server) => server.extend(early) });
      await made.credentials(await made.proof(key)).expect(200);
    });

    it('a replay spends no code', async () => {
      const made = dpopServer();
      const [used, code] = [await made.proof(key), await made.codeFor(PUBLIC)];
      await made.credentials(used).expect(200);
      assertProofRefused(await made.redeem(PUBLIC, code, used));
      await made.redeem(PUBLIC, code, await made.proof(key)).expect(200);
    });

    it('at an API', async () => {
      const made = dpopServer();
      const token = await boundToken(made);
      const proof = await made.proofOf(key, token);
      await made.ask(`DPoP ${token}`, proof).expect(200);
      assertAPIRefused(await made.ask(`DPoP ${token}`, proof), 'invalid_dpop_proof');
    });

    describe('behind two guards of one request', () => {
      /** An API whose second guard wants a scope, say. */
      const guarded = (made: ReturnType<typeof dpopServer>, ...proofs: readonly Proof[]) => {
        const koa = new Koa();
        for (const proof of proofs)
          koa.use(bearer({ verify: made.tokens.verify, proofs: [proof], now: () => made.clock.now }) as Middleware);
        koa.use((ctx) => {
          ctx.body = 'in';
        });
        return (token: string, proof: string) =>
          request(koa.callback())
            .get('/notes')
            .set({ Authorization: `DPoP ${token}`, DPoP: proof });
      };
      const proofOf = (made: ReturnType<typeof dpopServer>, options: DPoPProofOptions = {}): Proof =>
        dpopProof({ baseURL: 'https://api.example', now: () => made.clock.now, ...options });

      it('is taken by both, and by neither in a second request', async () => {
        const made = dpopServer();
        const { useOnce } = made.tokens;
        const same = proofOf(made);
        for (const proofs of [
          [same, same],
          [proofOf(made, { useOnce }), proofOf(made, { useOnce })],
        ]) {
          const ask = guarded(made, ...proofs);
          const token = await boundToken(made);
          const proof = await made.proofOf(key, token);
          await ask(token, proof).expect(200);
          assertAPIRefused(await ask(token, proof), 'invalid_dpop_proof');
        }
      });

      it('each remembers what it has seen: a replay in another process meets the guard that all processes share', async () => {
        const made = dpopServer();
        const { useOnce } = made.tokens;
        const inOneProcess = () => guarded(made, proofOf(made), proofOf(made, { useOnce }));
        const [first, second] = [inOneProcess(), inOneProcess()];
        const token = await boundToken(made);
        const proof = await made.proofOf(key, token);
        await first(token, proof).expect(200);
        assertAPIRefused(await second(token, proof), 'invalid_dpop_proof');
      });
    });

    it('where a request is pushed by a client that authenticates', async () => {
      const made = dpopServer();
      const proof = await made.proof(key, { url: `${AS}/par` });
      await made.push(SERVICE, {}, proof).expect(201);
      assertProofRefused(await made.push(SERVICE, {}, proof));
    });

    it('another client may use the same jti with its own key', async () => {
      const made = dpopServer();
      const claims = { jti: 'the same' };
      await made.credentials(await made.proof(key, {}, { claims })).expect(200);
      await made.credentials(await made.proof(other, {}, { claims })).expect(200);
    });

    it('for as long as it is good, and longer than clocks differ', async () => {
      const kept: number[] = [];
      const made = dpopServer({ dpop: { useOnce: (_key, expiresAt) => kept.push(expiresAt) > 0 } });
      await made.credentials(await made.proof(key)).expect(200);
      assert.ok((kept[0] ?? 0) >= START + 60 + 60);
      made.clock.now += 60;
      await made.credentials(await made.proof(key, { at: START })).expect(200);
      made.clock.now += 1;
      assertProofRefused(await made.credentials(await made.proof(key, { at: START })));
    });

    it('a proof is not stored if its request gets no tokens, so that strangers cannot fill the store', async () => {
      const kept: string[] = [];
      const made = dpopServer({ dpop: { useOnce: (name) => kept.push(name) > 0 } });
      await made
        .post(
          '/token',
          { ...SERVICE, client_secret: 'wrong' },
          { grant_type: 'client_credentials' },
          await made.proof(key),
        )
        .expect(401);
      await made.redeem(PUBLIC, 'made up', await made.proof(key)).expect(400);
      await made.refresh(PUBLIC, 'made up', await made.proof(key)).expect(400);
      await made.push(PUBLIC, {}, await made.proof(key, { url: `${AS}/par` })).expect(201);
      await request(made.app.callback())
        .get('/authorize')
        .set('DPoP', await made.proof(key, { method: 'GET', url: `${AS}/authorize` }))
        .query({ client_id: 'public', response_type: 'code', code_challenge: CHALLENGE, code_challenge_method: 'S256' })
        .expect(302);
      assert.deepEqual(kept, []);
    });

    it('nothing is kept at an API of a request without the token or the key', async () => {
      const kept: string[] = [];
      const made = dpopServer({ proof: { useOnce: (name) => kept.push(name) > 0 } });
      const token = await boundToken(made);
      await made.ask('DPoP x', await made.proofOf(key, 'x')).expect(401);
      await made.ask(`DPoP ${token}`, await made.proofOf(other, token)).expect(401);
      assert.deepEqual(kept, []);
    });

    it('of concurrent requests with one proof at three servers over one store, exactly one gets tokens', async () => {
      const store = memoryStore();
      const servers = [1, 2, 3].map(() => dpopServer({ tokens: { store } }));
      for (let round = 0; round < 20; round += 1) {
        const proof = await servers[0]?.proof(key);
        const answers = await Promise.all(servers.map(({ credentials }) => credentials(proof)));
        assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 400, 400]);
      }
    });

    it('a useOnce that says anything but true refuses', async () => {
      for (const answer of [1, 'yes', {}, undefined]) {
        const made = dpopServer({ dpop: { useOnce: () => answer as never } });
        assertProofRefused(await made.credentials(await made.proof(key)));
      }
    });
  });
});
