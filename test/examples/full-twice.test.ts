/** Forms of the full example that are sent twice: a double click, or a browser that tries again because no answer came. */
import assert from 'node:assert/strict';
import { partition } from 'koauthorize/tokens';
import { ALICE, type RunningFull, startFull } from '../support/full.js';
import { Agent, type Form, formIn, type Page } from '../support/full-agent.js';

describe('a form of the full example that is sent twice', () => {
  let full: RunningFull;
  let base: RunningFull;
  let sessions: Set<string>;
  let agent: Agent;
  beforeEach(async () => {
    base = await startFull();
    sessions = new Set();
    const { documents } = base.storage;
    const set: typeof documents.set = (key, value, seconds) => {
      if (key.startsWith('session:')) sessions.add(key);
      return documents.set(key, value, seconds);
    };
    full = await startFull({
      storage: {
        ...base.storage,
        tokens: partition(base.storage.tokens, 'another issuer'),
        documents: { ...documents, set },
      },
    });
    agent = new Agent(full.url);
  });
  afterEach(async () => {
    await full.stop();
    await base.stop();
  });

  /** The same browser: the cookies of before the form was sent. */
  const sameBrowser = (): Agent => {
    const other = new Agent(full.url);
    for (const [name, value] of agent.cookies) other.cookies.set(name, value);
    return other;
  };

  describe('the login', () => {
    let form: Form;
    beforeEach(async () => {
      form = formIn(await agent.open('/login?return_to=/connected'), '/login');
    });

    it('at once: both requests continue, and one session is created', async () => {
      const [one, two] = [sameBrowser(), sameBrowser()];
      const answers = await Promise.all([one.submit(form, ALICE), two.submit(form, ALICE)]);
      assert.deepEqual(
        answers.map(({ status, location }) => [status, location]),
        [
          [303, '/connected'],
          [303, '/connected'],
        ],
      );
      assert.equal(sessions.size, 1);
      for (const browser of [one, two]) assert.match((await browser.open('/')).text, /Welcome, Alice/);
    });

    it('one after the other, the second with the cookie of the first answer: is led on, and keeps the session', async () => {
      assert.equal((await agent.submit(form, ALICE)).status, 303);
      const session = agent.cookies.get('session');
      const again = await agent.submit(form, ALICE);
      assert.deepEqual([again.status, again.location, agent.cookies.get('session')], [303, '/connected', session]);
      assert.equal(sessions.size, 1);
      assert.match((await agent.open('/')).text, /Welcome, Alice/);
    });

    it('from another browser, which does not have the cookie: refused', async () => {
      assert.equal((await new Agent(full.url).submit(form, ALICE)).status, 403);
    });
  });

  describe('the registration', () => {
    const TEA = { client_name: 'Tea', redirect_uris: 'https://tea.example/cb', type: 'confidential' };
    const shown = ({ text }: Page) => {
      assert.match(text, /<h1>[^<]* is registered/);
      return [...text.matchAll(/<code[^>]*>([\w-]{20,})<\/code>/g)].map(([, code]) => code);
    };
    const count = async (): Promise<number> => (await full.storage.collections.list('clients')).size;
    let form: Form;
    beforeEach(async () => {
      await agent.login(ALICE);
      form = formIn(await agent.open('/clients/new'), '/clients/new');
    });

    it('at once: one client is registered, and both pages show its ID and secret', async () => {
      const pages = await Promise.all(Array.from({ length: 5 }, () => agent.send(form, TEA)));
      const [first, ...others] = pages.map(shown);
      assert.equal(first?.length, 2);
      for (const other of others) assert.deepEqual(other, first);
      assert.equal(await count(), 1);
      assert.equal((await full.storage.collections.list('clients of u1')).size, 1, 'one of the places');
    });

    it('one after the other: the same', async () => {
      const first = shown(await agent.send(form, TEA));
      assert.deepEqual(shown(await agent.send(form, TEA)), first);
      assert.equal(await count(), 1);
    });

    it('with something else in it: another client', async () => {
      const first = shown(await agent.send(form, TEA));
      assert.notDeepEqual(shown(await agent.send(form, { ...TEA, client_name: 'Coffee' })), first);
      assert.equal(await count(), 2);
    });

    it('another form with the same in it: another client, with another secret', async () => {
      const first = shown(await agent.send(form, TEA));
      const other = formIn(await agent.open('/clients/new'), '/clients/new');
      const second = shown(await agent.send(other, TEA));
      for (const code of second) assert.ok(!first.includes(code));
    });

    it('neither the secret nor what it is made of stands in the storage', async () => {
      const written: string[] = [];
      const { documents } = base.storage;
      const add: typeof documents.add = (key, value, seconds) => {
        written.push(key, JSON.stringify(value));
        return documents.add(key, value, seconds);
      };
      const set: typeof documents.set = (key, value, seconds) => {
        written.push(key, JSON.stringify(value));
        return documents.set(key, value, seconds);
      };
      const spied = await startFull({
        storage: {
          ...base.storage,
          tokens: partition(base.storage.tokens, 'a third issuer'),
          documents: { ...documents, add, set },
        },
      });
      const own = new Agent(spied.url);
      await own.login(ALICE);
      const page = formIn(await own.open('/clients/new'), '/clients/new');
      const [, secret = ''] = shown(await own.send(page, TEA));
      await spied.stop();
      assert.ok(secret.length === 43 && written.length > 0);
      const csrf = page.fields.get('csrf') ?? '';
      for (const text of written) assert.ok(!text.includes(secret) && !text.includes(csrf));
    });
  });
});
