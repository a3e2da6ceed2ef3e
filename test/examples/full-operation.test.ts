/** Running the full example: proxies and cookies, guessing, health, logs, configuration. */
import assert from 'node:assert/strict';
import Koa from 'koa';
import { partition } from 'koauthorize/tokens';
import supertest from 'supertest';
import { ConfigError, readConfig } from '../../examples/full/config.js';
import { clientThrottle, LIMITS, passwordGuard, TooManyAttemptsError } from '../../examples/full/rate-limits.js';
import { sessions } from '../../examples/full/sessions.js';
import { COUNTERS } from '../../examples/full/storage/limiters.js';
import { openUsers } from '../../examples/full/users.js';
import { ALICE, BOB, type RunningFull, startFull } from '../support/full.js';
import { Agent, api, call, codeIn, DEMO, exchange, formIn, request, VERIFIER } from '../support/full-agent.js';

describe('the full example behind a proxy that speaks TLS', () => {
  let full: RunningFull;
  before(async () => {
    full = await startFull({ config: { issuer: 'https://login.example', proxies: 1 } });
  });
  after(() => full.stop());

  it('has a session cookie that no neighbour can set and no script can read', async () => {
    const agent = new Agent(full.url);
    const { headers } = await agent.submit(formIn(await agent.open('/login'), '/login'), ALICE);
    const session = headers.getSetCookie().findLast((line) => line.startsWith('__Host-session=')) ?? '';
    const [pair = '', ...attributes] = session.split('; ');
    assert.match(pair, /^__Host-session=[\w-]{43}$/);
    const named = attributes.filter((attribute) => !attribute.startsWith('expires='));
    assert.deepEqual(named.toSorted(), ['httponly', 'path=/', 'samesite=lax', 'secure']);
  });

  it('tells browsers to come by TLS only', async () => {
    const { headers } = await new Agent(full.url).open('/login');
    assert.match(headers.get('strict-transport-security') ?? '', /^max-age=\d{8}/);
  });

  it('calls itself by its issuer, whatever the request says', async () => {
    const headers = { host: 'evil.example', 'x-forwarded-host': 'evil.example' };
    const text = await (await fetch(`${full.url}/.well-known/oauth-authorization-server`, { headers })).text();
    assert.ok(text.includes('https://login.example/token') && !text.includes('evil'), text);
  });
});

describe('sessions of the full example', () => {
  let full: RunningFull;
  const written: [key: string, seconds: number][] = [];
  let base: RunningFull;
  let set: RunningFull['storage']['documents']['set'];
  beforeEach(() => {
    written.length = 0;
  });
  before(async () => {
    base = await startFull();
    const { documents } = base.storage;
    set = (key, value, seconds) => {
      written.push([key, seconds]);
      return documents.set(key, value, seconds);
    };
    full = await startFull({
      storage: {
        ...base.storage,
        tokens: partition(base.storage.tokens, 'another issuer'),
        documents: { ...documents, set },
      },
    });
  });
  after(async () => {
    await full.stop();
    await base.stop();
  });

  it('are not stored for a visitor who only views a page, nor after a wrong password', async () => {
    const agent = new Agent(full.url);
    for (const path of ['/', '/login', '/demo', '/connected', '/clients', '/account', '/sessions'])
      await agent.open(path);
    const form = formIn(await agent.open('/login'), '/login');
    assert.equal((await agent.submit(form, { ...ALICE, password: 'wrong' })).status, 403);
    await agent.open(request(full.url, { redirect_uri: 'https://evil.example' })); // no request of a client
    await agent.open(request(full.url, { client_id: 'nobody' }));
    assert.deepEqual(written, []);
  });

  it('are not stored for a visitor with an authorization request who has not logged in', async () => {
    assert.match((await new Agent(full.url).open(request(full.url))).text, /to continue to .*Postcards/);
    assert.deepEqual(written, []);
  });

  it('live half a day for who is logged in', async () => {
    await new Agent(full.url).login(ALICE);
    assert.equal(Math.floor(written.at(-1)?.[1] ?? 0), 12 * 60 * 60 + 10); // koa-session adds ten seconds
  });

  it('live minutes where an application adds something to the session of a stranger', async () => {
    const app = new Koa();
    app.keys = ['a key'];
    const users = await openUsers([]);
    for (const middleware of sessions(app, readConfig({}), { ...base.storage.documents, set }, users))
      app.use(middleware);
    app.use((ctx) => {
      Object.assign(ctx['session'] ?? {}, { basket: [1] });
      ctx.body = 'ok';
    });
    await supertest(app.callback()).get('/').expect(200);
    assert.deepEqual(
      written.map(([, seconds]) => seconds),
      [600],
    );
  });

  it('are stored under what is not the cookie', async () => {
    const agent = new Agent(full.url);
    await agent.login(ALICE);
    const session = agent.cookies.get('session') ?? '';
    assert.ok(
      written.every(([key]) => !key.includes(session)),
      'the key is a hash',
    );
  });

  it('are written at login and never again, so that no page that is still loading brings one back after logout', async () => {
    const agent = new Agent(full.url);
    await agent.submit(formIn(await agent.open('/login'), '/login'), ALICE);
    written.length = 0;
    await agent.open('/connected');
    await agent.open('/clients/new');
    assert.deepEqual(written, []);
  });
});

