/** OpenID Connect Core §2, §3.1.2.1: after a login that a request has forced, auth_time is that of this login, whatever other tabs do. */
import assert from 'node:assert/strict';
import session, { type CreateSessionOptions } from 'koa-session';
import type { AuthenticationEvent } from 'koauthorize';
import type { KeySet } from 'koauthorize/tokens';
import { exchangeCode, redirected } from '../../support/authorization-server.js';
import { assertErrorHere } from '../../support/form.js';
import { openidServer, rsaKeys } from '../../support/openid-server.js';

const OLD = 1000;

describe('OpenID Connect Core §3.1.2.1: auth_time of a login that was forced', () => {
  let keys: KeySet;
  before(async () => {
    keys = await rsaKeys();
  });

  /** Users who logged in long ago, and tabs of one browser. */
  function made() {
    const kept = new Map<string, unknown>(); // requests at the same moment would overwrite a session that is a cookie
    const store = {
      get: async (key: string) => structuredClone(kept.get(key)),
      set: async (key: string, value: unknown) => void kept.set(key, structuredClone(value)),
      destroy: async (key: string) => void kept.delete(key),
    };
    const server = openidServer({ keys, session: (app) => session({ store } as CreateSessionOptions, app) });
    const before: AuthenticationEvent = { authenticatedAt: server.clock.now - OLD };
    for (const user of ['alice', 'bob']) server.logins.set(user, before);
    const { open, resume, decide } = server.visitor();
    const claimsOf = async (code: string | undefined) =>
      server.verified((await exchangeCode(server.app, code).expect(200)).body.id_token);
    return {
      ...server,
      open,
      resume,
      decide,
      /** The session has the login of before again: a tab whose request began before the login has saved it. */
      putBack: (user: string) => void server.logins.set(user, before),
      /** A login, some seconds later. @returns its time */
      login(user: string): number {
        server.clock.now += 5;
        server.logins.set(user, { authenticatedAt: server.clock.now });
        return server.clock.now;
      },
      async allowed(transactionID: string, user: string) {
        const { sub, auth_time: at } = await claimsOf(redirected(await decide(transactionID, user))['code']);
        return { sub, at };
      },
      async hintOf(user: string): Promise<string> {
        const { transactionID } = (await open({}, user)).body;
        const { code } = redirected(await decide(transactionID, user));
        return (await exchangeCode(server.app, code).expect(200)).body.id_token;
      },
    };
  }

  const WAYS = {
    'prompt=login': async () => ({ prompt: 'login' }),
    'max_age=0': async () => ({ max_age: '0' }),
    'max_age=60': async () => ({ max_age: '60' }),
    'id_token_hint of bob': async ({ hintOf }: ReturnType<typeof made>) => ({ id_token_hint: await hintOf('bob') }),
  } as const;

  for (const [way, paramsFor] of Object.entries(WAYS)) {
    const [first, then] = way === 'id_token_hint of bob' ? ['alice', 'bob'] : ['alice', 'alice'];

    it(`${way}: it is the new one`, async () => {
      const server = made();
      const { transactionID, prompts } = (await server.open(await paramsFor(server), first)).body;
      assert.deepEqual(prompts, ['login']);
      const at = server.login(then);
      assert.deepEqual((await server.resume(transactionID, then, 'login')).body.prompts, ['consent']);
      assert.deepEqual(await server.allowed(transactionID, then), { sub: then, at });
    });

    it(`${way}: if another tab restores the old session, nothing is issued before another login`, async () => {
      const server = made();
      const { transactionID } = (await server.open(await paramsFor(server), first)).body;
      server.login(then);
      await server.resume(transactionID, then, 'login');
      server.putBack(then);
      // after an id_token_hint any login of bob will do, and it is the one of before: another tab is then as alice was
      const tab = then === first ? then : first;
      assertErrorHere(await server.decide(transactionID, tab), 403, 'access_denied');
      const resumed = await server.resume(transactionID, tab);
      if (tab === then) assert.deepEqual(resumed.body.prompts, ['login']);
      else assertErrorHere(resumed, 403, 'access_denied');
      const at = server.login(then);
      assert.deepEqual((await server.resume(transactionID, then, 'login')).body.prompts, ['consent']);
      assert.deepEqual(await server.allowed(transactionID, then), { sub: then, at });
    });

    it(`${way}: one login is the login of two tabs that wait, and of both at the same moment`, async () => {
      const server = made();
      const params = await paramsFor(server);
      const one = (await server.open(params, first)).body.transactionID;
      const two = (await server.open(params, first)).body.transactionID;
      const at = server.login(then);
      const [mine, its] = await Promise.all([server.resume(one, then, 'login'), server.resume(two, then, 'login')]);
      assert.deepEqual([mine.body.prompts, its.body.prompts], [['consent'], ['consent']]);
      const tokens = await Promise.all([one, two].map((id) => server.allowed(id, then)));
      assert.deepEqual(tokens, [
        { sub: then, at },
        { sub: then, at },
      ]);
    });
  }

  it('a tab that asked for no login keeps the time of the login that it was allowed with', async () => {
    const server = made();
    const [plain, forced] = [
      (await server.open({}, 'alice')).body.transactionID,
      (await server.open({ prompt: 'login' }, 'alice')).body.transactionID,
    ];
    assert.deepEqual(await server.allowed(plain, 'alice'), { sub: 'alice', at: server.clock.now - OLD });
    const at = server.login('alice');
    await server.resume(forced, 'alice', 'login');
    assert.deepEqual(await server.allowed(forced, 'alice'), { sub: 'alice', at });
  });

  it('prompt=login: what the application says is done does not count where the login is still that of before', async () => {
    const server = made();
    const { transactionID } = (await server.open({ prompt: 'login' }, 'alice')).body;
    server.clock.now += 5;
    assert.deepEqual((await server.resume(transactionID, 'alice', 'login')).body.prompts, ['login']);
    assertErrorHere(await server.decide(transactionID, 'alice'), 403, 'access_denied');
  });

  it('and the operator gets a process warning, once, with a code of its own', async () => {
    const program = `
      import { openidServer, rsaKeys } from './test/support/openid-server.js';
      const { visitor, logins, clock } = openidServer({ keys: await rsaKeys() });
      logins.set('alice', { authenticatedAt: clock.now - 1000 });
      process.on('warning', ({ code, name }) => { if (code) console.log(name, code); });
      const { open, resume } = visitor();
      const { transactionID } = (await open({ prompt: 'login' }, 'alice')).body;
      for (const _ of [1, 2]) await resume(transactionID, 'alice', 'login');
      process.exit();`;
    const { node } = await import('../../run.js');
    const { stdout, output } = await node(['--import', './test/register.mjs', '--input-type=module', '-e', program]);
    const said = stdout.split('\n').filter((line) => line.includes('LOGIN'));
    assert.deepEqual(said, ['KoauthorizeWarning KOAUTHORIZE_OLD_LOGIN'], output);
  });

  /** The warnings of a program in which alice opens a request and comes back by `server.resume()`. */
  async function warned(params: object, setup = ''): Promise<readonly string[]> {
    const program = `
      import { openidServer, rsaKeys } from './test/support/openid-server.js';
      const { visitor, logins, clock } = openidServer({ keys: await rsaKeys() });
      process.on('warning', ({ code, message }) => { if (code) console.log(code, message); });
      ${setup}
      const { open, resume } = visitor();
      const { transactionID } = (await open(${JSON.stringify(params)}, 'alice')).body;
      console.log('the first page');
      for (const _ of [1, 2]) await resume(transactionID, 'alice');
      process.exit();`;
    const { node } = await import('../../run.js');
    const { stdout } = await node(['--import', './test/register.mjs', '--input-type=module', '-e', program]);
    return stdout.split('\n').filter((line) => /LOGIN|page/.test(line));
  }

  for (const params of [{ prompt: 'login' }, { max_age: '60' }])
    it(`${JSON.stringify(params)}: where nothing says that anybody has logged in, the operator is told once, and not at the first page`, async () => {
      const [first, told, ...more] = await warned(params);
      assert.deepEqual([first, more], ['the first page', []]);
      assert.match(told ?? '', /^KOAUTHORIZE_LOGIN_UNKNOWN .*done: \["login"\].*authenticatedAt/);
    });

  it('prompt=login: where the application says when users logged in, or nobody has, the operator is told nothing', async () => {
    const old = "logins.set('alice', { authenticatedAt: clock.now - 1000 });";
    assert.deepEqual(await warned({ prompt: 'login' }, old), ['the first page']);
    assert.deepEqual(await warned({ prompt: 'select_account' }), ['the first page']);
    const claims = JSON.stringify({ id_token: { sub: { value: 'bob' } } });
    assert.deepEqual(await warned({ prompt: 'login', claims }), ['the first page'], 'bob has not come yet');
  });

  it('prompt=login: a time in milliseconds is not fresh for ever: the operator is told', async () => {
    const server = made();
    server.logins.set('alice', { authenticatedAt: server.clock.now * 1000 });
    assert.equal(redirected(await server.open({ prompt: 'login' }, 'alice'))['error'], 'server_error');
    assert.match(String(server.errors[0]), /^TypeError: .*authenticatedAt is in epoch seconds/);
  });
});
