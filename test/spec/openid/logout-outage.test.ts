/** A logout while what keeps tokens or clients does not answer: it is tried again, and the operator is told what has not ended. */
import assert from 'node:assert/strict';
import { type KeySet, StoreUnavailableError } from 'koauthorize/tokens';
import { type App, CALLBACK, CLIENT, OTHER } from '../../support/authorization-server.js';
import { type LogoutSetup, logoutServer, RETURNING } from '../../support/logout-server.js';
import { rsaKeys } from '../../support/openid-server.js';
import { type Method, watched } from '../../support/token-store.js';

const TOLD = {
  backchannel_logout_uri: 'https://client.example/logout',
  frontchannel_logout_uri: new URL('/logout', CALLBACK).href,
};

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('OpenID Connect Back-Channel Logout: a logout while a store fails', () => {
  let keys: KeySet;
  before(async () => {
    keys = await rsaKeys();
  });

  /** Alice at two clients; what was asked by these names fails so many times once her logout has begun. */
  async function made(fails: Partial<Record<Method | 'find' | 'subject', number>>, setup: Partial<LogoutSetup> = {}) {
    let left: Partial<Record<string, number>> = {};
    const orFail = <T>(what: string, call: () => T): T | Promise<never> => {
      const times = left[what] ?? 0;
      left[what] = times - 1;
      return times > 0 ? Promise.reject(new StoreUnavailableError('the disk is on fire')) : call();
    };
    const told: string[] = [];
    const fetch = async (url: string) => {
      told.push(url);
      return new Response('');
    };
    const clients = [{ ...RETURNING, ...TOLD }, { ...OTHER }];
    const find = (id: string): App | undefined | Promise<never> =>
      orFail(id === CLIENT.client_id ? 'find' : '', () => clients.find(({ client_id }) => client_id === id));
    const server = logoutServer({
      keys,
      clients,
      store: watched((method, _args, call) => orFail(method, call)),
      options: { clients: { find } },
      plug(server) {
        server.extend({ name: 'names', outwardSubject: () => orFail('subject', () => undefined) });
      },
      ...setup,
      logout: { fetch, ...setup.logout },
    });
    const alice = server.person();
    await alice.login();
    const issued = [await alice.connect(), await alice.connect(OTHER)];
    const ended: string[] = [];
    server.tokens.events.on('familyRevoked', ({ authorizationID = '' }) => ended.push(authorizationID));
    const alive = async () =>
      (await Promise.all(issued.map((one) => server.tokens.verify(one.access_token)))).flatMap((one) => one ?? []);
    const out = async () => {
      const { body } = await alice.logout();
      left = { ...fails };
      return (await alice.answer(body.page.id).expect(200)).body.page;
    };
    return { ...server, told, ended, alive, out };
  }

  it('what the session allowed is found, and ends, though the store fails for a moment; and its clients are told, once', async () => {
    const tried = (['list', 'revoke', 'find', 'subject'] as const).map(async (what) => {
      const { out, told, ended, errors, alive } = await made({ [what]: 1 });
      const page = await out();
      assert.deepEqual([page.isOver, page.frontChannel.length], [true, 1], what);
      await until(async () => (await alive()).length === 0 && told.length > 0);
      assert.deepEqual([told.length, ended.length, errors.length], [1, 2, 0], what);
    });
    await Promise.all(tried);
  });

  it('a client that is not found keeps nothing alive, and no other one waiting', async () => {
    const { out, ended, alive, told, errors } = await made({ find: 3 }, { logout: { wait: 0.1 } });
    const page = await out();
    assert.deepEqual([page.isOver, page.frontChannel], [true, []]);
    assert.deepEqual([ended.length, await alive()], [2, []]);
    await until(() => errors.length > 0);
    assert.match(String(errors), /client client was not told of a logout: .*the disk is on fire/);
    assert.deepEqual([told.length, errors.length], [0, 1]);
  });

  it('the page waits until every client was looked up once, however short the user waits for the clients', async () => {
    const slow = async (id: string) => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      return [{ ...RETURNING, ...TOLD }, OTHER].find(({ client_id }) => client_id === id);
    };
    const { out } = await made({}, { logout: { wait: 0.001 }, options: { clients: { find: slow } } });
    assert.equal((await out()).frontChannel.length, 1);
  });

  it('a page that has been sent before its client was found is the operator’s to know', async () => {
    const { out, told, errors } = await made({ find: 1 }, { logout: { wait: 0.1 } });
    assert.deepEqual((await out()).frontChannel, []);
    await until(() => told.length > 0 && errors.length > 0);
    assert.match(
      String(errors),
      /client client was not told of a logout: .* the page of the front channel had been sent/,
    );
  });

  it('the operator is told whose session it was, and which authorizations have not ended', async () => {
    const [listing, revoking] = await Promise.all([made({ list: 3 }), made({ revoke: 5 })]);
    await Promise.all([listing.out(), revoking.out()]);
    await until(() => listing.errors.length > 0 && revoking.errors.length > 0);
    const [unlisted, unrevoked] = [String(listing.errors), String(revoking.errors)];
    for (const told of [unlisted, unrevoked])
      assert.match(told, /the user "alice" allowed in the session "session 1" has not ended.*the disk is on fire/);
    const [left, ...others] = await revoking.alive();
    assert.ok(left && others.length === 0);
    assert.ok(unrevoked.includes(left.authorizationID), unrevoked);
    assert.equal(revoking.ended.length, 1, 'what has ended is not ended again');
    assert.equal(unrevoked.includes(revoking.ended[0] ?? ''), false);
  });
});
