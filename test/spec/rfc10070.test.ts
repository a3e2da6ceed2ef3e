/** RFC 10070: the issuer as the sole audience of client assertions, at every endpoint where clients authenticate; and what FAPI 2.0 asks beyond it. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import Router from '@koa/router';
import Koa from 'koa';
import {
  backchannelAuthentication,
  createServer,
  deviceAuthorization,
  exchange,
  grant,
  introspection,
  jwks,
  metadata,
  openid,
  pkce,
  pushedRequests,
  revocation,
} from 'koauthorize';
import { clientAuthentication, privateKeyJwt } from 'koauthorize/client-auth';
import { fapi2 } from 'koauthorize/profile/fapi2';
import { legacy } from 'koauthorize/profile/legacy';
import { oauth21 } from 'koauthorize/profile/oauth21';
import { generateSigningKey, keySet, memoryStore, tokenService } from 'koauthorize/tokens';
import request from 'supertest';
import { inForm, NOW, type Part, signed } from '../support/assertions.js';
import { ISSUER, REQUEST, type User } from '../support/authorization-server.js';
import { client, type Registered } from '../support/client-auth.js';
import { clientKey, proofFor } from '../support/dpop.js';
import { encode } from '../support/form.js';
import { keyPair, type Pair } from '../support/key-server.js';
import { rsaKey } from '../support/openid-server.js';

const AT = {
  token: '/token',
  'pushed requests': '/par',
  introspection: '/introspect',
  revocation: '/revoke',
  devices: '/device_authorization',
  CIBA: '/backchannel_authentication',
} as const;

type Endpoint = keyof typeof AT;
const ENDPOINTS = Object.keys(AT) as Endpoint[];

/** A request that each endpoint answers with success, but for the client authentication. */
const ASKING: Readonly<Record<Endpoint, Readonly<Record<string, string>>>> = {
  token: { grant_type: 'client_credentials' },
  'pushed requests': { ...REQUEST, client_id: 'new' },
  introspection: { token: 'any' },
  revocation: { token: 'any' },
  devices: { scope: 'read' },
  CIBA: { scope: 'openid', login_hint: 'alice' },
};

/** Each profile, for one client. */
const isFor = (id: string) => ({ appliesTo: ({ client_id }: Registered) => client_id === id });

/** How client authentication knows of the server. */
const DOORS = ['by the server', 'plugged in by hand', 'beside the server'] as const;
type Door = (typeof DOORS)[number];

async function theServer(pair: Pair, door: Door = 'by the server') {
  const registered = { keys: [pair.publicKey] };
  const clients = Object.keys(TAKEN).map((id) =>
    client(id, {
      jwks: registered,
      token_endpoint_auth_method: 'private_key_jwt',
      backchannel_token_delivery_mode: 'poll',
      id_token_signed_response_alg: 'ES256',
    }),
  );
  const find = (id: string) => clients.find(({ client_id }) => client_id === id);
  const now = () => NOW;
  const tokens = tokenService<Registered, User>({ store: memoryStore(), now });
  const keys = await keySet({ signing: [await generateSigningKey('ES256'), await rsaKey()] });
  const server = createServer<Registered, User>({ issuer: ISSUER, clients: { find }, tokens, keys, now })
    .grant(grant.code(tokens.code))
    .exchange(exchange.code(tokens.code))
    .exchange(exchange.clientCredentials(tokens.clientCredentials))
    .extend(pkce(), openid(), pushedRequests(), introspection(tokens.introspect), revocation(tokens.revoke))
    .extend(
      deviceAuthorization(),
      backchannelAuthentication({ findUser: () => ({ id: 'alice', name: 'Alice' }), ask: () => undefined }),
      jwks(),
      metadata(),
      ...fapi2<Registered, User>(isFor('financial')),
      ...oauth21<Registered, User>(isFor('modern')),
      ...legacy<Registered, User>(isFor('old')),
    );
  const allowAudiences = ({ client_id }: Registered) =>
    client_id === 'old' ? [`${ISSUER}/token`, `${ISSUER}/par`] : [];
  const common = { allowAudiences, now } as const;
  const own = { ...common, issuer: ISSUER, useOnce: tokens.useOnce };
  const authenticateClient =
    door === 'by the server'
      ? clientAuthentication<Registered>({ server, methods: [privateKeyJwt<Registered>(common)] })
      : clientAuthentication<Registered>({ find, methods: [privateKeyJwt<Registered>(own)] });
  if (door === 'plugged in by hand') server.extend(authenticateClient);
  const router = new Router();
  server.mount(router, { authenticateClient });
  const app = new Koa();
  const errors: Error[] = [];
  app.on('error', (error) => errors.push(error));
  const callback = app.use(server.errorHandler()).use(router.routes()).callback();
  const key = await clientKey();
  const ask = async (endpoint: Endpoint, id: string, claims: object, header: Part = { alg: 'ES256' }) => {
    const all = { iss: id, sub: id, aud: ISSUER, exp: NOW + 60, iat: NOW, jti: randomUUID(), ...claims };
    const form = { ...ASKING[endpoint], ...inForm(signed(pair.privateKey, header, all)) };
    const named = 'client_id' in form ? { ...form, client_id: id } : form;
    // FAPI 2.0 §5.3.2.1 no. 4: its tokens are bound
    const proof =
      id === 'financial' && endpoint === 'token' && (await proofFor(key, { url: `${ISSUER}/token`, at: NOW }));
    const sent = request(callback).post(AT[endpoint]).type('form');
    return (proof ? sent.set('DPoP', proof) : sent).send(encode(named));
  };
  return { ask, errors };
}
type TheServer = Awaited<ReturnType<typeof theServer>>;

