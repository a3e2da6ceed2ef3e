/** Codes that another library issued, in flight while the server was replaced: exchanged once, by their clients. RFC 6749 §4.1.2, §4.1.3. */
import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import type { Authorization, PKCEOptions } from 'koauthorize';
import { type AdoptedCode, memoryStore, type TokenServiceOptions, type TokenStore } from 'koauthorize/tokens';
import type request from 'supertest';
import {
  type App,
  CALLBACK,
  CHALLENGE,
  CLIENT,
  exchangeCode,
  OTHER,
  type User,
} from '../support/authorization-server.js';
import { onEveryStore, twoOver } from '../support/every-store.js';
import { assertErrorHere } from '../support/form.js';
import { pluggedServer } from '../support/plugged-server.js';
import { tokenServer } from '../support/token-server.js';
import { breakableStore, recordingStore } from '../support/token-store.js';

const DAY = 24 * 60 * 60;
const OLD = 'a code of another library, in a form of its own: {"a":1}/+=';
const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const CHALLENGED = { codeChallenge: CHALLENGE, codeChallengeMethod: 'S256' } as const;

interface Setup {
  readonly store?: TokenStore;
  readonly said?: Partial<AdoptedCode<User>>;
  readonly old?: string;
  readonly more?: Partial<TokenServiceOptions<App, User>>;
  readonly pkce?: PKCEOptions<App>;
}

/** A server that came over: the table of the other library has one code, by its hash, that is good for ten minutes. */
function cameOver({ store = memoryStore(), said = {}, old = OLD, more = {}, pkce }: Setup = {}) {
  const asked: string[] = [];
  const table = new Map<string, AdoptedCode<User>>();
  const server = tokenServer({
    tokens: {
      store,
      async adoptCode(code) {
        asked.push(code);
        await new Promise((resolve) => setImmediate(resolve)); // others come meanwhile
        return table.get(hashOf(code));
      },
      ...more,
    },
    ...(pkce && { pkce }),
  });
  const row: AdoptedCode<User> = {
    clientID: CLIENT.client_id,
    subject: 'alice',
    scope: ['read', 'write'],
    redirectURI: CALLBACK,
    request: CHALLENGED,
    expiresAt: server.clock.now + 600,
    ...said,
  };
  table.set(hashOf(old), row);
  return { ...server, asked, table, row };
}

const isRefused = (answer: request.Response): void => assertErrorHere(answer, 400, 'invalid_grant');

