/** RFC 6750: OAuth 2.0 Bearer Token Usage. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bodyParser } from '@koa/bodyparser';
import Koa, { type Middleware } from 'koa';
import { bearer, requireScope, VerifierUnavailableError } from 'koauthorize/resource-server';
import * as oauth from 'oauth4webapi';
import request from 'supertest';
import { type APISetup, api, assertBare, assertRefused, exchangeRaw, GOOD, NOW } from '../resource-server/api.js';

const INVALID_REQUEST = { status: 400, error: 'invalid_request' } as const;
const MALFORMED = { status: 401, error: 'invalid_token' } as const;
const INVALID_TOKEN = { status: 401, error: 'invalid_token' } as const;

describe('RFC 6750 §2.1: the Authorization header', () => {
  describe('lets in', () => {
    const b64token = 'azAZ09-._~+/azAZ09==';
    for (const header of ['Bearer good', 'bearer good', 'BEARER good', 'Bearer   good', `Bearer ${b64token}`]) {
      it(header, async () => {
        const { ask, seen, errors } = api({ tokens: { good: GOOD, [b64token]: GOOD } });
        await ask(header).expect(200, 'in');
        assert.deepEqual(seen, [{ token: GOOD }]);
        assert.deepEqual(errors, []);
      });
    }
  });

  describe('§3.1: malformed is 401 invalid_token, which clients renew, and nobody is asked about it', () => {
    const malformed = [
      'Bearer',
      'Bearer good good',
      'Bearer good, Bearer good',
      'Bearer good,',
      'Bearer good;',
      'Bearer "good"',
      'Bearer good=good',
      'Bearer =',
      'Bearer \tgood',
      'Bearer\tgood',
      'Bearer good\t, x',
      'Bearer,good',
      'Bearer=good',
      'Bearer:good',
      'Bearer token=good',
      'Bearer g\u00f6\u00f6d',
      'Bearer good\\',
      'Bearer good%20',
      `Bearer ${'a'.repeat(8193)}`,
    ];
    for (const header of malformed) {
      it(header.slice(0, 40), async () => {
        const asked: string[] = [];
        const { ask, seen } = api({ verify: (token) => void asked.push(token) });
        assertRefused(await ask(header), MALFORMED);
        assert.deepEqual([seen, asked], [[], []]);
      });
    }

    it('the longest that is taken', async () => {
      const longest = 'a'.repeat(8192);
      await api({ tokens: { [longest]: GOOD } })
        .ask(`Bearer ${longest}`)
        .expect(200);
    });
  });

  describe('another scheme, or none, is no token: 401 with a bare challenge', () => {
    const others = [
      undefined,
      '',
      'Basic Z29vZDpnb29k',
      'DPoP good',
      'BearerX good',
      'Bearer-good',
      'Bearer!good',
      'XBearer good',
      'Token Bearer good',
      ', Bearer good',
      '=Bearer good',
      'good',
    ];
    for (const header of others) {
      it(String(header), async () => {
        const { ask, seen } = api();
        assertBare(await ask(header));
        assert.deepEqual(seen, []);
      });
    }
  });

  describe('two headers are 400, whichever Node would have kept', () => {
    const twice = [
      ['Bearer good', 'Bearer good'],
      ['Bearer good', 'Basic Z29vZDpnb29k'],
      ['Basic Z29vZDpnb29k', 'Bearer good'],
      ['Bearer good', 'Bearer'],
      ['', 'Bearer good'],
    ];
    for (const [first, second] of twice) {
      it(`${first} and ${second}`, async () => {
        const { app, seen } = api();
        const lines = ['GET / HTTP/1.1', 'Host: api', `Authorization: ${first}`, `AUTHORIZATION: ${second}`];
        const { status, text } = await exchangeRaw(app, lines);
        assert.equal(status, 400);
        assert.match(text, /\{"error":"invalid_request"/);
        assert.deepEqual(seen, []);
      });
    }

    it('a header of another name counts as none', async () => {
      const { app } = api();
      const lines = ['GET / HTTP/1.1', 'Host: api', 'Authorization: Bearer good', 'X-Value: Authorization'];
      assert.equal((await exchangeRaw(app, lines)).status, 200);
    });

    it('folded over two lines, a header is not HTTP: Node answers that, or a space stands for the fold', async () => {
      const { app, seen } = api();
      const { status } = await exchangeRaw(app, ['GET / HTTP/1.1', 'Host: api', 'Authorization: Bearer good', ' good']);
      assert.equal(status, 400);
      assert.deepEqual(seen, []);
    });
  });
});

describe('RFC 6750 §2.2: form-encoded bodies', () => {
  const form = 'access_token=good&note=hello';
  const post = (setup: APISetup, body: string | object = form, type = 'form') => {
    const { app, seen } = api(setup);
    return { seen, test: request(app.callback()).post('/').type(type).send(body) };
  };

  it('are not looked at by default', async () => {
    const { test, seen } = post({});
    assertBare(await test);
    assert.deepEqual(seen, []);
  });

  for (const method of ['post', 'put', 'patch'] as const) {
    it(`${method}: with allowTokenInForm, and the form is there for the application`, async () => {
      const bodies: unknown[] = [];
      const { app } = api({
        allowTokenInForm: true,
        after: [
          (ctx, next) => {
            bodies.push((ctx.request as { body?: object }).body);
            return next();
          },
        ],
      });
      const response = await request(app.callback())[method]('/').type('form').send(form).expect(200);
      assert.equal(response.headers['cache-control'], undefined);
      assert.deepEqual({ ...(bodies[0] as object) }, { access_token: 'good', note: 'hello' });
    });
  }

  it('whatever body parser ran before', async () => {
    await post({ allowTokenInForm: true, before: [bodyParser()] }).test.expect(200);
  });

  it('of one type only', async () => {
    const json = { access_token: 'good' };
    assertBare(await post({ allowTokenInForm: true }, json, 'json').test);
    assertBare(await post({ allowTokenInForm: true, before: [bodyParser()] }, json, 'json').test);
    assertBare(await post({ allowTokenInForm: true }, form, 'text/plain').test);
  });

  for (const method of ['get', 'delete', 'options'] as const) {
    it(`${method}: MUST NOT be used with a method whose body means nothing`, async () => {
      const { app, seen } = api({ allowTokenInForm: true });
      assertBare(await request(app.callback())[method]('/').type('form').send(form));
      assert.deepEqual(seen, []);
    });
  }

  describe('§3.1: several are 400, and a malformed one is 401', () => {
    const bodies = [
      ['access_token=good&access_token=good', INVALID_REQUEST],
      ['access_token=good+good', MALFORMED],
      ['access_token=g%C3%B6d', MALFORMED],
    ] as const;
    for (const [body, refusal] of bodies) {
      it(`${body}: ${refusal.error}`, async () => {
        const { test, seen } = post({ allowTokenInForm: true }, body);
        assertRefused(await test, refusal);
        assert.deepEqual(seen, []);
      });
    }

    it('a header besides', async () => {
      const { test, seen } = post({ allowTokenInForm: true });
      assertRefused(await test.set('Authorization', 'Bearer good'), INVALID_REQUEST);
      assert.deepEqual(seen, []);
    });

    it('an array that a body parser made', async () => {
      const nested = [
        (ctx: { request: object }, next: () => Promise<void>) => {
          Object.assign(ctx.request, { body: { access_token: ['good'] } });
          return next();
        },
      ];
      assertRefused(await post({ allowTokenInForm: true, before: nested }).test, INVALID_REQUEST);
    });
  });

  it('without a token, or an empty one, the challenge is bare', async () => {
    assertBare(await post({ allowTokenInForm: true }, 'note=hello').test);
    assertBare(await post({ allowTokenInForm: true }, 'access_token=').test);
  });

  it('are bounded: 413', async () => {
    const { test, seen } = post({ allowTokenInForm: true }, `${form}&x=${'x'.repeat(70_000)}`);
    assertRefused(await test, { status: 413, error: 'invalid_request' });
    assert.deepEqual(seen, []);
  });
});

describe('RFC 6750 §2.3: the URL', () => {
  it('is not looked at by default', async () => {
    const { ask, seen } = api();
    assertBare(await ask(undefined, '/?access_token=good'));
    assert.deepEqual(seen, []);
  });

  it('with allowTokenInQuery, and the answer is private', async () => {
    const { ask } = api({ allowTokenInQuery: true });
    const response = await ask(undefined, '/?note=hello&access_token=good').expect(200);
    assert.equal(response.headers['cache-control'], 'private');
  });

  it('a token in the header leaves the answer alone', async () => {
    const response = await api({ allowTokenInQuery: true }).ask('Bearer good').expect(200);
    assert.equal(response.headers['cache-control'], undefined);
  });

  const queries = [
    ['access_token=good&access_token=good', INVALID_REQUEST],
    ['access_token=good%20good', MALFORMED],
  ] as const;
  for (const [query, refusal] of queries) {
    it(`§3.1: ${refusal.error}: ${query}`, async () => {
      assertRefused(await api({ allowTokenInQuery: true }).ask(undefined, `/?${query}`), refusal);
    });
  }

  it('§2: MUST NOT use more than one method: 400', async () => {
    const both = { allowTokenInQuery: true, allowTokenInForm: true };
    const { ask, app, seen } = api(both);
    assertRefused(await ask('Bearer good', '/?access_token=good'), INVALID_REQUEST);
    const test = request(app.callback()).post('/?access_token=good').type('form').send('access_token=good');
    assertRefused(await test, INVALID_REQUEST);
    assert.deepEqual(seen, []);
  });

  it('a bad one is not private but not kept at all', async () => {
    assertRefused(await api({ allowTokenInQuery: true }).ask(undefined, '/?access_token=bad'), INVALID_TOKEN);
  });
});

describe('RFC 6750 §3: the challenge', () => {
  it('has the realm, and the scope that is needed', async () => {
    const { ask } = api({ realm: 'Notes', scope: ['read', 'write'] });
    assertBare(await ask(), 'Bearer realm="Notes", scope="read write"');
    assertRefused(await ask('Bearer bad'), { ...INVALID_TOKEN, realm: 'Notes', more: 'scope="read write"' });
  });

  it('stands next to those of others', async () => {
    const basic = 'Basic realm="people"';
    const more: Middleware = (ctx, next) => {
      ctx.append('WWW-Authenticate', basic);
      return next();
    };
    const { ask } = api({ before: [more] });
    const response = await ask();
    assert.equal(response.headers['www-authenticate'], `${basic}, Bearer realm="API"`);
    assert.equal((await ask('Bearer good').expect(200)).text, 'in');
  });

  it('is there for HEAD too', async () => {
    const { app } = api();
    const response = await request(app.callback()).head('/').expect(401);
    assert.equal(response.headers['www-authenticate'], 'Bearer realm="API"');
  });

  for (const realm of [
    'a "quoted" one',
    'back\\slash\\',
    'new\r\nSet-Cookie: a=b',
    'm\u00fcnchen \u{1f511}',
    '\0',
    '"',
    ', error="x',
  ]) {
    it(`nothing breaks out of its quotes: ${JSON.stringify(realm)}`, async () => {
      const { ask, errors } = api({ realm });
      const response = await ask('Bearer bad').expect(401);
      assert.deepEqual(errors, []);
      assert.equal(response.headers['set-cookie'], undefined);
      const [challenge, ...others] = await challenges(response.headers['www-authenticate'] ?? '');
      assert.deepEqual(others, []);
      assert.deepEqual(challenge?.parameters, {
        realm: realm.replace(/[^\x20-\x7e]/g, '?'),
        error: 'invalid_token',
        error_description: 'The access token is not valid here',
      });
    });
  }
});

/** As oauth4webapi reads them. */
async function challenges(header: string): Promise<readonly oauth.WWWAuthenticateChallenge[]> {
  const answer = async () => new Response('{}', { status: 401, headers: { 'WWW-Authenticate': header } });
  const options = { [oauth.customFetch]: answer };
  const error = await oauth
    .protectedResourceRequest('good', 'GET', new URL('https://api.example'), undefined, undefined, options)
    .then(
      () => assert.fail('no challenge'),
      (error: unknown) => error,
    );
  assert.ok(error instanceof oauth.WWWAuthenticateChallengeError, String(error));
  return error.cause;
}

