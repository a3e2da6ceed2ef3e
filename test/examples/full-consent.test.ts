/** Consent in the full example: asked, remembered, asked again, withdrawn. */
import assert from 'node:assert/strict';
import type { App } from '../../examples/full/clients.js';
import { ALICE, type RunningFull, startFull } from '../support/full.js';
import { Agent, api, call, codeIn, DEMO, exchange, formIn, type Page, request } from '../support/full-agent.js';

const APPS: readonly App[] = [
  {
    client_id: 'native',
    client_name: 'Native',
    redirect_uris: ['http://127.0.0.1/cb'],
    token_endpoint_auth_method: 'none',
  },
  {
    client_id: 'phone',
    client_name: 'Phone',
    redirect_uris: ['com.example.app:/cb'],
    token_endpoint_auth_method: 'none',
  },
  {
    client_id: 'page',
    client_name: 'Page',
    redirect_uris: ['https://spa.example/cb'],
    token_endpoint_auth_method: 'none',
  },
];

describe('consent in the full example', () => {
  let full: RunningFull;
  let agent: Agent;
  beforeEach(async () => {
    full = await startFull();
    for (const app of APPS) await full.storage.collections.put('clients', app.client_id, app);
    agent = new Agent(full.url);
    await agent.login(ALICE);
  });
  afterEach(() => full.stop());

  const ask = (scope: string, more = {}): Promise<Page> => agent.open(request(full.url, { scope, ...more }));
  const scopesIn = (page: Page): readonly string[] => formIn(page, '/authorize/decision').fields.getAll('scope');

  /** What the dialog marks as new, in words. */
  const newIn = ({ text }: Page): readonly (string | undefined)[] =>
    [...text.matchAll(/<span>([^<]*?) ?<strong[^>]*>New</g)].map(([, meaning]) => meaning);

  it('is asked for what the client asks for, in words, with the names of all three', async () => {
    const page = await ask('profile notes:write');
    assert.equal(page.status, 200);
    assert.deepEqual(scopesIn(page), ['profile', 'notes:write']);
    for (const word of ['Postcards', 'Alice Liddell', 'See your name', 'Write your notes', new URL(full.url).host])
      assert.ok(page.text.includes(word), word);
  });

  it('gives a token that reaches as far as was allowed', async () => {
    const tokens = await exchange(full.url, await agent.allow(await ask('profile email')));
    assert.equal(tokens.scope, 'profile email');
    const me = await api(full.url, tokens.access_token);
    assert.deepEqual(await me.json(), { client: 'demo', name: 'Alice Liddell', email: 'alice@example.com' });
  });

  it('of several scopes only those that stay ticked are granted', async () => {
    const tokens = await exchange(full.url, await agent.allow(await ask('profile email'), ['profile']));
    assert.equal(tokens.scope, 'profile');
    assert.deepEqual(await (await api(full.url, tokens.access_token)).json(), {
      client: 'demo',
      name: 'Alice Liddell',
    });
  });

  for (const [what, changes] of [
    ['Deny', { cancel: 'yes' }],
    ['nothing ticked', { scope: [] }],
  ] as const) {
    it(`${what} denies, and is not remembered`, async () => {
      const answer = await agent.submit(formIn(await ask('profile'), '/authorize/decision'), changes);
      assert.equal(new URL(answer.location).searchParams.get('error'), 'access_denied');
      assert.equal((await ask('profile')).status, 200);
    });
  }

  it('a scope that was not asked for cannot be ticked', async () => {
    const answer = await agent.submit(formIn(await ask('profile'), '/authorize/decision'), {
      scope: ['profile', 'notes'],
    });
    assert.equal(new URL(answer.location).searchParams.get('error'), 'invalid_scope');
  });

  it('is remembered: the same and less is not asked again', async () => {
    await agent.allow(await ask('profile email'));
    for (const scope of ['profile email', 'email', 'profile']) codeIn(await ask(scope));
  });

  it('is asked again for a new scope, which is marked; and for what was unticked', async () => {
    await agent.allow(await ask('profile email'), ['profile']);
    const more = await ask('profile email notes');
    assert.deepEqual(scopesIn(more), ['profile', 'email', 'notes']);
    assert.deepEqual(newIn(more), ['See your e-mail address', 'Read your notes']);
    await agent.allow(more);
    codeIn(await ask('email notes'));
  });

  it('is of one user and one client', async () => {
    await agent.allow(await ask('profile'));
    const other = new Agent(full.url);
    await other.login({ username: 'bob', password: 'builder' });
    assert.equal((await other.open(request(full.url))).status, 200);
    assert.equal((await ask('profile', { client_id: 'page', redirect_uri: 'https://spa.example/cb' })).status, 200);
  });

  for (const [what, client_id, redirect_uri] of [
    ['on a loopback address', 'native', 'http://127.0.0.1:4567/cb'],
    ['with a scheme of its own', 'phone', 'com.example.app:/cb'],
  ] as const) {
    it(`RFC 8252 §8.6: of a public client ${what} it is not remembered, and all is new`, async () => {
      await agent.allow(await ask('profile', { client_id, redirect_uri }));
      const again = await ask('profile email', { client_id, redirect_uri });
      assert.equal(again.status, 200);
      assert.deepEqual(newIn(again), [], 'with nothing known, nothing is marked');
      assert.equal((await ask('profile', { client_id, redirect_uri })).status, 200);
    });
  }

  it('of a public client with an https address it is remembered', async () => {
    const more = { client_id: 'page', redirect_uri: 'https://spa.example/cb' };
    await agent.allow(await ask('profile', more));
    codeIn(await ask('profile', more));
  });

  it('RFC 6749 §10.2: in the implicit grant a secret proves nothing, and it is not remembered', async () => {
    const own = await startFull({ config: { legacy: 'allowed' } });
    const someone = new Agent(own.url);
    await someone.login(ALICE);
    const more = { response_type: 'token', client_id: 'old-timer', redirect_uri: 'http://127.0.0.1/callback' };
    await someone.submit(formIn(await someone.open(request(own.url, more)), '/authorize/decision'));
    assert.equal((await someone.open(request(own.url, more))).status, 200);
    await own.stop();
  });

  describe('withdrawn', () => {
    const withdraw = async (client_id: string): Promise<Page> => {
      const page = await agent.open('/connected');
      const done = await agent.submit(formIn(page, '/connected/revoke', { client_id }));
      assert.equal(done.status, 303);
      return agent.open(done.location);
    };

    it('ends every token at once, and is asked for again', async () => {
      const one = await exchange(full.url, await agent.allow(await ask('profile')));
      const two = await exchange(full.url, codeIn(await ask('profile')));
      const page = await withdraw('demo');
      assert.match(page.text, /Postcards is disconnected/);
      for (const { access_token, refresh_token } of [one, two]) {
        assert.equal((await api(full.url, access_token)).status, 401);
        const refreshed = await call(full.url, '/token', DEMO, { grant_type: 'refresh_token', refresh_token });
        assert.deepEqual([refreshed.status, refreshed.body['error']], [400, 'invalid_grant']);
      }
      assert.equal((await ask('profile')).status, 200);
    });

    it('ends a code that is on its way', async () => {
      const code = await agent.allow(await ask('profile'));
      await withdraw('demo');
      assert.deepEqual(await full.storage.tokens.list('u1', Date.now() / 1000), []);
      await assert.rejects(exchange(full.url, code), /invalid_grant/);
    });

    it('leaves the others', async () => {
      const more = { client_id: 'page', redirect_uri: 'https://spa.example/cb' };
      const tokens = await exchange(full.url, await agent.allow(await ask('profile')));
      await agent.allow(await ask('profile', more));
      await withdraw('page');
      assert.equal((await api(full.url, tokens.access_token)).status, 200);
      codeIn(await ask('profile'));
      assert.equal((await ask('profile', more)).status, 200);
    });

    it('lists what each may do, and since when', async () => {
      await agent.allow(await ask('profile'));
      await agent.allow(await ask('notes', { client_id: 'native', redirect_uri: 'http://127.0.0.1:1/cb' }));
      const { text } = await agent.open('/connected');
      for (const word of ['Postcards', 'See your name', 'Native', 'Read your notes'])
        assert.ok(text.includes(word), word);
      assert.equal(text.split(`datetime="${new Date().toISOString().slice(0, 10)}`).length - 1, 2);
    });

    it('a link to the page says nothing that did not happen', async () => {
      await agent.allow(await ask('profile'));
      assert.doesNotMatch((await agent.open('/connected?ended=demo')).text, /is disconnected/);
    });
  });
});
