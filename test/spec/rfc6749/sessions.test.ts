/** Where dialogs wait, when several are opened at once, and when there is little room. */
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import type Koa from 'koa';
import type { Context, Middleware } from 'koa';
import session from 'koa-session';
import { cookieTransactions } from 'koauthorize';
import request from 'supertest';
import { authorizationServer, browser, CALLBACK, REQUEST, type Setup } from '../../support/authorization-server.js';
import { assertErrorHere } from '../../support/form.js';

/** Milliseconds that a database takes, each time another. */
const SLOW = [0, 3, 1, 6, 2, 9, 4];

/** koa-session with a store on the server that takes its time. */
function onServer(app: Koa): Middleware {
  const sessions = new Map<string, string>();
  let calls = 0;
  const wait = () => pause(SLOW[calls++ % SLOW.length]);
  const store = {
    async get(key: string) {
      const found = sessions.get(key);
      await wait();
      return JSON.parse(found ?? 'null');
    },
    async set(key: string, value: unknown) {
      const kept = JSON.stringify(value);
      sessions.set(key, kept);
      await wait();
    },
    destroy: async (key: string) => void sessions.delete(key),
  };
  return session({ store }, app);
}

/** The looking-up of a user, between the session and the toolkit. */
function slowLogin(): Middleware {
  let calls = 0;
  return async (_ctx, next) => {
    await pause(SLOW[calls++ % SLOW.length]);
    await next();
  };
}

/** Begins a session, so that the requests that follow have one. */
const begin: Setup['routes'] = (router) => {
  router.get('/begin', (ctx) => {
    ctx['session'].begun = true;
    ctx.body = '';
  });
};

const CONCURRENT: readonly (readonly [where: string, setup: Setup])[] = [
  ['a session on the server', { session: onServer }],
  [
    'a session on the server, behind a login that takes its time',
    {
      session: (app) => {
        const [keep, login] = [onServer(app), slowLogin()];
        return (ctx, next) => keep(ctx, () => login(ctx, next));
      },
    },
  ],
  ['cookies of their own', { options: { transactions: cookieTransactions() } }],
];

describe('two authorization requests at once', () => {
  for (const [where, setup] of CONCURRENT) {
    it(`neither dialog is lost: 30 of 30 times, in ${where}`, async () => {
      for (let time = 0; time < 30; time++) {
        const { app } = authorizationServer({ ...setup, routes: begin });
        const { agent, authorize, decide } = browser(app);
        await agent.get('/begin');
        const dialogs = await Promise.all([authorize(), authorize()]);
        for (const { body } of dialogs) assert.equal((await decide(body.transactionID)).status, 303, `time ${time}`);
      }
    });
  }

  it('a dialog that is opened while another one is answered neither is lost nor brings that back', async () => {
    for (let time = 0; time < 10; time++) {
      const { app } = authorizationServer({ session: onServer, routes: begin });
      const { agent, authorize, decide } = browser(app);
      await agent.get('/begin');
      const first = (await authorize()).body.transactionID;
      const [answered, second] = await Promise.all([decide(first), authorize()]);
      assert.equal(answered.status, 303);
      assertErrorHere(await decide(first, { cancel: '1' }), 403, 'access_denied');
      assert.equal((await decide(second.body.transactionID)).status, 303);
    }
  });
});

/** RFC 6265 §6.1: name, value and attributes. */
function assertSmall(headers: Readonly<Record<string, unknown>>): void {
  for (const line of (headers['set-cookie'] ?? []) as readonly string[]) {
    assert.ok(Buffer.byteLength(line) <= 4096, `${line.slice(0, 20)} has ${line.length} bytes`);
  }
}

/** Session middleware as there are many: all of the session in one cookie, and nothing that says so. */
const plainCookie: Setup['session'] = () => async (ctx: Context, next) => {
  const cookie = ctx.cookies.get('plain', { signed: true });
  ctx['session'] = cookie ? JSON.parse(Buffer.from(cookie, 'base64').toString()) : {};
  await next();
  const value = Buffer.from(JSON.stringify(ctx['session'])).toString('base64');
  ctx.cookies.set('plain', value, { signed: true });
};

const COOKIES: readonly (readonly [what: string, use: Setup['session']])[] = [
  ['koa-session', undefined],
  ['koa-session under a longer name', (app) => session({ key: 'a-name-of-'.repeat(6), sameSite: 'lax' }, app)],
  ['session middleware that does not say so', plainCookie],
];