describe('RFC 6750 §3.1: error codes', () => {
  const past = { ...GOOD, expiresAt: NOW };
  const cases: readonly [what: string, setup: APISetup][] = [
    ['unknown', { verify: () => undefined }],
    ['null', { verify: () => null }],
    ['false', { verify: () => false }],
    ['expired, whatever the verifier says', { verify: () => past }],
    ['of an expiry that is no number', { verify: () => ({ ...GOOD, expiresAt: Number.NaN }) }],
    ['of an expiry that is a Date', { verify: () => ({ ...GOOD, expiresAt: new Date(0) as never }) }],
    ['of an expiry in milliseconds', { verify: () => ({ ...GOOD, expiresAt: (NOW - 1000) * 1000 }) }],
    ['of an expiry that is null', { verify: () => ({ ...GOOD, expiresAt: null as never }) }],
    // middleware that limits the age of a token would let it in for ever: now - issuedAt is negative
    ['issued at a time in milliseconds', { verify: () => ({ ...GOOD, issuedAt: NOW * 1000 }) }],
    ['issued at a Date', { verify: () => ({ ...GOOD, issuedAt: new Date(NOW * 1000) as never }) }],
    ['issued at a text', { verify: () => ({ ...GOOD, issuedAt: `${NOW}` as never }) }],
    ['expired, by a promise', { verify: async () => past }],
  ];
  for (const [what, setup] of cases) {
    it(`invalid_token is 401: ${what}`, async () => {
      const { ask, seen } = api(setup);
      assertRefused(await ask('Bearer good'), INVALID_TOKEN);
      assert.deepEqual(seen, []);
    });
  }

  for (const [name, value] of [
    ['exp', NOW - 1],
    ['expires_at', NOW - 1],
    ['accessTokenExpiresAt', new Date(0)],
    ['cnf', { jkt: 'a key' }],
  ] as const)
    it(`nobody is let in where verify gives ${name}, as a JWT or another library has it: what it says would not be looked at`, async () => {
      const { ask, seen, errors } = api({ verify: () => ({ ...GOOD, [name]: value }) });
      assert.equal((await ask('Bearer good')).status, 500);
      assert.deepEqual([seen, errors[0]?.message.endsWith(`, not \`${name}\``)], [[], true]);
    });

  it('times in epoch seconds are accepted, and an issuedAt of null counts as absent', async () => {
    const times = { issuedAt: NOW - 5, authenticatedAt: NOW - 10.5, expiresAt: NOW + 1 };
    for (const more of [times, { issuedAt: null as never }])
      await api({ verify: () => ({ ...GOOD, ...more }) })
        .ask('Bearer good')
        .expect(200);
  });

  it('a token is good until it expires', async () => {
    const { ask } = api({ tokens: { good: { ...GOOD, expiresAt: NOW + 1 } } });
    await ask('Bearer good').expect(200);
  });

  it('by default by the clock of this machine', async () => {
    const inAMinute = Math.floor(Date.now() / 1000) + 60;
    const app = (expiresAt: number) =>
      new Koa().use(bearer({ verify: () => ({ ...GOOD, expiresAt }) })).use((ctx) => {
        ctx.body = 'in';
      });
    const ask = (expiresAt: number) => request(app(expiresAt).callback()).get('/').set('Authorization', 'Bearer good');
    await ask(inAMinute).expect(200);
    assertRefused(await ask(inAMinute - 120), INVALID_TOKEN);
  });

  describe('insufficient_scope is 403, with the scope that is needed', () => {
    const needs = (...scope: [string, ...string[]]) => api({ after: [requireScope(...scope)] });
    const MORE = { status: 403, error: 'insufficient_scope' } as const;

    it('one of several is missing', async () => {
      const { ask, seen } = needs('read', 'delete');
      assertRefused(await ask('Bearer good'), { ...MORE, more: 'scope="read delete"' });
      assert.deepEqual(seen, []);
    });

    it('all of them are there', async () => {
      await needs('read', 'write').ask('Bearer good').expect(200);
      await needs('read').ask('Bearer good').expect(200);
    });

    for (const scope of ['rea', 'reads', 'READ', 'read:all', 'constructor', 'length'] as const) {
      it(`a scope is a whole word: ${scope}`, async () => {
        assertRefused(await needs(scope).ask('Bearer good'), { ...MORE, more: `scope="${scope}"` });
      });
    }

    it('a token without a scope', async () => {
      const { ask } = api({ tokens: { good: { scope: [] } }, after: [requireScope('read')] });
      assertRefused(await ask('Bearer good'), { ...MORE, more: 'scope="read"' });
    });

    it('what bearer itself needs is enforced, and told with what a route needs besides', async () => {
      const tokens = { none: { scope: [] }, read: { scope: ['read'] }, both: { scope: ['write', 'read'] } };
      const { ask, seen } = api({ tokens, scope: ['read'], after: [requireScope('write', 'read')] });
      assertRefused(await ask('Bearer none'), { ...MORE, more: 'scope="read"' });
      assertRefused(await ask('Bearer read'), { ...MORE, more: 'scope="read write"' });
      assert.deepEqual(seen, []);
      await ask('Bearer both').expect(200);
    });

    it('without a token it is the challenge without a code', async () => {
      assertBare(await needs('read').ask());
    });
  });

  describe('what verify throws is the operator’s, and neither a refusal nor a pass', () => {
    it('a bug: 500, and nothing of it is told', async () => {
      const { ask, seen, errors } = api({
        verify: () => {
          throw new Error('of the database');
        },
      });
      const response = await ask('Bearer good').expect(500);
      assert.equal(response.headers['www-authenticate'], undefined);
      assert.doesNotMatch(response.text, /database/);
      assert.match(String(errors[0]), /of the database/);
      assert.deepEqual(seen, []);
    });

    it('a rejection with a status: 503', async () => {
      const { ask, seen, errors } = api({ verify: () => Promise.reject(new VerifierUnavailableError('is down')) });
      const response = await ask('Bearer good').expect(503);
      assert.equal(response.headers['retry-after'], '5');
      assert.doesNotMatch(response.text, /down/);
      assert.equal(errors.length, 1);
      assert.deepEqual(seen, []);
    });

    for (const answer of [{ active: false }, { active: true, scope: 'read write' }, true, 'alice']) {
      it(`an answer that is no token, such as ${JSON.stringify(answer)}: 500`, async () => {
        const { ask, seen, errors } = api({ verify: () => answer as never });
        await ask('Bearer good').expect(500);
        assert.match(String(errors[0]), /TypeError: verify gives an access token/);
        assert.deepEqual(seen, []);
      });
    }
  });
});

