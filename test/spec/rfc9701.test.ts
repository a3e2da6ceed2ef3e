/** RFC 9701: JWT responses of introspection. */
import assert from 'node:assert/strict';
import Router from '@koa/router';
import { createLocalJWKSet, jwtVerify } from 'jose';
import Koa from 'koa';
import { createServer, exchange, introspection, metadata } from 'koauthorize';
import { clientAuthentication, clientSecretBasic } from 'koauthorize/client-auth';
import {
  type ExternalKey,
  generateSigningKey,
  jwt,
  keySet,
  memoryStore,
  type SigningAlgorithm,
  tokenService,
} from 'koauthorize/tokens';
import request from 'supertest';
import { fakeKMS } from '../support/fake-kms.js';
import { assertNoStore } from '../support/form.js';

const ISSUER = 'https://as.example';
const TYPE = 'application/token-introspection+jwt';

interface App {
  readonly client_id: string;
  readonly client_secret: string;
  readonly grant_types: readonly string[];
  readonly scope?: string;
  readonly introspection_signed_response_alg?: string;
}

const worker = { client_id: 'worker', client_secret: 's', grant_types: ['client_credentials'], scope: 'read' };
const api = { client_id: 'api', client_secret: 's', grant_types: [], introspection_signed_response_alg: 'ES256' };
const silent = { client_id: 'silent', client_secret: 's', grant_types: [] };
const stranger = { ...api, client_id: 'stranger' };
const sealed = ['alg', 'enc'].map((part) => ({
  ...{ ...api, client_id: `sealed-${part}` },
  [`introspection_encrypted_response_${part}`]: 'A256GCM',
}));
const unsigned = { ...api, client_id: 'unsigned', introspection_signed_response_alg: 'none' };

interface Setup {
  readonly alg?: SigningAlgorithm;
  readonly jwtResponses?: boolean;
  readonly key?: ExternalKey;
}

async function signing({ alg = 'ES256', jwtResponses = true, key }: Setup = {}) {
  const clients: readonly App[] = [worker, api, silent, stranger, unsigned, ...sealed];
  const find = (id: string) => clients.find(({ client_id }) => client_id === id);
  const keys = await keySet({ signing: key ?? (await generateSigningKey(alg)) });
  const tokens = tokenService<App>({ store: memoryStore(), accessTokens: jwt({ audience: 'https://api.example' }) });
  const server = createServer<App>({ issuer: ISSUER, keys, tokens });
  server.exchange(exchange.clientCredentials(tokens.clientCredentials));
  const resourceServer = ({ client_id }: App) => client_id !== 'stranger' && client_id !== 'worker';
  const authenticate = clientAuthentication<App>({ find, methods: [clientSecretBasic()] });
  const router = new Router();
  router.post('/token', authenticate, server.token());
  const endpoint = server.endpoint(introspection(tokens.introspect, { resourceServer, jwtResponses }));
  router.post('/introspect', authenticate, endpoint);
  router.get('/metadata', server.endpoint(metadata()));
  const app = new Koa().use(server.errorHandler()).use(router.routes());
  app.silent = true;
  const http = request(app.callback());
  const { body } = await http
    .post('/token')
    .auth('worker', 's')
    .type('form')
    .send({ grant_type: 'client_credentials' });
  const ask = (accept: string, client = 'api', token: string = body.access_token) =>
    http.post('/introspect').auth(client, 's').type('form').set('Accept', accept).send({ token }).buffer();
  const read = (text: string) =>
    jwtVerify(text, createLocalJWKSet({ keys: [...keys.jwks().keys] }), { issuer: ISSUER });
  return { http, ask, read, tokens, server };
}

