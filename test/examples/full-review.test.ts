/** A hostile review of the full example, turned into tests. */
import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Koa from 'koa';
import { protectedResource } from 'koauthorize/resource-server';
import { rotatingKeys } from 'koauthorize/tokens';
import { open } from 'lmdb';
import { api as apiRoutes } from '../../examples/full/api.js';
import { authorizationServer } from '../../examples/full/authorization-server.js';
import { openClients } from '../../examples/full/clients.js';
import { readConfig } from '../../examples/full/config.js';
import { apiOf } from '../../examples/full/credentials.js';
import { signingKeys } from '../../examples/full/keys.js';
import { programs } from '../../examples/full/programs.js';
import { clientThrottle, passwordGuard, strangerLimits } from '../../examples/full/rate-limits.js';
import { readSeed } from '../../examples/full/seed.js';
import { openSessionList } from '../../examples/full/session-list.js';
import type { Storage } from '../../examples/full/storage/index.js';
import { lmdb } from '../../examples/full/storage/lmdb.js';
import { postgres } from '../../examples/full/storage/postgres.js';
import { openUsers } from '../../examples/full/users.js';
import { ALICE, BOB, type RunningFull, startFull } from '../support/full.js';
import { Agent, api, call, codeIn, DEMO, exchange, formIn, type Page, request } from '../support/full-agent.js';
import { skipStore } from '../support/missing-server.js';
import { startPostgres } from '../support/postgres.js';

/** The pages after the form of a registration. */
const IS_MADE = /<h1>[^<]* is registered<\/h1>/;
const IS_REFUSED = /role="alert"/;

