/** OpenID Connect Session Management 1.0, by clause. The page itself runs in test/browser/session-management.test.ts. */
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { decodeJwt } from 'jose';
import { createServer, jwtResponses, sessionManagement } from 'koauthorize';
import type { KeySet } from 'koauthorize/tokens';
import type { Response } from 'supertest';
import { CALLBACK, CLIENT, ISSUER, OTHER, redirected } from '../../support/authorization-server.js';
import { AFTER, RETURNING } from '../../support/logout-server.js';
import { rsaKeys } from '../../support/openid-server.js';
import { compared, SECRET, type WatchedSetup, watchedServer } from '../../support/watched-server.js';

const ORIGIN = new URL(CALLBACK).origin;

describe('OpenID Connect Session Management', () => {
  let keys: KeySet;
  before(async () => {
    keys = await rsaKeys();
  });
  const made = (setup: Partial<WatchedSetup> = {}) => watchedServer({ keys, ...setup });
  type Watched = ReturnType<typeof made>;

  const cookiesOf = (response: Response) =>
    (response.get('Set-Cookie') ?? []).filter((line) => line.startsWith('op_state'));

  /** A browser in which somebody has logged in, and who has consented before. */
  async function loggedIn(server: Watched, user = 'alice', sid = 'session 1') {
    const watcher = server.watcher();
    server.consented.add(user);
    const response = await watcher.through(watcher.agent.get('/login').query({ user, sid }));
    return { ...watcher, response };
  }

  it('§2 every answer has session_state, without a space, and no two are alike', async () => {
    const server = made();
    const { through, authorize, jar } = await loggedIn(server);
    const states = [];
    for (const params of [{}, {}, { client_id: OTHER.client_id, redirect_uri: OTHER.redirect_uris[0] }]) {
      const { session_state: state = '', code } = redirected(await through(authorize(params)));
      assert.ok(code);
      assert.match(state, /^[\w-]{43}\.[\w-]{22}$/);
      states.push(state);
    }
    const [first = '', second = '', other = ''] = states;
    assert.notEqual(first, second);
    const state = jar.get('op_state');
    assert.equal(compared(CLIENT.client_id, ORIGIN, state, first), 'unchanged');
    assert.equal(compared(CLIENT.client_id, ORIGIN, state, second), 'unchanged');
    assert.equal(compared(OTHER.client_id, 'https://other.example', state, other), 'unchanged');
  });

  it('§2 the client and the origin of the answer are part of it', async () => {
    const { through, authorize, jar } = await loggedIn(made());
    const { session_state: state = '' } = redirected(await through(authorize()));
    assert.equal(compared(OTHER.client_id, ORIGIN, jar.get('op_state'), state), 'changed');
    assert.equal(compared(CLIENT.client_id, 'https://attacker.example', jar.get('op_state'), state), 'changed');
  });

  it('§2 an error has one, too', async () => {
    const { through, authorize, jar } = await loggedIn(made());
    const { error, session_state: state = '' } = redirected(await through(authorize({ prompt: 'none login' })));
    assert.equal(error, 'invalid_request');
    assert.equal(compared(CLIENT.client_id, ORIGIN, jar.get('op_state'), state), 'unchanged');
  });

  it('§6 an error response without a login has no session_state, because every site could compute it', async () => {
    const { authorize } = made().watcher();
    const sent = redirected(await authorize({ prompt: 'none' }));
    assert.equal(sent['error'], 'login_required');
    assert.equal(sent['session_state'], undefined);
  });

  it('a response that is not of OpenID Connect has none', async () => {
    const { through, authorize } = await loggedIn(made());
    const sent = redirected(await through(authorize({ scope: 'read' })));
    assert.ok(sent['code']);
    assert.equal(sent['session_state'], undefined);
  });

  it('an answer in a JWT has it in the JWT', async () => {
    const server = made({ plug: (server) => void server.extend(jwtResponses()) });
    const { through, authorize, jar } = await loggedIn(server);
    const { response, session_state } = redirected(await through(authorize({ response_mode: 'query.jwt' })));
    assert.equal(session_state, undefined);
    const state = String(decodeJwt(String(response))['session_state']);
    assert.equal(compared(CLIENT.client_id, ORIGIN, jar.get('op_state'), state), 'unchanged');
  });

  it('an address of a program has no origin, and the answer has it all the same', async () => {
    const redirect_uri = 'com.example.app:/callback';
    const server = made({ clients: [{ ...CLIENT, redirect_uris: [redirect_uri] }] });
    const { through, authorize } = await loggedIn(server);
    assert.ok(redirected(await through(authorize({ redirect_uri })))['session_state']);
  });

  describe('§3.2 the cookie', () => {
    it('can be read by scripts in frames at other sites, over TLS only, and names neither user nor session', async () => {
      const { response } = await loggedIn(made());
      const [state = '', companion = '', ...others] = cookiesOf(response);
      assert.deepEqual(others, []);
      assert.match(state, /^op_state=[\w-]{43}; Path=\/; Secure; SameSite=None$/);
      assert.equal(companion, 'op_state_lax=1; Path=/; Secure; HttpOnly; SameSite=Lax');
    });

    it('is the same hash by the same secret in every process, and another by another secret', async () => {
      const stateOf = async (setup: Partial<WatchedSetup> = {}) => (await loggedIn(made(setup))).jar.get('op_state');
      assert.equal(await stateOf(), await stateOf());
      assert.notEqual(await stateOf(), await stateOf({ sessions: { secret: `${SECRET}!` } }));
    });

    it('stays while nothing happens', async () => {
      const { through, authorize, agent } = await loggedIn(made());
      assert.deepEqual(cookiesOf(await through(authorize())), []);
      assert.deepEqual(cookiesOf(await through(agent.get('/session/check'))), []);
    });

    it('is not set for who is not logged in, nor for programs', async () => {
      const { agent } = made().watcher();
      assert.deepEqual(cookiesOf(await agent.get('/session/check')), []);
      assert.deepEqual(cookiesOf(await agent.post('/token').type('form').send({})), []);
    });

    for (const [what, user, sid] of [
      ['another login of the same user', 'alice', 'session 2'],
      ['a login of another user', 'bob', 'session 1'],
    ] as const) {
      it(`changes at ${what}`, async () => {
        const server = made();
        const { through, authorize, agent, jar } = await loggedIn(server);
        const { session_state: state = '' } = redirected(await through(authorize()));
        const earlier = jar.get('op_state');
        server.consented.add(user);
        await through(agent.get('/login').query({ user, sid }));
        assert.notEqual(jar.get('op_state'), earlier);
        assert.equal(compared(CLIENT.client_id, ORIGIN, jar.get('op_state'), state), 'changed');
        const { session_state: later = '' } = redirected(await through(authorize()));
        assert.equal(compared(CLIENT.client_id, ORIGIN, jar.get('op_state'), later), 'unchanged');
      });
    }

    it('changes at another login where the application gives no sessionID', async () => {
      const server = made();
      const { through, agent, jar } = await loggedIn(server, 'alice', '');
      const earlier = jar.get('op_state');
      server.clock.now += 60;
      await through(agent.get('/login').query({ user: 'alice', sid: '' }));
      assert.ok(jar.get('op_state') && jar.get('op_state') !== earlier);
    });

    it('is gone after a logout, in the answer that sends the browser back to the client', async () => {
      const server = made({ clients: [RETURNING, { ...OTHER }] });
      const { through, connect, logout, jar } = await loggedIn(server);
      const { id_token: id_token_hint } = await connect(RETURNING);
      const response = await through(logout({ id_token_hint, post_logout_redirect_uri: AFTER }));
      assert.equal(response.headers['location'], AFTER);
      assert.deepEqual([...jar], []);
    });

    it('is not removed by a request without the session cookie: in a frame, or by a form, of another site', async () => {
      const server = made();
      const { jar } = await loggedIn(server);
      const stranger = server.watcher(); // without the session
      stranger.jar.set('op_state', jar.get('op_state') ?? ''); // SameSite=None
      for (const test of [stranger.agent.get('/session/check'), stranger.postLogout(), stranger.agent.get('/nowhere')])
        assert.deepEqual(cookiesOf(await stranger.through(test)), []);
    });

    it('goes where the session of the application has ended by itself', async () => {
      const server = made();
      const { jar } = await loggedIn(server);
      const later = server.watcher();
      for (const [name, value] of jar) later.jar.set(name, value);
      await later.through(later.authorize());
      assert.deepEqual([...later.jar], []);
    });

    it('has the name that it is given', async () => {
      const { response } = await loggedIn(made({ sessions: { cookie: 'tenant-1' } }));
      assert.match(String(response.get('Set-Cookie')), /tenant-1=[\w-]{43};/);
      assert.match(String(response.get('Set-Cookie')), /tenant-1_lax=1;/);
    });
  });

  describe('§3.2 the page', () => {
    it('runs one script, loads nothing, and can be framed by every site', async () => {
      const { agent } = made({
        before: async (ctx, next) => {
          ctx.set({ 'X-Frame-Options': 'DENY', 'Content-Security-Policy': "frame-ancestors 'none'" });
          await next();
        },
      }).watcher();
      const { headers, text } = await agent
        .get('/session/check')
        .expect(200)
        .expect('Content-Type', /^text\/html/);
      assert.equal(headers['x-frame-options'], undefined);
      const [, script = ''] = /<script>(.*)<\/script>/s.exec(text) ?? [];
      assert.equal(
        headers['content-security-policy'],
        `default-src 'none'; script-src 'sha256-${hash('sha256', script, 'base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors *`,
      );
    });

    it('no other page can be framed on its account', async () => {
      const { through, authorize } = await loggedIn(made());
      const { headers } = await through(authorize({ prompt: 'consent' }));
      assert.equal(headers['x-frame-options'], 'DENY');
      assert.match(String(headers['content-security-policy']), /frame-ancestors 'none'/);
    });
  });

  describe('at start', () => {
    const sessions = (more: object = {}) => sessionManagement({ secret: SECRET, user: () => undefined, ...more });

    for (const [what, more, message] of [
      ['a short secret', { secret: 'x'.repeat(31) }, /32 characters/],
      ['no secret', { secret: undefined }, /32 characters/],
      ['no user', { user: undefined }, /\{ user \}\) is a function/],
      ['a name of a cookie that would end it', { cookie: "a'; alert(1)" }, /letters, digits/],
      ['an option that there is not', { secrets: SECRET }, /secrets/],
      ['a place that is none', { url: 'check' }, /url/],
    ] as const) {
      it(`${what} is an error`, () => {
        assert.throws(() => sessions(more), message);
      });
    }

    it('it needs openid()', () => {
      const server = createServer({ issuer: ISSUER }).extend(sessions());
      assert.throws(() => server.check(), /sessionManagement\(\) needs openid\(\)/);
    });

    it('the middleware needs the plug', async () => {
      const { cookie } = sessions();
      assert.throws(() => cookie({} as never, async () => {}), /has to be plugged in/);
    });
  });

  it('without the middleware nobody is told a state that no page could compare', async () => {
    const server = made({ behindSession: (_ctx, next) => next() });
    const { through, authorize } = await loggedIn(server);
    const response = await through(authorize());
    assert.equal(response.status, 500);
    assert.match(String(server.errors.map(({ message }) => message)), /the middleware `cookie`/i);
  });
});
