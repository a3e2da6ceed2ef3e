/** Why an API refuses a token: the operator is told which check failed and the values that mattered, and whoever presents the token is not. */
import assert from 'node:assert/strict';
import { exportJWK, generateKeyPair, type JWTHeaderParameters, SignJWT } from 'jose';
import Koa from 'koa';
import type { Refusal } from 'koauthorize';
import { signJWT } from 'koauthorize/extending';
import {
  bearer,
  dpopProof,
  introspectionVerifier,
  jwtVerifier,
  requireAuthentication,
  type Verify,
} from 'koauthorize/resource-server';
import { generateSigningKey, jwt, keySet, memoryStore, tokenService } from 'koauthorize/tokens';
import request from 'supertest';
import { NOW } from './api.js';
import { json, type Remote, remote } from './remote.js';

const AUDIENCE = 'https://api.example';
const TOLD = { error: 'invalid_token', error_description: 'The access token is not valid here' };

/** The refusal of a token, of which nothing is in it, nor any of it in the answer. */
async function refused(verify: Verify, token: string): Promise<string> {
  const refusals: Refusal[] = [];
  const app = new Koa().on('refusal', (refusal: Refusal) => refusals.push(refusal));
  app.use(bearer({ verify, now: () => NOW }));
  const { status, body } = await request(app.callback()).get('/').set('Authorization', `Bearer ${token}`);
  assert.deepEqual([status, body], [401, TOLD]);
  assert.deepEqual([refusals.length, refusals[0]?.rule], [1, 'token-invalid']);
  const { reason = '' } = refusals[0] ?? {};
  for (const part of token.split('.')) assert.equal(JSON.stringify(refusals).includes(part), false, 'no token');
  return reason;
}

describe('reasons for refused tokens: jwtVerifier', () => {
  let server: Remote;
  let privateKey: Awaited<ReturnType<typeof generateKeyPair>>['privateKey'];
  const pages: Record<string, unknown> = {};
  const verify = () => jwtVerifier({ issuer: server.url, audience: AUDIENCE, now: () => NOW });
  before(async () => {
    const pair = await generateKeyPair('ES256', { extractable: true });
    privateKey = pair.privateKey;
    server = await remote((asked, response) => json(pages[asked.path] ?? {})(asked, response));
    pages['/jwks'] = { keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'ours', alg: 'ES256' }] };
    pages['/.well-known/oauth-authorization-server'] = { issuer: server.url, jwks_uri: `${server.url}/jwks` };
  });
  after(() => server.close());

  async function signed(claims: object, header: Partial<JWTHeaderParameters> = {}): Promise<string> {
    const good = {
      iss: server.url,
      aud: AUDIENCE,
      sub: 'alice',
      client_id: 'app',
      iat: NOW,
      exp: NOW + 60,
      jti: 'jti-1',
    };
    return new SignJWT({ ...good, ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: 'ours', typ: 'at+jwt', ...header })
      .sign(privateKey);
  }

  const rows: readonly [what: string, object, Partial<JWTHeaderParameters>, reason: RegExp][] = [
    ['expired', { exp: NOW - 60 }, {}, new RegExp(`its "exp" has passed \\(exp: ${NOW - 60}, now: ${NOW}\\)`)],
    ['not yet', { nbf: NOW + 60 }, {}, new RegExp(`its "nbf" is in the future \\(nbf: ${NOW + 60}, now: ${NOW}\\)`)],
    [
      'issuer',
      { iss: 'https://x.example' },
      {},
      /its "iss" is another issuer \(came: "https:\/\/x.example", wanted: "http:/,
    ],
    ['audience', { aud: 'x' }, {}, /its "aud" is another audience \(came: "x", wanted: \["https:\/\/api.example"\]\)/],
    ['an ID token', {}, { typ: 'JWT' }, /its "typ" is of another kind of JWT \(came: "JWT", wanted: \["at\+jwt"\]\)/],
    ['no client', { client_id: undefined }, {}, /it names no client/],
    ['no sub', { sub: undefined, jti: undefined }, {}, /claims are missing \(missing: \["sub","jti"\]\)/],
    ['a scope of numbers', { scope: 1 }, {}, /a claim has an invalid value/],
    ['a key that is not there', {}, { kid: 'theirs' }, /0 keys fit \(kid: "theirs", alg: "ES256", keys: 1\)/],
  ];
  for (const [what, claims, header, reason] of rows) {
    it(what, async () => {
      const told = await refused(verify(), await signed(claims, header));
      assert.match(told, /^The token was refused: /);
      assert.match(told, reason);
    });
  }

  it('an algorithm that is not taken', async () => {
    const rs = jwtVerifier({ issuer: server.url, audience: AUDIENCE, now: () => NOW, algorithms: ['RS256'] });
    assert.match(
      await refused(rs, await signed({})),
      /algorithm is not allowed \(came: "ES256", wanted: \["RS256"\]\)/,
    );
  });

  it('a signature of another key; what is no JWT', async () => {
    const [head, body, signature = ''] = (await signed({})).split('.');
    const broken = `${signature[0] === 'A' ? 'B' : 'A'}${signature.slice(1)}`;
    assert.match(await refused(verify(), `${head}.${body}.${broken}`), /its signature is wrong/);
    assert.match(await refused(verify(), 'an-opaque-token'), /it is not a JWT \(parts: 1\)/);
    const secret = Buffer.from('{secret').toString('base64url');
    const told = await refused(verify(), `${secret}.${secret}.${secret}`);
    assert.match(told, /it is not a JWT \(parts: 3\)/);
    assert.equal(told.includes('secret'), false);
  });

  it('called without a request, it gives nothing all the same', async () => {
    assert.equal(await verify()('an-opaque-token'), undefined);
    const [found] = await Promise.all(['an-opaque-token'].map(verify()));
    assert.equal(found, undefined, 'by an index, too');
  });

  it('a verify around it hands the request on; one that finds the token elsewhere is believed', async () => {
    const other: Verify = async (token, ctx) => (await verify()(token, ctx)) ?? { scope: [], expiresAt: NOW };
    assert.match(await refused(other, 'an-opaque-token'), /it expired at \d+/);
    assert.match(await refused((token) => verify()(token), 'opaque'), /verify says that it is not valid$/);
  });
});