describe('token service: codes of another library', () => {
  it('are unknown where nobody says what they stand for', async () => {
    const { redeem } = tokenServer();
    isRefused(await redeem(OLD));
  });

  it('are exchanged for tokens that are refreshed as ours are, ten minutes later as well', async () => {
    for (const later of [0, 599]) {
      const { redeem, refresh, tokens, clock } = cameOver();
      clock.now += later;
      const { body } = await redeem(OLD).expect(200);
      assert.equal(body.scope, 'read write');
      const { subject, clientID } = (await tokens.verify(body.access_token)) ?? {};
      assert.deepEqual([subject, clientID], ['alice', CLIENT.client_id]);
      await refresh(body.refresh_token).expect(200);
    }
  });

  it('that look like ours are asked about where ours are not known by that name', async () => {
    const old = `abcc${'x'.repeat(43)}`;
    const { redeem, authorize, asked } = cameOver({ old });
    await redeem(old).expect(200);
    await redeem(await authorize()).expect(200);
    assert.deepEqual(asked, [old]);
  });

  it('RFC 6749 §4.1.2 a second use revokes all tokens that came from the code, however late', async () => {
    for (const later of [0, 60, 3599]) {
      const { redeem, refresh, isActive, clock, events } = cameOver();
      const first = (await redeem(OLD).expect(200)).body;
      const second = (await refresh(first.refresh_token).expect(200)).body;
      clock.now += later;
      isRefused(await redeem(OLD));
      assert.equal(await isActive(second.refresh_token), false, `${later}`);
      assert.ok(events.some(({ name, event }) => name === 'replayDetected' && event['subject'] === 'alice'));
      isRefused(await redeem(OLD));
    }
  });

  it('RFC 6749 §4.1.2 also where access tokens live for less time than the code would have', async () => {
    const { redeem, isActive, clock, events } = cameOver({ more: { lifetimes: { accessToken: 10 } } });
    const { refresh_token } = (await redeem(OLD).expect(200)).body;
    clock.now += 500;
    isRefused(await redeem(OLD));
    assert.equal(await isActive(refresh_token), false);
    assert.ok(events.some(({ name }) => name === 'replayDetected'));
  });

  it('50 at once: exactly one gets tokens, and the others end them', async () => {
    const { redeem, tokens } = cameOver();
    const answers = await Promise.all(Array.from({ length: 50 }, () => redeem(OLD)));
    const served = answers.filter(({ status }) => status === 200);
    assert.equal(served.length, 1);
    assert.equal(await tokens.verify(served[0]?.body.access_token), undefined);
  });

  it('RFC 7636 §4.6 the challenge is compared, and a wrong verifier spends the code', async () => {
    const { redeem } = cameOver();
    isRefused(await redeem(OLD, { code_verifier: 'x'.repeat(43) }));
    isRefused(await redeem(OLD));
  });

  it('RFC 9700 §2.1.1 a code without a challenge is refused, with a verifier and without', async () => {
    for (const request of [undefined, {}] as const) {
      const { redeem, events } = cameOver({ said: { request } });
      isRefused(await redeem(OLD));
      isRefused(await redeem(OLD, { code_verifier: undefined }));
      assert.ok(!events.some(({ name }) => name === 'replayDetected' || name === 'issued'));
    }
  });

  it('one without a challenge is exchanged for clients that need none, and a verifier is refused then, too', async () => {
    const { redeem } = cameOver({ said: { request: {} }, pkce: { allowMissing: () => true } });
    isRefused(await redeem(OLD));
    await redeem(OLD, { code_verifier: undefined }).expect(200);
  });

  it('one with a challenge, of a client that needs none, is refused without its verifier', async () => {
    const { redeem } = cameOver({ pkce: { allowMissing: () => true } });
    isRefused(await redeem(OLD, { code_verifier: undefined }));
    await redeem(OLD).expect(200);
  });

  it('a challenge whose method is not told is refused: it may be public', async () => {
    const { redeem } = cameOver({ said: { request: { codeChallenge: CHALLENGE } } });
    isRefused(await redeem(OLD));
    isRefused(await redeem(OLD, { code_verifier: CHALLENGE }));
  });

  it('RFC 6749 §4.1.3 the redirect URI must be sent, and be the same; another one does not spend the code', async () => {
    const { redeem } = cameOver();
    isRefused(await redeem(OLD, { redirect_uri: `${CALLBACK}/other` }));
    isRefused(await redeem(OLD, { redirect_uri: undefined }));
    await redeem(OLD).expect(200);
  });

  it('RFC 6749 §4.1.3 the redirect URI may be left out where the authorization request had none', async () => {
    for (const redirect_uri of [undefined, CALLBACK]) {
      const { redeem } = cameOver({ said: { request: { ...CHALLENGED, redirectURI: undefined } } });
      isRefused(await redeem(OLD, { redirect_uri: `${CALLBACK}/other` }));
      await redeem(OLD, { redirect_uri }).expect(200);
    }
  });

  it('RFC 6749 §4.1.3 a code of another client is refused, is not spent, and nothing is stored', async () => {
    const { store, calls } = recordingStore();
    const { redeem } = cameOver({ store });
    isRefused(await redeem(OLD, {}, OTHER));
    assert.equal(calls.filter(({ method }) => method === 'put').length, 0);
    await redeem(OLD).expect(200);
    isRefused(await redeem(OLD, {}, OTHER));
  });

  it('from another client after it was exchanged ends nothing', async () => {
    const { redeem, tokens } = cameOver();
    const { access_token } = (await redeem(OLD).expect(200)).body;
    isRefused(await redeem(OLD, {}, OTHER));
    assert.notEqual(await tokens.verify(access_token), undefined);
  });

  it('that are unknown, or have expired, are refused, and nothing is stored', async () => {
    const { store, calls } = recordingStore();
    const { redeem, clock, asked } = cameOver({ store });
    isRefused(await redeem('another'));
    clock.now += 600;
    isRefused(await redeem(OLD));
    assert.equal(calls.filter(({ method }) => method === 'put').length, 0);
    assert.deepEqual(asked, ['another', OLD]);
    for (const nothing of [undefined, null, false] as const)
      isRefused(await cameOver({ more: { adoptCode: () => nothing } }).redeem(OLD));
  });

  it('one that was presented, and not exchanged, expires when the other library says, and ends when it says nothing', async () => {
    const { redeem, clock } = cameOver();
    isRefused(await redeem(OLD, { redirect_uri: `${CALLBACK}/other` }));
    clock.now += 600;
    isRefused(await redeem(OLD));
    const { redeem: other, table } = cameOver();
    isRefused(await other(OLD, { redirect_uri: `${CALLBACK}/other` }));
    table.clear();
    isRefused(await other(OLD));
  });

  it('an extension that limits the lives of codes limits these, from when the user allowed it', async () => {
    const plugs = [{ name: 'short', clientTerms: () => ({ codeLifetime: 60 }) }];
    const { row } = cameOver();
    for (const [age, status] of [
      [59, 200],
      [60, 400],
    ] as const) {
      const authorizedAt = tokenServer().clock.now - age;
      const { app } = pluggedServer({ plugs, tokens: { adoptCode: () => ({ ...row, authorizedAt }) } });
      assert.equal((await exchangeCode(app, OLD)).status, status, `${age}`);
    }
  });

  it('extensions see the request of the client that the code is of, whatever the application says of it', async () => {
    const { row } = cameOver();
    const seen: unknown[] = [];
    const check = ({ request }: Authorization): void => void seen.push(request?.clientID);
    const adopted = { ...row, request: { ...CHALLENGED, clientID: OTHER.client_id } };
    const { app } = pluggedServer({
      plugs: [{ name: 'sees', token: { check } }],
      tokens: { adoptCode: () => adopted },
    });
    assert.equal((await exchangeCode(app, OLD)).status, 200);
    assert.deepEqual(seen, [CLIENT.client_id]);
  });

  it('RFC 6749 §A.14 times with milliseconds, as other libraries have them, give whole seconds', async () => {
    const start = tokenServer().clock.now;
    const said = { authorizedAt: start - 0.5, expiresAt: start + 30.75 };
    const { redeem } = cameOver({ said, more: { lifetimes: { authorization: 100 } } });
    assert.equal((await redeem(OLD).expect(200)).body.expires_in, 99);
  });

  it('what was allowed with it can be ended, and it does not come back, though the library still says that it counts', async () => {
    const { redeem, tokens, clock } = cameOver({
      said: { expiresAt: tokenServer().clock.now + 100 * DAY },
      more: { lifetimes: { accessToken: 10 }, refreshTokens: () => false },
    });
    await redeem(OLD).expect(200);
    assert.equal(await tokens.revokeAll({ user: { id: 'alice' } as User }), 1);
    isRefused(await redeem(OLD));
    clock.now += DAY; // the store has forgotten the revocation
    isRefused(await redeem(OLD));
  });

  it('is no refresh token, and a refresh token of the library is no code', async () => {
    const { redeem, refresh, isActive } = cameOver({
      more: {
        adopt: () => ({ clientID: CLIENT.client_id, subject: 'alice', scope: ['read'], expiresAt: 2_000_000_000 }),
      },
    });
    const first = (await redeem(OLD).expect(200)).body;
    const { scope, refresh_token } = (await refresh(OLD).expect(200)).body;
    assert.equal(scope, 'read');
    isRefused(await redeem(OLD)); // which ends what came of the code alone
    assert.deepEqual([await isActive(first.refresh_token), await isActive(refresh_token)], [false, true]);
    const { redeem: asCode } = tokenServer({
      tokens: {
        adopt: () => ({ clientID: CLIENT.client_id, subject: 'alice', scope: ['read'], expiresAt: 2_000_000_000 }),
      },
    });
    isRefused(await asCode(OLD));
  });

  it('RFC 9700 §4.14.2 another text of a code that was taken over is refused, and ends all that came of it', async () => {
    const { redeem, tokens, table, row } = cameOver({ said: { codeID: 'a row' } });
    table.set(hashOf(`${OLD} `), row);
    const { access_token } = (await redeem(OLD).expect(200)).body;
    isRefused(await redeem(`${OLD} `));
    assert.equal(await tokens.verify(access_token), undefined);
  });

  it('a name of a code is no name of a refresh token, nor of a code of another client', async () => {
    const granted = { clientID: CLIENT.client_id, subject: 'alice', scope: ['read'] };
    const { redeem, refresh, table, row } = cameOver({
      said: { codeID: '1' },
      more: { adopt: () => ({ ...granted, expiresAt: row.expiresAt, tokenID: '1' }) },
    });
    table.set(hashOf('of another client'), { ...row, clientID: OTHER.client_id });
    await redeem(OLD).expect(200);
    await refresh('a refresh token of another library').expect(200);
    await redeem('of another client', {}, OTHER).expect(200);
  });

  it('one whose process ended after its name was noted is exchanged when it comes again', async () => {
    const { store } = breakableStore();
    let hasEnded = true;
    const ending: TokenStore = {
      ...store,
      put: (records, now, within) =>
        hasEnded && records.some(({ kind }) => kind === 'code')
          ? Promise.reject(new Error('the process has ended'))
          : store.put(records, now, within),
    };
    const { redeem } = cameOver({ store: ending, said: { codeID: 'a row' } });
    assert.ok((await redeem(OLD)).status >= 500);
    hasEnded = false;
    await redeem(OLD).expect(200);
  });

  it('the code is stored nowhere: neither itself, nor a hash that the other library may have kept', async () => {
    const { store, calls } = recordingStore();
    await cameOver({ store }).redeem(OLD).expect(200);
    const stored = JSON.stringify(calls);
    assert.equal(stored.includes('of another library'), false);
    assert.equal(stored.includes(hashOf(OLD)), false);
    assert.equal(stored.includes(createHash('sha256').update(OLD).digest('base64url')), false);
  });

  it('what the application says further is carried on: the user’s name, the login, APIs, and notes', async () => {
    const { redeem, tokens, clock } = cameOver({
      said: {
        subject: undefined,
        user: { id: 'alice' } as User,
        audience: ['https://api.example'],
        authentication: { acr: 'urn:example:pin' },
        notes: { plan: 'old' },
        authorizedAt: tokenServer().clock.now - 5,
      },
      more: { username: ({ id }) => `the user ${id}` },
    });
    const { access_token } = (await redeem(OLD).expect(200)).body;
    const { username, audience, notes, acr, issuedAt } = (await tokens.verify(access_token)) ?? {};
    assert.deepEqual(
      [username, audience, notes, acr, issuedAt],
      ['the user alice', ['https://api.example'], { plan: 'old' }, 'urn:example:pin', clock.now],
    );
  });

  const wrong: Readonly<Record<string, Partial<AdoptedCode<User>>>> = {
    'no client': { clientID: '' },
    'no user': { subject: undefined },
    'a user and a subject': { user: { id: 'alice' } as User },
    'a scope that is text': { scope: 'read' as unknown as string[] },
    'no redirect URI': { redirectURI: '' },
    'an end in milliseconds': { expiresAt: Date.now() - 1000 },
    'a beginning in milliseconds': { authorizedAt: Date.now() - 1000 },
    'an end that is no number': { expiresAt: new Date() as unknown as number },
    'a beginning that is no number': { authorizedAt: Number.NaN },
  };
  for (const [what, said] of Object.entries(wrong))
    it(`${what}: the operator is told, and nothing is given`, async () => {
      const { redeem, errors } = cameOver({ said });
      assertErrorHere(await redeem(OLD), 500, 'server_error');
      assert.match(String((errors.at(-1) as Error).cause ?? errors.at(-1)), /tokenService\(\{ adoptCode \}\)/);
    });

  it('when the store does not answer the client is told to try again, and that is no replay', async () => {
    for (const method of ['get', 'put', 'consume'] as const) {
      const { store, broken } = breakableStore();
      const { redeem, events } = cameOver({ store });
      broken.set(method, 'is lost');
      assert.equal((await redeem(OLD)).status, 503, method);
      broken.clear();
      const isSpent = method === 'consume'; // as one of ours is then: nobody has what came of it
      assert.equal((await redeem(OLD)).status, isSpent ? 400 : 200, method);
      assert.ok(!events.some(({ name }) => name === 'replayDetected'), method);
    }
  });

  it('one whose process ended before it was noted is noted when it comes again', async () => {
    const { store, broken } = breakableStore();
    const inner: TokenStore = {
      ...store,
      put: (records, now, within) =>
        records.some(({ kind }) => kind === 'ephemeral') && broken.size > 0
          ? Promise.reject(new Error('the process has ended'))
          : store.put(records, now, within),
    };
    const { redeem, tokens, clock } = cameOver({
      store: inner,
      said: { expiresAt: tokenServer().clock.now + 100 * DAY },
      more: { lifetimes: { accessToken: 10 }, refreshTokens: () => false },
    });
    broken.set('list', 'rejects');
    assert.equal((await redeem(OLD)).status, 503);
    broken.clear();
    await redeem(OLD).expect(200);
    await tokens.revokeAll({ user: { id: 'alice' } as User });
    clock.now += DAY; // the store has forgotten the revocation
    isRefused(await redeem(OLD));
  });
});

