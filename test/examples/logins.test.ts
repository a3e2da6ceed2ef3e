/** The logins of the small examples: no other site can send their forms, and guesses are limited. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type Koa from 'koa';
import { memoryStore } from 'koauthorize/tokens';
import request from 'supertest';
import { fapiServer } from '../../examples/fapi/server.js';
import { authorizationServer } from '../../examples/mcp/authorization-server.js';
import { passportServer } from '../../examples/passport/server.js';
import { quickstart } from '../../examples/quickstart/server.js';
import { guessLimit } from '../../examples/quickstart/throttle.js';
import { limiterKeys } from '../support/limiter-keys.js';

const URL_HERE = 'https://as.example';

interface Login {
  readonly start: () => Promise<Koa>;
  /** The names of the form's fields. */
  readonly user: string;
  readonly session: string;
}

const LOGINS: Readonly<Record<string, Login>> = {
  quickstart: { start: () => quickstart(URL_HERE, memoryStore()), user: 'username', session: 'quickstart' },
  mcp: { start: async () => authorizationServer(URL_HERE, `${URL_HERE}/mcp`).app, user: 'user', session: 'mcp' },
  fapi: {
    start: () => fapiServer({ issuer: URL_HERE, withCertificates: 'https://as.example:8443' }, []),
    user: 'username',
    session: '__Host-fapi',
  },
};

/** What the browser has, whose form is asked for; and what the form then says. */
const SECRET = 'secret-of-this-browser';
const TOKEN = createHash('sha256').update(SECRET).digest('base64url');

for (const [name, { start, user, session }] of Object.entries(LOGINS))
  describe(`the login of examples/${name}`, () => {
    let koa: Koa;
    beforeEach(async () => {
      koa = await start();
      koa.silent = true;
      koa.proxy = true; // TLS ends before it
    });
    const send = (fields: object, cookie = `form=${SECRET}`) =>
      request(koa.callback())
        .post('/login')
        .set({ 'X-Forwarded-Proto': 'https', Cookie: cookie })
        .type('form')
        .send(fields);
    const hasSession = ({ headers }: request.Response): boolean =>
      String(headers['set-cookie'] ?? '').includes(`${session}=`);
    const right = { [user]: 'alice', password: 'wonderland' };

    it('logs a user in who sends the form of this browser', async () => {
      const response = await send({ ...right, csrf: TOKEN });
      assert.deepEqual([response.status, hasSession(response)], [303, true], response.text);
    });

    it('another site cannot log this browser in to an account of the attacker', async () => {
      for (const [csrf, cookie] of [
        [undefined, undefined],
        ['', undefined],
        ['a token of another browser', undefined],
        [TOKEN, 'form=another'],
        [undefined, 'nothing=here'],
      ]) {
        const response = await send({ ...right, ...(csrf !== undefined && { csrf }) }, cookie);
        assert.deepEqual([response.status, hasSession(response)], [403, false], `${csrf}, ${cookie}`);
      }
    });

    it('concurrent guesses of one password are counted, and after the limit the right one has to wait, too', async () => {
      const guess = (word: number | string) => send({ [user]: 'alice', password: `${word}`, csrf: TOKEN });
      const answers = await Promise.all(Array.from({ length: 20 }, (_, word) => guess(word)));
      const count = (status: number): number => answers.filter((each) => each.status === status).length;
      assert.deepEqual([count(403), count(429)], [10, 10]);
      const late = await guess('wonderland');
      assert.deepEqual([late.status, hasSession(late)], [429, false]);
      const seconds = Number(late.headers['retry-after']);
      assert.ok(seconds > 50 && seconds <= 60, `${seconds}`);
    });

    it('keeps no name of a stranger, who may send a long one', async () => {
      const keys = await limiterKeys(async () => {
        for (const more of ['', 'x']) await send({ [user]: 'x'.repeat(50_000) + more, password: 'x', csrf: TOKEN });
      });
      assert.equal(keys.length, 3); // two names, one address
      for (const key of keys) assert.ok(key.length < 100, `a key of ${key.length} characters`);
    });

    it('a user who is right is never slowed down', async () => {
      for (let time = 0; time < 11; time++) assert.equal((await send({ ...right, csrf: TOKEN })).status, 303);
    });
  });

describe('examples/passport', () => {
  for (const path of ['/token', '/token/as-before'])
    it(`limits guesses of a secret at ${path}, and slows down nobody who is right`, async () => {
      const koa = passportServer();
      koa.silent = true;
      const guess = (secret: string) =>
        request(koa.callback())
          .post(path)
          .auth('robot', secret)
          .type('form')
          .send({ grant_type: 'client_credentials', scope: 'lamps' });
      for (let time = 0; time < 11; time++) assert.equal((await guess('beep')).status, 200);
      for (let time = 0; time < 10; time++) assert.equal((await guess(`${time}`)).status, 401);
      const late = await guess('beep');
      assert.equal(late.status, 429);
      assert.ok(Number(late.headers['retry-after']) > 0);
    });
});

describe('the throttle of the examples', () => {
  const isLimited = async (one: string, other: string): Promise<boolean> => {
    const limit = guessLimit(1, 1);
    assert.equal(await limit.count('alice', one), undefined);
    return (await limit.count('bob', other)) !== undefined;
  };

  it('counts all addresses of an IPv6 network of 64 bits as one', async () => {
    assert.ok(await isLimited('2001:db8::1', '2001:db8:0:0:ffff::2'));
    assert.ok(await isLimited('fe80::1%eth0', 'fe80::2'));
    assert.ok(!(await isLimited('2001:db8:0:1::1', '2001:db8:0:2::1')));
    assert.ok(!(await isLimited('2001:db8:1:1:1:1:1:1', '2001:db8:1:2:1:1:1:1')));
  });

  it('locks no user out from elsewhere: a name and an address are counted together', async () => {
    const limit = guessLimit(1, 100);
    assert.equal(await limit.count('alice', '192.0.2.1'), undefined);
    assert.notEqual(await limit.count('alice', '192.0.2.1'), undefined);
    assert.equal(await limit.count('alice', '192.0.2.2'), undefined);
  });

  it('keeps nothing of the names that come from an address that has to wait: whoever guesses can make up any number', async () => {
    const limit = guessLimit(1, 1);
    await limit.count('alice', '192.0.2.1');
    assert.notEqual(await limit.count('bob', '192.0.2.1'), undefined);
    for (let time = 0; time < 2; time++) await limit.takeBack('alice', '192.0.2.1');
    assert.equal(await limit.count('bob', '192.0.2.1'), undefined);
  });

  it('tells IPv4 addresses apart, also in the form of IPv6', async () => {
    assert.ok(!(await isLimited('::ffff:192.0.2.1', '::ffff:192.0.2.2')));
    assert.ok(await isLimited('::ffff:192.0.2.1', '192.0.2.1'));
  });
});
