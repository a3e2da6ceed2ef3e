/** A login gives the session a new key, against session fixation; the dialogs that wait in it go on, and only those that may. */
import assert from 'node:assert/strict';
import type Koa from 'koa';
import type { Context, Middleware } from 'koa';
import passport from 'koa-passport';
import session from 'koa-session';
import { cookieTransactions } from 'koauthorize';
import { memoryStore, storedTransactions } from 'koauthorize/tokens';
import { authorizationServer, browser, redirected, type Setup, type User } from '../../support/authorization-server.js';
import { assertErrorHere } from '../../support/form.js';
import { transactionStore, Unavailable } from '../../support/transaction-store.js';

const sessionStore = (sessions: Map<string, string>) => ({
  get: async (key: string) => JSON.parse(sessions.get(key) ?? 'null'),
  set: async (key: string, value: unknown) => void sessions.set(key, JSON.stringify(value)),
  destroy: async (key: string) => void sessions.delete(key),
});

function withStore(app: Koa): Middleware {
  return session({ store: sessionStore(new Map()) }, app);
}

function withContextStore(app: Koa): Middleware {
  const store = sessionStore(new Map());
  class Store {
    async get(key: string) {
      return store.get(key);
    }
    async set(key: string, value: unknown) {
      return store.set(key, value);
    }
    async destroy(key: string) {
      return store.destroy(key);
    }
  }
  return session({ ContextStore: Store }, app);
}

/** As express-session does it: what is renewed is empty. */
function emptied(): Middleware {
  const sessions = new Map<string, object>();
  let count = 0;
  return async (ctx, next) => {
    const use = (data: object): void => {
      const renew = async (done?: () => void) => {
        count += 1;
        ctx.cookies.set('sid', `${count}`);
        const empty = {};
        sessions.set(`${count}`, empty);
        use(empty);
        done?.();
      };
      const save = (done?: () => void) => done?.();
      for (const [name, value] of Object.entries({ regenerate: renew, save }))
        Object.defineProperty(data, name, { value, configurable: true });
      ctx['session'] = data;
    };
    const known = sessions.get(ctx.cookies.get('sid') ?? '');
    use(known ?? {});
    if (!known) await ctx['session'].regenerate();
    await next();
  };
}

/** An application's store, bound to the session's key, as docs/sessions-and-transactions.md has it. */
const ofSession = (ctx: Context): string => String(ctx['session'].externalKey);

interface Kind {
  readonly title: string;
  readonly setup: () => Setup;
}

const KINDS: readonly Kind[] = [
  { title: 'koa-session in a cookie', setup: () => ({}) },
  { title: 'koa-session with a store', setup: () => ({ session: withStore }) },
  { title: 'koa-session with a ContextStore', setup: () => ({ session: withContextStore }) },
  { title: 'a session that is empty when it is renewed', setup: () => ({ session: emptied }) },
  {
    title: 'a store of the application, bound to the key of the session',
    setup: () => ({ session: withStore, options: { transactions: transactionStore(ofSession).transactions } }),
  },
  {
    title: 'the store of tokens',
    setup: () => ({ session: withStore, options: { transactions: storedTransactions(memoryStore()) } }),
  },
  { title: 'cookies of their own', setup: () => ({ options: { transactions: cookieTransactions() } }) },
];

/** How the application renews its session. */
const RENEWALS: readonly (readonly [how: string, renew: (ctx: Context, user: User) => Promise<void>])[] = [
  [
    'by regenerate()',
    async (ctx, user) => {
      await ctx['session'].regenerate();
      ctx.state['user'] = user;
    },
  ],
  [
    'by ctx.login of koa-passport, with a session emptied before',
    async (ctx, user) => {
      if ('externalKey' in ctx['session']) ctx['session'] = {};
      await ctx['login'](user);
    },
  ],
];

/** A server with a login: the dialog begins, the user logs in, the dialog goes on. */
function withLogin(setup: Setup, renew: (ctx: Context, user: User) => Promise<void>) {
  const auth = new passport.KoaPassport();
  auth.serializeUser((user, done) => done(null, (user as User).id));
  const keys: unknown[] = [];
  const made = authorizationServer({
    ...setup,
    resume: (server) => server.resume(() => false),
    routes(router, server) {
      router.get('/login', auth.initialize(), async (ctx) => {
        const { user: id, transaction_id, done } = ctx.query;
        const user = { id: String(id), name: `User ${id}` };
        const before = ctx['session']?.externalKey;
        const named = typeof transaction_id === 'string' ? { transactionID: transaction_id } : {};
        const options = typeof done === 'string' ? { ...named, done: [done] } : named;
        const transactionID = await server.renewSession(
          ctx as unknown as Context,
          () => renew(ctx as unknown as Context, user),
          options,
        );
        keys.push([before, ctx['session']?.externalKey]);
        ctx.body = { transactionID };
      });
    },
  });
  const visitor = (user: string) => {
    const { agent, authorize } = browser(made.app, user);
    const as = (name: string, transactionID: string) =>
      agent.post('/decision').set('X-User', name).type('form').send({ transaction_id: transactionID });
    const login = (name: string, transactionID?: string, done?: string) =>
      agent.get('/login').query({ user: name, ...(transactionID && { transaction_id: transactionID }), done });
    const resume = (name: string, transactionID: string) =>
      agent.get('/resume').query({ transaction_id: transactionID }).set('X-User', name);
    return { begin: async () => (await authorize()).body.transactionID as string, agent, authorize, as, login, resume };
  };
  return { ...made, visitor, keys };
}

