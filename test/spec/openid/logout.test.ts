/** OpenID Connect RP-Initiated Logout 1.0, by clause. */
import assert from 'node:assert/strict';
import { decodeJwt } from 'jose';
import { logout } from 'koauthorize';
import { type Fetch, publicFetch, signJWT } from 'koauthorize/extending';
import { generateSigningKey, type KeySet, keySet } from 'koauthorize/tokens';
import type { Response } from 'supertest';
import { CLIENT, ISSUER, OTHER, redirected } from '../../support/authorization-server.js';
import {
  AFTER,
  type LogoutServer,
  type LogoutSetup,
  listening,
  logoutServer,
  RETURNING,
} from '../../support/logout-server.js';
import { rsaKeys } from '../../support/openid-server.js';
import { forged } from '../../support/request-object.js';

const STATE = 'x'.repeat(128);

describe('OpenID Connect RP-Initiated Logout', () => {
  let keys: KeySet;
  before(async () => {
    keys = await rsaKeys();
  });
  const made = (setup: Partial<LogoutSetup> = {}) => logoutServer({ keys, ...setup });

  /** A user who is logged in, and the ID token of a client. */
  async function loggedIn(server: LogoutServer, user = 'alice', client = CLIENT) {
    const person = server.person();
    await person.login(user);
    const { id_token: hint } = await person.connect(client);
    return { ...person, hint: String(hint) };
  }

  const isAsked = ({ status, body, headers }: Response, { ended }: LogoutServer) => {
    assert.equal(status, 200);
    assert.equal(headers['location'], undefined);
    assert.equal(body.page.isOver, false);
    assert.match(body.page.id, /^[\w-]{22}$/);
    assert.deepEqual(ended, []);
    return body.page;
  };

  for (const method of ['logout', 'postLogout'] as const)
    describe(`§2 by ${method === 'logout' ? 'GET' : 'POST'}`, () => {
      it('ends the session and redirects to a registered address, with the state and nothing else', async () => {
        const server = made();
        const person = await loggedIn(server);
        const sent = await person[method]({
          id_token_hint: person.hint,
          post_logout_redirect_uri: AFTER,
          state: STATE,
        });
        assert.equal(sent.headers['location'], `${AFTER}?state=${STATE}`);
        assert.equal(sent.headers['cache-control'], 'no-store');
        assert.deepEqual(server.ended, ['alice']);
        assert.equal(redirected(await person.authorize({ prompt: 'none' }))['error'], 'login_required');
      });

      it('sends no state where none came', async () => {
        const person = await loggedIn(made());
        const sent = await person[method]({ id_token_hint: person.hint, post_logout_redirect_uri: AFTER });
        assert.equal(sent.headers['location'], AFTER);
      });
    });

  it('§3 a query of the registered address is kept', async () => {
    const person = await loggedIn(made());
    const uri = `${AFTER}?page=1`;
    const sent = await person.logout({ id_token_hint: person.hint, post_logout_redirect_uri: uri, state: 'a&b' });
    assert.equal(sent.headers['location'], `${uri}&state=a%26b`);
  });

  it('§2 an expired ID token is accepted', async () => {
    const server = made();
    const person = await loggedIn(server);
    server.clock.now += 100_000;
    const sent = await person.logout({ id_token_hint: person.hint, post_logout_redirect_uri: AFTER });
    assert.equal(sent.headers['location'], AFTER);
  });

  it('§2 an ID token that an earlier key has signed is accepted, while the key is published', async () => {
    const old = await generateSigningKey('RS256');
    const before = await keySet({ signing: old });
    const person = await loggedIn(made({ keys: before }));
    const after = made({ keys: await keySet({ signing: await generateSigningKey('RS256'), published: [old] }) });
    const there = after.person();
    await there.login();
    const sent = await there.logout({ id_token_hint: person.hint, post_logout_redirect_uri: AFTER });
    assert.equal(sent.headers['location'], AFTER);
  });

  describe('§3 nobody is redirected', () => {
    const rows: readonly [what: string, params: (hint: string, server: LogoutServer) => object, fault?: RegExp][] = [
      ['without parameters', () => ({})],
      ['with a state alone', () => ({ state: 'x' })],
      ['without an ID token', () => ({ post_logout_redirect_uri: AFTER }), /came without id_token_hint/],
      [
        'by client_id alone',
        () => ({ client_id: 'client', post_logout_redirect_uri: AFTER }),
        /came without id_token_hint/,
      ],
      [
        'with an unsigned ID token',
        (hint) => ({
          id_token_hint: forged(
            { alg: 'none' },
            JSON.parse(Buffer.from(hint.split('.')[1] ?? '', 'base64url').toString()),
          ),
          post_logout_redirect_uri: AFTER,
        }),
        /No published key of this server has signed it/,
      ],
      [
        'with an ID token whose signature is changed',
        (hint) => ({
          id_token_hint: `${hint.slice(0, -10)}${hint.slice(-10) === 'AAAAAAAAAA' ? 'BBBBBBBBBB' : 'AAAAAAAAAA'}`,
          post_logout_redirect_uri: AFTER,
        }),
        /No published key of this server has signed it/,
      ],
      [
        'with the client_id of another client',
        (hint) => ({ id_token_hint: hint, client_id: OTHER.client_id, post_logout_redirect_uri: AFTER }),
        /client_id is not the client/,
      ],
    ];
    it('with an ID token that is for several, where it does not say who got it', async () => {
      for (const azp of [undefined, 'stranger', 7]) {
        const server = made();
        const person = await loggedIn(server);
        const { exp, ...claims } = await server.verified(person.hint);
        const token = await signJWT(keys.signing('RS256'), { ...claims, exp, aud: ['client', 'other'], azp });
        isAsked(await person.logout({ id_token_hint: token, post_logout_redirect_uri: AFTER }), server);
        assert.match(String(server.errors.map(({ cause }) => cause)), /does not say which client/);
      }
    });

    for (const [what, params, fault] of rows)
      it(`${what}, and the user is asked`, async () => {
        const server = made();
        const person = await loggedIn(server);
        const { id } = isAsked(await person.logout({ ...params(person.hint, server) }), server);
        assert.match(String(server.errors.map(({ cause }) => cause)), fault ?? /^$/);
        const after = await person.answer(id);
        assert.deepEqual(after.body.page, { isOver: true, frontChannel: [] });
        assert.deepEqual(server.ended, ['alice']);
      });

    const addresses = [
      `${AFTER}?x=1`,
      `${AFTER}/`,
      `${AFTER}#x`,
      'https://client.example:8443/after',
      'https://CLIENT.example/after',
      'https://evil.example/after',
      'javascript:alert(1)',
    ];
    for (const uri of addresses)
      it(`to ${uri}, which is not registered, and the session is over`, async () => {
        const server = made();
        const person = await loggedIn(server);
        const sent = await person.logout({ id_token_hint: person.hint, post_logout_redirect_uri: uri, state: 'x' });
        assert.equal(sent.status, 200);
        assert.equal(sent.body.page.isOver, true);
        assert.match(String(server.errors.map(({ cause }) => cause)), /did not register this post_logout_redirect_uri/);
      });

    it('to an address that a script could be, though it is registered', async () => {
      const uri = 'javascript:alert(1)';
      const person = await loggedIn(made({ clients: [{ ...RETURNING, post_logout_redirect_uris: [uri] }] }));
      const sent = await person.logout({ id_token_hint: person.hint, post_logout_redirect_uri: uri });
      assert.equal(sent.headers['location'], undefined);
    });

    it('to an address of another client', async () => {
      const server = made({ clients: [{ ...CLIENT }, { ...OTHER, post_logout_redirect_uris: [AFTER] }] });
      const person = await loggedIn(server);
      const sent = await person.logout({ id_token_hint: person.hint, post_logout_redirect_uri: AFTER });
      assert.equal(sent.headers['location'], undefined);
    });
  });

  describe('§2 the user is asked, so that no other site can log them out', () => {
    it('where the ID token is of another user, and is then redirected', async () => {
      const server = made();
      const { hint } = await loggedIn(server, 'bob');
      const alice = await loggedIn(server, 'alice');
      const sent = await alice.logout({ id_token_hint: hint, post_logout_redirect_uri: AFTER, state: 'x' });
      const page = isAsked(sent, server);
      assert.equal(page.client.client_id, 'client');
      const after = await alice.answer(page.id);
      assert.equal(after.headers['location'], `${AFTER}?state=x`);
      assert.deepEqual(server.ended, ['alice']);
    });

    it('where the ID token is of another session of the user', async () => {
      const server = made();
      const { hint } = await loggedIn(server);
      const elsewhere = server.person();
      await elsewhere.login('alice', 'session 2');
      isAsked(await elsewhere.logout({ id_token_hint: hint }), server);
    });

    it('always, where the application says so', async () => {
      const server = made({ logout: { alwaysAsk: true } });
      const person = await loggedIn(server);
      isAsked(await person.logout({ id_token_hint: person.hint, post_logout_redirect_uri: AFTER }), server);
    });

    it('on a page that no other site can frame, or read from a cache', async () => {
      const { headers } = await (await loggedIn(made())).logout();
      assert.equal(headers['x-frame-options'], 'DENY');
      assert.match(headers['content-security-policy'] ?? '', /frame-ancestors 'none'/);
      assert.equal(headers['cache-control'], 'no-store');
    });

    it('and the answer counts once, and only from the page that was shown in this browser', async () => {
      const server = made();
      const [alice, mallory] = [await loggedIn(server), await loggedIn(server, 'mallory')];
      const { id } = isAsked(await alice.logout(), server);
      const { id: other } = isAsked(await mallory.logout(), server);
      for (const wrong of [undefined, '', 'x', other, '__proto__', 'constructor'])
        await alice.answer(wrong).expect(403);
      await mallory.answer(id).expect(403);
      assert.deepEqual(server.ended, []);
      await alice.answer(id).expect(200);
      await alice.answer(id).expect(403);
      assert.deepEqual(server.ended, ['alice']);
    });

    it('and their answer counts for ten minutes, and for nobody else', async () => {
      const server = made();
      const alice = await loggedIn(server);
      const { id } = isAsked(await alice.logout(), server);
      server.clock.now += 601;
      await alice.answer(id).expect(403);
      const { id: again } = isAsked(await alice.logout(), server);
      await alice.login('bob');
      await alice.answer(again).expect(403);
      assert.deepEqual(server.ended, []);
    });

    it('and who says no stays logged in', async () => {
      const server = made();
      const person = await loggedIn(server);
      const { id } = isAsked(await person.logout({ post_logout_redirect_uri: AFTER }), server);
      const { body } = await person.answer(id, { cancel: 'yes' });
      assert.deepEqual(body.page, { isOver: false, isRefused: true, frontChannel: [] });
      await person.answer(id).expect(403); // the page was answered
      assert.deepEqual(server.ended, []);
    });

    it('for an address that is still registered when they answer', async () => {
      const clients = [{ ...RETURNING }];
      const server = made({ clients, logout: { alwaysAsk: true } });
      const person = await loggedIn(server);
      const { id } = isAsked(
        await person.logout({ id_token_hint: person.hint, post_logout_redirect_uri: AFTER }),
        server,
      );
      Object.assign(clients[0] ?? {}, { post_logout_redirect_uris: [] });
      assert.equal((await person.answer(id)).headers['location'], undefined);
    });
  });

  it('§2 logout_hint and ui_locales are for the page', async () => {
    const server = made();
    const page = isAsked(await (await loggedIn(server)).logout({ logout_hint: 'alice', ui_locales: 'de en' }), server);
    assert.deepEqual([page.logoutHint, page.uiLocales], ['alice', ['de', 'en']]);
  });

  it('§2 where nobody is logged in, a valid request is redirected, and others get the page', async () => {
    const server = made();
    const { hint } = await loggedIn(server);
    const nobody = server.person();
    const sent = await nobody.logout({ id_token_hint: hint, post_logout_redirect_uri: AFTER });
    assert.equal(sent.headers['location'], AFTER);
    assert.equal((await nobody.logout()).body.page.isOver, true);
    assert.deepEqual(server.ended, []);
  });

  it('§2 a form that another site posts arrives without the session cookie, and the browser repeats the request with it', async () => {
    const server = made();
    const person = await loggedIn(server);
    const params = { id_token_hint: person.hint, post_logout_redirect_uri: AFTER, state: 'x' };
    const posted = await server.person().postLogout(params);
    assert.equal(posted.status, 303);
    const location = posted.headers['location'] ?? '';
    const here = new URL(location, 'https://as.example/mounted/logout'); // what the path is to the browser
    assert.equal(here.origin + here.pathname, 'https://as.example/mounted/logout');
    const sent = await person.agent.get(`/logout${here.search}`);
    assert.equal(sent.headers['location'], `${AFTER}?state=x`);
    assert.deepEqual(server.ended, ['alice']);
    const long = await server.person().postLogout({ ...params, id_token_hint: 'x'.repeat(6001) });
    assert.ok((long.headers['location'] ?? '').length < 6000); // longer URLs are refused on the way
  });

  it('three pages at most wait in one browser', async () => {
    const server = made();
    const person = await loggedIn(server);
    const ids = [];
    for (let page = 0; page < 4; page += 1) {
      ids.push(isAsked(await person.logout(), server).id);
      server.clock.now += 1;
    }
    await person.answer(ids[0]).expect(403);
    await person.answer(ids[1], { cancel: 'yes' }).expect(200);
  });

  it('a parameter that comes twice is an error, and nothing ends', async () => {
    const server = made();
    const person = await loggedIn(server);
    await person.logout({ id_token_hint: person.hint, post_logout_redirect_uri: [AFTER, AFTER] }).expect(400);
    assert.deepEqual(server.ended, []);
  });

  it('a parameter that cannot be one is an error, and is not left out', async () => {
    const server = made();
    const person = await loggedIn(server);
    const params = { id_token_hint: person.hint, post_logout_redirect_uri: AFTER };
    await person.logout({ ...params, state: 'line\nbreak' }).expect(400);
    assert.deepEqual(server.ended, []);
  });

  it('other methods are 405', async () => {
    const { agent } = made().person();
    await agent.put('/logout').expect(405).expect('Allow', 'GET, POST');
    await agent.get('/logout/decision').expect(405);
  });

  it('a request that has no room in a session that is a cookie does not push out the session', async () => {
    const server = made({ logout: { alwaysAsk: true } });
    const person = await loggedIn(server);
    const params = { id_token_hint: person.hint, post_logout_redirect_uri: AFTER, state: 'x'.repeat(4000) };
    await person.logout(params).expect(400);
    isAsked(await person.logout(), server);
  });
});