describe('a session in a cookie, with data of the application', () => {
  for (const [what, use] of COOKIES) {
    for (const size of [900, 2000]) {
      const setup: Setup = {
        ...(use && { session: use }),
        routes: (router) => {
          router.get('/fill', (ctx) => {
            ctx['session'].cart = 'x'.repeat(size);
            ctx.body = '';
          });
          router.get('/cart', (ctx) => {
            ctx.body = { size: ctx['session'].cart?.length };
          });
        },
      };

      it(`eight dialogs and ${size} bytes of the application's: the cookie stays as small as browsers want it: ${what}`, async () => {
        const { app } = authorizationServer(setup);
        const { agent, authorize, decide } = browser(app);
        await agent.get('/fill');
        let last = '';
        for (let count = 0; count < 8; count++) {
          const { status, body, headers } = await authorize({ state: 'y'.repeat(200) });
          assert.equal(status, 200);
          assertSmall(headers);
          last = body.transactionID;
        }
        assert.deepEqual((await agent.get('/cart')).body, { size });
        assert.equal((await decide(last)).status, 303);
      });

      it(`${size} bytes of the application's: what has no room is refused, and the rest is left as it was: ${what}`, async () => {
        const { app } = authorizationServer(setup);
        const { agent, authorize, decide } = browser(app);
        await agent.get('/fill');
        const { body } = await authorize();
        const refused = await authorize({ state: 'y'.repeat(3000 - size) });
        assert.equal(refused.status, 302, refused.text);
        assert.ok(
          refused.headers['location']?.startsWith(`${CALLBACK}?error=invalid_request`),
          refused.headers['location'],
        );
        assertSmall(refused.headers);
        assert.deepEqual((await agent.get('/cart')).body, { size });
        assert.equal((await decide(body.transactionID)).status, 303);
      });
    }
  }

  it('a session on the server whose middleware does not say so has room, as soon as it shows that it is no cookie', async () => {
    const kept = { cart: 'x'.repeat(8000) };
    const { app } = authorizationServer({
      session: () => async (ctx, next) => {
        ctx['session'] = kept;
        ctx.cookies.set('sid', 'one');
        await next();
      },
      routes: begin,
    });
    const { agent, authorize, decide } = browser(app);
    await agent.get('/begin');
    const { body } = await authorize({ state: 'y'.repeat(2000) });
    assert.equal((await decide(body.transactionID)).status, 303);
  });
});

