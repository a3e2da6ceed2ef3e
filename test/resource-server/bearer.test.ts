/** What an API's developer meets: types, order, and options. */
import assert from 'node:assert/strict';
import Router from '@koa/router';
import Koa, { type Middleware } from 'koa';
import {
  type AccessToken,
  type BearerState,
  bearer,
  certificateProof,
  protectedResource,
  requireAuthentication,
  requireScope,
  type Verify,
} from 'koauthorize/resource-server';
import type { VerifiedToken } from 'koauthorize/tokens';
import request from 'supertest';
import { tokenServer } from '../support/token-server.js';
import { api, assertRefused, GOOD } from './api.js';

const AUDIENCE = 'https://api.example';
const resource = protectedResource({ resource: AUDIENCE });

describe('bearer', () => {
  describe('composes with @koa/router and Koa', () => {
    const ask = (app: Pick<Koa, 'callback'>, token: string) =>
      request(app.callback()).get('/notes').auth(token, { type: 'bearer' });

    it('tokens.verify, unbound, in a router that knows of access tokens', async () => {
      const { tokens, connect, clock } = tokenServer();
      const { verify } = tokens;
      const now = () => clock.now;
      const router = new Router<BearerState>();
      router.use(bearer({ verify, now }));
      router.get('/notes', bearer({ verify, now }), requireScope('read'), requireScope('write'), (ctx) => {
        const { scope, subject } = ctx.state.token;
        ctx.body = { scope, subject };
      });
      const { body } = await ask(new Koa().use(router.routes()), (await connect()).access_token).expect(200);
      assert.deepEqual(body, { scope: ['read', 'write'], subject: 'alice' });
    });

    it('in one that knows of those of the token service', async () => {
      const { tokens, connect, clock } = tokenServer();
      const router = new Router<BearerState<VerifiedToken>>();
      router.get('/notes', bearer({ verify: tokens.verify, now: () => clock.now }), (ctx) => {
        ctx.body = { client: ctx.state.token.clientID.length, id: ctx.state.token.authorizationID.length };
      });
      const { body } = await ask(new Koa().use(router.routes()), (await connect()).access_token).expect(200);
      assert.equal(body.client, 'client'.length);
    });

    it('with a state that has more, and without a router', async () => {
      interface Own extends AccessToken {
        readonly own: number;
      }
      const verify: Verify<Own> = async (token, ctx) => ctx.path === '/notes' && { scope: [token], own: 7 };
      const router = new Router<BearerState<Own> & { user?: string }>();
      router.use(bearer({ verify }));
      router.get('/notes', (ctx) => {
        ctx.body = { own: ctx.state.token.own, user: ctx.state.user ?? 'none' };
      });
      assert.deepEqual((await ask(new Koa().use(router.routes()), 'good').expect(200)).body, { own: 7, user: 'none' });
      const app = new Koa().use(bearer({ verify })).use((ctx) => {
        ctx.body = { own: ctx.state.token.own };
      });
      assert.deepEqual((await ask(app, 'good').expect(200)).body, { own: 7 });
    });
  });

  it('the last of two is the one that counts', async () => {
    const { ask, seen } = api({
      after: [bearer({ verify: () => ({ scope: ['other'] }), realm: 'Inner' }) as Middleware, requireScope('read')],
    });
    const more = 'scope="read"';
    assertRefused(await ask('Bearer good'), { status: 403, error: 'insufficient_scope', more, realm: 'Inner' });
    assert.deepEqual(seen, []);
  });

  it('nobody gets more by writing to ctx.state.token', async () => {
    const write: Middleware = (ctx, next) => {
      ctx.state['token'] = { scope: ['admin'] };
      return next();
    };
    const { ask } = api({ after: [write, requireScope('admin')] });
    assertRefused(await ask('Bearer good'), { status: 403, error: 'insufficient_scope', more: 'scope="admin"' });
  });

  it('a request that is refused has no token in its state', async () => {
    const states: object[] = [];
    const { ask } = api({
      scope: ['admin'],
      before: [
        async (ctx, next) => {
          await next();
          states.push({ ...ctx.state });
        },
      ],
    });
    for (const header of ['Bearer good', 'Bearer bad', 'Bearer']) await ask(header);
    assert.deepEqual(states, [{}, {}, {}]);
  });

  it('what the source of certificates throws goes on to the application', async () => {
    const { ask, seen, errors } = api({
      tokens: { good: { ...GOOD, confirmation: { 'x5t#S256': 'x' } } },
      proofs: [
        certificateProof({
          certificate: () => {
            throw new Error('of the proxy');
          },
        }),
      ],
    });
    await ask('Bearer good').expect(500);
    assert.match(String(errors[0]), /of the proxy/);
    assert.deepEqual(seen, []);
  });

  for (const scope of [[''], ['two words'], ['quo"te'], ['b\u00f6se']]) {
    it(`a scope that cannot be: ${JSON.stringify(scope)}`, () => {
      assert.throws(() => bearer({ verify: () => null, scope }), TypeError);
      assert.throws(() => requireScope('read', ...scope), TypeError);
    });
  }

  it('requireScope needs something to require', () => {
    assert.throws(() => Reflect.apply(requireScope, undefined, []), TypeError);
  });

  for (const audience of ['', [], [AUDIENCE, '']]) {
    it(`an audience that is empty: ${JSON.stringify(audience)}`, () => {
      assert.throws(() => bearer({ verify: () => null, audience }), TypeError);
    });
  }

  describe('without bearer before it', () => {
    const guards: readonly (readonly [name: string, guard: Middleware])[] = [
      ['requireScope', requireScope('read')],
      ['requireAuthentication', requireAuthentication({ acr: 'mfa' })],
    ];
    for (const [name, guard] of guards) {
      it(`${name} is the operator’s mistake: 500, and nobody gets in`, async () => {
        const { ask, seen, errors } = api({ before: [guard] });
        await ask('Bearer good').expect(500);
        assert.match(String(errors[0]), new RegExp(`${name} needs bearer.* before it`));
        assert.deepEqual(seen, []);
      });
    }
  });
});

