/** What tokens carry for others to judge: the key they are bound to (RFC 7800, RFC 8705 §3), and the login (RFC 9470). */
import assert from 'node:assert/strict';
import { decodeJwt } from 'jose';
import type { AuthenticationEvent, Confirmation, Extension } from 'koauthorize';
import { generateSigningKey, jwt, type KeySet, keySet } from 'koauthorize/tokens';
import { type App, CLIENT, ISSUER, OTHER, type User } from '../support/authorization-server.js';
import { assertErrorHere } from '../support/form.js';
import { API, type Registered, type TokenSetup, tokenServer, WORKER } from '../support/token-server.js';
import { recordingStore } from '../support/token-store.js';

const AUDIENCE = ['https://api.example'];
const PUBLIC = { ...CLIENT, token_endpoint_auth_method: 'none' };

/** An extension whose keys are as many as the test wants: the one that `key.is` names. */
function boundServer(setup: TokenSetup = {}) {
  const key: { is: string | undefined } = { is: 'one' };
  const confirm = (name: string): Confirmation => ({ 'x5t#S256': name });
  const extension: Extension<App, User> = {
    name: 'keys',
    token: {
      parse: () => (key.is === undefined ? undefined : { confirmation: confirm(key.is) }),
      check: ({ confirmation }) => void checked.push(confirmation),
    },
  };
  const checked: (Confirmation | undefined)[] = [];
  const server = tokenServer({ ...setup, plug: (each) => each.extend(extension) });
  const boundTo = async (token: string): Promise<unknown> => {
    const { body } = await server.introspect(token, API).expect(200);
    const verified = await server.tokens.verify(token);
    assert.equal(body.token_type, 'Bearer');
    assert.deepEqual(verified?.confirmation, body.cnf);
    assert.equal('confirmation' in (verified ?? {}), body.cnf !== undefined);
    return body.cnf?.['x5t#S256'];
  };
  return { ...server, key, checked, boundTo };
}

