/** The pages of the full example: login, logout, errors, and what protects all of them. */
import assert from 'node:assert/strict';
import { ALICE, BOB, type RunningFull, startFull } from '../support/full.js';
import { Agent, formIn, request } from '../support/full-agent.js';

let full: RunningFull;
before(async () => {
  full = await startFull();
});
after(() => full.stop());

const visitor = (): Agent => new Agent(full.url);

describe('the full example: login', () => {
  it('lets in who has the password, and back to where they came from', async () => {
    const page = await visitor().login(ALICE, '/connected');
    assert.equal(page.status, 200);
    assert.match(page.text, /Alice Liddell/);
  });

  for (const [what, user] of [
    ['a wrong password', { username: 'alice', password: 'builder' }],
    ['an unknown name', { username: 'mallory', password: 'wonderland' }],
    ['no password', { username: 'alice', password: '' }],
    ['a password of a megabyte less', { username: 'alice', password: 'w'.repeat(40_000) }],
    ['a name with odd characters', { username: 'al\0ice\u202e{', password: 'x' }],
  ] as const) {
    it(`refuses ${what} in the same words`, async () => {
      const agent = visitor();
      const page = await agent.submit(formIn(await agent.open('/login'), '/login'), user);
      assert.equal(page.status, 403);
      assert.match(page.text, /not a user name and password we know/);
      assert.ok(formIn(await agent.open('/connected'), '/login'));
    });
  }

  it('says who waits for it, if that is a client of ours', async () => {
    const at = async (id: string) => (await visitor().open(`/login?client_id=${encodeURIComponent(id)}`)).text;
    assert.match(await at('demo'), /Postcards/);
    assert.doesNotMatch(await at('Your Bank'), /Your Bank<|Postcards/);
  });

  for (const path of [
    '//evil.example',
    'https://evil.example',
    '/\\evil.example',
    '/\t/evil.example',
    'javascript:1',
    '/a\\b',
  ]) {
    it(`does not lead to ${JSON.stringify(path)}`, async () => {
      const agent = visitor();
      const login = formIn(await agent.open('/login'), '/login');
      const page = await agent.submit(login, { ...ALICE, return_to: path });
      assert.deepEqual([page.status, page.location], [303, '/']);
    });
  }

  it('renews the session, so that nobody who gave it to this browser is logged in, too', async () => {
    const [agent, planter] = [visitor(), visitor()];
    await planter.open('/login');
    for (const [name, value] of planter.cookies) agent.cookies.set(name, value);
    await agent.login(ALICE);
    assert.notEqual(agent.cookies.get('session'), planter.cookies.get('session'));
    assert.ok(formIn(await planter.open('/connected'), '/login'), 'the planted session is not logged in');
    assert.equal((await agent.open('/connected')).status, 200);
  });

  it('makes another CSRF token', async () => {
    const agent = visitor();
    const before = formIn(await agent.open('/login'), '/login').fields.get('csrf');
    const page = await agent.login(ALICE, '/connected');
    assert.notEqual(formIn(page, '/logout').fields.get('csrf'), before);
  });

  it('logout ends the session here and in the storage', async () => {
    const agent = visitor();
    const page = await agent.login(ALICE, '/connected');
    const cookies = new Map(agent.cookies);
    assert.equal((await agent.submit(formIn(page, '/logout'))).status, 303);
    for (const [name, value] of cookies) agent.cookies.set(name, value);
    assert.ok(formIn(await agent.open('/connected'), '/login'));
  });

  it('somebody else who logs in meanwhile does not answer a dialog of the first', async () => {
    const agent = visitor();
    const dialog = await agent.login(ALICE, request(full.url));
    await agent.login(BOB);
    const answer = await agent.submit(formIn(dialog, '/authorize/decision'));
    assert.deepEqual([answer.status, answer.location], [403, '']);
  });
});

describe('the full example: forms of other sites', () => {
  const forms = [
    ['/login', { ...ALICE, return_to: '/' }],
    ['/connected/revoke', { client_id: 'demo' }],
    ['/clients/new', { client_name: 'Evil', redirect_uris: 'https://evil.example/', type: 'public' }],
    ['/clients/remove', { client_id: 'demo' }],
    ['/authorize/decision', { scope: 'profile' }],
  ] as const;
  for (const [path, fields] of forms) {
    for (const [what, token] of [
      ['no token', {}],
      ['an empty token', { csrf: '', transaction_id: '' }],
      ['a token of another session', { csrf: 'x'.repeat(22), transaction_id: 'x'.repeat(22) }],
      ['two tokens', { csrf: ['a', 'b'], transaction_id: ['a', 'b'] }],
    ] as const) {
      it(`${path} refuses ${what}`, async () => {
        const agent = visitor();
        await agent.login(BOB);
        const page = await agent.post(path, { ...fields, ...token });
        assert.ok([400, 403].includes(page.status), `${page.status}`);
        assert.equal(page.location, '');
        assert.match(page.headers.get('content-type') ?? '', /^text\/html/);
      });
    }
  }

  it('/logout does nothing without the token', async () => {
    const agent = visitor();
    await agent.login(ALICE);
    await agent.post('/logout', { csrf: '' });
    assert.equal((await agent.open('/connected')).status, 200);
  });

  it('a session without a form has no token that could be empty', async () => {
    const page = await visitor().post('/login', { ...ALICE, csrf: '' });
    assert.equal(page.status, 403);
  });
});