describe('OpenID Connect Back-Channel Logout', () => {
  let keys: KeySet;
  before(async () => {
    keys = await rsaKeys();
  });
  let client: Awaited<ReturnType<typeof listening>>;
  let answers: readonly (number | Promise<number>)[] = [200];
  beforeEach(async () => {
    answers = [200];
    client = await listening((_body, count) => answers[Math.min(count, answers.length) - 1] ?? 200);
  });
  afterEach(() => client.close());

  const made = (setup: Partial<LogoutSetup> = {}) =>
    logoutServer({
      keys,
      ...setup,
      clients: [{ ...RETURNING, backchannel_logout_uri: client.url }, { ...OTHER }],
      logout: { fetch: publicFetch({ allowLoopback: true }), ...setup.logout },
    });

  it('§2.4 a logout token of the session reaches a client before the browser goes back', async () => {
    const server = made();
    const alice = server.person();
    await alice.login();
    const { id_token: hint } = await alice.connect();
    await alice.logout({ id_token_hint: hint, post_logout_redirect_uri: AFTER }).expect('Location', AFTER);
    const token = client.got[0]?.get('logout_token');
    assert.equal(server.header(token).typ, 'logout+jwt');
    const { jti, ...claims } = await server.verified(token);
    const iat = server.clock.now;
    const events = { 'http://schemas.openid.net/event/backchannel-logout': {} };
    const sid = 'session 1';
    assert.deepEqual(claims, { iss: ISSUER, aud: 'client', iat, exp: iat + 120, events, sub: 'alice', sid });
    assert.match(String(jti), /^[\w-]{22}$/);
  });

  it('§2.3 a client that got an ID token alone, and neither code nor token, is told, once, and never of a later session', async () => {
    const implicit = { openid: { responseTypes: ['id_token'] } } as const;
    const server = made(implicit);
    const ask = { response_type: 'id_token', nonce: 'n', code_challenge: undefined, code_challenge_method: undefined };
    const alice = server.person();
    await alice.login();
    for (let times = 0; times < 3; times += 1) await alice.authorize(ask).expect(302);
    const out = async () => alice.answer((await alice.logout()).body.page.id).expect(200);
    await out();
    assert.equal(client.got.length, 1);
    assert.equal((await server.verified(client.got[0]?.get('logout_token')))['sid'], 'session 1');
    await alice.login('alice', 'session 2');
    await out();
    assert.equal(client.got.length, 1);
    await alice.login('alice', 'session 1');
    await alice.authorize(ask).expect(302);
    await out();
    assert.equal(client.got.length, 2);
  });

  it('a host that does not answer keeps no places from the others', async () => {
    const other = await listening(() => 200);
    const told = new Promise<number>((resolve) => {
      const seen = setInterval(() => {
        if (other.got.length > 0) resolve(200);
      }, 5);
      seen.unref();
    });
    answers = [told]; // until the other host has been told, the first one answers nobody
    const apps = Array.from({ length: 20 }, (_, i) => ({
      ...CLIENT,
      client_id: `slow-${i}`,
      backchannel_logout_uri: `${client.url}?${i}`,
    }));
    const fast = { ...CLIENT, client_id: 'fast', backchannel_logout_uri: other.url };
    const server = logoutServer({
      keys,
      clients: [...apps, fast],
      logout: { fetch: publicFetch({ allowLoopback: true }), wait: 60, timeout: 60 },
    });
    const alice = server.person();
    await alice.login();
    for (const app of [...apps, fast]) await alice.connect(app);
    await alice.answer((await alice.logout()).body.page.id).expect(200);
    assert.deepEqual([client.got.length, other.got.length], [20, 1]);
    other.close();
  });

  it('§2.3 a client of another session is not told', async () => {
    const server = made();
    const [here, there] = [server.person(), server.person()];
    await there.login('alice', 'session 2');
    await there.connect();
    await here.login('alice', 'session 1');
    const { body } = await here.logout();
    await here.answer(body.page.id).expect(200);
    assert.deepEqual(server.ended, ['alice']);
    assert.equal(client.got.length, 0);
  });

  it('§2.7 refresh tokens of the session are revoked, and those of offline_access and of other sessions are not', async () => {
    const server = made({ openid: { allowOfflineWithoutConsent: () => true } });
    const [here, there] = [server.person(), server.person()];
    await there.login('alice', 'session 2');
    const elsewhere = await there.connect();
    await here.login('alice', 'session 1');
    const online = await here.connect();
    const offline = await here.connect(CLIENT, { scope: 'openid offline_access' });
    const { body } = await here.logout();
    await here.answer(body.page.id).expect(200);
    await server.refresh(online.refresh_token).expect(400);
    await server.refresh(offline.refresh_token).expect(200);
    await server.refresh(elsewhere.refresh_token).expect(200);
  });

  it('§2.7 what the session is given while it ends is ended, too, and its client is told', async () => {
    let late: { refresh_token?: string } = {};
    const server: LogoutServer = made({
      logout: {
        fetch: publicFetch({ allowLoopback: true }),
        async end(ctx) {
          late = await tab.connect();
          ctx['session'] = null;
        },
      },
    });
    const [alice, tab] = [server.person(), server.person()];
    await alice.login();
    await tab.login();
    const { body } = await alice.logout();
    await alice.answer(body.page.id).expect(200);
    await server.refresh(late.refresh_token ?? '').expect(400);
    assert.equal(client.got.length, 1);
  });

  it('§2.7 an access token of the session ends with it', async () => {
    const server = made();
    const alice = server.person();
    await alice.login();
    const { access_token } = await alice.connect();
    assert.ok(await server.tokens.verify(access_token));
    const { body } = await alice.logout();
    await alice.answer(body.page.id).expect(200);
    assert.equal(await server.tokens.verify(access_token), undefined);
  });

  it('a session that a page of the application ends: its clients are told, and what it allowed ends; that of the page goes on', async () => {
    const server = made();
    const [here, there] = [server.person(), server.person()];
    await there.login('alice', 'session 2');
    const elsewhere = await there.connect();
    await here.login('alice', 'session 1');
    const own = await here.connect();
    await here.agent.post('/sessions/session%202/end').expect(200, []);
    const claims = await server.verified(client.got[0]?.get('logout_token'));
    assert.deepEqual([client.got.length, claims['sid']], [1, 'session 2']);
    await server.refresh(elsewhere.refresh_token).expect(400);
    await server.refresh(own.refresh_token).expect(200);
    assert.deepEqual(server.ended, []);
  });

  it('the order of a sign-out everywhere: clients are told first, and then what was allowed without the user ends', async () => {
    for (const [steps, told] of [
      [['tell', 'end'], 1],
      [['end', 'tell'], 0],
    ] as const) {
      client.got.length = 0;
      const server = made();
      const alice = server.person();
      await alice.login();
      const offline = { scope: 'openid offline_access', prompt: 'consent' };
      const { refresh_token: kept } = await alice.connect(CLIENT, offline);
      for (const step of steps) {
        if (step === 'tell') await alice.agent.post('/sessions/all/end').expect(200);
        else await server.tokens.revokeAll({ user: { id: 'alice' } as never });
        if (told === 1 && step === 'tell') await server.refresh(kept).expect(200);
      }
      assert.equal(client.got.length, told);
      await server.refresh(kept).expect(400);
    }
  });

  it('a plug that is in no server ends nothing, and says so', async () => {
    const { endSession } = logout({ end: () => {} });
    const ctx = {} as Parameters<typeof endSession>[0];
    await assert.rejects(endSession(ctx, { subject: 'alice' }), /plugged in/);
  });

  it('§2.8 what fails for a moment is tried again, and the user does not wait for it', async () => {
    let fail: (status: number) => void = () => {};
    const failing = new Promise<number>((resolve) => {
      fail = resolve;
    });
    answers = [failing, 200];
    const server = made({ logout: { wait: 0.1 } });
    const alice = server.person();
    await alice.login();
    const { id_token: hint } = await alice.connect();
    await alice.logout({ id_token_hint: hint, post_logout_redirect_uri: AFTER }).expect('Location', AFTER);
    while (client.got.length < 1) await new Promise((resolve) => setTimeout(resolve, 10)); // which has no answer yet
    fail(503);
    while (client.got.length < 2) await new Promise((resolve) => setTimeout(resolve, 50));
    const [first, second] = client.got.map((body) => body.get('logout_token'));
    assert.notEqual(first, second);
  });

  it('§2.8 a client that refuses is the operator’s to know, and the user is logged out', async () => {
    answers = [400];
    const server = made();
    const alice = server.person();
    await alice.login();
    const { id_token: hint } = await alice.connect();
    await alice.logout({ id_token_hint: hint, post_logout_redirect_uri: AFTER }).expect('Location', AFTER);
    assert.match(String(server.errors), /client client was not told of a logout: it answered 400/);
    assert.equal(client.got.length, 1);
  });

  it('§2.2 a logout token is sent by https only, and with sid where the client needs it; the operator is told', async () => {
    const rows = [
      [{ backchannel_logout_uri: 'http://client.example/logout' }, 'session 1', /is no https URL/],
      [{ backchannel_logout_session_required: true }, '', /gave no sessionID/],
    ] as const;
    for (const [more, sid, reason] of rows) {
      const registered = { ...RETURNING, backchannel_logout_uri: client.url, ...more };
      const server = logoutServer({
        keys,
        clients: [registered],
        logout: { fetch: publicFetch({ allowLoopback: true }) },
      });
      const alice = server.person();
      await alice.login('alice', sid);
      await alice.connect();
      const { body } = await alice.logout();
      await alice.answer(body.page.id).expect(200);
      assert.match(String(server.errors), reason);
      assert.equal(client.got.length, 0);
    }
  });

  it('§2.2 when all sessions of a user end, a client that needs sid is told of each of its sessions, and other clients are told once', async () => {
    const needs = { ...RETURNING, backchannel_logout_uri: client.url, backchannel_logout_session_required: true };
    const other = { ...OTHER, backchannel_logout_uri: client.url };
    const clients = [needs, other];
    const server = logoutServer({ keys, clients, logout: { fetch: publicFetch({ allowLoopback: true }) } });
    const [here, there] = [server.person(), server.person()];
    await there.login('alice', 'session 2');
    await there.connect();
    await there.connect(OTHER);
    await here.login('alice', 'session 1');
    await here.connect();
    await here.agent.post('/sessions/all/end').expect(200, []);
    const told = await Promise.all(
      client.got.map(async (body) => {
        const token = body.get('logout_token') ?? '';
        const { aud, sub, sid } = decodeJwt(token);
        await server.verified(token, String(aud));
        return `${aud} ${sub} ${sid}`;
      }),
    );
    assert.deepEqual(told.toSorted(), ['client alice session 1', 'client alice session 2', 'other alice undefined']);
    assert.deepEqual(server.errors, []);
  });

  it('logout tokens are not posted to an address that is not public, unless the application allows it', async () => {
    let asked = 0;
    const inner = publicFetch();
    const fetch: Fetch = (url, init) => {
      asked += 1;
      return inner(url, init);
    };
    const server = made({ logout: { fetch, wait: 60 } });
    const alice = server.person();
    await alice.login();
    const { id_token: hint } = await alice.connect();
    await alice.logout({ id_token_hint: hint }).expect(200);
    assert.deepEqual([client.got.length, asked], [0, 1], 'a refusal is final: it is not tried again');
    const expected = /client client was not told of a logout: 127\.0\.0\.1 is at .*: say logout\(\{ fetch \}\)/;
    assert.match(String(server.errors[0]), expected);
  });

  it('by default nothing on this machine is reached; where the server itself is on a loopback address, that is', async () => {
    const clients = [{ ...RETURNING, backchannel_logout_uri: client.url }];
    for (const [issuer, count] of [
      [ISSUER, 0],
      ['http://localhost:3000', 1],
      ['http://127.0.0.1:3000', 2],
    ] as const) {
      const server = logoutServer({ keys, clients, options: { issuer } });
      const alice = server.person();
      await alice.login();
      await alice.connect();
      await alice.answer((await alice.logout()).body.page.id).expect(200);
      assert.deepEqual([client.got.length, server.errors.length], [count, count === 0 ? 1 : 0], issuer);
    }
  });
});

