/** RFC 9864: `Ed25519` is the whole name of an algorithm that RFC 8037 calls `EdDSA`. Both are taken, and used, wherever an algorithm is named. */
import assert from 'node:assert/strict';
import Router from '@koa/router';
import {
  createLocalJWKSet,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  type JWK,
  jwtVerify,
  SignJWT,
} from 'jose';
import Koa, { type Middleware } from 'koa';
import session from 'koa-session';
import {
  createServer,
  dpop,
  exchange,
  grant,
  introspection,
  jwks,
  jwtResponses,
  metadata,
  openid,
  pushedRequests,
  requestObjects,
} from 'koauthorize';
import { clientAuthentication, privateKeyJwt } from 'koauthorize/client-auth';
import { bearer, dpopProof, jwtVerifier } from 'koauthorize/resource-server';
import { generateSigningKey, jwt, keySet, memoryStore, tokenService } from 'koauthorize/tokens';
import request from 'supertest';
import type { User } from '../support/authorization-server.js';
import { type Registered, client as registered } from '../support/client-auth.js';

const ISSUER = 'http://localhost:9864';
const API = 'https://api.example';
const REDIRECT = 'https://client.example/callback';

const alice: Middleware = (ctx, next) => {
  ctx.state['user'] = { id: 'alice', name: 'Alice' };
  return next();
};

/** Every algorithm that this client registers is the one of the test. */
function clientOf(alg: string, publicKey: JWK): Registered {
  return registered('signer', {
    redirect_uris: [REDIRECT],
    jwks: { keys: [{ ...publicKey, kid: 'one', use: 'sig' }] },
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: alg,
    request_object_signing_alg: alg,
    authorization_signed_response_alg: alg,
    id_token_signed_response_alg: alg,
    userinfo_signed_response_alg: alg,
    introspection_signed_response_alg: alg,
  });
}

/** Everything that signs and verifies, with keys for both names and, as OpenID Connect wants one, for RS256. */
async function signingServer(alg: 'EdDSA' | 'Ed25519', app: Registered) {
  const both = await Promise.all([generateSigningKey(alg), generateSigningKey(alg === 'EdDSA' ? 'Ed25519' : 'EdDSA')]);
  const keys = await keySet({ signing: [...both, await generateSigningKey('RS256')] });
  const clients = { find: (id: string) => (id === app.client_id ? app : undefined) };
  const accessTokens = jwt({ audience: [API, ISSUER] });
  const tokens = tokenService<Registered, User>({ store: memoryStore(), accessTokens });
  const proofs = [dpopProof({ baseURL: ISSUER, useOnce: tokens.useOnce })];
  const authenticationEvent = () => ({ authenticatedAt: Math.floor(Date.now() / 1000) });
  const server = createServer<Registered, User>({ issuer: ISSUER, clients, tokens, keys, authenticationEvent })
    .grant(grant.code(tokens.code))
    .exchange(exchange.code(tokens.code))
    .extend(dpop())
    .extend(requestObjects({ required: true }))
    .extend(jwtResponses())
    .extend(
      openid({ findUser: (id) => ({ id, name: 'Alice' }), claims: ({ name }) => ({ name }), userinfo: { proofs } }),
    );
  const authenticate = clientAuthentication<Registered>({
    ...clients,
    methods: [privateKeyJwt<Registered>({ issuer: ISSUER, useOnce: tokens.useOnce })],
  });
  server.extend(authenticate);
  const router = new Router();
  router.get('/authorize', alice, server.authorization({ immediate: () => true }) as Middleware);
  router.post('/token', authenticate, server.token());
  router.post('/par', authenticate, server.endpoint(pushedRequests()));
  router.post('/introspect', authenticate, server.endpoint(introspection(tokens.introspect, { jwtResponses: true })));
  router.all('/userinfo', server.route('userinfo') as Middleware);
  router.get('/jwks', server.endpoint(jwks()));
  router.get('/.well-known/openid-configuration', server.endpoint(metadata()));
  const inProcess: typeof fetch = async () => Response.json(keys.jwks());
  const verify = jwtVerifier({ issuer: ISSUER, audience: API, jwksURI: `${ISSUER}/jwks`, fetch: inProcess });
  router.get('/api', bearer({ verify, proofs }), (ctx) => {
    ctx.body = {};
  });
  const koa = new Koa();
  koa.keys = ['a key for tests'];
  koa.silent = true;
  koa.use(session(koa)).use(server.errorHandler()).use(router.routes());
  return { http: request(koa.callback()), published: createLocalJWKSet({ keys: [...keys.jwks().keys] as JWK[] }) };
}

