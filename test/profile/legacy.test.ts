/** legacy(): each option allows one thing, and nothing else does. */
import assert from 'node:assert/strict';
import { createServer, exchange, grant } from 'koauthorize';
import { legacy } from 'koauthorize/profile/legacy';
import { oauth21 } from 'koauthorize/profile/oauth21';
import { memoryStore, tokenService } from 'koauthorize/tokens';
import { type App, type Change, outcome, type User } from './house.js';

const registering = (redirect_uri: string) => ({ client: { redirect_uris: [redirect_uri] }, params: { redirect_uri } });
const withoutChallenge = { params: { code_challenge: undefined, code_challenge_method: undefined } };

const ALLOWED: readonly (readonly [option: string, change: Change])[] = [
  ['allowImplicit', { params: { response_type: 'token' } }],
  [
    'allowPassword',
    { client: { grant_types: ['password'] }, form: { grant_type: 'password', username: 'alice', password: 'p' } },
  ],
  ['allowMissingPKCE', withoutChallenge],
  ['allowHTTP', registering('http://client.example/callback')],
  ['allowShortSchemes', registering('app:/callback')],
];

const all = Object.fromEntries(ALLOWED.map(([option]) => [option, true]));

describe('legacy()', () => {
  for (const [option, change] of ALLOWED) {
    it(`${option} allows it`, async () => {
      assert.equal(
        await outcome('legacy', change, legacy<App, User>({ appliesTo: () => true, [option]: true })),
        'allowed',
      );
    });
    it(`all options but ${option} do not`, async () => {
      const others = legacy<App, User>({ appliesTo: () => true, ...all, [option]: false });
      assert.notEqual(await outcome('legacy', change, others), 'allowed');
    });
  }

  it('allowMissingPKCE is not for a client that registered that it is public', async () => {
    const change = { ...withoutChallenge, client: { token_endpoint_auth_method: 'none' }, by: 'none' } as const;
    assert.equal(
      await outcome('legacy', change, legacy<App, User>({ appliesTo: () => true, ...all })),
      'invalid_request',
    );
  });

  it('a value that is neither true nor false, and an unknown name, throw', () => {
    for (const options of [{ allowImplicit: 'yes' }, { allowPasswords: true }, { appliesTo: 'all' }])
      assert.throws(() => legacy(options as never), TypeError, JSON.stringify(options));
  });
});

describe('appliesTo', () => {
  it('must return true or false: a promise or undefined fails the request', async () => {
    for (const given of [undefined, Promise.resolve(false), 0]) {
      const plugs = oauth21<App, User>({ appliesTo: () => given as never });
      assert.match(await outcome('oauth21', {}, plugs), /server_error|500/);
    }
  });
});

describe('clients without registered redirect URIs', () => {
  interface Plain {
    readonly id: string;
  }
  const client: Plain = { id: 'plain' };

  /** A client of another shape, whose redirect URI only \`validate\` knows. */
  async function authorizing(plugs: ReturnType<typeof oauth21<Plain, User>>) {
    const tokens = tokenService<Plain, User>({ store: memoryStore(), clientID: ({ id }) => id });
    const server = createServer<Plain, User>({ issuer: 'https://as.example', clientID: ({ id }) => id, tokens });
    server
      .grant(grant.code(tokens.code))
      .exchange(exchange.code(tokens.code))
      .extend(...plugs);
    const { default: Koa } = await import('koa');
    const { default: request } = await import('supertest');
    const app = new Koa();
    app.silent = true;
    app.use(server.errorHandler()).use((ctx, next) => {
      ctx.state['user'] = { id: 'alice' };
      return next();
    });
    app.use(
      server.authorization(
        (_id: string, uri: string | undefined) => [client, uri],
        () => true,
      ) as never,
    );
    const query = { response_type: 'code', client_id: 'plain', redirect_uri: 'https://any.example/', ...PKCE };
    const { headers } = await request(app.callback()).get('/').query(query);
    return new URL(headers['location'] ?? 'about:blank').searchParams;
  }
  const PKCE = { code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256' };

  it('oauth21() refuses them, legacy({ allowUncompared: true }) does not', async () => {
    assert.equal((await authorizing(oauth21<Plain, User>())).get('error'), 'unauthorized_client');
    assert.equal((await authorizing(legacy<Plain, User>())).get('error'), 'unauthorized_client');
    assert.ok((await authorizing(legacy<Plain, User>({ allowUncompared: true }))).has('code'));
  });
});