describe('the full example against guessing', () => {
  let full: RunningFull;
  beforeEach(async () => {
    full = await startFull({ config: { proxies: 1 } });
  });
  afterEach(() => full.stop());

  const login = async (address: string, user: { username: string; password: string }) => {
    const agent = new Agent(full.url, { 'x-forwarded-for': address });
    return agent.submit(formIn(await agent.open('/login'), '/login'), user);
  };

  it('of a password: the eleventh guess waits, the right one too, and says for how long', async () => {
    const wrong = { ...ALICE, password: 'guess' };
    for (let i = 0; i < LIMITS.userAtAddress.points; i += 1)
      assert.equal((await login('192.0.2.1', wrong)).status, 403);
    const limited = await login('192.0.2.1', ALICE);
    assert.equal(limited.status, 429);
    assert.match(limited.text, /Too many attempts/);
    const wait = Number(limited.headers.get('retry-after'));
    assert.ok(wait > 0 && wait <= LIMITS.userAtAddress.seconds, `${wait}`);
    assert.equal((await login('192.0.2.2', ALICE)).status, 303, 'from elsewhere she gets in');
    assert.equal((await login('192.0.2.1', BOB)).status, 303, 'and others from there');
  });

  it('cannot be gone around by what the browser says of its address', async () => {
    const wrong = { ...ALICE, password: 'guess' };
    for (let i = 0; i < LIMITS.userAtAddress.points; i += 1) await login(`198.51.100.${i}, 192.0.2.1`, wrong);
    assert.equal((await login('198.51.100.99, 192.0.2.1', wrong)).status, 429);
  });

  it('many at once are counted as well', async () => {
    const guesses = Array.from({ length: 20 }, () => login('192.0.2.1', { ...ALICE, password: 'guess' }));
    const statuses = (await Promise.all(guesses)).map(({ status }) => status);
    assert.equal(statuses.filter((status) => status === 403).length, LIMITS.userAtAddress.points);
  });

  it('of many passwords from one address, and of one from many', async () => {
    const guard = passwordGuard(full.storage, 'a secret');
    const guess = (who: string, address: string) => guard({ who, address }, async () => undefined);
    for (let i = 0; i < LIMITS.address.points; i += 1) await guess(`user${i}`, 'one');
    await assert.rejects(guess('another', 'one'), TooManyAttemptsError);
    for (let i = 0; i < LIMITS.user.points; i += 1) await guess('somebody', `address${i}`);
    await assert.rejects(guess('somebody', 'new address'), TooManyAttemptsError);
  });

  it('of a user who is right each time: every attempt costs a password hash, so there are so many at an address', async () => {
    const guard = passwordGuard(full.storage, 'a secret');
    const logIn = (address: string) => guard({ who: 'alice', address }, async () => true);
    for (let i = 0; i < LIMITS.attempts.points; i += 1) assert.equal(await logIn('one'), true);
    await assert.rejects(logIn('one'), TooManyAttemptsError);
    assert.equal(await logIn('two'), true);
  });

  /** A storage whose counters are seen: the name of the limit, and the number of the counter. */
  const counted = () => {
    const seen: [limit: string, counter: number][] = [];
    const limiter: typeof full.storage.limiter = (limit) => {
      const real = full.storage.limiter(limit);
      const count: typeof real.count = (counter) => {
        seen.push([limit.name, counter]);
        return real.count(counter);
      };
      return { ...real, count };
    };
    return { seen, storage: { ...full.storage, limiter } };
  };

  it('with made-up names from one address: above the limit of the address, names are not counted, at the login and at /token', async () => {
    const { seen, storage } = counted();
    const [guard, throttle] = [passwordGuard(storage, 'a secret'), clientThrottle(storage, 'a secret')];
    for (let i = 0; i < 1000; i += 1)
      await guard({ who: `made up ${i}`, address: 'one' }, async () => undefined).catch(() => {});
    assert.equal(seen.filter(([name]) => name === LIMITS.address.name).length, 1000);
    assert.equal(seen.filter(([name]) => name !== LIMITS.address.name).length, 3 * LIMITS.address.points);
    seen.length = 0;
    for (let i = 0; i < 1000; i += 1) await throttle.before({ clientID: `made-up-${i}`, address: 'one' });
    assert.equal(seen.filter(([name]) => name === LIMITS.clientAtAddress.name).length, LIMITS.clientsAddress.points);
  });

  it('with made-up names from many addresses: the number of counters does not grow', async () => {
    const { seen, storage } = counted();
    const guard = passwordGuard(storage, 'a secret');
    for (let i = 0; i < 5000; i += 1)
      await guard({ who: `made up ${i}`, address: `address ${i}` }, async () => undefined);
    assert.equal(seen.length, 20_000);
    const strange = seen.filter(([, counter]) => !(Number.isInteger(counter) && counter >= 0 && counter < COUNTERS));
    assert.equal(strange.length, 0);
    const used = new Set(seen.map(([, counter]) => counter)).size;
    assert.ok(used > 4000, `and few share one: ${used}`);
  });

  it('by a search for a name that shares the counter of a victim: a secret of the server assigns the counters', async () => {
    const numbers = await Promise.all(
      ['one secret', 'another secret'].map(async (secret) => {
        const { seen, storage } = counted();
        await passwordGuard(storage, secret)({ who: 'alice', address: '192.0.2.1' }, async () => 'right');
        return JSON.stringify(seen);
      }),
    );
    assert.notEqual(numbers[0], numbers[1]);
  });

  it('the right password is never too often', async () => {
    for (let i = 0; i < 12; i += 1) assert.equal((await login('192.0.2.1', ALICE)).status, 303);
  });
});