/** What the client signs, all of it by one algorithm. */
async function signer(alg: string) {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = await exportJWK(publicKey);
  const sign = (claims: object, header: object = {}) =>
    new SignJWT({ ...claims, iat: Math.floor(Date.now() / 1000), jti: crypto.randomUUID() })
      .setProtectedHeader({ alg, kid: 'one', ...header })
      .setExpirationTime('1 minute')
      .sign(privateKey);
  return {
    jwk,
    assertion: async () => ({
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: await sign({ iss: 'signer', sub: 'signer', aud: ISSUER }),
    }),
    object: (claims: object) => sign({ iss: 'signer', aud: ISSUER, client_id: 'signer', ...claims }),
    proof: (htm: string, path: string, more: object = {}) =>
      sign({ htm, htu: `${ISSUER}${path}`, ...more }, { typ: 'dpop+jwt', jwk, kid: undefined }),
  };
}

describe('RFC 9864: Ed25519 beside EdDSA', () => {
  for (const alg of ['EdDSA', 'Ed25519'] as const)
    it(`${alg}: client assertion, request object, DPoP proof; JARM, access token, ID token, UserInfo, introspection`, async () => {
      const client = await signer(alg);
      const { http, published } = await signingServer(alg, clientOf(alg, client.jwk));
      const signedBy = async (text: unknown) => {
        await jwtVerify(String(text), published);
        return decodeProtectedHeader(String(text)).alg;
      };
      const asked = { response_type: 'code', response_mode: 'jwt', redirect_uri: REDIRECT, scope: 'openid profile' };
      const pushed = await http
        .post('/par')
        .type('form')
        .set('DPoP', await client.proof('POST', '/par'))
        .send({ client_id: 'signer', request: await client.object(asked), ...(await client.assertion()) })
        .expect(201);
      const { request_uri } = pushed.body;
      const sent = await http.get('/authorize').query({ client_id: 'signer', request_uri }).expect(302);
      const response = new URL(String(sent.headers['location'])).searchParams.get('response');
      assert.equal(await signedBy(response), alg, 'JARM');
      const { payload } = await jwtVerify(String(response), published);
      const { body } = await http
        .post('/token')
        .type('form')
        .set('DPoP', await client.proof('POST', '/token'))
        .send({
          grant_type: 'authorization_code',
          code: payload['code'],
          redirect_uri: REDIRECT,
          ...(await client.assertion()),
        })
        .expect(200);
      assert.equal(await signedBy(body.id_token), alg, 'ID token');
      const bound = async (path: string) => {
        const ath = Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(body.access_token)));
        return {
          authorization: `DPoP ${body.access_token}`,
          dpop: await client.proof('GET', path, { ath: ath.toString('base64url') }),
        };
      };
      await http
        .get('/api')
        .set(await bound('/api'))
        .expect(200);
      const userinfo = await http
        .get('/userinfo')
        .set(await bound('/userinfo'))
        .buffer()
        .expect(200);
      assert.equal(await signedBy(userinfo.text), alg, 'UserInfo');
      const told = await http
        .post('/introspect')
        .type('form')
        .set('Accept', 'application/token-introspection+jwt')
        .send({ token: body.access_token, ...(await client.assertion()) })
        .buffer()
        .expect(200);
      assert.equal(await signedBy(told.text), alg, 'introspection');
    });

  it('every list of algorithms in the metadata has both', async () => {
    const { http } = await signingServer('EdDSA', clientOf('EdDSA', (await signer('EdDSA')).jwk));
    const { body } = await http.get('/.well-known/openid-configuration').expect(200);
    const lists = Object.entries<string[]>(body).filter(([member]) => member.endsWith('_alg_values_supported'));
    const names = lists.map(([member]) => member).sort();
    assert.deepEqual(names, [
      'authorization_signing_alg_values_supported',
      'dpop_signing_alg_values_supported',
      'id_token_signing_alg_values_supported',
      'introspection_endpoint_auth_signing_alg_values_supported',
      'introspection_signing_alg_values_supported',
      'request_object_signing_alg_values_supported',
      'token_endpoint_auth_signing_alg_values_supported',
      'userinfo_signing_alg_values_supported',
    ]);
    for (const [member, list] of lists)
      assert.deepEqual(
        ['EdDSA', 'Ed25519'].filter((alg) => !list.includes(alg)),
        [],
        member,
      );
  });
});