describe('reasons at an API where there is no token, or none that is enough', () => {
  async function reasonFor(authorization: string): Promise<string | undefined> {
    const reasons: (string | undefined)[] = [];
    const app = new Koa().on('refusal', ({ reason }: Refusal) => reasons.push(reason));
    const token = { scope: [], clientID: 'app', subject: 'alice', acr: 'pwd', authenticatedAt: NOW - 900 };
    app.use(bearer({ verify: () => token, now: () => NOW, proofs: [dpopProof({ baseURL: AUDIENCE })] }));
    app.use(requireAuthentication({ acr: ['mfa'], maxAge: 300 }));
    const answer = await request(app.callback())
      .get('/')
      .set(authorization === '' ? {} : { Authorization: authorization });
    assert.deepEqual([answer.status, reasons.length], [401, 1]);
    return reasons[0];
  }

  it('no header, a header that is not for this API, and a malformed one', async () => {
    assert.equal(await reasonFor(''), 'The request has no Authorization header');
    const other = 'The Authorization header has none of the schemes of this API (schemes: ["Bearer","DPoP"])';
    for (const header of ['Basic c2VjcmV0', 'eyJhbGciOiJub25lIn0']) assert.equal(await reasonFor(header), other);
    const malformed = 'The token was refused: it has characters, or a length, that no token has';
    for (const header of ['Bearer', 'Bearer a b', `Bearer ${'x'.repeat(9000)}`])
      assert.equal(await reasonFor(header), malformed);
  });

  it('a login that is not enough: how and when it was, and what is needed', async () => {
    assert.equal(
      await reasonFor('Bearer good'),
      `The login of the token is not enough (client: "app", hasUser: true, acr: "pwd", authenticatedAt: ${NOW - 900}, acr_values: ["mfa"], max_age: 300, now: ${NOW})`,
    );
  });
});

describe('reasons for refused tokens: introspectionVerifier', () => {
  let server: Remote;
  beforeEach(async () => {
    server = await remote(json({ active: false }));
  });
  afterEach(() => server.close());
  const rows: readonly [what: string, object, reason: RegExp][] = [
    [
      'not active',
      { active: false },
      /the authorization server says that it is not active, as it also says to an API that may not ask about it \(endpoint: "http:/,
    ],
    [
      'type',
      { active: true, token_type: 'N_A' },
      /its token_type is another \(came: "N_A", wanted: \["Bearer","DPoP"\]\)/,
    ],
    ['no type', { active: true }, /it has no token_type/],
    [
      'no key',
      { active: true, token_type: 'DPoP' },
      /its token_type needs a key, and it is bound to none \(came: "DPoP"\)/,
    ],
    [
      'no issuer, as koauthorize answers of opaque tokens',
      { active: true, token_type: 'Bearer' },
      /the answer names no issuer: leave out `issuer` \(came: nothing, wanted: "https:\/\/as.example"\)/,
    ],
    [
      'issuer',
      { active: true, token_type: 'Bearer', iss: 'https://x.example' },
      /its issuer is another \(came: "https:\/\/x.example", wanted: "https:\/\/as.example"\)/,
    ],
  ];
  for (const [what, answer, reason] of rows) {
    it(`${what}, to each of those that bring it`, async () => {
      server.answer = json(answer);
      const verify = introspectionVerifier({
        endpoint: `${server.url}/introspect`,
        clientID: 'api',
        clientSecret: 'secret',
        issuer: 'https://as.example',
        tokenTypes: ['Bearer', 'DPoP'],
        now: () => NOW,
      });
      const both = await Promise.all([refused(verify, 'token-one'), refused(verify, 'token-one')]);
      for (const told of both) assert.match(told, reason);
    });
  }
});

describe('reasons for refused tokens: tokens.verify', () => {
  const unknown = /it is not one that counts: expired, revoked, or never issued here/;
  it('what is no access token of the service, as far as it can be seen', async () => {
    const keys = await keySet({ signing: await generateSigningKey('ES256') });
    const tokens = tokenService({
      store: memoryStore(),
      accessTokens: jwt({ issuer: 'https://as.example', audience: AUDIENCE, keys }),
      now: () => NOW,
    });
    const of = (kind: string) => `abc${kind}${'x'.repeat(43)}`;
    assert.match(await refused(tokens.verify, of('a')), unknown);
    assert.match(await refused(tokens.verify, of('r')), /it is a refresh token/);
    assert.match(await refused(tokens.verify, of('c')), /it is an authorization code/);
    assert.match(await refused(tokens.verify, 'garbage'), unknown);
    assert.equal(await tokens.verify('garbage'), undefined);
    const gone = await signJWT(keys.signing(), { iss: 'https://as.example', exp: NOW - 60 }, 'at+jwt');
    const said = `\\(iss: "https://as.example", exp: ${NOW - 60}, now: ${NOW}\\)`;
    assert.match(await refused(tokens.verify, gone), new RegExp(`${unknown.source}. It claims ${said}`));
  });
});