describe('the full example without its database', () => {
  it('says so to whoever asks for its health, to people and to programs', async () => {
    const full = await startFull();
    const health = async () => {
      const response = await fetch(`${full.url}/health`);
      return [response.status, await response.json()];
    };
    assert.deepEqual(await health(), [200, { status: 'ok' }]);
    const agent = new Agent(full.url);
    await agent.login(ALICE);
    await full.storage.close();
    assert.deepEqual(await health(), [503, { status: 'unavailable' }]);
    const page = await agent.open('/connected');
    assert.equal(page.status, 503);
    assert.match(page.text, /cannot answer right now/);
    assert.doesNotMatch(page.text, /LMDB|lmdb|Error/);
    const { status, body } = await call(
      full.url,
      '/token',
      { id: 'robot', secret: 'only-robots-know' },
      { grant_type: 'client_credentials' },
    );
    assert.deepEqual([status, body['error']], [503, 'temporarily_unavailable']);
    await full.stop();
  });
});

describe('the log of the full example', () => {
  it('has a line for every decision, and never a secret, a code, a token or a password', async () => {
    const full = await startFull({ config: { legacy: 'allowed' } });
    const secrets = new Map<string, string>();
    const agent = new Agent(full.url);
    await agent.login(ALICE);
    const wrong = { ...ALICE, password: 'a-wrong-password' };
    await agent.submit(formIn(await agent.open('/login'), '/login'), wrong);
    const dialog = await agent.open(request(full.url, { scope: 'profile notes' }));
    const { fields } = formIn(dialog, '/authorize/decision');
    secrets.set('transaction', fields.get('transaction_id') ?? '');
    const code = await agent.allow(dialog);
    await agent.submit({ action: '/authorize/decision', fields });
    await agent.open(request(full.url, { scope: 'a-secret-in-a-wrong-place' }));
    const tokens = await exchange(full.url, code);
    await call(
      full.url,
      '/token',
      { ...DEMO, secret: 'a-wrong-secret' },
      { grant_type: 'refresh_token', refresh_token: tokens.refresh_token },
    );
    const refreshed = await call(full.url, '/token', DEMO, {
      grant_type: 'refresh_token',
      refresh_token: tokens.refresh_token,
    });
    await api(full.url, tokens.access_token);
    await call(full.url, '/introspect', DEMO, { token: tokens.access_token });
    await call(
      full.url,
      '/token',
      { id: 'old-timer', secret: 'only-old-timers-know' },
      { grant_type: 'password', ...ALICE },
    );
    await assert.rejects(exchange(full.url, code), 'a replay');
    await call(full.url, '/revoke', DEMO, { token: String(refreshed.body['refresh_token']) });
    const registered = await agent.send(formIn(await agent.open('/clients/new'), '/clients/new'), {
      client_name: 'Tea',
      redirect_uris: 'https://tea.example/',
    });
    secrets.set('registered', registered.text.match(/[\w-]{43}(?=<)/)?.[0] ?? '');
    secrets.set('csrf', formIn(await agent.open('/connected'), '/logout').fields.get('csrf') ?? '');
    secrets.set('session', agent.cookies.get('session') ?? '');
    await agent.post('/connected/revoke', { csrf: 'a-wrong-csrf-token', client_id: 'demo' });
    await full.storage.close();
    await agent.open(`/connected?code=${code}`);
    const values = {
      code,
      ...tokens,
      ...refreshed.body,
      password: ALICE.password,
      verifier: VERIFIER,
      state: 'the-state',
    };
    for (const name of ['code', 'access_token', 'refresh_token', 'password', 'verifier', 'state'] as const)
      secrets.set(name, String(values[name]));
    for (const [name, value] of Object.entries({
      first: tokens.access_token,
      firstRefresh: tokens.refresh_token,
      secret: DEMO.secret,
    }))
      secrets.set(name, value);
    for (const word of ['a-wrong-password', 'a-wrong-secret', 'a-wrong-csrf-token', 'only-old-timers-know'])
      secrets.set(word, word);
    const log = full.log();
    await full.stop();
    for (const event of ['issued', 'refreshed', 'introspected', 'replayDetected', 'familyRevoked', 'refused', 'failed'])
      assert.ok(log.includes(`"event":"${event}"`), `${event} in ${log}`);
    for (const [name, secret] of secrets) {
      assert.ok(secret.length > 8, `${name}: ${secret}`);
      assert.ok(!log.includes(secret), `${name} is in the log: ${log}`);
    }
    for (const line of log.trim().split('\n')) JSON.parse(line);
  });
});