describe('token service: tokens that are bound to a key', () => {
  let keys: KeySet;
  before(async () => {
    keys = await keySet({ signing: await generateSigningKey('ES256') });
  });
  const jwts = () => jwt({ issuer: ISSUER, audience: AUDIENCE, keys });

  it('RFC 8705 §3.2: the key is told by introspection and verify, and the type is Bearer', async () => {
    const { connect, boundTo, key } = boundServer();
    const { access_token, token_type } = (await connect()) as { access_token: string; token_type?: string };
    assert.deepEqual([await boundTo(access_token), token_type], ['one', 'Bearer']);
    key.is = undefined;
    assert.equal(await boundTo((await connect()).access_token), undefined);
  });

  it('RFC 7800 §3.1, RFC 8705 §3.1: in a JWT it is cnf', async () => {
    const { connect, boundTo, key } = boundServer({ tokens: { accessTokens: jwts() } });
    const { access_token } = await connect();
    assert.deepEqual(decodeJwt(access_token)['cnf'], { 'x5t#S256': 'one' });
    assert.equal(await boundTo(access_token), 'one');
    key.is = undefined;
    assert.equal('cnf' in decodeJwt((await connect()).access_token), false);
  });

  it('a client’s own tokens, and those for a password, are too', async () => {
    const authenticate = (id: string) => ({ id, name: '' });
    const { request, boundTo } = boundServer({ tokens: { authenticate } });
    const own = (await request({ grant_type: 'client_credentials' }, WORKER).expect(200)).body;
    const direct = { grant_type: 'password', username: 'bob', password: 'x' };
    const users = (await request(direct).expect(200)).body;
    assert.deepEqual([await boundTo(own.access_token), await boundTo(users.access_token)], ['one', 'one']);
  });

  it('a refreshed token is bound to the key of its own request', async () => {
    const { connect, refresh, boundTo, key } = boundServer();
    const first = await connect();
    key.is = 'two';
    const second = (await refresh(first.refresh_token).expect(200)).body;
    key.is = undefined;
    const third = (await refresh(second.refresh_token).expect(200)).body;
    const bound = await Promise.all([first, second, third].map(({ access_token }) => boundTo(access_token)));
    assert.deepEqual(bound, ['one', 'two', undefined]);
  });

  describe('refresh tokens', () => {
    it('RFC 8705 §4: those of a public client are bound, and stay bound', async () => {
      const { connect, refresh, key, checked } = boundServer({ clients: [PUBLIC, API] });
      const first = await connect();
      const second = (await refresh(first.refresh_token).expect(200)).body;
      key.is = undefined;
      const third = (await refresh(second.refresh_token).expect(200)).body;
      await refresh(third.refresh_token).expect(200);
      const one = { 'x5t#S256': 'one' };
      assert.deepEqual(checked, [undefined, one, one, one]);
    });

    it('RFC 8705 §4: those of the password grant, too', async () => {
      const authenticate = (): User => ({ id: 'alice', name: 'Alice' });
      const { request, refresh, checked } = boundServer({ clients: [PUBLIC, API], tokens: { authenticate } });
      const { body } = await request({ grant_type: 'password', username: 'alice', password: 'p' }).expect(200);
      await refresh(body.refresh_token).expect(200);
      assert.deepEqual(checked, [{ 'x5t#S256': 'one' }]);
    });

    it('of one that was not bound the next one is, if the request has a key', async () => {
      const { connect, refresh, key, checked } = boundServer({ clients: [PUBLIC, API] });
      key.is = undefined;
      const first = await connect();
      key.is = 'one';
      const second = (await refresh(first.refresh_token).expect(200)).body;
      await refresh(second.refresh_token).expect(200);
      assert.deepEqual(checked, [undefined, undefined, { 'x5t#S256': 'one' }]);
    });

    it('RFC 8705 §7.1: others’ are not: their authentication binds them', async () => {
      const { connect, refresh, checked } = boundServer();
      const first = await connect();
      await refresh(first.refresh_token).expect(200);
      assert.deepEqual(checked, [undefined, undefined]);
    });

    it('where clients have another shape the application says who is public', async () => {
      const isPublic = ({ client_id }: App) => client_id === CLIENT.client_id;
      const { connect, refresh, checked } = boundServer({ tokens: { isPublic } });
      const first = await connect();
      await refresh(first.refresh_token).expect(200);
      assert.deepEqual(checked, [undefined, { 'x5t#S256': 'one' }]);
    });
  });

  describe('within the grace window', () => {
    it('the same answer again goes to who has the same key', async () => {
      const { connect, refresh } = boundServer();
      const { refresh_token } = await connect();
      const answers = await Promise.all([1, 2, 3].map(async () => (await refresh(refresh_token).expect(200)).body));
      assert.equal(new Set(answers.map(({ access_token }) => access_token)).size, 1);
    });

    for (const [what, other] of [
      ['another', 'two'],
      ['none', undefined],
    ] as const) {
      it(`who has ${what} gets nothing, and loses nothing`, async () => {
        const { connect, refresh, key, events, isActive } = boundServer();
        const { refresh_token } = await connect();
        const { body } = await refresh(refresh_token).expect(200);
        key.is = other;
        const response = await refresh(refresh_token);
        assertErrorHere(response, 400, 'invalid_grant');
        const names = events.map(({ name }) => name);
        assert.deepEqual(names, ['issued', 'issued', 'refreshed', 'denied']);
        assert.match(String(events.at(-1)?.event['reason']), /another key/);
        assert.deepEqual([await isActive(body.access_token), await isActive(body.refresh_token)], [true, true]);
      });
    }

    it('nor does who has one get what is bound to none', async () => {
      const { connect, refresh, key } = boundServer();
      key.is = undefined;
      const { refresh_token } = await connect();
      await refresh(refresh_token).expect(200);
      key.is = 'one';
      assertErrorHere(await refresh(refresh_token), 400, 'invalid_grant');
    });
  });

  for (const confirmation of ['text', 5, true]) {
    it(`a record whose key cannot be read is no bearer token: ${confirmation}`, async () => {
      const { store, damage } = damagedStore({ confirmation });
      const { connect, introspect, refresh, tokens } = tokenServer({ tokens: { store } });
      const { access_token, refresh_token } = await connect();
      damage.on = true;
      assertErrorHere(await introspect(access_token, API), 500, 'server_error');
      await assert.rejects(tokens.verify(access_token), /cannot be read/);
      assertErrorHere(await refresh(refresh_token), 500, 'server_error');
    });
  }
});

/** A store whose records come back with other members in their data. */
function damagedStore(members: object) {
  const damage = { on: false };
  const { store } = recordingStore();
  const get: typeof store.get = async (id, now) => {
    const record = await store.get(id, now);
    if (!record || !damage.on) return record;
    const data = record.data as { authorization?: object };
    const authorization = data.authorization && { ...data.authorization, ...members };
    return { ...record, data: { ...data, ...members, authorization } };
  };
  return { damage, store: { ...store, get } };
}

