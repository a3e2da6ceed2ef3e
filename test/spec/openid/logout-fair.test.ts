/** OpenID Connect Back-Channel Logout: clients whose hosts are silent, of strangers, and the logouts of others. */
import assert from 'node:assert/strict';
import type { Fetch } from 'koauthorize/extending';
import type { KeySet } from 'koauthorize/tokens';
import { Turns } from '../../../lib/extension/logout/turns.js';
import { type App, CLIENT } from '../../support/authorization-server.js';
import { logoutServer } from '../../support/logout-server.js';
import { rsaKeys } from '../../support/openid-server.js';

/** Hosts that answer when the test says so, in the order in which they were asked. */
function silentHosts() {
  const asked: string[] = [];
  const answers: ((response: Response) => void)[] = [];
  const fetch: Fetch = (url) => {
    asked.push(new URL(url).host);
    return new Promise((resolve) => answers.push(resolve));
  };
  return { asked, fetch, answer: () => answers.shift()?.(new Response('')) };
}

const clientAt = (host: string): App =>
  Object.assign({}, CLIENT, { client_id: host, backchannel_logout_uri: `https://${host}/` });

const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

describe('OpenID Connect Back-Channel Logout: clients of strangers that do not answer', () => {
  let keys: KeySet;
  before(async () => {
    keys = await rsaKeys();
  });

  /** Users who log out one after the other, each from so many clients of hosts of their own. */
  async function out(users: Readonly<Record<string, number>>) {
    const hosts = silentHosts();
    const all = Object.entries(users).map(([user, count]) => ({
      user,
      apps: Array.from({ length: count }, (_, i) => clientAt(`${user}-${i}.example`)),
    }));
    const options = { fetch: hosts.fetch, wait: 0.01, timeout: 60 };
    const server = logoutServer({
      keys,
      clients: all.flatMap(({ apps }) => apps.map((app) => ({ ...app }))),
      logout: options,
    });
    for (const { user, apps } of all) {
      const person = server.person();
      await person.login(user, `session of ${user}`);
      for (const app of apps) await person.connect(app);
      await person.answer((await person.logout()).body.page.id).expect(200);
    }
    return hosts;
  }

  it('a user with many such clients delays nobody else', async () => {
    const { asked } = await out({ mallory: 80, alice: 1 });
    while (asked.length < 17) await soon();
    assert.deepEqual([asked.length, asked.at(-1)], [17, 'alice-0.example']);
  });

  it('where many such users hold all places, those that get free are shared between users in turn', async () => {
    const { asked, answer } = await out({ m1: 20, m2: 20, m3: 20, m4: 20, alice: 2 });
    assert.equal(asked.length, 64);
    for (let i = 0; i < 4; i++) {
      answer(); // of the first who asked, m1
      while (asked.length < 65 + i) await soon();
    }
    assert.deepEqual(
      asked.slice(64).map((host) => host.split('.')[0]),
      ['m1-16', 'alice-0', 'm1-17', 'alice-1'],
    );
  });
});

describe('the turns of logout tokens', () => {
  const never = () => new Promise<never>(() => {});

  it('where too much waits, those go that wait for the user with the most', async () => {
    const turns = new Turns();
    const refused = new Map<string, number>();
    const wait = (user: string, host: string) =>
      turns.take({ user, host }, never).catch((error: Error) => {
        assert.match(error.message, /2000 logout tokens wait/);
        refused.set(user, (refused.get(user) ?? 0) + 1);
      });
    for (let i = 0; i < 2016; i++) wait('mallory', `m${i}`);
    for (let i = 0; i < 300; i++) wait('eve', 'one host'); // 4 of them go
    for (let i = 0; i < 50; i++) wait('alice', 'one host');
    wait('mallory', 'another host');
    await soon();
    assert.deepEqual([...refused], [['mallory', 296 + 50 + 1]]);
  });

  it('where everybody waits for one, who comes last is refused; and there is room again once one has gone', async () => {
    const turns = new Turns();
    const went: string[] = [];
    const ends: (() => void)[] = [];
    const go = (user: string) =>
      turns.take({ user, host: user }, () => {
        went.push(user);
        return new Promise<void>((resolve) => ends.push(resolve));
      });
    for (let i = 0; i < 2064; i++) go(`user ${i}`);
    await soon();
    await assert.rejects(go('late'), /2000 logout tokens wait/);
    assert.equal(went.length, 64);
    ends[0]?.();
    await soon();
    go('in time');
    for (const end of ends) end();
    while (!went.includes('in time')) {
      for (const end of ends) end();
      await soon();
    }
    assert.equal(went.length, 2065);
  });

  it('a host that has its share of places is passed over, and each place goes to who may have it', async () => {
    const turns = new Turns();
    const went: string[] = [];
    const ends: (() => void)[] = [];
    const go = (user: string, host: string) =>
      turns.take({ user, host }, () => {
        went.push(`${user} ${host}`);
        return new Promise<void>((resolve) => ends.push(resolve));
      });
    for (let i = 0; i < 4; i++) go('mallory', 'slow');
    for (let i = 0; i < 12; i++) go('mallory', `m${i}`);
    go('mallory', 'last');
    go('alice', 'slow');
    go('alice', 'fast');
    await soon();
    assert.deepEqual(went.slice(16), ['alice fast']);
    ends[0]?.();
    await soon();
    assert.deepEqual(went.slice(17).sort(), ['alice slow', 'mallory last']);
  });

  it('what fails gives its place back', async () => {
    const turns = new Turns();
    const fail = (host: string) => turns.take({ user: 'alice', host }, () => Promise.reject(new Error('no')));
    for (let i = 0; i < 100; i++) await assert.rejects(fail('one host'), /no/);
    assert.equal(await turns.take({ user: 'alice', host: 'one host' }, async () => 1), 1);
  });
});