type Audience = readonly [what: string, aud: unknown];
const AUDIENCES: readonly Audience[] = [
  ['the issuer', ISSUER],
  ['a list of the issuer alone', [ISSUER]],
  ['the token endpoint', `${ISSUER}/token`],
  ['the endpoint of pushed requests', `${ISSUER}/par`],
  ['the issuer and the token endpoint', [ISSUER, `${ISSUER}/token`]],
  ['the issuer and another server', [ISSUER, 'https://other.example']],
  ['the issuer twice', [ISSUER, ISSUER]],
  ['the issuer with a slash', `${ISSUER}/`],
  ['another server', 'https://other.example'],
  ['an empty list', []],
  ['nobody', undefined],
];

/** What is taken, of which client. RFC 10070 §4; FAPI 2.0 §5.3.2.1; and what `allowAudiences` gives up. */
const TAKEN: Readonly<Record<string, readonly string[]>> = {
  new: ['the issuer', 'a list of the issuer alone'],
  old: [
    ...['the issuer', 'a list of the issuer alone', 'the token endpoint', 'the endpoint of pushed requests'],
    'the issuer and the token endpoint',
  ],
  modern: ['the issuer', 'a list of the issuer alone'],
  financial: ['the issuer'],
};

describe('RFC 10070: what a client assertion is for', () => {
  let pair: Pair;
  before(async () => {
    pair = await keyPair('ES256');
  });

  async function requireAnswer(
    server: TheServer,
    endpoint: Endpoint,
    id: string,
    [what, aud]: Audience,
    good: boolean,
  ) {
    const { status, body } = await server.ask(endpoint, id, { aud });
    const said = `${endpoint}, ${id}, ${what}: ${status} ${JSON.stringify(body)}`;
    if (good) assert.ok(status === 200 || status === 201, said);
    else assert.deepEqual([status >= 400 && status <= 401, body.error], [true, 'invalid_client'], said);
  }

  for (const door of DOORS)
    for (const [id, taken] of Object.entries(TAKEN)) {
      if (door !== 'by the server' && id !== 'financial') continue; // the others have nothing that an extension says
      for (const endpoint of ENDPOINTS)
        it(`of a ${id} client at ${endpoint}, with client authentication ${door}`, async () => {
          const server = await theServer(pair, door);
          for (const audience of AUDIENCES)
            await requireAnswer(server, endpoint, id, audience, taken.includes(audience[0]));
        });
    }

  it('FAPI 2.0 §5.3.2.1 no. 8: the first request to a server is checked, too', async () => {
    for (const door of DOORS) {
      const { ask } = await theServer(pair, door);
      assert.equal((await ask('token', 'financial', { aud: [ISSUER] })).body.error, 'invalid_client', door);
    }
  });
  it('§4 an assertion without a type is taken, and so is client-authentication+jwt, in any letter case', async () => {
    const { ask } = await theServer(pair);
    for (const typ of [
      undefined,
      'JWT',
      'jwt',
      'client-authentication+jwt',
      'application/client-authentication+jwt',
      'Client-Authentication+JWT',
    ])
      assert.equal((await ask('token', 'new', {}, { alg: 'ES256', ...(typ && { typ }) })).status, 200);
  });
  it('§4 an assertion of another type is refused', async () => {
    const { ask } = await theServer(pair);
    for (const typ of ['dpop+jwt', 'oauth-authz-req+jwt', 'at+jwt', '', 1])
      assert.equal((await ask('token', 'new', {}, { alg: 'ES256', typ })).body.error, 'invalid_client', String(typ));
  });
  it('the operator is told what an extension finds wrong, and the client is not', async () => {
    const { ask, errors } = await theServer(pair);
    const { body } = await ask('token', 'financial', { aud: [ISSUER] });
    assert.deepEqual(body, { error: 'invalid_client', error_description: 'Client authentication failed' });
    assert.match(String(errors.at(-1)?.cause), /issuer as a string.*§5.3.2.1 no. 8/);
  });

  describe('FAPI 2.0 §5.3.2.1 no. 13: the clocks of clients', () => {
    const TIMES = [
      ['nbf 8 s ahead', { nbf: NOW + 8 }, true],
      ['iat 8 s ahead', { iat: NOW + 8 }, true],
      ['nbf and iat 10 s ahead', { nbf: NOW + 10, iat: NOW + 10 }, true],
      ['nbf 61 s ahead', { nbf: NOW + 61, exp: NOW + 200 }, false],
      ['iat 61 s ahead', { iat: NOW + 61, exp: NOW + 200 }, false],
      ['exp 5 minutes past', { exp: NOW - 300, iat: NOW - 360 }, false],
      ['no exp', { exp: undefined }, false],
      ['no sub', { sub: undefined }, false],
      ['no iss', { iss: undefined }, false],
      ['no jti', { jti: undefined }, false],
    ] as const;
    for (const [what, claims, good] of TIMES)
      it(`${what}: ${good ? 'taken' : 'refused'} at every endpoint`, async () => {
        const { ask } = await theServer(pair);
        for (const endpoint of ENDPOINTS) {
          const { status, body } = await ask(endpoint, 'financial', claims);
          if (good) assert.ok(status < 300, `${endpoint}: ${status} ${JSON.stringify(body)}`);
          else assert.deepEqual([status >= 400 && status <= 401, body.error], [true, 'invalid_client'], endpoint);
        }
      });
  });
});