describe('bearer({ ignoreTrailingSlash })', () => {
  const cases: readonly [audience: string, ofToken: string, isLetIn: boolean, ignoreTrailingSlash?: boolean][] = [
    [AUDIENCE, `${AUDIENCE}/`, false],
    [`${AUDIENCE}/`, AUDIENCE, false],
    [AUDIENCE, `${AUDIENCE}/`, true, true],
    [`${AUDIENCE}/`, AUDIENCE, true, true],
    [AUDIENCE, `${AUDIENCE}//`, false, true],
    [AUDIENCE, `${AUDIENCE}/v1`, false, true],
  ];
  for (const [audience, ofToken, isLetIn, ignoreTrailingSlash] of cases) {
    it(`a token for ${ofToken} ${isLetIn ? 'is let in' : 'is not let in'} at ${audience}, ${ignoreTrailingSlash ? 'with it' : 'by default'}`, async () => {
      const tokens = { good: { ...GOOD, audience: [ofToken] } };
      const { ask, seen } = api({ tokens, audience, ...(ignoreTrailingSlash && { ignoreTrailingSlash }) });
      await ask('Bearer good').expect(isLetIn ? 200 : 401);
      assert.equal(seen.length, isLetIn ? 1 : 0);
    });
  }
});

describe('bearer({ allowOrigins })', () => {
  const ORIGIN = 'https://spa.example';
  const preflight = {
    Origin: ORIGIN,
    'Access-Control-Request-Method': 'POST',
    'Access-Control-Request-Headers': 'authorization,mcp-protocol-version',
  };

  it('answers preflights, which have no token, and lets scripts read the challenge', async () => {
    const { app, ask, seen } = api({ allowOrigins: '*' });
    const { headers } = await request(app.callback()).options('/').set(preflight).expect(204);
    assert.equal(headers['access-control-allow-origin'], '*');
    assert.equal(headers['access-control-allow-headers'], 'authorization,mcp-protocol-version');
    assert.match(headers['access-control-allow-methods'] ?? '', /POST/);
    const refused = await ask().set('Origin', ORIGIN).expect(401);
    assert.equal(refused.headers['access-control-expose-headers'], '*');
    assert.equal(refused.headers['access-control-allow-credentials'], undefined);
    assert.deepEqual(seen, []);
    await ask('Bearer good').set('Origin', ORIGIN).expect(200);
  });

  it('lets no other origins in, and none by default; an OPTIONS that is no preflight needs a token', async () => {
    for (const allowOrigins of [undefined, ['https://other.example']]) {
      const { app } = api(allowOrigins ? { allowOrigins } : {});
      const answer = await request(app.callback()).options('/').set(preflight).expect(401);
      assert.equal(answer.headers['access-control-allow-origin'], undefined);
    }
    await request(api({ allowOrigins: '*' }).app.callback())
      .options('/')
      .expect(401);
    assert.throws(() => bearer({ verify: () => null, allowOrigins: ['https://spa.example/path'] }), TypeError);
  });
});