describe('a hostile review of the full example', () => {
  let full: RunningFull;
  let agent: Agent;
  beforeEach(async () => {
    full = await startFull();
    agent = new Agent(full.url);
  });
  afterEach(() => full.stop());

  const register = async (fields: Readonly<Record<string, string>>): Promise<Page> =>
    agent.send(formIn(await agent.open('/clients/new'), '/clients/new'), {
      client_name: 'Tea Time',
      redirect_uris: 'https://tea.example/cb',
      type: 'confidential',
      ...fields,
    });
  const idIn = ({ text }: Page): string => /<code[^>]*>([\w-]{20,})<\/code>/.exec(text)?.[1] ?? '';
  const ask = (scope: string, more = {}): Promise<Page> => agent.open(request(full.url, { scope, ...more }));

  describe('guesses', () => {
    const guess = async (site: RunningFull, address: string): Promise<number> => {
      const guesser = new Agent(site.url, { 'x-forwarded-for': address });
      const form = formIn(await guesser.open('/login'), '/login');
      return (await guesser.submit(form, { username: 'alice', password: 'no' })).status;
    };

    it('are counted for the network of an IPv6 address: whoever has one has 2^64', async () => {
      const behind = await startFull({ config: { proxies: 1 } });
      const statuses = [];
      for (let i = 1; i <= 12; i += 1) statuses.push(await guess(behind, `2001:db8:1:2::${i.toString(16)}`));
      await behind.stop();
      assert.ok(statuses.includes(429), statuses.join());
    });

    it('with the right password are limited, too: each costs a hash of 19 MB and a session of 12 hours', async function () {
      this.timeout(60_000);
      const statuses = [];
      for (let i = 0; i < 150; i += 1) {
        const one = new Agent(full.url);
        statuses.push((await one.submit(formIn(await one.open('/login'), '/login'), ALICE)).status);
      }
      assert.ok(statuses.includes(429), 'never limited');
    });

    it('of strangers at a client of the password grant do not lock its users out', async function () {
      this.timeout(30_000);
      const own = await startFull({ config: { legacy: 'allowed' } });
      const ask = (username: string, password: string) =>
        call(
          own.url,
          '/token',
          { id: 'old-timer', secret: 'only-old-timers-know' },
          { grant_type: 'password', username, password },
        );
      assert.equal((await ask(ALICE.username, ALICE.password)).status, 200);
      for (let i = 0; i < 101; i += 1) await ask(`nobody${i}`, 'no');
      const { status } = await ask(ALICE.username, ALICE.password);
      await own.stop();
      assert.equal(status, 200);
    });

    it('are in the log, for who watches', async () => {
      const form = formIn(await agent.open('/login'), '/login');
      for (let i = 0; i < 12; i += 1) await agent.submit(form, { username: 'alice', password: 'no' });
      assert.match(full.log(), /login|password|TooMany|429/i);
    });
  });

  describe('names', () => {
    beforeEach(() => agent.login(ALICE));
    for (const [what, name] of [
      ['a Hangul filler only', '\u3164'],
      ['a half-width Hangul filler only', '\uffa0'],
      ['a grapheme joiner', 'Post\u034fcards'],
      ['a variation selector', 'Postcards\ufe0f'],
      ['a blank Braille pattern', 'Tea\u2800Time'],
    ] as const) {
      it(`have nothing invisible, such as ${what}`, async () => {
        assert.match((await register({ client_name: name })).text, IS_REFUSED);
      });
    }
    it('are not those of applications that are there from the start', async () => {
      assert.match((await register({ client_name: 'Postcards' })).text, IS_REFUSED);
    });
    for (const [what, name] of [
      ['a Cyrillic letter', 'P\u043estcards'],
      ['Cyrillic letters only where they fit', '\u0420\u043e\u0455tc\u0430rds'],
      ['a Greek letter', 'P\u03bfstcards'],
      ['mathematical letters', '\u{1d413}ostcards'.replace('\u{1d413}', '\u{1d40f}')],
      ['a digit', 'P0stcards'],
      ['an accent', 'P\u00f6stcards'],
      ['a hyphen', 'Post-cards'],
      ['a capital I for an l, of another name', 'O1d Timer'],
    ] as const) {
      it(`may not imitate another name with ${what}`, async () => {
        const page = await register({ client_name: name });
        assert.match(page.text, /Another application has this name/);
      });
    }
    it('may be of any script', async () => {
      for (const client_name of [
        '\u041e\u0442\u043a\u0440\u044b\u0442\u043a\u0438',
        '\u7d75\u8449\u66f8',
        'Postcard Club',
      ])
        assert.match((await register({ client_name })).text, IS_MADE, client_name);
    });
    it('have no heap of marks that runs over the lines above', async () => {
      assert.match((await register({ client_name: `A${'\u0301'.repeat(59)}` })).text, IS_REFUSED);
    });
    it('are text in every page', async () => {
      const client_name = 'A"><img src=x onerror=1>&lt;\'';
      const page = await register({ client_name });
      assert.match(page.text, IS_MADE);
      const dialog = await ask('profile', { client_id: idIn(page), redirect_uri: 'https://tea.example/cb' });
      for (const { text } of [page, dialog, await agent.open('/clients')]) assert.doesNotMatch(text, /<img/);
    });
  });

  describe('the dialog', () => {
    beforeEach(() => agent.login(ALICE));

    it('does not show the scheme of an app as if it were a site', async () => {
      const redirect_uri = 'accounts.example.com:/cb';
      const page = await register({ type: 'public', redirect_uris: redirect_uri });
      const { text } = await ask('profile', { client_id: idIn(page), redirect_uri });
      const shown = /class="soft next">(.*?)<\/p>/s.exec(text)?.[1] ?? '';
      assert.doesNotMatch(shown, /on to <strong>accounts\.example\.com<\/strong>/);
    });

    it('what was allowed once and is unticked now is asked for again', async () => {
      await agent.allow(await ask('profile email'));
      await agent.allow(await ask('profile email notes'), ['profile', 'notes']);
      assert.equal((await ask('email')).status, 200, 'a code without a question');
    });

    for (const [what, fields] of [
      ['a scope that is an object', { 'scope[a]': 'profile' }],
      ['a scope of nothing', { scope: '' }],
      ['a __proto__', { '__proto__[scope]': 'profile' }],
    ] as const) {
      it(`${what} is no answer, or no code`, async () => {
        const form = formIn(await ask('profile'), '/authorize/decision');
        form.fields.delete('scope');
        const answer = await agent.submit(form, fields);
        assert.ok(answer.status < 500, `${answer.status}`);
        assert.doesNotMatch(answer.location, /[?&]code=/);
      });
    }

    it('of one user is not answered by another browser, even of the same user', async () => {
      const { fields } = formIn(await ask('profile'), '/authorize/decision');
      for (const user of [ALICE, BOB]) {
        const other = new Agent(full.url);
        await other.login(user);
        assert.equal((await other.post('/authorize/decision', fields)).status, 403);
      }
      assert.ok(codeIn(await agent.post('/authorize/decision', fields)));
    });

    it('is not answered by GET, nor after logout', async () => {
      const dialog = await ask('profile');
      const { fields } = formIn(dialog, '/authorize/decision');
      assert.equal((await agent.open(`/authorize/decision?${fields}`)).status, 404);
      const cookies = new Map(agent.cookies);
      await agent.submit(formIn(await agent.open('/'), '/logout'));
      for (const [name, value] of cookies) agent.cookies.set(name, value);
      assert.equal((await agent.post('/authorize/decision', fields)).status, 403);
    });

    it('says where the answer goes: no client has an address on this server, whose name people trust', async () => {
      const answers: boolean[] = [];
      for (const path of ['/login?return_to=/x', '/demo/callback', '/'])
        answers.push(IS_REFUSED.test((await register({ redirect_uris: full.url + path })).text));
      assert.deepEqual(answers, [true, true, true]);
    });
  });

  describe('input', () => {
    beforeEach(() => agent.login(ALICE));
    const csrf = async (): Promise<string> => formIn(await agent.open('/'), '/logout').fields.get('csrf') ?? '';

    for (const path of ['/connected/revoke', '/clients/remove']) {
      for (const [what, client_id] of [
        ['of 5000 characters', 'x'.repeat(5000)],
        ['with a NUL', 'a\0b'],
        ['that is empty', ''],
        ['with a line break', 'a\r\nSet-Cookie: x=y'],
        ['with half a character', '\ud800'],
      ] as const) {
        it(`${path} survives a client ID ${what}`, async () => {
          const answer = await agent.post(path, { csrf: await csrf(), client_id });
          assert.ok(answer.status < 500, `${answer.status}`);
          assert.equal(answer.headers.get('set-cookie')?.includes('x=y') ?? false, false);
        });
      }
    }

    for (const body of [
      'csrf[toString]=x',
      'csrf[a]=x&username[a]=y&password[]=z',
      'csrf[__proto__][toString]=x',
      '__proto__[csrf]=x',
      `csrf${'[a]'.repeat(100)}=x`,
      'a=1&'.repeat(3000),
      `username=${'x'.repeat(1_000_000)}`,
      'csrf=%ff%fe%00',
      'csrf=%E0%A4%A',
    ]) {
      for (const path of ['/login', '/logout', '/clients/new', '/authorize/decision', '/demo/start', '/token']) {
        it(`${path} survives ${body.slice(0, 30)}`, async () => {
          const cookie = [...agent.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
          const headers = { 'content-type': 'application/x-www-form-urlencoded', cookie, accept: 'text/html' };
          const answer = await fetch(new URL(path, full.url), { method: 'POST', body, headers, redirect: 'manual' });
          await answer.text();
          assert.ok(answer.status < 500, `${answer.status}`);
        });
      }
    }

    for (const path of [
      '/%',
      '/demo/%ff',
      '/demo/%E0%A4%A',
      '/login?return_to=%ff',
      '/login?return_to[a]=x&return_to=y',
      '/connected?ended[a]=x',
      '/connected?ended=%00',
      '/authorize?client_id=%00&redirect_uri=%00',
      '/demo/callback?state=%00&code=<script>',
      '//evil.example/authorize',
      `/${'a'.repeat(10_000)}`,
    ]) {
      it(`survives GET ${path.slice(0, 40)}`, async () => {
        const answer = await agent.open(full.url + path);
        assert.ok(answer.status < 500, `${answer.status}`);
        assert.doesNotMatch(answer.text, /<script>/);
      });
    }

    it('20 clients are 20, however many forms are sent at once', async () => {
      await agent.login(ALICE);
      const fields = { client_name: 'Tea', redirect_uris: 'https://tea.example/cb', type: 'public' };
      const open = async () => formIn(await agent.open('/clients/new'), '/clients/new');
      const forms = await Promise.all(Array.from({ length: 60 }, open));
      const pages = await Promise.all(forms.map((form) => agent.submit(form, fields)));
      assert.equal(pages.filter(({ location }) => location.startsWith('/clients/registered?')).length, 20);
    });

    it('writes one short line into the log for each request, whatever is in it', async () => {
      const id = 'x\n{"event":"issued"}\u001b[31m'.repeat(100);
      await call(full.url, '/token', { id: 'demo' }, { grant_type: id, code: id, client_id: id });
      await call(full.url, '/revoke', DEMO, { token: id, token_type_hint: id });
      await agent.open(`/authorize?client_id=${encodeURIComponent(id)}&scope=${encodeURIComponent(id)}`);
      for (const line of full.log().trim().split('\n')) {
        assert.notEqual(JSON.parse(line).event, undefined);
        assert.ok(!line.includes('\u001b'), 'a terminal would obey it');
        assert.ok(line.length < 4000, `${line.length}: ${line.slice(0, 200)}`);
      }
    });
  });

  describe('return_to', () => {
    for (const path of [
      '/\\evil.example',
      '//evil.example',
      '/\t/evil.example',
      '/%09/evil.example',
      '/%2f/evil.example',
      '/.//evil.example',
      '/..//evil.example',
      '/a\\..\\\\evil.example',
      '/a\r\nSet-Cookie: x=y',
      '/\u2215/evil.example',
      '/\uff0fevil.example',
      'https:evil.example',
      '/a/..//evil.example',
      '/a/%2e%2e//evil.example',
      '/@evil.example',
    ]) {
      it(`${JSON.stringify(path)} stays here`, async () => {
        const page = await agent.open(`/login?return_to=${encodeURIComponent(path)}`);
        const done = await agent.submit(formIn(page, '/login'), { ...ALICE, return_to: path });
        assert.equal(new URL(done.location, full.url).origin, full.url);
      });
    }

    it('the request of a client comes back whole after login, with what browsers leave as it is', async () => {
      const url = `${request(full.url)}&nonce=a\\b`;
      const raw = url.replace('%5C', '\\');
      const login = await agent.open(full.url + raw);
      const done = await agent.submit(formIn(login, '/login'), ALICE);
      assert.match(done.location, /^\/authorize\/resume\?/);
      const again = formIn(login, '/login').fields.get('return_to');
      assert.equal(again, url.replace('\\', '%5C'), 'and from there again, if it waits no more');
    });
  });

  describe('behind TLS', () => {
    it('no page tells the password of anyone', async () => {
      const tls = await startFull({ config: { issuer: 'https://login.example', proxies: 1 } });
      const { text } = await new Agent(tls.url).open('/login');
      await tls.stop();
      assert.doesNotMatch(text, /wonderland/);
    });

    it('nobody comes in with what everyone can read in seed.json: another file is wanted', async () => {
      const env = { ISSUER: 'https://login.example' };
      assert.throws(() => readConfig(env), /SEED is the path of a file/);
      assert.equal(readConfig({ ...env, SEED: '/etc/people.json' }).seed, '/etc/people.json');
    });

    it('every cookie is Secure, HttpOnly and named __Host-', async () => {
      const tls = await startFull({ config: { issuer: 'https://login.example', proxies: 1 } });
      for (const path of ['/login', '/demo']) {
        const answer = await fetch(tls.url + path);
        for (const line of answer.headers.getSetCookie())
          assert.match(line, /^__Host-(?=.*; secure)(?=.*; httponly)(?=.*; path=\/(;|$))(?!.*domain=)/i);
      }
      await tls.stop();
    });
  });

  describe('storage', () => {
    it('on lmdb forgets all that is over, however much it is', async () => {
      const directory = await mkdtemp(join(tmpdir(), 'koauthorize-review-'));
      const storage = await lmdb(directory);
      await Promise.all(Array.from({ length: 2500 }, (_, i) => storage.documents.set(`${i}`, 'x', -1)));
      await storage.purge();
      await storage.close();
      const root = open({ path: join(directory, 'documents') });
      const left = root.openDB({ name: 'documents', encoding: 'json' }).getCount();
      await root.close();
      await rm(directory, { recursive: true, force: true });
      assert.equal(left, 0, `${left} of 2500 are left`);
    });

    it('the directory with the signing keys is for nobody else on the machine', async () => {
      const directory = await mkdtemp(join(tmpdir(), 'koauthorize-review-'));
      const path = join(directory, 'data');
      const storage = await lmdb(path);
      await storage.collections.put('keys', 'x', 'y');
      const modes = await Promise.all(
        [path, join(path, 'documents'), join(path, 'documents', 'data.mdb')].map((one) => stat(one)),
      );
      await storage.close();
      await rm(directory, { recursive: true, force: true });
      assert.ok(
        modes.some(({ mode }) => (mode & 0o007) === 0),
        modes.map(({ mode }) => mode.toString(8)).join(),
      );
    });
  });

  describe('a user who is gone', () => {
    /** The same server after a restart, with alice no longer in the file. */
    async function withoutUsers(): Promise<{ url: string; stop: () => void }> {
      const { storage } = full;
      const config = { ...readConfig({}), issuer: full.issuer };
      const clients = openClients((await readSeed(config.issuer)).clients, storage.collections);
      const users = await openUsers([]);
      const keys = await signingKeys(config, storage);
      keys.close();
      const guard = passwordGuard(storage, 'a secret');
      const throttle = clientThrottle(storage, 'a secret');
      const limits = strangerLimits(storage, 'a secret');
      const server = authorizationServer({
        ...{ config, storage, clients, users, keys, guard, passkeyGuard: guard, throttle, limits },
        sessionList: openSessionList(storage.collections, storage.documents),
      });
      const resource = protectedResource({ resource: apiOf(config), authorization_servers: [config.issuer] });
      const app = new Koa();
      app.use(programs({ limits }, server).routes());
      app.use(
        apiRoutes({ resource, verify: server.verify, proofs: [], users, collections: storage.collections }).routes(),
      );
      const http = createServer(app.callback());
      await new Promise<void>((resolve) => {
        http.listen(0, resolve);
      });
      const stop = (): void => {
        http.close();
        http.closeAllConnections();
      };
      return { url: `http://localhost:${(http.address() as AddressInfo).port}`, stop };
    }

    it('has no tokens: neither the API nor the refresh goes on', async () => {
      await agent.login(ALICE);
      const tokens = await exchange(full.url, await agent.allow(await ask('profile email notes')));
      const { url, stop } = await withoutUsers();
      try {
        const notes = await api(url, tokens.access_token, '/api/notes');
        const { refresh_token } = tokens;
        const refreshed = await call(url, '/token', DEMO, { grant_type: 'refresh_token', refresh_token });
        assert.deepEqual([notes.status, refreshed.status], [401, 400]);
      } finally {
        stop();
      }
    });
  });

  describe('sessions', () => {
    it('a login in a second tab ends the first session in the storage, whoever has its cookie', async () => {
      await agent.login(ALICE);
      const old = new Agent(full.url);
      for (const [name, value] of agent.cookies) old.cookies.set(name, value);
      await agent.login(BOB);
      assert.doesNotMatch((await old.open('/')).text, /Alice|Bob/);
    });

    it('a page that loads while one logs out does not bring the login back', async () => {
      await agent.login(ALICE);
      const cookies = new Map(agent.cookies);
      const form = formIn(await agent.open('/'), '/logout');
      const tabs = Array.from({ length: 10 }, () => {
        const tab = new Agent(full.url);
        for (const [name, value] of cookies) tab.cookies.set(name, value);
        return tab;
      });
      await Promise.all([agent.submit(form), ...tabs.map((tab) => tab.open(request(full.url)))]);
      const late = new Agent(full.url);
      for (const [name, value] of cookies) late.cookies.set(name, value);
      assert.doesNotMatch((await late.open('/')).text, /Alice/);
    });

    it('two who log in with one form at once get two sessions, and neither the other’s', async () => {
      const form = formIn(await agent.open('/login'), '/login');
      const [one, two] = [new Agent(full.url), new Agent(full.url)];
      for (const [name, value] of agent.cookies) for (const each of [one, two]) each.cookies.set(name, value);
      await Promise.all([one.submit(form, ALICE), two.submit(form, BOB)]);
      assert.doesNotMatch((await one.open('/')).text, /Bob/);
      assert.doesNotMatch((await two.open('/')).text, /Alice/);
    });
  });
});

describe('a hostile review of the full example on PostgreSQL', function () {
  this.timeout(60_000);
  let storage: Storage;
  let full: RunningFull;
  let remove: (() => Promise<void>) | undefined;
  before(async function () {
    const server = await startPostgres();
    if (!server) return skipStore(this, 'a hostile review on PostgreSQL');
    remove = server.remove;
    storage = await postgres(server.url, `review_${randomBytes(4).toString('hex')}`, () => {});
    full = await startFull({ storage });
  });
  after(async () => {
    await full?.stop();
    await storage?.close();
    await remove?.();
  });

  for (const client_id of ['a\0b', "'; DROP TABLE x; --", '\ud800', 'x'.repeat(5000)]) {
    it(`/connected/revoke survives ${JSON.stringify(client_id.slice(0, 20))}`, async () => {
      const agent = new Agent(full.url);
      const csrf = formIn(await agent.login(ALICE), '/logout').fields.get('csrf') ?? '';
      const { status } = await agent.post('/connected/revoke', { csrf, client_id });
      assert.ok(status < 500, `${status}`);
    });
  }

  it('a user name, a code and a note with NUL are only strange, and a state with NUL is told to the client', async () => {
    const agent = new Agent(full.url);
    const form = formIn(await agent.open('/login'), '/login');
    assert.equal((await agent.submit(form, { username: 'a\0', password: '\0' })).status, 403);
    await agent.login(ALICE);
    const refused = await agent.open(request(full.url, { scope: 'notes', state: '\0' }));
    assert.match(refused.location, /[?&]error=invalid_request&/);
    const dialog = await agent.open(request(full.url, { scope: 'notes notes:write', state: 'é' }));
    const { access_token } = await exchange(full.url, await agent.allow(dialog));
    const body = JSON.stringify({ text: '\0\ud800' });
    const headers = { 'content-type': 'application/json' };
    assert.equal((await api(full.url, access_token, '/api/notes', { method: 'POST', body, headers })).status, 201);
    assert.equal((await api(full.url, access_token, '/api/notes')).status, 200);
    for (const [path, fields] of [
      ['/token', { grant_type: 'authorization_code', code: '\0', redirect_uri: '\0', code_verifier: '\0' }],
      ['/token', { grant_type: 'refresh_token', refresh_token: '\0' }],
      ['/revoke', { token: '\0' }],
    ] as const) {
      const { status } = await call(full.url, path, DEMO, fields);
      assert.ok(status < 500, `${path} ${status}`);
    }
  });

  it('servers that start at once have one key', async () => {
    const options = { store: storage.tokens, secret: 'a secret of thirty-two characters', name: randomUUID() };
    const made = await Promise.all(
      Array.from({ length: 20 }, () => rotatingKeys({ ...options, algorithms: ['ES256', 'EdDSA'] })),
    );
    for (const keys of made) keys.close();
    const names = made.map((keys) => keys.signing().kid);
    assert.equal(new Set(names).size, 1);
    assert.deepEqual(
      made.map((keys) => keys.jwks().keys.length),
      Array.from({ length: 20 }, () => 2),
    );
  });
});