for (const { title, setup } of KINDS) {
  for (const [how, renew] of RENEWALS) {
    describe(`a login that renews the session ${how}: ${title}`, () => {
      it('a dialog that began before anybody was logged in goes on, under a new ID', async () => {
        const { visitor, keys } = withLogin(setup(), renew);
        const { begin, as, login, resume } = visitor('');
        const before = await begin();
        const { transactionID } = (await login('alice', before)).body;
        assert.ok(transactionID && transactionID !== before);
        for (const [old, now] of keys as [unknown, unknown][]) if (old) assert.notEqual(now, old);
        assert.equal((await resume('alice', transactionID)).body.transactionID, transactionID);
        const answered = await as('alice', transactionID);
        assert.ok(redirected(answered)['code'], answered.text);
        assertErrorHere(await as('alice', before), 403, 'access_denied');
      });

      it('step-up: the same user logs in again, and all of theirs goes on under its ID', async () => {
        const { visitor } = withLogin(setup(), renew);
        const { begin, as, login } = visitor('alice');
        const [one, other] = [await begin(), await begin()];
        assert.equal((await login('alice', one)).body.transactionID, one);
        for (const id of [one, other]) assert.equal((await as('alice', id)).status, 303);
      });

      it('another user logs in: a dialog that was shown to the first user does not continue', async () => {
        const { visitor } = withLogin(setup(), renew);
        const { begin, as, login } = visitor('alice');
        const before = await begin();
        assert.equal((await login('bob', before)).body.transactionID, undefined);
        assertErrorHere(await as('bob', before), 403, 'access_denied');
      });

      it('another user logs in for the dialog: it continues for that user only, under a new ID', async () => {
        const { visitor } = withLogin(setup(), renew);
        const { begin, as, login } = visitor('alice');
        const [before, other] = [await begin(), await begin()];
        const { transactionID } = (await login('bob', before, 'select_account')).body;
        assert.ok(transactionID && transactionID !== before);
        for (const [name, id] of [
          ['alice', transactionID],
          ['bob', before],
          ['bob', other],
        ] as const)
          assertErrorHere(await as(name, id), 403, 'access_denied');
        assert.ok(redirected(await as('bob', transactionID))['code']);
      });

      it('another user logs in, and has done something else: what was shown to the first does not go on', async () => {
        const { visitor } = withLogin(setup(), renew);
        const { begin, login } = visitor('alice');
        assert.equal((await login('bob', await begin(), 'mfa')).body.transactionID, undefined);
      });
    });
  }
}

describe('a login that renews the session', () => {
  const [, [, renew] = [undefined, async () => {}]] = RENEWALS;

  it('session fixation: a dialog that somebody else began in the old session is carried over only if the login names it', async () => {
    const { visitor } = withLogin({ session: withStore }, renew);
    const { begin, as, login } = visitor('');
    const planted = await begin();
    const own = await begin();
    const { transactionID } = (await login('alice', own)).body;
    assertErrorHere(await as('alice', planted), 403, 'access_denied');
    assert.equal((await as('alice', transactionID)).status, 303);
  });

  it('session fixation: what somebody else begins afterwards, with the cookie of before, is not found either', async () => {
    const { visitor } = withLogin({ options: { transactions: storedTransactions(memoryStore()) } }, renew);
    const [victim, attacker] = [visitor(''), visitor('')];
    const first = await victim.authorize();
    const planted = (first.headers['set-cookie'] as unknown as string[]).map((line) => line.split(';')[0]).join('; ');
    await victim.login('alice', first.body.transactionID);
    const { body } = await attacker.authorize().set('Cookie', planted);
    assertErrorHere(await victim.as('alice', body.transactionID), 403, 'access_denied');
    const known = await attacker.agent
      .post('/decision')
      .set({ Cookie: planted, 'X-User': 'alice' })
      .type('form')
      .send({ transaction_id: body.transactionID });
    assert.equal(known.status, 303); // the attacker's browser has the dialog
  });

  it('that fails leaves everything as it was', async () => {
    const { visitor } = withLogin({ session: withStore }, async () => {
      throw new Unavailable('The database does not answer');
    });
    const { begin, as, login } = visitor('alice');
    const before = await begin();
    assert.equal((await login('alice', before)).status, 503);
    assert.equal((await as('alice', before)).status, 303);
  });

  it('a misspelt word of done is the application’s mistake, and the session stays as it was', async () => {
    let isRenewed = false;
    const { visitor } = withLogin({ session: withStore }, async () => {
      isRenewed = true;
    });
    const { begin, login } = visitor('alice');
    assert.deepEqual([(await login('bob', await begin(), 'Login')).status, isRenewed], [500, false]);
  });

  it('an ID that waits nowhere, or none, is no error', async () => {
    const { visitor } = withLogin({ session: withStore }, renew);
    for (const id of [undefined, 'AAAAAAAAAAAAAAAAAAAAAA']) {
      const { status, body } = await visitor('').login('alice', id);
      assert.deepEqual([status, body], [200, {}]);
    }
  });
});