describe('the full example: every page', () => {
  const paths = ['/', '/login', '/connected', '/clients', '/clients/new', '/demo', '/nowhere'];
  for (const path of paths) {
    it(`${path} cannot be framed, runs no script, is not cached and tells nobody its address`, async () => {
      const agent = visitor();
      await agent.login(ALICE);
      const { headers } = await agent.open(path);
      assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'.*frame-ancestors 'none'/);
      assert.doesNotMatch(headers.get('content-security-policy') ?? '', /script-src|unsafe/);
      assert.equal(headers.get('x-frame-options'), 'DENY');
      assert.equal(headers.get('x-content-type-options'), 'nosniff');
      assert.equal(headers.get('referrer-policy'), 'same-origin');
      assert.equal(headers.get('cache-control'), 'no-store');
    });
  }

  for (const path of ['/connected', '/clients', '/clients/new', '/account', '/sessions']) {
    it(`${path} asks who is not logged in to log in`, async () => {
      const page = await visitor().open(path);
      assert.deepEqual([page.status, formIn(page, '/login').fields.get('return_to')], [200, path]);
    });
  }

  it('who only looks gets no session', async () => {
    const agent = visitor();
    await agent.open('/');
    await agent.open('/nowhere');
    await agent.open('/connected');
    assert.deepEqual([...agent.cookies.keys()], ['login']); // which is of the form, and nothing is stored for it
  });
});

describe('the full example: errors', () => {
  for (const [what, more] of [
    ['a redirect URI that is not registered', { redirect_uri: 'https://evil.example/' }],
    ['an unknown client', { client_id: 'nobody' }],
    ['a client ID that no client can have', { client_id: '\0'.repeat(3000) }],
  ] as const) {
    it(`${what} is told to the user, and leads nowhere`, async () => {
      const agent = visitor();
      const page = await agent.login(ALICE, request(full.url, more));
      assert.deepEqual([page.status, page.location], [400, '']);
      assert.match(page.text, /application that sent you here/);
      const toUsers = page.text.replace(/<details>\n<summary>For developers.*?<\/details>/s, '');
      assert.doesNotMatch(toUsers, /evil\.example|Unregistered|unauthorized_client|invalid_request/);
    });
  }

  it('what the client did wrong is told to the client', async () => {
    const agent = visitor();
    const page = await agent.login(ALICE, request(full.url, { scope: 'everything' }));
    const { origin, pathname, searchParams } = new URL(page.location);
    assert.equal(origin + pathname, `${full.url}/demo/callback`);
    const told = ['error', 'state', 'iss'].map((name) => searchParams.get(name));
    assert.deepEqual(told, ['invalid_scope', 'the-state', full.url]);
  });

  it('are pages for browsers, JSON for programs, and have a number that is in the log', async () => {
    const page = await visitor().post('/authorize/decision', { transaction_id: 'x'.repeat(22) });
    const [, traceID = ''] = /<code>([0-9a-f]{16})<\/code>/.exec(page.text) ?? [];
    assert.ok(full.log().includes(`"traceID":"${traceID}"`), 'the trace ID is in the log');
    const response = await fetch(`${full.url}/nowhere`);
    assert.equal(response.status, 404);
    assert.deepEqual(Object.keys((await response.json()) as object), ['error', 'traceID']);
  });

  it('have a section for developers, with the rule, the client, the URI, the section and the remedy', async () => {
    const page = await visitor().login(ALICE, request(full.url, { redirect_uri: 'https://evil.example/cb' }));
    const [, fold = ''] = /<details>\n<summary>For developers<\/summary>(.*?)<\/details>/s.exec(page.text) ?? [];
    for (const told of [
      'redirect-uri-not-registered',
      'https://evil.example/cb',
      'RFC 6749 §3.1.2.3',
      'Register exactly the redirect URI',
      '<dt>client</dt><dd>demo</dd>',
    ])
      assert.ok(fold.includes(told), `${told} in ${page.text}`);
    const [, traceID = ''] = /<code>([0-9a-f]{16})<\/code>/.exec(page.text) ?? [];
    const line =
      full
        .log()
        .split('\n')
        .find((text) => text.includes(`"traceID":"${traceID}"`)) ?? '{}';
    assert.equal(JSON.parse(line).rule, 'redirect-uri-not-registered', 'the log has the rule under the same ID');
  });

  it('have no section for developers in production', async () => {
    const inProduction = await startFull({ config: { issuer: 'https://as.example', proxies: 1 } });
    const headers = { Accept: 'text/html', 'X-Forwarded-Proto': 'https', 'X-Forwarded-For': '192.0.2.1' };
    const query = new URLSearchParams({ client_id: 'demo', redirect_uri: 'https://evil.example/cb' });
    const page = await fetch(`${inProduction.url}/authorize?${query}`, { headers });
    const text = await page.text();
    await inProduction.stop();
    assert.match(text, /<code>[0-9a-f]{16}<\/code>/);
    for (const told of ['For developers', 'redirect-uri', 'evil.example', 'RFC'])
      assert.equal(text.includes(told), false);
  });
});
