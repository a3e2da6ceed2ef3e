/** OpenID Connect Session Management in Chromium: pages of clients at another site ask the page of the provider in a frame. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { KeySet } from 'koauthorize/tokens';
import type { BrowserContext, Page } from 'playwright-core';
import { CHALLENGE, exchangeCode } from '../support/authorization-server.js';
import { type Identity, selfSigned } from '../support/certificates.js';
import { openProfile } from '../support/chromium.js';
import { encode } from '../support/form.js';
import { RETURNING } from '../support/logout-server.js';
import { rsaKeys } from '../support/openid-server.js';
import { watchedServer } from '../support/watched-server.js';

/** Other sites than `localhost`, to a browser. */
const CLIENTS = '127.0.0.1';

describe('session management in Chromium', function () {
  this.timeout(60_000);
  const servers: Server[] = [];
  let browser: BrowserContext | undefined;
  let identity: Identity;
  let keys: KeySet;

  before(async function () {
    browser = await openProfile('allowed');
    if (!browser) return this.skip();
    identity = await selfSigned({ subject: 'CN=localhost', names: [{ type: 'dns', value: 'localhost' }] });
    keys = await rsaKeys();
  });
  after(async () => {
    await browser?.close();
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
  });

  async function listen(listener: RequestListener, host: string): Promise<string> {
    const server = createServer({ cert: identity.cert, key: identity.key }, listener);
    servers.push(server);
    server.listen(0, host);
    await once(server, 'listening');
    return `https://${host}:${(server.address() as AddressInfo).port}`;
  }

  /** The site of a client, with the provider in a hidden frame. @param pages further pages, by their paths */
  const clientSite = (frame: () => string, pages: ReadonlyMap<string, string> = new Map()) =>
    listen((req, res) => {
      res.setHeader('content-type', 'text/html');
      const page = pages.get(new URL(req.url ?? '', 'https://client.example').pathname);
      res.end(page ?? `<!doctype html><title>A client</title><iframe id="op" src="${frame()}" hidden></iframe>`);
    }, CLIENTS);

  /** A frame of the client as §3.1 has it: asks the frame of the provider beside it, again and again, and sends the whole page there once the login has changed. */
  const askingFrame = (op: string, message: string, reauthenticate: string): string => `<!doctype html><script>
    const answers = [];
    const [op, message] = ${JSON.stringify([op, message])};
    addEventListener('message', ({ data, origin, source }) => {
      if (origin !== op || source !== parent.frames.op) return;
      answers.push(data);
      if (data !== 'changed') return;
      clearInterval(timer);
      parent.location = ${JSON.stringify(reauthenticate)};
    });
    const timer = setInterval(() => parent.frames.op.postMessage(message, op), 50);
  </script>`;

  /** Provider and clients, and a browser in which alice has logged in. */
  async function setUp(context = browser) {
    assert.ok(context);
    await context.clearCookies();
    let op = '';
    const frame = () => `${op}/session/check`;
    const pages = new Map<string, string>();
    const [site, attacker] = [await clientSite(frame, pages), await clientSite(frame)];
    const after = `${site}/after`;
    const client = { ...RETURNING, redirect_uris: [`${site}/callback`], post_logout_redirect_uris: [after] };
    const server = watchedServer({ keys, clients: [client] });
    op = await listen(server.app.callback(), 'localhost');
    server.consented.add('alice').add('bob');
    const login = async (user: string, sid: string) => visit(context, `${op}/login?${encode({ user, sid })}`);
    /** An authorization request. */
    const authorize = (more: object = {}): string => {
      const params = { response_type: 'code', client_id: client.client_id, scope: 'openid', nonce: 'n', ...more };
      const pkce = { code_challenge: CHALLENGE, code_challenge_method: 'S256' };
      return `${op}/authorize?${encode({ ...params, ...pkce })}`;
    };
    /** Logs in at the client. */
    const connect = async () => {
      const query = new URL(await visit(context, authorize())).searchParams;
      const [state, code] = [query.get('session_state') ?? '', query.get('code') ?? ''];
      assert.ok(state && code, String(query));
      return { state, code };
    };
    await login('alice', 'session 1');
    return { op, site, attacker, after, client, server, context, login, connect, pages, authorize };
  }

  async function visit(context: BrowserContext, url: string): Promise<string> {
    const page = await context.newPage();
    await page.goto(url);
    const last = page.url();
    await page.close();
    return last;
  }

  /** What the page of the provider answers to a page of a site. */
  async function ask(context: BrowserContext, site: string, op: string, message: unknown): Promise<string> {
    const page = await context.newPage();
    try {
      await page.goto(site);
      return await posted(page, op, message);
    } finally {
      await page.close();
    }
  }

  const posted = (page: Page, op: string, message: unknown): Promise<string> =>
    page.evaluate(`new Promise((resolve) => {
      const op = ${JSON.stringify(op)};
      addEventListener('message', ({ data, origin }) => resolve(origin === op ? data : origin), { once: true });
      document.getElementById('op').contentWindow.postMessage(${JSON.stringify(message)}, op);
    })`);

  it('§3.2 unchanged while the user stays logged in, and changed after a logout, another login, and another user', async () => {
    const { op, site, after, client, server, context, login, connect } = await setUp();
    const { state, code } = await connect();
    const message = `${client.client_id} ${state}`;
    assert.equal(await ask(context, site, op, message), 'unchanged');
    assert.equal(await ask(context, site, op, message), 'unchanged', 'that the page was loaded changes nothing');

    const { body } = await exchangeCode(server.app, code, { redirect_uri: client.redirect_uris[0] }, client);
    const logout = encode({ id_token_hint: body.id_token, post_logout_redirect_uri: after });
    assert.equal(await visit(context, `${op}/logout?${logout}`), after);
    assert.equal(await ask(context, site, op, message), 'changed', 'a logout');

    await login('alice', 'session 2');
    assert.equal(await ask(context, site, op, message), 'changed', 'another login');
    const again = `${client.client_id} ${(await connect()).state}`;
    assert.equal(await ask(context, site, op, again), 'unchanged');

    await login('bob', 'session 3');
    assert.equal(await ask(context, site, op, again), 'changed', 'another user');
  });

  it('§3.2 one page of a client sees the change of another page, without a request', async () => {
    const { op, site, client, context, login, connect } = await setUp();
    const message = `${client.client_id} ${(await connect()).state}`;
    const page = await context.newPage();
    await page.goto(site);
    const requests: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    assert.equal(await posted(page, op, message), 'unchanged');
    await login('bob', 'session 2');
    assert.equal(await posted(page, op, message), 'changed');
    assert.deepEqual(requests, []);
  });

  it('§3.1 a frame of the client that asks beside the frame of the provider learns of a logout in another tab: prompt=none is then login_required', async () => {
    const { op, after, client, server, context, connect, pages, authorize, site } = await setUp();
    const { state, code } = await connect();
    const { body } = await exchangeCode(server.app, code, { redirect_uri: client.redirect_uris[0] }, client);
    const hint = { id_token_hint: body.id_token };
    pages.set('/frame', askingFrame(op, `${client.client_id} ${state}`, authorize({ prompt: 'none', ...hint })));
    pages.set(
      '/watching',
      `<!doctype html><iframe name="op" src="${op}/session/check" hidden></iframe><iframe name="rp" src="/frame" hidden></iframe>`,
    );
    const page = await context.newPage();
    await page.goto(`${site}/watching`);
    const frame = page.frame('rp');
    assert.ok(frame);
    await frame.waitForFunction('answers.length >= 3');
    assert.deepEqual(new Set(await frame.evaluate<string[]>('answers')), new Set(['unchanged']));

    assert.equal(await visit(context, `${op}/logout?${encode({ ...hint, post_logout_redirect_uri: after })}`), after);
    await page.waitForURL(`${client.redirect_uris[0]}?**`);
    assert.equal(new URL(page.url()).searchParams.get('error'), 'login_required');
    await page.close();
  });

  it('§6 a page of another origin or for another client gets the answer changed, whoever is logged in', async () => {
    const { op, site, attacker, client, context, connect } = await setUp();
    const { state } = await connect();
    const asked = (from: string, id = client.client_id) => ask(context, from, op, `${id} ${state}`);
    assert.equal(await asked(attacker), 'changed');
    assert.equal(await asked(site, 'other'), 'changed');
    await context.clearCookies();
    assert.equal(await asked(attacker), 'changed', 'nobody is logged in');
  });

  for (const [what, message] of [
    ['no client', 'session-state'],
    ['no session_state', 'client '],
    ['an empty text', ''],
    ['an object', { client: 'client' }],
    ['a list', ['client state']],
    ['nothing', null],
  ] as const) {
    it(`§3.2 a message that cannot be read is an error: ${what}`, async () => {
      const { op, site, context } = await setUp();
      assert.equal(await ask(context, site, op, message), 'error');
      await context.clearCookies();
      assert.equal(await ask(context, site, op, message), 'error', 'nobody is logged in');
    });
  }

  it('§3.2 a session_state that is not of this server is changed', async () => {
    const { op, site, context } = await setUp();
    for (const state of ['x', 'x.y', '.', 'x.y.z'])
      assert.equal(await ask(context, site, op, `client ${state}`), 'changed');
  });

  it('§5.1 a browser that keeps the cookie back from frames at other sites gets an error, so that the client does not ask again without end', async () => {
    const context = await openProfile('blocked');
    const { op, site, client, connect } = await setUp(context);
    const { state } = await connect();
    assert.equal(await ask(context as BrowserContext, site, op, `${client.client_id} ${state}`), 'error');
    await context?.close();
  });
});