describe('dialogs in cookies of their own', () => {
  const transactions = cookieTransactions();
  const setup: Setup = { options: { transactions }, session: false };

  it('wait without any session, and are answered once', async () => {
    const { app } = authorizationServer(setup);
    const { authorize, decide } = browser(app);
    const dialog = await authorize();
    assertSmall(dialog.headers);
    const { transactionID } = dialog.body;
    assert.equal((dialog.headers['set-cookie'] as unknown as string[]).join().includes(transactionID), false);
    assert.equal((await decide(transactionID)).status, 303);
    assertErrorHere(await decide(transactionID), 403, 'access_denied');
  });

  it('RFC 6749 §10.12 another browser does not answer them', async () => {
    const { app } = authorizationServer(setup);
    const { transactionID } = (await browser(app).authorize()).body;
    assertErrorHere(await browser(app).decide(transactionID), 403, 'access_denied');
  });

  it('a cookie that was changed counts for nothing', async () => {
    const { app } = authorizationServer(setup);
    const dialog = await browser(app).authorize();
    const [cookie = '', signature = ''] = (dialog.headers['set-cookie'] as unknown as string[]).map(
      (line) => line.split(';')[0] ?? '',
    );
    const [name, value = ''] = cookie.split('=');
    const record = JSON.parse(Buffer.from(value, 'base64url').toString());
    const changed = { ...record, redirectURI: 'https://other.example/callback' };
    const forged = `${name}=${Buffer.from(JSON.stringify(changed)).toString('base64url')}`;
    const decide = (shown: string) =>
      request(app.callback())
        .post('/decision')
        .set('X-User', 'alice')
        .set('Cookie', `${shown}; ${signature}`)
        .type('form')
        .send({ transaction_id: dialog.body.transactionID });
    assertErrorHere(await decide(forged), 403, 'access_denied');
    assert.equal((await decide(cookie)).status, 303);
  });

  it('no more than eight, and no more than 4 KB of them: the oldest goes first', async () => {
    let now = 1_700_000_000;
    const { app } = authorizationServer({ ...setup, options: { transactions, now: () => now } });
    const { authorize, decide, agent } = browser(app);
    const ids: string[] = [];
    for (let count = 0; count < 12; count++) {
      now += 1;
      ids.push((await authorize()).body.transactionID);
    }
    const sent = agent.jar.getCookies({ domain: '127.0.0.1', path: '/', secure: false, script: false }).toValueString();
    assert.ok(sent.length <= 4096, `${sent.length} bytes`);
    assert.equal((await decide(ids[0])).status, 403);
    assert.equal((await decide(ids[11])).status, 303);
    assert.equal((await decide(ids[10])).status, 303);
  });

  it('a request that no cookie can hold is told to the client, and the others still wait', async () => {
    const { app } = authorizationServer(setup);
    const { authorize, decide } = browser(app);
    const { body } = await authorize();
    const refused = await authorize({ state: 'x'.repeat(3000) });
    assert.ok(refused.headers['location']?.startsWith(`${CALLBACK}?error=invalid_request`));
    assert.equal((await decide(body.transactionID)).status, 303);
  });

  it('are not read by ctx.cookies.get, which keeps something of each name as long as the process lives', async () => {
    const asked: string[] = [];
    const watch: Middleware = (ctx, next) => {
      const { cookies } = ctx;
      const get = cookies.get.bind(cookies);
      cookies.get = (name, options) => {
        asked.push(name);
        return get(name, options);
      };
      return next();
    };
    const { app } = authorizationServer({ ...setup, session: () => watch });
    const { authorize, decide } = browser(app);
    await authorize();
    assert.equal((await decide((await authorize()).body.transactionID)).status, 303);
    assert.deepEqual(asked, []);
  });

  it('a stranger who sends hundreds of names gets few back, and the dialogs of a browser stay', async () => {
    const { app } = authorizationServer(setup);
    const dialog = await browser(app).authorize();
    const cookies = (dialog.headers['set-cookie'] as unknown as string[]).map((line) => line.split(';')[0] ?? '');
    const [name = ''] = cookies[0]?.split('=') ?? [];
    const made = Array.from({ length: 150 }, (_, i) => `${name.slice(0, -3)}${String(i).padStart(3, '0')}=x`);
    const other = Array.from({ length: 150 }, (_, i) => `${name.slice(0, -22)}${i}=x`);
    const sent = [...made, ...other, ...made.map((one) => one.replace('=', '.sig=')), ...cookies].join('; ');
    const further = await browser(app).authorize().set('Cookie', sent);
    assert.equal(further.status, 200);
    const answered = further.headers['set-cookie'] as unknown as string[];
    assert.ok(answered.length <= 2 * 16, `${answered.length} cookies`);
    assert.deepEqual(
      answered.filter((line) => line.startsWith(`${name}=`)),
      [],
    );
    const decided = await request(app.callback())
      .post('/decision')
      .set({ 'X-User': 'alice', Cookie: sent })
      .type('form')
      .send({ transaction_id: dialog.body.transactionID });
    assert.equal(decided.status, 303);
  });

  describe('of many cookies', () => {
    let verified = 0;
    const count: Middleware = (ctx, next) => {
      const { keys } = ctx.cookies as unknown as { keys: { index(data: string, signature: string): number } };
      const index = keys.index.bind(keys);
      keys.index = (...args) => {
        verified += 1;
        return index(...args);
      };
      return next();
    };

    /** A browser in which as many dialogs wait as may, and what one more request changes in its cookies. */
    async function full() {
      let now = 1_700_000_000;
      const options = { transactions, now: () => now };
      const { app } = authorizationServer({ options, session: () => count });
      const { authorize, agent } = browser(app);
      for (let dialog = 0; dialog < 8; dialog++) {
        now += 1;
        await authorize();
      }
      const own = agent.jar.getCookies({ domain: '127.0.0.1', path: '/', secure: false, script: false });
      const names = own.map(({ name }) => name).filter((name) => !name.endsWith('.sig'));
      const changedBy = async (planted: readonly string[]) => {
        verified = 0;
        const headers = { 'X-User': 'alice', Cookie: [...planted, own.toValueString()].join('; ') };
        const { headers: answered } = await request(app.callback())
          .get('/authorize')
          .query(REQUEST)
          .set(headers)
          .expect(200);
        const set = (answered['set-cookie'] as unknown as string[]).map((line) => line.split('=')[0] ?? '');
        assert.ok(set.length <= 2 * 16, `${set.length} cookies`);
        return names.filter((name) => set.includes(name));
      };
      return { names, changedBy };
    }

    /** Cookies as another host of the domain plants them, or a stranger sends them. */
    const plant = (number: number, like: string, at: unknown): string[] =>
      Array.from({ length: number }, (_, i) => {
        const name = `${like.slice(0, -3)}${String(i).padStart(3, '0')}`;
        return `${name}=${Buffer.from(JSON.stringify({ at })).toString('base64url')}; ${name}.sig=${'x'.repeat(27)}`;
      });

    it('no more than 16 signatures are verified', async () => {
      const { names, changedBy } = await full();
      for (const at of [0, 9_999_999_999, 'x']) {
        await changedBy(plant(60, names[0] ?? '', at));
        assert.ok(verified <= 16, `${verified} signatures`);
      }
    });

    it('those that this server has not signed push out no dialog, whatever they say of themselves', async () => {
      const { names, changedBy } = await full();
      const usual = await changedBy([]);
      assert.ok(usual.length > 0 && usual.length < names.length, usual.join());
      for (const at of [0, 'x', null, undefined])
        for (const number of [10, 60])
          assert.deepEqual(await changedBy(plant(number, names[0] ?? '', at)), usual, `${number} of ${at}`);
      for (const number of [10, 60]) {
        const more = (await changedBy(plant(number, names[0] ?? '', 9_999_999_999))).filter(
          (one) => !usual.includes(one),
        );
        assert.deepEqual(more, [], `${number} of the future`);
      }
    });
  });

  it('are resumed under the same ID', async () => {
    const { app } = authorizationServer({ ...setup, resume: (server) => server.resume(() => false) });
    const { agent, authorize, decide } = browser(app);
    const { transactionID } = (await authorize()).body;
    const drawn = await agent.get('/resume').query({ transaction_id: transactionID }).set('X-User', 'alice');
    assert.equal(drawn.body.transactionID, transactionID);
    assert.equal((await decide(transactionID)).status, 303);
  });
});