describe('RFC 6750, with oauth4webapi for a client', () => {
  let server: Server;
  let url: URL;
  before(async () => {
    server = api({
      after: [requireScope('read', 'delete')],
      tokens: { good: GOOD, all: { scope: ['read', 'delete'] } },
    }).app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  });
  after(() => server.close());

  const ask = (token: string) =>
    oauth.protectedResourceRequest(token, 'GET', url, undefined, undefined, { [oauth.allowInsecureRequests]: true });

  it('gets in', async () => {
    assert.equal(await (await ask('all')).text(), 'in');
  });

  for (const [token, status, parameters] of [
    ['bad', 401, { realm: 'API', error: 'invalid_token', error_description: 'The access token is not valid here' }],
    [
      'good',
      403,
      {
        realm: 'API',
        scope: 'read delete',
        error: 'insufficient_scope',
        error_description: 'The access token does not reach this far',
      },
    ],
  ] as const) {
    it(`reads the challenge of a ${status}`, async () => {
      const error = await ask(token).then(
        () => assert.fail('no challenge'),
        (error: unknown) => error,
      );
      assert.ok(error instanceof oauth.WWWAuthenticateChallengeError, String(error));
      assert.equal(error.status, status);
      assert.deepEqual(error.cause, [{ scheme: 'bearer', parameters }]);
    });
  }
});