describe('the configuration of the full example', () => {
  for (const [what, env, sentence] of [
    ['an issuer with a path', { ISSUER: 'https://login.example/as', SEED: 'people.json' }, /^ISSUER/],
    ['an issuer without TLS', { ISSUER: 'http://login.example' }, /^ISSUER/],
    ['an issuer that is no URL', { ISSUER: 'login.example' }, /^ISSUER/],
    ['a port that is none', { PORT: 'http' }, /^PORT/],
    ['half a process', { WORKERS: '1.5' }, /^WORKERS/],
    ['two databases', { DATABASE_URL: 'postgres://x/y', REDIS_URL: 'redis://x' }, /choose one/],
    ['a database of another kind', { DATABASE_URL: 'mysql://x/y' }, /^DATABASE_URL/],
    ['a Redis that is no URL', { REDIS_URL: 'localhost' }, /^REDIS_URL/],
    ['a short key', { KEYS: `${'x'.repeat(32)},short` }, /^KEYS/],
    ['a name with SQL in it', { NAME: 'x; DROP TABLE' }, /^NAME/],
    ['legacy perhaps', { ALLOW_LEGACY: 'perhaps' }, /^ALLOW_LEGACY/],
    ['registration perhaps', { ALLOW_ANYONE_TO_REGISTER: 'perhaps' }, /^ALLOW_ANYONE_TO_REGISTER/],
    [
      'registration by anyone and by token',
      { ALLOW_ANYONE_TO_REGISTER: 'yes', REGISTRATION_TOKEN: 'x'.repeat(32) },
      /choose one/,
    ],
    ['a registration token that can be guessed', { REGISTRATION_TOKEN: 'secret' }, /^REGISTRATION_TOKEN/],
    ['a level that is none', { LOG_LEVEL: 'loud' }, /^LOG_LEVEL/],
    ['TLS with the passwords that everyone knows', { ISSUER: 'https://login.example' }, /^SEED/],
    ['TLS without a proxy', { ISSUER: 'https://login.example', SEED: 'people.json', TRUST_PROXY: '0' }, /^TRUST_PROXY/],
  ] as const) {
    it(`${what} is a sentence`, () => {
      assert.throws(
        () => readConfig(env),
        (error) => {
          assert.ok(error instanceof ConfigError, `${error}`);
          assert.equal(error.mistakes.length, 1, error.message);
          assert.match(error.message, sentence);
          return true;
        },
      );
    });
  }

  it('all mistakes are told at once', () => {
    assert.throws(() => readConfig({ PORT: 'x', WORKERS: 'x' }), /PORT.*\n.*WORKERS/);
  });

  it('what is usual is safe', () => {
    const { issuer, workers, legacy, proxies, database } = readConfig({});
    assert.deepEqual(
      [issuer, workers, legacy, proxies, database.kind],
      ['http://localhost:3000', 1, 'refused', 0, 'lmdb'],
    );
    assert.equal(readConfig({ ISSUER: 'https://login.example/', SEED: 'people.json' }).proxies, 1);
  });
});

describe('codes of the full example', () => {
  it('are not given to whoever has another verifier', async () => {
    const full = await startFull();
    const agent = new Agent(full.url);
    const code = await agent.allow(await agent.login(ALICE, request(full.url)));
    await assert.rejects(exchange(full.url, code, { code_verifier: 'x'.repeat(43) }), /invalid_grant/);
    codeIn(await agent.open(request(full.url)));
    await full.stop();
  });
});