describe('OpenID Connect Front-Channel Logout', () => {
  it('§2, §3 the page gets the URLs of the clients of the session, and where to go on', async () => {
    const uri = 'https://client.example/front';
    const evil = { ...OTHER, frontchannel_logout_uri: 'https://evil.example/front' };
    const clients = [{ ...RETURNING, frontchannel_logout_uri: uri }, evil];
    const server = logoutServer({ keys: await rsaKeys(), clients });
    const alice = server.person();
    await alice.login();
    await alice.connect(OTHER);
    const { id_token: hint } = await alice.connect();
    const { body } = await alice.logout({ id_token_hint: hint, post_logout_redirect_uri: AFTER, state: 'x' });
    assert.deepEqual(body.page.frontChannel, [`${uri}?${new URLSearchParams({ iss: ISSUER, sid: 'session 1' })}`]);
    assert.equal(body.page.returnTo, `${AFTER}?state=x`);
  });

  describe('§2 a client that needs iss and sid', () => {
    const uri = 'https://client.example/front';
    const made = async (required: unknown) => {
      const client = { ...RETURNING, frontchannel_logout_uri: uri, frontchannel_logout_session_required: required };
      return logoutServer({ keys: await rsaKeys(), clients: [client] });
    };
    const withSession = (sid: string) => `${uri}?${new URLSearchParams({ iss: ISSUER, sid })}`;

    for (const [required, known, unknown] of [
      [undefined, withSession('session 1'), [uri]],
      [false, withSession('session 1'), [uri]],
      [true, withSession('session 1'), []],
      ['unreadable', withSession('session 1'), []],
    ] as const)
      it(`is called by the page with both parameters or not at all, and the operator is told: frontchannel_logout_session_required ${required}`, async () => {
        for (const sid of ['session 1', '']) {
          const server = await made(required);
          const alice = server.person();
          await alice.login('alice', sid);
          await alice.connect();
          const { body } = await alice.answer((await alice.logout()).body.page.id).expect(200);
          assert.deepEqual(body.page.frontChannel, sid ? [known] : unknown);
          assert.deepEqual(server.ended, ['alice']);
          const isTold = /^Error: The client client needs sid, and .* gave no sessionID$/.test(String(server.errors));
          assert.equal(isTold, unknown.length === 0 && sid === '');
        }
      });

    it('is in the page once for each of its sessions, where all sessions of the user end', async () => {
      const server = await made(true);
      const [here, there] = [server.person(), server.person()];
      await there.login('alice', 'session 2');
      await there.connect();
      await here.login('alice', 'session 1');
      await here.connect();
      const { body } = await here.agent.post('/sessions/all/end').expect(200);
      assert.deepEqual(body.toSorted(), [withSession('session 1'), withSession('session 2')]);
    });
  });

  it('§2 what is no https URL is in no page: a script has the origin of an app with a scheme of its own', async () => {
    const app = { ...RETURNING, redirect_uris: ['com.example.app:/callback', ...RETURNING.redirect_uris] };
    for (const uri of ['javascript:alert(1)', 'data:text/html,x', 'com.example.app:/front']) {
      const server = logoutServer({ keys: await rsaKeys(), clients: [{ ...app, frontchannel_logout_uri: uri }] });
      const alice = server.person();
      await alice.login();
      const { id_token: hint } = await alice.connect({ ...CLIENT });
      await alice.logout({ id_token_hint: hint, post_logout_redirect_uri: AFTER }).expect('Location', AFTER);
    }
  });
});