describe('RFC 9701: JWT responses of introspection', () => {
  it('§4, §5 a signed JWT with its own typ, issuer, audience, time, and the answer within', async () => {
    const { ask, read } = await signing();
    const answer = await ask(TYPE).expect(200);
    assert.equal(answer.headers['content-type'], TYPE);
    assertNoStore(answer);
    const { payload, protectedHeader } = await read(answer.text);
    assert.deepEqual([protectedHeader.typ, protectedHeader.alg], ['token-introspection+jwt', 'ES256']);
    assert.deepEqual(Object.keys(payload).sort(), ['aud', 'iat', 'iss', 'token_introspection']);
    assert.equal(payload.aud, 'api');
    assert.ok(Math.abs(Number(payload.iat) - Date.now() / 1000) < 60);
    const { body } = await ask('application/json').expect(200);
    assert.equal(body.active, true);
    assert.deepEqual(payload['token_introspection'], body, 'the same as in JSON');
  });

  it('a signer that does not answer is 503, and nothing unsigned is sent', async () => {
    const kms = await fakeKMS('ES256');
    const { ask, read } = await signing({ key: kms.key });
    kms.fail();
    const refused = await ask(TYPE).expect(503);
    assert.equal(JSON.parse(refused.text).error, 'temporarily_unavailable');
    await ask('application/json').expect(200);
    kms.fail(false);
    await read((await ask(TYPE).expect(200)).text);
  });

  for (const [who, client, token] of [
    ['of a token that it may not know', 'stranger', undefined],
    ['of an unknown token', 'api', 'unknown'],
  ] as const)
    it(`§5 a client is told active: false, and nothing else, ${who}`, async () => {
      const { ask, read } = await signing();
      const { payload } = await read((await ask(TYPE, client, token).expect(200)).text);
      assert.deepEqual([payload.aud, payload['token_introspection']], [client, { active: false }]);
    });

  for (const accept of ['*/*', 'application/*', 'application/json', `${TYPE};q=0.5, application/json`, 'text/html'])
    it(`§4 JSON is the answer to Accept: ${accept}`, async () => {
      const { ask } = await signing();
      const answer = await ask(accept).expect(200);
      assert.match(answer.headers['content-type'] ?? '', /^application\/json/);
    });

  it('§8.1 it is refused as an access token, and has neither sub nor exp, which an ID token needs', async () => {
    const { ask, tokens } = await signing();
    const { text } = await ask(TYPE);
    assert.equal(await tokens.verify(text), undefined);
    assert.deepEqual((await ask('application/json', 'api', text)).body, { active: false });
  });

  it('§6 without introspection_signed_response_alg the algorithm is RS256', async () => {
    const { ask, read } = await signing({ alg: 'RS256' });
    const { protectedHeader } = await read((await ask(TYPE, 'silent').expect(200)).text);
    assert.equal(protectedHeader.alg, 'RS256');
  });

  it('§6 406, and no unsigned response, if there is no key for the algorithm', async () => {
    const { ask } = await signing();
    for (const client of ['silent', 'unsigned']) {
      const { body } = await ask(TYPE, client).expect(406);
      assert.equal(body.error, 'invalid_request');
      assert.match(body.error_description, /RS256|none/);
    }
  });

  it('§6 406, and nothing that is not encrypted, for an API that registered encryption', async () => {
    const { ask } = await signing();
    for (const { client_id } of sealed) {
      const { body } = await ask(TYPE, client_id).expect(406);
      assert.deepEqual([body.error, 'active' in body], ['invalid_request', false]);
      assert.match(body.error_description, /encrypt/);
      await ask('application/json', client_id).expect(200);
    }
  });

  it('§5 a caller that does not authenticate is refused, whatever it accepts', async () => {
    const { http } = await signing();
    const { body } = await http.post('/introspect').type('form').set('Accept', TYPE).send({ token: 'any' });
    assert.equal(body.error, 'invalid_client');
  });

  it('§7 the metadata has the algorithms, where JWTs are to be had', async () => {
    const on = await (await signing()).http.get('/metadata').expect(200);
    assert.deepEqual(on.body.introspection_signing_alg_values_supported, ['ES256']);
    const off = await signing({ jwtResponses: false });
    const { body } = await off.http.get('/metadata').expect(200);
    assert.equal('introspection_signing_alg_values_supported' in body, false);
    assert.match((await off.ask(TYPE).expect(200)).headers['content-type'] ?? '', /^application\/json/);
  });

  it('without issuer or keys the server does not start', () => {
    const inactive = () => false as const;
    const make = (options: object) => createServer(options).extend(introspection(inactive, { jwtResponses: true }));
    assert.throws(() => make({ issuer: ISSUER }).check(), /createServer\(\{ keys \}\)/);
    assert.throws(() => make({}).check(), /createServer\(\{ issuer \}\)/);
  });
});