onEveryStore('token service: codes of another library', (place) => {
  const now = (): number => Math.floor(Date.now() / 1000); // Redis has a clock of its own

  /** Two processes, where the store can have them, of which both know one old code. */
  function made(user: string) {
    const old = `old-${randomUUID()}`;
    const setup = { old, said: { subject: user, expiresAt: now() + 600 }, more: { now } };
    return { old, servers: twoOver(place(), (store) => cameOver({ ...setup, store })) };
  }

  it('of concurrent exchanges in two processes, exactly one gets tokens, and the others revoke them', async () => {
    for (let round = 0; round < 5; round++) {
      const { old, servers } = made(`user-${randomUUID()}`);
      const answers = await Promise.all([0, 1, 0, 1, 0, 1].map((index) => servers[index as 0 | 1].redeem(old)));
      const served = answers.filter(({ status }) => status === 200);
      assert.equal(served.length, 1);
      assert.deepEqual([...new Set(answers.map(({ status }) => status))].sort(), [200, 400]);
      for (const { tokens } of servers) assert.equal(await tokens.verify(served[0]?.body.access_token), undefined);
    }
  });

  it('a replay at the other process ends what came of it', async () => {
    const { old, servers } = made(`user-${randomUUID()}`);
    const { body } = await servers[0].redeem(old).expect(200);
    isRefused(await servers[1].redeem(old));
    isRefused(await servers[0].refresh(body.refresh_token));
  });

  it('with another client at the same moment, only its own is served', async () => {
    const { old, servers } = made(`user-${randomUUID()}`);
    const [own, other] = await Promise.all([servers[0].redeem(old), servers[1].redeem(old, {}, OTHER)]);
    assert.equal(own.status, 200);
    isRefused(other);
  });
});
