/** The demo application of the full example: every button, and what it is expected to show. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Koa from 'koa';
import type { StoredRecord, TokenStore } from 'koauthorize/tokens';
import { demo } from '../../examples/full/demo/index.js';
import { browserOfSuite } from '../support/chromium.js';
import { type RunningFull, startFull } from '../support/full.js';
import { type Visitor, visitor } from '../support/full-visitor.js';

const age = (record: StoredRecord): StoredRecord =>
  record.consumedAt === undefined ? record : { ...record, consumedAt: record.consumedAt - 11 };

/** As if whatever was spent had been spent eleven seconds earlier than it was. */
const tenSecondsLater = (store: TokenStore): TokenStore => ({
  put: (records, now, within) => store.put(records, now, within),
  remove: (id) => store.remove(id),
  revoke: (authorizationID, until, now) => store.revoke(authorizationID, until, now),
  listByClient: (clientID, now) => store.listByClient(clientID, now),
  list: (subject, now) => store.list(subject, now),
  close: () => store.close(),
  async get(id, now) {
    const record = await store.get(id, now);
    return record && age(record);
  },
  async consume(id, consumption) {
    const consumed = await store.consume(id, consumption);
    return consumed && { ...consumed, record: age(consumed.record) };
  },
});

describe('the demo application of the full example in Chromium', function () {
  this.timeout(60_000);
  const browser = browserOfSuite();
  let running: RunningFull;
  let someone: Visitor;

  before(async () => {
    running = await startFull();
  });
  after(async () => {
    await running?.stop();
  });
  beforeEach(async () => {
    someone = await visitor(browser(), running.url);
  });
  afterEach(() => someone?.leave());

  async function connect(...scopes: readonly string[]): Promise<void> {
    await someone.start(...scopes);
    await someone.logIn();
    const dialog = someone.page.getByRole('button', { name: 'Allow' });
    await dialog.or(someone.page.locator('.steps')).first().waitFor();
    if (await dialog.isVisible()) await dialog.click(); // else it was allowed before
    await someone.shows('Postcards is connected');
  }
  const titles = async (): Promise<readonly string[]> =>
    (await someone.page.locator('.steps h3').allInnerTexts()).map((title) => title.replace(/^\d+\s*/, ''));
  /** Presses, waits for the page to come back, and returns the steps that are new. */
  async function act(button: string): Promise<string> {
    const before = (await someone.steps()).length;
    await Promise.all([someone.page.waitForEvent('load'), someone.press(button)]);
    await someone.page.locator('.steps > li').nth(before).waitFor();
    return (await someone.steps()).slice(before).join('\n');
  }

  it('start: each step of the flow, from the metadata to the API', async () => {
    await connect('Your name', 'Your e-mail address');
    assert.deepEqual(await titles(), [
      'Postcards asks the server where everything is',
      'Postcards sends your browser to the server, with its question',
      'Your browser comes back with the answer',
      'Postcards exchanges the code for tokens',
      'What is in the access token',
      'Postcards calls the API: GET /api/me',
    ]);
    const text = (await someone.steps()).join('\n');
    assert.match(text, /code_challenge_method=S256/);
    assert.match(text, /"typ": "at\+jwt"/);
    assert.match(text, /"exp": \d+, {2}\/\/ in \d+ minutes: /);
    assert.match(text, /"name": "Alice Liddell"/);
  });

  it('no secret is shown whole', async () => {
    await connect('Your name');
    const [, , back = '', exchange = ''] = await someone.steps();
    assert.match(back, /code=\S{8}… \(\d+ characters\)/);
    assert.match(exchange, /Authorization: Basic \(client ID and secret\)/);
    assert.match(exchange, /code_verifier=\S{8}… \(43 characters\)/);
    assert.match(exchange, /"access_token": "\S{8}… \(\d+ characters\)"/);
    assert.match(exchange, /"refresh_token": "\S{8}… \(\d+ characters\)"/);
    assert.ok(!(await someone.page.content()).includes('only-postcards-knows'));
  });

  it('a scope that was not allowed: the API refuses', async () => {
    await connect('Your name');
    await someone.page.getByLabel('What to call').selectOption({ label: 'Write a note: POST /api/notes' });
    const step = await act('Call the API');
    assert.match(step, /403 Forbidden/);
    assert.match(step, /insufficient_scope/);
    assert.match(step, /Refused, as it should be/);
    assert.match(step, /RFC 6750 §3\.1/);
    await someone.shows('Postcards is connected');
  });

  it('call the API: what was allowed works', async () => {
    await connect();
    await someone.page.getByLabel('What to call').selectOption({ label: 'Write a note: POST /api/notes' });
    assert.match(await act('Call the API'), /201 Created/);
    await someone.page.getByLabel('What to call').selectOption({ label: 'Read the notes: GET /api/notes' });
    assert.match(await act('Call the API'), /A postcard from Brighton/);
  });

  it('have it printed: another service exchanges the token, and the API sees who calls for whom', async () => {
    await connect('Your name');
    const steps = await act('Have it printed');
    assert.match(steps, /grant-type:token-exchange/);
    assert.match(steps, /"act": \{"sub":"printer","client_id":"printer"/);
    assert.match(steps, /"client": "printer"/);
    assert.match(steps, /"name": "Alice Liddell"/);
    assert.match(steps, /RFC 8693 §4\.1/);
    await act('Revoke');
    assert.match(await act('Have it printed'), /400 Bad Request[\s\S]*Refused, as it should be/);
  });

  it('RFC 9396: a payment is on the dialog each time, and the token has that payment', async () => {
    const { page } = someone;
    await someone.start('Your name', 'Paying 1.20 EUR for a stamp, once');
    await someone.logIn();
    await page.getByText('Pay 1.20 EUR to Brighton Stamps', { exact: true }).waitFor();
    await someone.allow();
    assert.ok((await titles()).includes('What Postcards may pay'));
    const steps = (await someone.steps()).join('\n');
    assert.match(steps, /"creditor": "Brighton Stamps"[\s\S]*"amount": "1\.20"/);
    assert.match(steps, /RFC 9396 §7/);
    await someone.start('Paying 1.20 EUR for a stamp, once'); // and nothing else
    await page.getByText('Pay 1.20 EUR to Brighton Stamps', { exact: true }).waitFor();
    await someone.allow();
  });

  it('refresh: new tokens', async () => {
    await connect('Your name');
    const steps = await act('Refresh');
    assert.match(steps, /grant_type=refresh_token/);
    assert.match(steps, /200 OK/);
    assert.match(await act('Introspect'), /"active": true/);
  });

  it('reuse of the old refresh token within the grace window: the same answer', async () => {
    await connect('Your name');
    await act('Refresh');
    const steps = await act('Reuse the old refresh token');
    assert.match(steps, /200 OK/);
    assert.match(steps, /Within ten seconds the same client gets the same answer again/);
    await someone.shows('Postcards is connected');
  });

  it('reuse after the grace window: the whole family ends', async () => {
    await someone.leave();
    const later = await startFull({ storage: { ...running.storage, tokens: tenSecondsLater(running.storage.tokens) } });
    someone = await visitor(browser(), later.url);
    await connect('Your name');
    await act('Refresh');
    const steps = await act('Reuse the old refresh token');
    await later.stop();
    assert.match(steps, /400 Bad Request[\s\S]*"error": "invalid_grant"/);
    assert.match(steps, /The server cannot tell who is the thief, and ends all tokens of your consent/);
    assert.match(steps, /"active": false/);
    await someone.shows('Postcards is no longer connected');
  });

  it('replay of the code: invalid_grant, and the tokens are revoked', async () => {
    await connect('Your name');
    const steps = await act('Replay the code');
    assert.match(steps, /400 Bad Request[\s\S]*"error": "invalid_grant"/);
    assert.match(steps, /RFC 6749 §4\.1\.2/);
    assert.match(steps, /"active": false/);
    await someone.shows('Postcards is no longer connected');
    assert.match(await act('Call the API'), /401 Unauthorized[\s\S]*invalid_token/);
    assert.match(await act('Refresh'), /invalid_grant/);
  });

  it('a wrong verifier: invalid_grant, and the code is spent', async () => {
    await connect('Your name');
    await someone.press('Use a wrong verifier');
    await someone.shows('Postcards is not connected');
    const steps = (await someone.steps()).slice(-2);
    for (const step of steps) assert.match(step, /400 Bad Request[\s\S]*"error": "invalid_grant"/);
    assert.match(steps.join(), /RFC 7636 §4\.6/);
    assert.equal(await someone.page.getByRole('button', { name: 'Refresh' }).count(), 0);
  });

  it('revoke: access token and refresh token end', async () => {
    await connect('Your name');
    const steps = await act('Revoke');
    assert.match(steps, /RFC 7009 §2\.1/);
    assert.match(steps, /"active": false/);
    assert.match(await act('Call the API'), /401 Unauthorized/);
    assert.match(await act('Introspect'), /"active": false/);
  });

  it('back from the result: the result, and nothing that looks like an attack', async () => {
    await connect('Your name');
    const before = await titles();
    await someone.page.goBack();
    await someone.shows('Postcards is connected');
    assert.equal(await someone.page.getByRole('alert').count(), 0);
    assert.deepEqual(await titles(), before);
    assert.match(await act('Introspect'), /"active": true/);
  });

  it('start over: forgets everything', async () => {
    await connect('Your name');
    await someone.press('Start over');
    await someone.shows('Connect your account to Postcards');
    assert.deepEqual(await someone.steps(), []);
  });

  it('nothing to ask for: says so', async () => {
    await someone.page.goto(`${running.url}/demo`);
    for (const box of await someone.page.getByRole('checkbox').all()) await box.uncheck();
    await someone.press('Start');
    assert.equal(await someone.page.getByRole('alert').innerText(), 'Choose at least one thing to ask for.');
  });

  it('an answer that Postcards did not ask for: refused, and nothing is stored or sent', async () => {
    await someone.page.goto(`${running.url}/demo/callback?code=stolen&state=guessed&iss=${running.url}`);
    assert.equal(await someone.page.getByRole('alert').innerText(), 'Postcards did not ask for this answer.');
    assert.deepEqual(await someone.steps(), []);
  });

  it('an answer of another server, as in a mix-up: refused, and no code goes anywhere', async () => {
    await someone.start('Your name');
    await someone.shows('Log in');
    const asked = new URL(someone.page.url());
    const answer = new URLSearchParams({
      code: 'c',
      state: asked.searchParams.get('state') ?? '',
      iss: 'https://other.example',
    });
    await someone.page.goto(`${running.url}/demo/callback?${answer}`);
    assert.equal(await someone.page.getByRole('alert').innerText(), 'The answer is from another server.');
    assert.equal((await someone.steps()).length, 3);
  });

  it('metadata of another server: refused', async () => {
    const http = createServer();
    await new Promise<void>((resolve) => http.listen(0, resolve));
    const url = `http://localhost:${(http.address() as AddressInfo).port}`;
    const app = new Koa().use(demo(url, running.storage.documents).routes()).use((ctx) => {
      ctx.body = { issuer: 'https://other.example', authorization_endpoint: 'https://other.example/authorize' };
    });
    http.on('request', app.callback());
    await someone.page.goto(`${url}/demo`);
    await someone.press('Start');
    assert.equal(await someone.page.getByRole('alert').innerText(), 'The metadata is that of another server.');
    http.close();
    http.closeAllConnections();
  });

  it('whatever is posted: an answer, and no failure', async () => {
    await someone.page.goto(`${running.url}/demo`);
    const csrf = await someone.page.locator('input[name=csrf]').inputValue();
    const post = async (path: string, options: object): Promise<number> =>
      (await someone.page.request.post(`${running.url}/demo/${path}`, { ...options, maxRedirects: 0 })).status();
    assert.equal(await post('constructor', { form: { csrf } }), 404);
    assert.equal(await post('start', { data: { csrf } }), 403);
    assert.equal(await post('start', { form: { 'csrf[]': csrf } }), 403);
    assert.equal(await post('start', { form: { csrf, more: 'x'.repeat(20_000) } }), 413);
    // nothing was started yet
    for (const name of ['refresh', 'reuse', 'replay', 'revoke', 'introspect'])
      assert.equal(await post(name, { form: { csrf } }), 303, name);
    assert.equal(await post('api', { form: { csrf, operation: '__proto__' } }), 303);
    await someone.page.goto(`${running.url}/demo`);
    assert.equal(await someone.page.getByRole('alert').innerText(), 'There are no tokens yet: start first.');
  });

  it('a form of another site: refused', async () => {
    await connect('Your name');
    for (const csrf of ['', 'guessed']) {
      const answer = await someone.page.request.post(`${running.url}/demo/revoke`, { form: { csrf } });
      assert.equal(answer.status(), 403);
    }
    assert.match(await act('Introspect'), /"active": true/);
  });

  it('another browser sees nothing of it', async () => {
    await connect('Your name');
    const other = await visitor(browser(), running.url);
    await other.page.goto(`${running.url}/demo`);
    await other.shows('Connect your account to Postcards');
    await other.leave();
  });
});

describe('OpenID Connect in the full example in Chromium', function () {
  this.timeout(60_000);
  const browser = browserOfSuite();
  let running: RunningFull;
  let someone: Visitor;

  before(async () => {
    running = await startFull();
  });
  after(async () => {
    await running?.stop();
  });
  beforeEach(async () => {
    someone = await visitor(browser(), running.url);
  });
  afterEach(() => someone?.leave());

  it('the ID token is verified step by step, another application needs no second login, and a logout reaches both', async () => {
    const { page } = someone;
    await someone.start('Logging you in with your account there', 'Your name');
    await someone.logIn();
    await someone.allow();
    const steps = (await someone.steps()).join('\n');
    for (const check of ['signature', 'iss', 'aud', 'azp', 'exp', 'iat', 'nonce', 'at_hash', 'auth_time'])
      assert.match(steps, new RegExp(`✓ ${check}: `));
    assert.doesNotMatch(steps, /✗/);

    await page.goto(`${running.url}/demo/second`);
    await someone.press('Log in with your account');
    await someone.shows('Connect Teapots?'); // no login: only the question
    await someone.press('Allow');
    await someone.shows('Hello, Alice Liddell');

    await page.goto(`${running.url}/sessions`);
    const here = await page.locator('.cards li').first().innerText();
    assert.match(here, /This browser[\s\S]*Postcards[\s\S]*Teapots|This browser[\s\S]*Teapots[\s\S]*Postcards/);

    await page.goto(`${running.url}/demo/second`);
    await someone.press('Log out everywhere');
    await someone.shows('Teapots');
    await page.goto(`${running.url}/demo`);
    await someone.shows('Postcards is no longer connected');
    assert.match((await someone.steps()).join('\n'), /The server says that you have logged out/);
    await page.goto(`${running.url}/account`);
    await someone.shows('Log in');
  });

  it('a logout at the server from Postcards reaches Teapots', async () => {
    const { page } = someone;
    await page.goto(`${running.url}/demo/second`);
    await someone.press('Log in with your account');
    await someone.logIn();
    const allow = page.getByRole('button', { name: 'Allow' });
    await allow.or(page.getByText('Hello, Alice')).first().waitFor();
    if (await allow.isVisible()) await allow.click();
    await someone.shows('Hello, Alice Liddell');
    await someone.start('Logging you in with your account there', 'Your name');
    await someone.shows('Postcards is connected'); // remembered: nothing was asked
    await someone.press('Log out at the server');
    await someone.shows('Postcards is no longer connected');
    await page.goto(`${running.url}/demo/second`);
    assert.match(await page.locator('.notice').innerText(), /You have logged out at the server, and it told Teapots/);
  });
});
