/** Clients that users register in the full example: what may be registered, and that it works. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import * as client from 'openid-client';
import { openClients } from '../../examples/full/clients.js';
import { ALICE, BOB, type RunningFull, startFull } from '../support/full.js';
import { Agent, api, call, codeIn, exchange, formIn, type Page, request, VERIFIER } from '../support/full-agent.js';

/** The pages after a form. */
const IS_MADE = /<h1>[^<]* is registered<\/h1>/;
const IS_REFUSED = /role="alert"/;

describe('client registration in the full example', () => {
  let full: RunningFull;
  let agent: Agent;
  beforeEach(async () => {
    full = await startFull();
    agent = new Agent(full.url);
    await agent.login(ALICE);
  });
  afterEach(() => full.stop());

  const register = async (fields: Readonly<Record<string, string>>): Promise<Page> =>
    agent.send(formIn(await agent.open('/clients/new'), '/clients/new'), {
      client_name: 'Tea Time',
      redirect_uris: 'https://tea.example/cb',
      type: 'confidential',
      ...fields,
    });
  const codesIn = ({ text }: Page): readonly string[] =>
    [...text.matchAll(/<code[^>]*>([\w-]+)<\/code>/g)].map(([, code = '']) => code);

  /** What a developer copies from the page. */
  const registered = async (fields: Readonly<Record<string, string>> = {}) => {
    const page = await register(fields);
    assert.match(page.text, IS_MADE);
    const [id = '', secret] = codesIn(page).filter((code) => code.length > 20);
    return { id, secret };
  };

  for (const [type, uri] of [
    ['confidential', 'https://tea.example/cb'],
    ['confidential', 'https://tea.example'],
    ['confidential', 'https://tea.example:8443/cb?x=1'],
    ['confidential', 'http://localhost:3001/cb'],
    ['public', 'http://127.0.0.1/cb'],
    ['public', 'http://[::1]/cb'],
    ['public', 'com.example.tea:/cb'],
    ['public', 'https://tea.example/cb'],
    ['public', 'https://tea.example/cb\nhttps://tea.example/other'],
  ] as const) {
    it(`a ${type} client may have ${uri.replace('\n', ' and ')}`, async () => {
      assert.match((await register({ type, redirect_uris: uri })).text, IS_MADE);
    });
  }

  for (const [type, uri, why] of [
    ['confidential', '', /at least one/],
    ['confidential', '/cb', /absolute/],
    ['confidential', 'tea.example/cb', /absolute/],
    ['confidential', 'http://tea.example/cb', /http/],
    ['confidential', 'http://127.0.0.1.tea.example/cb', /http/],
    ['confidential', 'https://tea.example/cb#', /fragment/],
    ['confidential', 'https://tea.example/cb#token', /fragment/],
    ['confidential', 'https://*.tea.example/cb', /wildcard/],
    ['confidential', 'https://tea.example/*', /wildcard/],
    ['confidential', 'https://user@tea.example/cb', /user name/],
    ['confidential', 'https:\\\\tea.example/cb', /browsers/],
    ['confidential', 'https://TEA.example/cb', /browsers/],
    ['confidential', 'https://tea.example/a/../cb', /browsers/],
    ['confidential', 'https://teа.example/cb', /absolute/], // a Cyrillic letter
    ['confidential', 'com.example.tea:/cb', /without a secret/],
    ['public', 'tea:/cb', /scheme/],
    ['public', 'javascript:alert(1)', /scheme/],
    ['public', 'data:text/html,x', /scheme/],
    ['public', 'file:///etc/passwd', /scheme/],
    ['public', `https://tea.example/${'x'.repeat(500)}`, /longer/],
    ['public', Array.from({ length: 11 }, (_, i) => `https://tea.example/${i}`).join('\n'), /at most/],
    ['public', 'https://tea.example/cb\nhttp://tea.example/', /http:\/\/tea/],
  ] as const) {
    it(`a ${type} client may not have ${uri.slice(0, 40).replaceAll('\n', ' and ')}`, async () => {
      const page = await register({ type, redirect_uris: uri });
      assert.doesNotMatch(page.text, IS_MADE);
      assert.match(/role="alert"[^>]*>([^<]*)</.exec(page.text)?.[1] ?? '', why);
      assert.equal(formIn(page, '/clients/new').fields.get('client_name'), 'Tea Time', 'what was typed stays');
      assert.equal((await full.storage.collections.list('clients')).size, 0);
    });
  }

  for (const name of ['', '   ', 'x'.repeat(61), 'Tea\u202eemiT', 'Tea\u200bTime', 'Tea\nTime', '!Tea']) {
    it(`no client is called ${JSON.stringify(name.slice(0, 20))}`, async () => {
      assert.match((await register({ client_name: name })).text, IS_REFUSED);
    });
  }
  it('nor of another kind', async () => {
    assert.match((await register({ type: 'trusted' })).text, IS_REFUSED);
  });

  for (const id of ['', 'a b', 'a\0', '../a', '{', 'x'.repeat(65)]) {
    it(`no database is asked for a client ID such as ${JSON.stringify(id.slice(0, 8))}`, async () => {
      const { collections } = full.storage;
      const clients = openClients([], { ...collections, get: () => assert.fail('it was asked') });
      assert.equal(await clients.find(id), undefined);
    });
  }

  it('the secret is shown once, and stored as a hash', async () => {
    const { id, secret = '' } = await registered();
    assert.equal(secret.length, 43);
    const list = await agent.open('/clients');
    assert.ok(list.text.includes(id), 'the client is listed');
    assert.ok(!list.text.includes(secret), 'the secret is not');
    const stored = JSON.stringify([...(await full.storage.collections.list('clients'))]);
    assert.ok(stored.includes(id) && !stored.includes(secret), stored);
  });

  it('the secret is shown to the browser that made it, once, and stands in no address', async () => {
    const form = formIn(await agent.open('/clients/new'), '/clients/new');
    const elsewhere = new Agent(full.url);
    await elsewhere.login(ALICE);
    const made = await agent.submit(form, {
      ...{ client_name: 'Tea Time', redirect_uris: 'https://tea.example/cb', type: 'confidential' },
    });
    assert.equal(made.status, 303);
    assert.match((await elsewhere.open(made.location)).location, /^\/clients\/client\?/);
    const [id = '', secret = ''] = codesIn(await agent.open(made.location)).filter((code) => code.length > 20);
    assert.equal(secret.length, 43);
    assert.ok(!made.location.includes(secret), made.location);
    const again = await agent.open(made.location);
    assert.equal(again.location, `/clients/client?client_id=${id}&notice=shown`);
    assert.match((await agent.open(again.location)).text, /A secret is shown only once[\s\S]*Make a new secret/);
  });

  it('a public client gets no secret', async () => {
    assert.equal((await registered({ type: 'public' })).secret, undefined);
  });

  it('a user has 20 clients at most', async () => {
    for (let i = 0; i < 20; i += 1) await registered();
    assert.match((await register({})).text, IS_REFUSED);
  });

  it('a client is its owner’s to see and to remove', async () => {
    const { id } = await registered();
    const other = new Agent(full.url);
    const page = await other.login(BOB, '/clients');
    assert.ok(!page.text.includes(id), 'not listed');
    const csrf = formIn(page, '/logout').fields.get('csrf') ?? '';
    await other.post('/clients/remove', { csrf, client_id: id });
    await other.post('/clients/remove', { csrf, client_id: 'demo' });
    assert.ok((await agent.open('/clients')).text.includes(id), 'still there');
  });

  const pageOf = (id: string, path = 'client'): Promise<Page> => agent.open(`/clients/${path}?client_id=${id}`);
  /** What a page has for copying, by the ID of its element. */
  const copied = ({ text }: Page, id: string): string => {
    const [, found = ''] = new RegExp(`<code id="${id}">([^<]*)</code>`).exec(text) ?? [];
    return found.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
  };
  const redeem = (id: string, secret: string | undefined, code: string, code_verifier = VERIFIER) =>
    call(
      full.url,
      '/token',
      { id, secret },
      { grant_type: 'authorization_code', code, redirect_uri: 'https://tea.example/cb', code_verifier },
    );

  for (const type of ['confidential', 'public'] as const) {
    it(`the page of a ${type} client has an address that works, and the command that exchanges its code`, async () => {
      const { id, secret } = await registered({ type });
      const page = await pageOf(id);
      const url = new URL(copied(page, 'url'));
      assert.equal(url.origin, full.issuer);
      const code = await agent.allow(await agent.open(url.pathname + url.search));
      const command = copied(page, 'curl');
      const [, verifier = ''] = /code_verifier=([\w-]{43})'/.exec(command) ?? [];
      assert.match(command, /^curl '\S+\/token'/);
      assert.equal(command.includes(`-u '${id}:SECRET'`), type === 'confidential');
      const { status, body } = await redeem(id, secret, code, verifier);
      assert.equal(status, 200, JSON.stringify(body));
    });
  }

  it('a client is changed, but for its kind and its secret', async () => {
    const { id, secret } = await registered();
    const form = formIn(await pageOf(id, 'change'), '/clients/change');
    assert.equal(form.fields.get('client_name'), 'Tea Time');
    const uris = 'https://tea.example/cb\nhttps://tea.example/new';
    const fields = { client_name: 'Coffee', redirect_uris: uris, type: 'public' };
    const { location } = await agent.submit(form, fields);
    assert.match((await agent.open(location)).text, /It is changed\.[\s\S]*https:\/\/tea\.example\/new/);
    const dialog = await agent.open(request(full.url, { client_id: id, redirect_uri: 'https://tea.example/new' }));
    assert.match(dialog.text, /Connect Coffee\?/);
    const code = await agent.allow(
      await agent.open(request(full.url, { client_id: id, redirect_uri: 'https://tea.example/cb' })),
    );
    assert.notEqual((await redeem(id, undefined, code)).status, 200, 'it still needs its secret');
    assert.equal((await redeem(id, secret, code)).status, 200);
  });

  it('a change is judged as a registration is, and what was typed stays', async () => {
    const { id } = await registered();
    const form = formIn(await pageOf(id, 'change'), '/clients/change');
    for (const fields of [
      { client_name: 'Postcards' },
      { redirect_uris: 'http://tea.example/cb' },
      { method: 'none' },
    ]) {
      const page = await agent.send(form, fields);
      assert.match(page.text, IS_REFUSED);
      assert.equal(formIn(page, '/clients/change').fields.get('client_id'), id);
    }
    assert.match((await pageOf(id)).text, /<h1>Tea Time<\/h1>/);
  });

  it('a new secret ends the old one; the same form gives the same one again; a public client gets none', async () => {
    const { id, secret } = await registered();
    const form = formIn(await pageOf(id), '/clients/rotate');
    const page = await agent.send(form);
    const fresh = copied(page, 'secret');
    assert.equal(fresh.length, 43);
    assert.equal(copied(await agent.send(form), 'secret'), fresh);
    const redirect_uri = 'https://tea.example/cb';
    const code = await agent.allow(await agent.open(request(full.url, { client_id: id, redirect_uri })));
    assert.equal((await redeem(id, secret, code)).status, 401);
    assert.equal((await redeem(id, fresh, code)).status, 200);
    const open = await registered({ type: 'public', client_name: 'Open' });
    const csrf = form.fields.get('csrf') ?? '';
    assert.equal((await agent.post('/clients/rotate', { csrf, client_id: open.id })).location, '/clients');
  });

  it('is asked before a client is removed, and the way back from it shows no error', async () => {
    const { id } = await registered();
    const page = await pageOf(id, 'remove');
    assert.match(page.text, /Remove Tea Time\?[\s\S]*cannot be undone/);
    assert.ok((await agent.open('/clients')).text.includes(id), 'it is still there');
    await agent.submit(formIn(page, '/clients/remove'));
    assert.ok(!(await agent.open('/clients')).text.includes(id));
    for (const path of ['client', 'change', 'remove']) assert.equal((await pageOf(id, path)).location, '/clients');
  });

  it('a client is its owner’s to read, to change and to give a secret', async () => {
    const { id, secret } = await registered();
    const form = formIn(await pageOf(id, 'change'), '/clients/change');
    const other = new Agent(full.url);
    const csrf = formIn(await other.login(BOB, '/clients'), '/logout').fields.get('csrf') ?? '';
    for (const path of ['client', 'change', 'remove'])
      assert.equal((await other.open(`/clients/${path}?client_id=${id}`)).location, '/clients');
    await other.submit(form, { csrf, client_name: 'Bob’s' });
    await other.post('/clients/rotate', { csrf, client_id: id });
    await other.post('/clients/rotate', { csrf, client_id: 'demo' });
    assert.match((await pageOf(id)).text, /<h1>Tea Time<\/h1>/);
    const redirect_uri = 'https://tea.example/cb';
    const code = await agent.allow(await agent.open(request(full.url, { client_id: id, redirect_uri })));
    assert.equal((await redeem(id, secret, code)).status, 200);
  });

  it('a page with buttons that copy runs that script, and no other', async () => {
    const { id } = await registered();
    const { headers, text } = await pageOf(id);
    const policy = headers.get('content-security-policy') ?? '';
    const scripts = [...text.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, script = '']) => script);
    assert.equal(scripts.length, 1);
    const digest = createHash('sha256').update(scripts.join('')).digest('base64');
    assert.deepEqual(/script-src ([^;]*)/.exec(policy)?.[1], `'sha256-${digest}'`);
    assert.match(policy, /^default-src 'none'; .*frame-ancestors 'none'/);
    assert.doesNotMatch((await agent.open('/clients')).headers.get('content-security-policy') ?? '', /script-src/);
  });

  it('with a client its tokens end', async () => {
    const { id, secret } = await registered();
    const redirect_uri = 'https://tea.example/cb';
    const code = await agent.allow(await agent.open(request(full.url, { client_id: id, redirect_uri })));
    const { access_token } = await exchange(full.url, code, { redirect_uri }, { id, secret });
    const introspected = async () =>
      (
        await call(
          full.url,
          '/introspect',
          { id: 'greetings', secret: 'only-greetings-knows' },
          { token: access_token },
        )
      ).body;
    assert.equal((await introspected())['active'], true);
    assert.equal((await api(full.url, access_token)).status, 200);
    const csrf = formIn(await agent.open('/clients'), '/logout').fields.get('csrf') ?? '';
    assert.equal((await agent.post('/clients/remove', { csrf, client_id: id })).status, 303);
    assert.equal((await api(full.url, access_token)).status, 401);
    assert.deepEqual(await introspected(), { active: false });
    assert.match((await agent.open('/connected')).text, /not registered any more/);
    const page = await agent.open(request(full.url, { client_id: id, redirect_uri }));
    assert.deepEqual([page.status, page.location], [400, '']);
  });

  const redirect_uri = 'https://tea.example/cb';
  const codeFor = async (id: string): Promise<string> => {
    const page = await agent.open(request(full.url, { client_id: id, redirect_uri }));
    return page.location ? codeIn(page) : await agent.allow(page); // what was allowed once is remembered
  };
  /** The code's redemption, with the secret in the form. */
  const redeemInForm = async (id: string, secret: string | undefined, code: string): Promise<number> => {
    const more = { redirect_uri, client_secret: secret ?? '', code_verifier: VERIFIER };
    const fields = { grant_type: 'authorization_code', code, ...more };
    return (await call(full.url, '/token', { id }, fields)).status;
  };

  it('the way in which the secret is sent is left open, unless it was chosen: clients differ in the one that they know', async () => {
    const { id, secret } = await registered();
    assert.equal(await redeemInForm(id, secret, await codeFor(id)), 200);
    await exchange(full.url, await codeFor(id), { redirect_uri }, { id, secret });
  });

  it('the way that was chosen is the only one, and the log says that it was another', async () => {
    const { id, secret } = await registered({ method: 'client_secret_basic' });
    const status = await redeemInForm(id, secret, await codeFor(id));
    assert.ok(status === 400 || status === 401, `${status}`);
    const refusal =
      full
        .log()
        .split('\n')
        .find((line) => line.includes('"error":"invalid_client"')) ?? '';
    assert.match(refusal, /not by this method|by another method than registered/);
    assert.ok(!full.log().includes(secret ?? 'no secret'), 'the secret is in the log');
    await exchange(full.url, await codeFor(id), { redirect_uri }, { id, secret });
    assert.match((await agent.open('/clients')).text, /In the Authorization header only/);
  });

  it('a way that there is not is not registered', async () => {
    assert.match((await register({ method: 'none' })).text, IS_REFUSED);
  });

  /** An authorization request as clients send it that cannot do PKCE. */
  const withoutPKCE = (id: string): string => {
    const url = new URL(request(full.url, { client_id: id, redirect_uri }), full.url);
    for (const name of ['code_challenge', 'code_challenge_method']) url.searchParams.delete(name);
    return url.pathname + url.search;
  };
  const redeemWithout = async (id: string, secret: string | undefined, code: string): Promise<number> =>
    (await call(full.url, '/token', { id, secret }, { grant_type: 'authorization_code', code, redirect_uri })).status;

  it('a client for which it was registered may go without PKCE, and the pages say what that gives up', async () => {
    assert.match((await agent.open('/clients/new')).text, /make your users. browsers use a code of another account/);
    const { id, secret } = await registered({ pkce: 'may be missing' });
    const code = await agent.allow(await agent.open(withoutPKCE(id)));
    assert.equal(await redeemWithout(id, secret, code), 200);
    assert.match((await agent.open('/clients')).text, /Not required: an attacker can make/);
    const bound = await codeFor(id);
    assert.equal(await redeemWithout(id, secret, bound), 400, 'a challenge that was sent counts');
  });

  it('no other client may go without PKCE', async () => {
    const { id } = await registered();
    const { location } = await agent.open(withoutPKCE(id));
    assert.equal(new URL(location).searchParams.get('error'), 'invalid_request');
  });

  it('nor may a client without a secret be registered so', async () => {
    const page = await register({ type: 'public', pkce: 'may be missing' });
    assert.match(page.text, IS_REFUSED);
    assert.match(page.text, /must use PKCE/);
  });

  it('access tokens live for 900 s or more: some clients take 600 s for expired', async () => {
    const { id, secret } = await registered();
    const tokens = await exchange(full.url, await codeFor(id), { redirect_uri }, { id, secret });
    const seconds = Number(Reflect.get(tokens, 'expires_in'));
    assert.ok(seconds >= 900, `${seconds}`);
  });

  for (const type of ['confidential', 'public'] as const) {
    it(`openid-client does the whole with a ${type} client that was just registered`, async () => {
      const redirect_uri = type === 'public' ? 'http://127.0.0.1/cb' : 'https://tea.example/cb';
      const { id, secret } = await registered({ type, redirect_uris: redirect_uri });
      const authentication = secret === undefined ? client.None() : client.ClientSecretBasic(secret);
      const config = await client.discovery(new URL(full.issuer), id, undefined, authentication, {
        algorithm: 'oauth2',
        execute: [client.allowInsecureRequests],
      });
      const pkceCodeVerifier = client.randomPKCECodeVerifier();
      const expectedState = client.randomState();
      const to = client.buildAuthorizationUrl(config, {
        redirect_uri: type === 'public' ? 'http://127.0.0.1:5678/cb' : redirect_uri,
        scope: 'profile notes notes:write',
        state: expectedState,
        code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
        code_challenge_method: 'S256',
      });
      const dialog = await agent.open(to.pathname + to.search);
      const answer = await agent.submit(formIn(dialog, '/authorize/decision'));
      const tokens = await client.authorizationCodeGrant(config, new URL(answer.location), {
        pkceCodeVerifier,
        expectedState,
      });
      const url = new URL('/api/notes', full.url);
      const headers = new Headers({ 'Content-Type': 'application/json' });
      const body = JSON.stringify({ text: 'Two o’clock' });
      assert.equal(
        (await client.fetchProtectedResource(config, tokens.access_token, url, 'POST', body, headers)).status,
        201,
      );
      const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token ?? '');
      const notes = await client.fetchProtectedResource(config, refreshed.access_token, url, 'GET');
      const read = (await notes.json()) as { notes: { text: string }[] };
      assert.deepEqual(
        read.notes.map(({ text }) => text),
        ['Two o’clock'],
      );
      await client.tokenRevocation(config, refreshed.refresh_token ?? '');
      await assert.rejects(client.refreshTokenGrant(config, refreshed.refresh_token ?? ''), { error: 'invalid_grant' });
      await assert.rejects(client.fetchProtectedResource(config, refreshed.access_token, url, 'GET'));
    });
  }
});
