/** RFC 7662 on the API's side. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import {
  type AccessToken,
  type IntrospectionVerifierOptions,
  introspectionVerifier,
  VerifierUnavailableError,
} from 'koauthorize/resource-server';
import * as oauth from 'oauth4webapi';
import { tokenServer } from '../support/token-server.js';
import { api, assertRefused, NOW } from './api.js';
import { json, type Remote, remote } from './remote.js';

const ACTIVE = { active: true, token_type: 'Bearer', scope: 'read write', client_id: 'client', sub: 'alice' };

describe('introspectionVerifier', () => {
  let server: Remote;
  const clock = { now: NOW };
  beforeEach(async () => {
    server = await remote(json(ACTIVE));
    clock.now = NOW;
  });
  afterEach(() => server.close());

  const verifier = (options: Partial<IntrospectionVerifierOptions> = {}) =>
    introspectionVerifier({
      endpoint: `${server.url}/introspect`,
      clientID: 'api',
      clientSecret: 'secret',
      now: () => clock.now,
      ...options,
    } as IntrospectionVerifierOptions);

  const failing = async (verify: ReturnType<typeof verifier>, token = 'a token'): Promise<VerifierUnavailableError> => {
    const error = await verify(token).then(
      () => assert.fail('no error'),
      (error: unknown) => error,
    );
    assert.ok(error instanceof VerifierUnavailableError, String(error));
    assert.deepEqual([error.status, error.retryAfter], [503, 5]);
    assert.doesNotMatch(`${error.message}${error.cause}`, /a token|secret/);
    return error;
  };

  describe('RFC 7662 §2.1: the request', () => {
    it('is a POSTed form with the token, and says what it is', async () => {
      await verifier()('a+b/c=');
      const [request] = server.requests;
      assert.deepEqual([request?.method, request?.path], ['POST', '/introspect']);
      assert.deepEqual(Object.fromEntries(request?.body ?? []), { token: 'a+b/c=', token_type_hint: 'access_token' });
      assert.match(request?.headers['content-type'] ?? '', /^application\/x-www-form-urlencoded/);
      assert.equal(request?.headers.accept, 'application/json');
    });

    it('RFC 6749 §2.3.1: the API authenticates by Basic, form-encoded', async () => {
      await verifier({ clientID: 'my api:1', clientSecret: 's/ü %+' })('a token');
      const [, credentials = ''] = server.requests[0]?.headers.authorization?.split(' ') ?? [];
      assert.equal(Buffer.from(credentials, 'base64').toString(), 'my+api%3A1:s%2F%C3%BC+%25%2B');
    });

    it('or otherwise: as oauth4webapi does, say', async () => {
      const authenticate = (body: URLSearchParams, headers: Headers) =>
        oauth.ClientSecretPost('a secret')({ issuer: server.url }, { client_id: 'api' }, body, headers);
      await introspectionVerifier({ endpoint: server.url, authenticate })('a token');
      const [request] = server.requests;
      assert.equal(request?.headers.authorization, undefined);
      assert.deepEqual([request?.body.get('client_id'), request?.body.get('client_secret')], ['api', 'a secret']);
    });

    it('what authenticate throws is thrown', async () => {
      const authenticate = () => Promise.reject(new Error('of the key'));
      await assert.rejects(introspectionVerifier({ endpoint: server.url, authenticate })('t'), /of the key/);
      assert.equal(server.requests.length, 0);
    });
  });

  describe('RFC 7662 §2.2: the answer', () => {
    it('as an access token, with all that was said', async () => {
      const answer = {
        ...ACTIVE,
        iss: 'https://as.example',
        aud: 'https://api.example',
        iat: NOW - 1,
        exp: NOW + 60,
        auth_time: NOW - 2,
        acr: 'mfa',
        cnf: { 'x5t#S256': 'x' },
        own: { deep: ['value'] },
        username: null,
      };
      server.answer = json(answer);
      assert.deepEqual(await verifier()('a token'), {
        scope: ['read', 'write'],
        clientID: 'client',
        subject: 'alice',
        issuer: 'https://as.example',
        audience: ['https://api.example'],
        issuedAt: NOW - 1,
        expiresAt: NOW + 60,
        authenticatedAt: NOW - 2,
        acr: 'mfa',
        confirmation: { 'x5t#S256': 'x' },
        claims: answer,
      });
    });

    it('scope: one, none, or empty', async () => {
      const scopes = [];
      for (const scope of ['read', undefined, null, '', ' ', 'read  write']) {
        server.answer = json({ ...ACTIVE, scope });
        scopes.push((await verifier()('a token'))?.scope);
      }
      assert.deepEqual(scopes, [['read'], [], [], [], [], ['read', 'write']]);
    });

    it('scope as an array, only where an option says so', async () => {
      server.answer = json({ ...ACTIVE, scope: ['read', 'write'] });
      assert.match((await failing(verifier())).message, /RFC 7662 §2.2/);
      assert.deepEqual((await verifier({ allowScopeArray: true })('a token'))?.scope, ['read', 'write']);
      for (const scope of [['read', 1], ['two words'], [''], { read: true }]) {
        server.answer = json({ ...ACTIVE, scope });
        assert.match((await failing(verifier({ allowScopeArray: true }))).message, /RFC 7662 §2.2/);
      }
    });

    it('azp is not the client', async () => {
      server.answer = json({ ...ACTIVE, client_id: undefined, azp: 'client' });
      assert.equal((await verifier()('a token'))?.clientID, undefined);
    });

    it('several audiences', async () => {
      server.answer = json({ ...ACTIVE, aud: ['a', 'b'] });
      assert.deepEqual((await verifier()('a token'))?.audience, ['a', 'b']);
    });

    it('a subject that is the client is no user', async () => {
      server.answer = json({ ...ACTIVE, sub: 'client' });
      const found = await verifier()('a token');
      assert.deepEqual([found?.clientID, found?.subject], ['client', undefined]);
    });

    it('inactive is no token, whatever else it says', async () => {
      for (const answer of [{ active: false }, { ...ACTIVE, active: false }]) {
        server.answer = json(answer);
        assert.equal(await verifier()('a token'), undefined);
      }
    });

    describe('an answer that is none is the operator’s: 503, and not a refusal', () => {
      const answers: readonly [what: string, answer: Remote['answer'], message: RegExp][] = [
        ['§2.3: our credentials are wrong', json({ error: 'invalid_client' }, 401), /credentials of this API: 401/],
        ['400', json({ error: 'invalid_request' }, 400), /answers 400/],
        ['403', json({ ...ACTIVE }, 403), /answers 403/],
        ['500', json({ active: false }, 500), /answers 500/],
        ['201', json(ACTIVE, 201), /answers 201/],
        ['204', (_, response) => response.writeHead(204).end(), /answers 204/],
        ['no JSON', (_, response) => response.end('<html>'), /"active"/],
        ['nothing', (_, response) => response.end(), /"active"/],
        ['an array', json([ACTIVE]), /"active"/],
        ['null', json(null), /"active"/],
        ['a string', json('active'), /"active"/],
        ['without active', json({ ...ACTIVE, active: undefined }), /"active"/],
        ['active: "true"', json({ ...ACTIVE, active: 'true' }), /"active"/],
        ['active: 1', json({ ...ACTIVE, active: 1 }), /"active"/],
        ['active from the prototype', (_, response) => response.end('{"__proto__":{"active":true}}'), /"active"/],
        ['an exp that is no number', json({ ...ACTIVE, exp: '1' }), /RFC 7662 §2.2/],
        ['a scope that is an array', json({ ...ACTIVE, scope: ['read'] }), /RFC 7662 §2.2/],
        ['a sub that is a number', json({ ...ACTIVE, sub: 1 }), /RFC 7662 §2.2/],
        ['an aud that is an object', json({ ...ACTIVE, aud: {} }), /RFC 7662 §2.2/],
        ['an aud with a number', json({ ...ACTIVE, aud: ['a', 1] }), /RFC 7662 §2.2/],
        ['a cnf that is a string', json({ ...ACTIVE, cnf: 'x' }), /RFC 7662 §2.2/],
        ['a cnf that is an array', json({ ...ACTIVE, cnf: [] }), /RFC 7662 §2.2/],
        ['a cnf of null, which is not known to mean no binding', json({ ...ACTIVE, cnf: null }), /RFC 7662 §2.2/],
        ['an empty sub, which names no user', json({ ...ACTIVE, sub: '' }), /RFC 7662 §2.2/],
        ['an empty client_id', json({ ...ACTIVE, client_id: '' }), /RFC 7662 §2.2/],
        ['an empty iss', json({ ...ACTIVE, iss: '' }), /RFC 7662 §2.2/],
        ['an empty aud', json({ ...ACTIVE, aud: '' }), /RFC 7662 §2.2/],
        ['an empty aud among others', json({ ...ACTIVE, aud: ['a', ''] }), /RFC 7662 §2.2/],
      ];
      for (const [what, answer, message] of answers) {
        it(what, async () => {
          server.answer = answer;
          assert.match((await failing(verifier())).message, message);
        });
      }

      it('a redirect is not followed', async () => {
        const elsewhere = await remote(json(ACTIVE));
        for (const status of [302, 307, 308]) {
          server.answer = (_, response) => response.writeHead(status, { Location: `${elsewhere.url}/x` }).end();
          assert.match((await failing(verifier())).message, new RegExp(`answers ${status}`));
        }
        assert.equal(elsewhere.requests.length, 0);
        await elsewhere.close();
      });

      it('one that is too large, even if it was not announced, or small on the wire', async () => {
        const large = JSON.stringify({ ...ACTIVE, padding: 'x'.repeat(70_000) });
        server.answer = (_, response) => response.end(large);
        assert.match(String((await failing(verifier())).cause), /larger than 65536 bytes/);
        server.answer = (_, response) => {
          response.write(large.slice(0, 40_000));
          response.end(large.slice(40_000));
        };
        await failing(verifier());
        const { gzipSync } = await import('node:zlib');
        server.answer = (_, response) => response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync(large));
        await failing(verifier());
      });

      it('none at all, or only the beginning of one, within the time', async () => {
        server.answer = () => {};
        assert.match(String((await failing(verifier({ timeout: 0.02 }))).cause), /within 0\.02 s/);
        server.answer = (_, response) => response.write('{"active":');
        await failing(verifier({ timeout: 0.02 }));
      });

      it('what is still coming then is given up', async () => {
        const closed = new Promise<void>((resolve) => {
          server.answer = (_, response) => response.on('close', resolve);
        });
        await failing(verifier({ timeout: 2 })); // long enough for the request to arrive on a busy machine
        await closed;
      });

      it('none by a fetch that does not heed its signal', async () => {
        await failing(verifier({ timeout: 0.02, fetch: () => new Promise(() => {}) }));
      });

      it('a server that is not there', async () => {
        const { url, close } = await remote(json(ACTIVE));
        await close();
        const error = await failing(verifier({ endpoint: url }));
        assert.match(error.message, /^http:\/\/127\.0\.0\.1:\d+ cannot be asked$/);
        assert.ok(error.cause instanceof Error, 'a cause');
      });
    });
  });

  describe('RFC 7662 §2.2: token_type', () => {
    const found = async (token_type: unknown, options = {}) => {
      server.answer = json({ ...ACTIVE, token_type });
      return (await verifier(options)('a token')) !== undefined;
    };
    it('Bearer, in any case', async () => {
      for (const type of ['Bearer', 'bearer', 'BEARER']) assert.equal(await found(type), true, type);
    });
    it('no other: a DPoP token, or what is no access token', async () => {
      for (const type of ['DPoP', 'N_A', 'mac', 'refresh_token', '', 1, ['Bearer'], { Bearer: 1 }])
        assert.equal(await found(type, { allowMissingTokenType: true }), false, String(type));
    });
    it('another type is accepted if tokenTypes lists it and the token has cnf: otherwise it would pass for a bearer token', async () => {
      const tokenTypes = ['Bearer', 'DPoP'];
      assert.equal(await found('DPoP', { tokenTypes }), false);
      for (const type of ['DPoP', 'dpop', 'Bearer', 'refresh_token']) {
        server.answer = json({ ...ACTIVE, token_type: type, cnf: { jkt: 'x' } });
        const isTaken = (await verifier({ tokenTypes })('a token')) !== undefined;
        assert.equal(isTaken, type !== 'refresh_token', type);
        assert.equal((await verifier()('a token')) !== undefined, type === 'Bearer', `${type} by default`);
      }
    });
    it('none: it may be a refresh token, and is taken only where the application says so', async () => {
      for (const type of [undefined, null]) {
        assert.equal(await found(type), false);
        assert.equal(await found(type, { allowMissingTokenType: true }), true);
      }
    });
  });

  describe('iss', () => {
    const cases: readonly [answer: object, options: object, counts: boolean][] = [
      [{ iss: 'https://as.example' }, { issuer: 'https://as.example' }, true],
      [{ iss: 'https://as.example/' }, { issuer: 'https://as.example' }, false],
      [{}, { issuer: 'https://as.example' }, false],
      [{ iss: 'x' }, {}, true],
    ];
    for (const [answer, options, counts] of cases) {
      it(`${JSON.stringify(answer)} ${counts ? 'is' : 'is not'} for ${JSON.stringify(options)}`, async () => {
        server.answer = json({ ...ACTIVE, ...answer });
        assert.equal((await verifier(options)('a token')) !== undefined, counts);
      });
    }
  });

  describe('aud is compared by bearer({ audience })', () => {
    const cases: readonly [answer: object, isLetIn: boolean][] = [
      [{ aud: 'api' }, true],
      [{ aud: ['other', 'api'] }, true],
      [{ aud: 'apis' }, false],
      [{ aud: [] }, false],
      [{}, false],
    ];
    for (const [answer, isLetIn] of cases)
      it(`${JSON.stringify(answer)} ${isLetIn ? 'is let in' : 'is not'}`, async () => {
        server.answer = json({ ...ACTIVE, ...answer });
        const { ask } = api({ verify: verifier(), audience: 'api' });
        for (const time of ['asked', 'kept']) {
          const response = await ask('Bearer good');
          if (isLetIn) assert.equal(response.status, 200, time);
          else assertRefused(response, { status: 401, error: 'invalid_token' });
        }
      });

    it('and by nothing else: an audience for the verifier, which 0.1.0 took, throws at start', () => {
      assert.throws(() => verifier({ audience: 'api' } as object), /has no option audience/);
    });
  });

  describe('RFC 7662 §4: the cache', () => {
    it('keeps a good answer for 10 s, and no longer', async () => {
      const verify = verifier();
      await verify('a token');
      clock.now += 9;
      assert.ok(await verify('a token'), 'still there');
      assert.equal(server.requests.length, 1);
      server.answer = json({ active: false });
      clock.now += 1;
      assert.equal(await verify('a token'), undefined);
      assert.equal(server.requests.length, 2);
    });

    it('for as long as the application says; 0 asks every time', async () => {
      const [long, never] = [verifier({ cache: 100 }), verifier({ cache: 0 })];
      for (const verify of [long, never]) for (let round = 0; round < 3; round++) await verify('a token');
      clock.now += 99;
      await long('a token');
      assert.equal(server.requests.length, 4);
    });

    it('never beyond exp', async () => {
      server.answer = json({ ...ACTIVE, exp: NOW + 3 });
      const verify = verifier();
      await verify('a token');
      clock.now += 2;
      await verify('a token');
      assert.equal(server.requests.length, 1);
      clock.now += 1;
      await verify('a token');
      assert.equal(server.requests.length, 2);
    });

    it('counts from the question, not from the answer', async () => {
      server.answer = (request, response) => {
        clock.now += 10;
        json(ACTIVE)(request, response);
      };
      const verify = verifier();
      await verify('a token');
      await verify('a token');
      assert.equal(server.requests.length, 2);
    });

    it('each token has its own', async () => {
      server.answer = (request, response) => json({ ...ACTIVE, sub: request.body.get('token') })(request, response);
      const verify = verifier();
      for (const token of ['one', 'two', 'one', '__proto__', 'constructor'])
        assert.equal((await verify(token))?.subject, token);
      assert.equal(server.requests.length, 4);
    });

    it('bad answers and failures are not kept', async () => {
      const verify = verifier();
      server.answer = json({ active: false });
      await verify('a token');
      server.answer = json({}, 500);
      await failing(verify);
      server.answer = json(ACTIVE);
      assert.ok(await verify('a token'), 'asked again');
      assert.equal(server.requests.length, 3);
    });

    it('an answer that does not count here is not kept either', async () => {
      const verify = verifier({ issuer: 'https://other.example' });
      await verify('a token');
      await verify('a token');
      assert.equal(server.requests.length, 2);
    });

    it('is bounded: the oldest goes first', async () => {
      const verify = verifier({ cacheSize: 2 });
      for (const token of ['1', '2', '3', '3', '2']) await verify(token);
      assert.equal(server.requests.length, 3);
      await verify('1');
      assert.equal(server.requests.length, 4);
    });

    it('one that was asked again does not push out others', async () => {
      const verify = verifier({ cacheSize: 2, cache: 10 });
      await verify('1');
      clock.now += 5;
      await verify('2');
      clock.now += 5;
      await verify('1');
      await verify('2');
      assert.equal(server.requests.length, 3);
    });

    it('what has ended, or ended and began again, does not push out others either', async () => {
      const verify = verifier({ cacheSize: 2, cache: 100 });
      await verify('1');
      server.answer = json({ ...ACTIVE, exp: NOW + 3 });
      await verify('2');
      clock.now += 3;
      await verify('3');
      server.answer = json({ ...ACTIVE, exp: NOW + 50 });
      await verify('2');
      assert.equal(server.requests.length, 4);
      await verify('1');
      assert.equal(server.requests.length, 4);
    });

    it('does not have the token', async () => {
      const keys: unknown[] = [];
      const { set } = Map.prototype;
      Map.prototype.set = function (key, value) {
        keys.push(key);
        return set.call(this, key, value);
      };
      try {
        await verifier({ fetch: async () => Response.json(ACTIVE) })('a token that nobody may find');
      } finally {
        Map.prototype.set = set;
      }
      assert.ok(keys.length > 0, 'keys');
      assert.doesNotMatch(keys.map(String).join(), /a token that/);
    });

    it('cannot be written to by one request for the next', async () => {
      server.answer = json({ ...ACTIVE, own: { deep: ['value'] }, cnf: { jkt: 'x' } });
      const found = (await verifier()('a token')) ?? assert.fail();
      const { scope, confirmation = {}, claims = {} } = found;
      const attempts: readonly (() => unknown)[] = [
        () => Object.assign(found, { subject: 'bob' }),
        () => Reflect.apply(Array.prototype.push, scope, ['admin']),
        () => Object.assign(confirmation, { jkt: 'y' }),
        () => Object.assign(claims, { sub: 'bob' }),
        () => (claims['own'] as { deep: string[] }).deep.push('more'),
        () => delete (found as { confirmation?: unknown }).confirmation,
      ];
      for (const attempt of attempts) assert.throws(attempt, TypeError, String(attempt));
    });
  });

  describe('single flight', () => {
    /** An answer that waits until it is let go. */
    function held(answer: Remote['answer']): () => void {
      const waiting: (() => void)[] = [];
      server.answer = (request, response) => waiting.push(() => answer(request, response));
      return () => {
        for (const go of waiting) go();
      };
    }
    const asked = async (count: number): Promise<void> => {
      while (server.requests.length < count) await new Promise(setImmediate);
    };

    it('requests that come together with one token ask once', async () => {
      const verify = verifier();
      const letGo = held(json(ACTIVE));
      const all = [1, 2, 3, 4, 5].map(() => verify('a token'));
      await asked(1);
      const late = verify('a token');
      letGo();
      const found = await Promise.all([...all, late]);
      assert.deepEqual(new Set(found.map((token) => token?.subject)), new Set(['alice']));
      assert.equal(server.requests.length, 1);
    });

    it('RFC 7662 §4: cache: 0 introspects for every request, and does not reuse an introspection that began before it', async () => {
      const verify = verifier({ cache: 0 });
      const letGo = held(json(ACTIVE));
      const before = verify('a token');
      await asked(1);
      server.answer = json({ active: false }); // the token was revoked meanwhile
      assert.equal(await verify('a token'), undefined);
      letGo();
      assert.equal((await before)?.subject, 'alice');
      assert.equal(server.requests.length, 2);
    });

    it('RFC 7662 §4: no answer is older than `cache` seconds, counted from the request, though its question is still under way', async () => {
      const verify = verifier({ cache: 2 });
      const letGo = held(json(ACTIVE));
      const first = verify('a token');
      await asked(1);
      clock.now += 1;
      const joined = verify('a token');
      clock.now += 1;
      server.answer = json({ active: false });
      assert.equal(await verify('a token'), undefined, 'asked again');
      letGo();
      assert.deepEqual([(await first)?.subject, (await joined)?.subject], ['alice', 'alice']);
      assert.equal(await verify('a token'), undefined, 'and what was asked before is not kept');
      assert.equal(server.requests.length, 3);
    });

    it('with several tokens, each once', async () => {
      const verify = verifier();
      await Promise.all(['1', '2', '1', '2', '3'].map(verify));
      assert.equal(server.requests.length, 3);
    });

    it('a failure is told to all, and forgotten', async () => {
      const verify = verifier();
      const letGo = held(json({}, 500));
      const all = [1, 2, 3].map(() => failing(verify));
      await asked(1);
      letGo();
      await Promise.all(all);
      server.answer = json(ACTIVE);
      assert.ok(await verify('a token'), 'asked again');
      assert.equal(server.requests.length, 2);
    });
  });

  describe('options that cannot be', () => {
    const wrong: readonly Partial<IntrospectionVerifierOptions>[] = [
      { endpoint: 'http://as.example/introspect' },
      { endpoint: 'https://user:secret@as.example/introspect' },
      { endpoint: 'https://as.example/introspect#x' },
      { endpoint: '/introspect' },
      { endpoint: 'file:///etc/passwd' },
      { timeout: 0 },
      { timeout: Number.NaN },
      { timeout: 1e9 },
      { cache: -1 },
      { cache: Number.NaN },
      { cache: Number.POSITIVE_INFINITY },
      { cacheSize: 0 },
      { cacheSize: 1.5 },
    ];
    for (const options of wrong) {
      it(JSON.stringify(Object.entries(options).map(String)), () => {
        assert.throws(() => verifier(options), TypeError);
      });
    }
    it('https anywhere, and http on this machine', () => {
      for (const endpoint of ['https://as.example/i', 'http://localhost:3000/i', 'http://[::1]/i'])
        verifier({ endpoint });
    });
  });

  it('behind bearer: in, out, and neither', async () => {
    const { ask, seen, errors } = api({ verify: verifier({ cache: 0 }) });
    await ask('Bearer good').expect(200);
    server.answer = json({ active: false });
    assertRefused(await ask('Bearer good'), { status: 401, error: 'invalid_token' });
    server.answer = json({}, 401);
    const response = await ask('Bearer good').expect(503);
    assert.equal(response.headers['retry-after'], '5');
    assert.doesNotMatch(response.text, /credentials|127/);
    assert.equal(errors.length, 1);
    assert.equal(seen.length, 1);
  });

  it('our own authorization server: access tokens only, until they are revoked', async () => {
    const { app, connect, revoke, clock: theirs } = tokenServer();
    const listening = app.listen(0, '127.0.0.1');
    await once(listening, 'listening');
    try {
      const endpoint = `http://127.0.0.1:${(listening.address() as AddressInfo).port}/introspect`;
      const verify = verifier({ endpoint, clientID: 'api', clientSecret: 'api-secret', cache: 0 });
      const { ask, seen } = api({ verify, now: () => theirs.now });
      const { access_token, refresh_token } = await connect();
      await ask(`Bearer ${access_token}`).expect(200);
      assert.deepEqual((seen as { token: AccessToken }[])[0]?.token.scope, ['read', 'write']);
      assertRefused(await ask(`Bearer ${refresh_token}`), { status: 401, error: 'invalid_token' });
      // nor for the client itself, which is told of its own refresh tokens
      const own = verifier({ endpoint, clientID: 'client', clientSecret: 'client-secret', cache: 0 });
      assert.equal(await own(refresh_token), undefined);
      assert.equal((await own(access_token))?.subject, 'alice');
      await revoke(access_token).expect(200);
      assertRefused(await ask(`Bearer ${access_token}`), { status: 401, error: 'invalid_token' });
    } finally {
      listening.close();
    }
  });
});