describe('token service: whom tokens are for, and how the user logged in', () => {
  const clients: readonly Registered[] = [CLIENT, OTHER, API, WORKER];
  const EVENT: AuthenticationEvent = { acr: 'urn:example:mfa', authenticatedAt: 1_767_225_000 };
  let keys: KeySet;
  before(async () => {
    keys = await keySet({ signing: await generateSigningKey('ES256') });
  });

  it('VerifiedToken has the issuer and the audience of a JWT, and none of a token that names none', async () => {
    const audience = ['https://one.example', 'https://two.example'];
    for (const each of [audience[0] ?? '', audience]) {
      const accessTokens = jwt({ issuer: ISSUER, audience: each, keys });
      const { connect, tokens, introspect } = tokenServer({ tokens: { accessTokens } });
      const { access_token } = await connect();
      const verified = await tokens.verify(access_token);
      assert.deepEqual([verified?.issuer, verified?.audience], [ISSUER, [each].flat()]);
      const { body } = await introspect(access_token, API);
      assert.deepEqual([body.iss, body.aud], [ISSUER, each]);
    }
    const { connect, tokens, introspect } = tokenServer();
    const { access_token } = await connect();
    const said = [await tokens.verify(access_token), (await introspect(access_token, API)).body];
    for (const each of said)
      for (const name of ['issuer', 'audience', 'iss', 'aud']) assert.equal(name in each, false, name);
  });

  it('a token from before the server changed to JWTs is for whom it was', async () => {
    const { store } = recordingStore();
    const before = tokenServer({ tokens: { store } });
    const { access_token } = await before.connect();
    const after = tokenServer({ tokens: { store, accessTokens: jwt({ issuer: ISSUER, audience: AUDIENCE, keys }) } });
    const verified = await after.tokens.verify(access_token);
    assert.deepEqual([verified?.clientID, verified?.audience], ['client', undefined]);
  });

  for (const kind of ['opaque', 'JWT'] as const) {
    it(`RFC 9470 §6, RFC 9068 §2.2.1: acr and auth_time of the login, through every refresh: ${kind}`, async () => {
      const accessTokens = kind === 'JWT' ? { accessTokens: jwt({ issuer: ISSUER, audience: AUDIENCE, keys }) } : {};
      let event: AuthenticationEvent = EVENT;
      const asked: User[] = [];
      const authenticationEvent = (user: User) => {
        asked.push(user);
        return event;
      };
      const { connect, refresh, tokens, introspect, clock } = tokenServer({
        clients,
        tokens: { ...accessTokens, authenticationEvent },
      });
      const first = await connect();
      event = { acr: 'another', authenticatedAt: clock.now };
      clock.now += 100;
      const second = (await refresh(first.refresh_token).expect(200)).body;
      const third = (await refresh(second.refresh_token).expect(200)).body;
      for (const { access_token } of [first, second, third]) {
        const { acr, authenticatedAt } = (await tokens.verify(access_token)) ?? assert.fail();
        assert.deepEqual({ acr, authenticatedAt }, EVENT);
        const { body } = await introspect(access_token, API);
        assert.deepEqual([body.acr, body.auth_time], [EVENT.acr, EVENT.authenticatedAt]);
        if (kind === 'JWT') {
          const claims = decodeJwt(access_token);
          assert.deepEqual([claims['acr'], claims['auth_time']], [EVENT.acr, EVENT.authenticatedAt]);
        }
      }
      assert.deepEqual(asked, [{ id: 'alice', name: 'User alice' }]);
    });
  }

  it('each is absent where nobody said', async () => {
    const rows: readonly (AuthenticationEvent | undefined)[] = [undefined, {}, { acr: 'a' }, { authenticatedAt: 5 }];
    for (const event of rows) {
      const { connect, tokens, introspect, request } = tokenServer({ tokens: { authenticationEvent: () => event } });
      const { access_token } = await connect();
      const verified = (await tokens.verify(access_token)) ?? assert.fail();
      const { body } = await introspect(access_token, API);
      assert.deepEqual(['acr' in verified, 'acr' in body], [!!event?.acr, !!event?.acr]);
      const isKnown = event?.authenticatedAt !== undefined;
      assert.deepEqual(['authenticatedAt' in verified, 'auth_time' in body], [isKnown, isKnown]);
      const own = (await request({ grant_type: 'client_credentials' }, WORKER).expect(200)).body;
      const worker = (await tokens.verify(own.access_token)) ?? assert.fail();
      assert.deepEqual(['acr' in worker, 'authenticatedAt' in worker], [false, false], 'nobody logged in');
    }
  });

  it('of the user’s password, and of the implicit grant, too', async () => {
    const authenticate = (id: string) => ({ id, name: '' });
    const { request, tokens } = tokenServer({ tokens: { authenticate, authenticationEvent: () => EVENT } });
    const { body } = await request({ grant_type: 'password', username: 'bob', password: 'x' }).expect(200);
    assert.equal((await tokens.verify(body.access_token))?.acr, EVENT.acr);
    const again = { grant_type: 'refresh_token', refresh_token: body.refresh_token };
    const refreshed = (await request(again).expect(200)).body;
    assert.equal((await tokens.verify(refreshed.access_token))?.authenticatedAt, EVENT.authenticatedAt);
    const txn = { client: CLIENT, user: { id: 'bob', name: '' } } as never;
    const authorization = {
      clientID: 'client',
      redirectURI: 'x:',
      scope: [],
      request: { type: 'token', clientID: 'client' },
    };
    const implicit = await tokens.token.issue(txn, authorization);
    assert.equal((await tokens.verify(implicit.access_token))?.acr, EVENT.acr);
  });

  it('a time that has not come yet is refused: of milliseconds an API would think that they never end', async () => {
    for (const authenticatedAt of [Date.now(), 1_767_225_600 + 31, Number.NaN, Number.POSITIVE_INFINITY]) {
      const { authorize, errors } = tokenServer({ tokens: { authenticationEvent: () => ({ authenticatedAt }) } });
      assert.equal(await authorize(), '');
      assert.match(String(errors[0]), /epoch seconds|the clocks differ by 31 seconds/);
    }
    const { connect } = tokenServer({
      tokens: { authenticationEvent: () => ({ authenticatedAt: 1_767_225_600 + 30 }) },
    });
    await connect(); // another machine's clock
  });
});