describe('bearer({ audience })', () => {
  it('that is there and undefined throws: a setting is missing, and every token would be let in', () => {
    assert.throws(
      () => bearer({ verify: () => undefined, audience: undefined as never }),
      /^TypeError: bearer\(\{ audience \}\) is undefined: leave it out/,
    );
  });

  const audiences: readonly [audience: readonly string[] | undefined, isLetIn: boolean][] = [
    [[AUDIENCE], true],
    [['https://other.example', AUDIENCE], true],
    [['https://other.example'], false],
    [[`${AUDIENCE}/`], false],
    [[`${AUDIENCE}.evil.example`], false],
    [[], false],
    [undefined, false],
  ];
  for (const [audience, isLetIn] of audiences) {
    it(`RFC 9068 §4: a token for ${JSON.stringify(audience)} ${isLetIn ? 'is let in' : 'is not'}`, async () => {
      const { ask, seen } = api({ tokens: { good: { ...GOOD, audience } }, audience: AUDIENCE });
      const response = await ask('Bearer good');
      if (isLetIn) assert.equal(response.status, 200);
      else assertRefused(response, { status: 401, error: 'invalid_token' });
      assert.equal(seen.length, isLetIn ? 1 : 0);
    });
  }

  it('of several names that this API has, a token must be for one', async () => {
    const { ask } = api({ tokens: { good: { ...GOOD, audience: [AUDIENCE] } }, audience: ['api', AUDIENCE] });
    await ask('Bearer good').expect(200);
    const { ask: another } = api({ tokens: { good: { ...GOOD, audience: ['other'] } }, audience: ['api', AUDIENCE] });
    assertRefused(await another('Bearer good'), { status: 401, error: 'invalid_token' });
  });
});

describe('bearer({ resource })', () => {
  const OTHER = 'https://other.example';
  const audiences: readonly [audience: readonly string[] | undefined, isLetIn: boolean][] = [
    [[AUDIENCE], true],
    [[OTHER, AUDIENCE], true],
    [[OTHER], false],
    [[`${AUDIENCE}/`], false],
    [[], false],
    [undefined, true],
  ];
  for (const [audience, isLetIn] of audiences) {
    it(`RFC 9700 §2.3: a token for ${JSON.stringify(audience) ?? 'no API that it names'} ${isLetIn ? 'is let in' : 'is not'}`, async () => {
      const { ask, seen } = api({ tokens: { good: { ...GOOD, audience } }, resource });
      const { status, body } = await ask('Bearer good');
      assert.deepEqual([status, body.error], isLetIn ? [200, undefined] : [401, 'invalid_token']);
      assert.equal(seen.length, isLetIn ? 1 : 0);
    });
  }

  it('audience wins: tokens are for the name that it says, and name one', async () => {
    const isLetIn = async (audience?: readonly string[]): Promise<boolean> => {
      const { ask } = api({ tokens: { good: { ...GOOD, audience } }, resource, audience: 'api' });
      return (await ask('Bearer good')).status === 200;
    };
    assert.deepEqual([await isLetIn(['api']), await isLetIn([AUDIENCE]), await isLetIn()], [true, false, false]);
  });

  it('ignoreTrailingSlash is for the identifier, too', async () => {
    const tokens = { good: { ...GOOD, audience: [`${AUDIENCE}/`] } };
    await api({ tokens, resource, ignoreTrailingSlash: true }).ask('Bearer good').expect(200);
  });

  it('the URL of the metadata alone names no API: nothing is compared', async () => {
    const { metadataURL } = resource;
    const { ask } = api({ tokens: { good: { ...GOOD, audience: [OTHER] } }, resource: { metadataURL } });
    await ask('Bearer good').expect(200);
  });
});
