/** The full example as an OpenID Provider: what clients are told, by whose leave, and what ends with a session. */
import assert from 'node:assert/strict';
import { createRemoteJWKSet, type JWTPayload, jwtVerify } from 'jose';
import { documentOf } from '../../examples/full/sessions.js';
import { ALICE, BOB, type RunningFull, startFull } from '../support/full.js';
import {
  Agent,
  api,
  call,
  codeIn,
  DEMO,
  exchange,
  formIn,
  formsIn,
  type Page,
  request,
} from '../support/full-agent.js';

describe('the full example as an OpenID Provider', () => {
  let full: RunningFull;
  let agent: Agent;
  beforeEach(async () => {
    full = await startFull();
    agent = new Agent(full.url);
  });
  afterEach(() => full.stop());

  const open = (more: Readonly<Record<string, string>> = {}): Promise<Page> =>
    agent.open(request(full.issuer, { scope: 'openid profile email', ...more }));
  const tokensOf = async (code: string) => {
    const tokens = (await exchange(full.url, code, { redirect_uri: `${full.issuer}/demo/callback` })) as unknown as {
      readonly id_token: string;
      readonly access_token: string;
      readonly refresh_token: string;
    };
    const { payload } = await jwtVerify(tokens.id_token, createRemoteJWKSet(new URL('/jwks', full.url)), {
      issuer: full.issuer,
      audience: 'demo',
    });
    return { ...tokens, claims: payload as JWTPayload & { readonly auth_time: number } };
  };
  const connect = async (more: Readonly<Record<string, string>> = {}) => {
    const dialog = await open(more);
    return tokensOf(dialog.status === 200 ? await agent.allow(dialog) : codeIn(dialog));
  };
  const errorIn = ({ location }: Page) => new URL(location).searchParams.get('error');
  const logIn = async (page: Page, user = ALICE): Promise<Page> =>
    agent.open((await agent.submit(formIn(page, '/login'), { ...user })).location);

  it('leads a stranger by the login to the dialog, and the ID token says when and how they logged in', async () => {
    const login = await open({ nonce: 'n', login_hint: 'alice' });
    assert.match(login.text, /to continue to .*Postcards/);
    assert.equal(formIn(login, '/login').fields.get('username'), 'alice');
    const dialog = await logIn(login);
    assert.match(dialog.text, /given name<\/dt>\s*<dd>Alice/);
    const { claims, access_token } = await tokensOf(await agent.allow(dialog));
    const { nonce, sub, acr, amr, auth_time, sid } = claims as Record<string, unknown>;
    assert.deepEqual({ nonce, sub, acr, amr }, { nonce: 'n', sub: 'u1', acr: 'urn:example:password', amr: ['pwd'] });
    assert.ok(Math.abs(Number(auth_time) - Date.now() / 1000) < 60);
    assert.match(String(sid), /^[\w-]{22}$/);
    const told = (await (await api(full.url, access_token, '/userinfo')).json()) as Record<string, unknown>;
    assert.deepEqual([told['sub'], told['family_name'], told['email_verified']], ['u1', 'Liddell', true]);
    assert.ok(!('phone_number' in told) && !('address' in told), 'nobody asked for it');
  });

  for (const user of [ALICE, BOB])
    it(`gives every standard claim of ${user.username} to who is allowed all`, async () => {
      await agent.login(user);
      const { access_token } = await connect({ scope: 'openid profile email address phone' });
      const told = (await (await api(full.url, access_token, '/userinfo')).json()) as object;
      const { body } = await metadata();
      const missing = (body['claims_supported'] as string[]).filter((name) => !(name in told));
      assert.deepEqual(
        missing.filter(
          (name) => !['iss', 'aud', 'exp', 'iat', 'auth_time', 'acr', 'amr', 'sid', 'nonce', 'azp'].includes(name),
        ),
        [],
      );
    });

  const metadata = async () => {
    const response = await fetch(new URL('/.well-known/openid-configuration', full.url));
    return { body: (await response.json()) as Record<string, unknown> };
  };

  it('remembers the dialog, so that prompt=none is answered at once; without a login it is an error', async () => {
    assert.equal(errorIn(await open({ prompt: 'none' })), 'login_required');
    await agent.login(ALICE);
    assert.equal(errorIn(await open({ prompt: 'none' })), 'consent_required');
    const { id_token } = await connect();
    assert.ok(codeIn(await open({ prompt: 'none', id_token_hint: id_token })));
    assert.equal(errorIn(await open({ prompt: 'none', scope: 'openid profile email phone' })), 'consent_required');
  });

  it('asks for another login by prompt=login and max_age, and no posted decision passes it', async () => {
    await agent.login(ALICE);
    const first = await connect();
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const again = await open({ prompt: 'login' });
    const { fields } = formIn(again, '/login');
    const decision = { transaction_id: fields.get('transaction_id') ?? '', scope: 'openid' };
    assert.equal((await agent.post('/authorize/decision', decision)).status, 403);
    const second = await tokensOf(codeIn(await logIn(again))); // consent is remembered
    assert.ok(second.claims.auth_time > first.claims.auth_time);
    assert.ok(codeIn(await open({ max_age: '600' })));
    await new Promise((resolve) => setTimeout(resolve, 2100));
    assert.ok(formIn(await open({ max_age: '1' }), '/login'));
  });

  it('tells the time of a login that was forced, and never that of the one before, whatever other tabs load meanwhile', async () => {
    await agent.login(ALICE);
    await connect();
    const document = documentOf(agent.cookies.get('session') ?? '');
    const kept = (await full.storage.documents.get(document)) as {
      readonly login: { readonly authenticatedAt: number };
    };
    const login = { ...kept.login, authenticatedAt: kept.login.authenticatedAt - 1000 };
    await full.storage.documents.replace(document, { ...kept, login });
    const start = Math.floor(Date.now() / 1000);
    const [first, second] = [await open({ prompt: 'login' }), await open({ max_age: '60' })];
    const tabs = Array.from({ length: 10 }, () => {
      const tab = new Agent(full.url);
      for (const [name, value] of agent.cookies) tab.cookies.set(name, value);
      return tab;
    });
    const [posted] = await Promise.all([
      agent.submit(formIn(first, '/login'), { ...ALICE }),
      ...tabs.map((tab) => tab.open(request(full.issuer, { scope: 'openid' }))),
    ]);
    const waiting = formIn(second, '/login').fields.get('transaction_id') ?? '';
    const answers = [posted.location, `/authorize/resume?transaction_id=${waiting}`];
    for (const path of answers) {
      const { claims } = await tokensOf(codeIn(await agent.open(path)));
      assert.ok(claims.auth_time >= start, `${claims.auth_time} ${start}`);
    }
  });

  it('lets the user choose the account, or log in with another', async () => {
    await agent.login(ALICE);
    const choose = await open({ prompt: 'select_account' });
    const dialog = await agent.send(formIn(choose, '/authorize/account'));
    assert.ok(formIn(dialog, '/authorize/decision'));
    const other = /href="(\/login\?[^"]*)"/.exec((await open({ prompt: 'select_account' })).text)?.[1] ?? '';
    const bobs = await logIn(await agent.open(other.replaceAll('&#38;', '&')), BOB as unknown as typeof ALICE);
    assert.equal((await tokensOf(await agent.allow(bobs))).claims.sub, 'u2');
  });

  it('shows the claims that are asked for one by one, and remembers that they were allowed', async () => {
    await agent.login(ALICE);
    const claims = JSON.stringify({ userinfo: { phone_number: { essential: true } } });
    const dialog = await open({ scope: 'openid', claims });
    assert.match(dialog.text, /also asks to be told:.*phone number<\/dt>\s*<dd>\+44/s);
    const { access_token } = await tokensOf(await agent.allow(dialog));
    const told = (await (await api(full.url, access_token, '/userinfo')).json()) as Record<string, unknown>;
    assert.equal(told['phone_number'], '+44 1865 276150');
    assert.ok(codeIn(await open({ scope: 'openid', claims })));
    const more = JSON.stringify({ userinfo: { address: null } });
    assert.ok(formIn(await open({ scope: 'openid', claims: more }), '/authorize/decision'), 'is asked again');
  });

  it('takes a request by POST, which is sent on so that the cookie of the session comes', async () => {
    await agent.login(ALICE);
    const query = request(full.issuer, { scope: 'openid' }).split('?')[1] ?? '';
    const elsewhere = new Agent(full.url, { origin: 'https://client.example' }); // a page of another site, whose forms come without the cookie
    const sent = await elsewhere.post('/authorize', new URLSearchParams(query));
    assert.equal(sent.status, 303);
    assert.equal(sent.headers.get('set-cookie'), null);
    assert.ok(formIn(await agent.open(`/authorize${sent.location}`), '/authorize/decision'));
  });

  it('RFC 9396: shows a payment, asks each time, and the token has what was allowed', async () => {
    await agent.login(ALICE);
    const payment = { type: 'payment', creditor: 'Mad Hatter Ltd', amount: '12.50', currency: 'EUR' };
    const more = { scope: 'profile', authorization_details: JSON.stringify([payment]) };
    for (const time of ['first', 'second']) {
      const dialog = await open(more);
      assert.match(dialog.text, /Pay 12\.50 EUR to Mad Hatter Ltd/, time);
      const tokens = await exchange(full.url, await agent.allow(dialog), {
        redirect_uri: `${full.issuer}/demo/callback`,
      });
      assert.deepEqual(Reflect.get(tokens, 'authorization_details'), [payment]);
    }
    const alone = await open({ ...more, scope: '' });
    assert.ok(await agent.allow(alone), 'a payment without a scope');
    const wrong = await open({ ...more, authorization_details: JSON.stringify([{ ...payment, amount: 'all' }]) });
    assert.equal(errorIn(wrong), 'invalid_authorization_details');
  });

  describe('sessions', () => {
    it('are listed with their applications, and one ends from another, with what it was given', async () => {
      const elsewhere = new Agent(full.url, { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0' });
      await elsewhere.login(ALICE);
      const there = agent;
      agent = elsewhere;
      const tokens = await connect();
      agent = there;
      await agent.login(ALICE);
      const page = await agent.open('/sessions');
      assert.match(page.text, /Firefox on Linux.*Postcards/s);
      const forms = formsIn(page).filter(({ action }) => action === '/sessions/end');
      assert.equal(forms.length, 3);
      const sid = String(tokens.claims['sid']);
      const ended = await agent.send(formIn(page, '/sessions/end', { id: sid }));
      assert.match(ended.text, /role="status">You are signed out there/);
      assert.match((await elsewhere.open('/account')).text, /action="\/login"/);
      assert.match((await agent.open('/account')).text, /Your account/);
      const refreshed = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token };
      assert.equal((await call(full.url, '/token', DEMO, refreshed)).status, 400);
      assert.doesNotMatch((await agent.open('/sessions')).text, /Firefox/);
    });

    it('of another user, and without the form of the page, end nothing', async () => {
      await agent.login(ALICE);
      const id = /name="id" value="([\w-]{22})"/.exec((await agent.open('/sessions')).text)?.[1] ?? '';
      const bob = new Agent(full.url);
      await bob.login(BOB);
      const form = formIn(await bob.open('/sessions'), '/sessions/end', { id: 'all' });
      await bob.submit(form, { id });
      assert.equal((await agent.post('/sessions/end', { id: 'all' })).status, 403);
      assert.match((await agent.open('/account')).text, /Your account/);
    });

    it('all end at once', async () => {
      const other = new Agent(full.url);
      await other.login(ALICE);
      await agent.login(ALICE);
      const over = await agent.send(formIn(await agent.open('/sessions'), '/sessions/end', { id: 'all' }));
      assert.match(over.text, /You are logged out/);
      for (const one of [agent, other]) assert.match((await one.open('/account')).text, /action="\/login"/);
    });

    it('end where an application asks for it: at once with its ID token, else after a question', async () => {
      await agent.login(ALICE);
      const { id_token, refresh_token } = await connect();
      const asked = await agent.open('/end-session');
      assert.match(asked.text, /Log out\?/);
      await agent.submit(formIn(asked, '/end-session/decision'), { cancel: 'yes' });
      assert.match((await agent.open('/account')).text, /Your account/);
      const back = `${full.issuer}/demo`;
      const query = new URLSearchParams({ id_token_hint: id_token, post_logout_redirect_uri: back, state: 's' });
      const done = await agent.open(`/end-session?${query}`);
      assert.equal(done.location, `${back}?state=s`);
      assert.match((await agent.open('/account')).text, /action="\/login"/);
      const again = { grant_type: 'refresh_token', refresh_token };
      assert.equal((await call(full.url, '/token', DEMO, again)).status, 400);
    });
  });

  it('signs for each client by the algorithm that it registered', async () => {
    const { body } = await metadata();
    assert.deepEqual(
      new Set(body['id_token_signing_alg_values_supported'] as string[]),
      new Set(['RS256', 'ES256', 'PS256', 'EdDSA']),
    );
  });
});
