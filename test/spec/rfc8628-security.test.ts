/** RFC 8628 §5: what is sent to a server for devices by those who guess, race, or steal; and what ends when the user or the client ends it. */
import assert from 'node:assert/strict';
import { certificateBoundTokens, dpop, type Extension, openid } from 'koauthorize';
import { type EphemeralStore, ephemeralStore, memoryStore, type TokenStore } from 'koauthorize/tokens';
import { type App, CLIENT, ISSUER, OTHER, type User } from '../support/authorization-server.js';
import { selfSigned } from '../support/certificates.js';
import { DEVICE_CODE, type DeviceSetup, deviceServer } from '../support/device-server.js';
import { type ClientKey, clientKey, proofFor } from '../support/dpop.js';
import { rsaKeys } from '../support/openid-server.js';
import { breakableStore, type Method, recordingStore, watched } from '../support/token-store.js';

/** A device that has begun, and the browser of its user. */
async function begun(setup: DeviceSetup = {}, params: Readonly<Record<string, string>> = {}) {
  const server = deviceServer(setup);
  const { body: device } = await server.begin(params).expect(200);
  const alice = server.person();
  const dialog = async (): Promise<string> => (await alice.type(device.user_code).expect(200)).body.id;
  const allow = async () => alice.decide(await dialog());
  /** A poll, after as long as the device has to wait. */
  const later = (more: object = {}) => {
    server.clock.now += 5;
    return server.poll(device.device_code, CLIENT, more);
  };
  return { ...server, device, alice, dialog, allow, later };
}

/** Where the clock of the tests begins. */
const START = 1_767_225_600;

/** A store that waits for something after each step that changes it. */
function stepping(inner: EphemeralStore, after: (key: string) => Promise<void>): EphemeralStore {
  const then = async <T>(key: string, result: T): Promise<Awaited<T>> => {
    const value = await result;
    await after(key);
    return value;
  };
  return {
    add: (key, value, expiresAt) => then(key, inner.add(key, value, expiresAt)),
    get: (key) => inner.get(key),
    take: (key) => then(key, inner.take(key)),
  };
}

/** Lets nobody go on until so many have come; then everybody, and whoever comes later. */
function meeting(of: number) {
  let come = 0;
  let open = (): void => {};
  const all = new Promise<void>((resolve) => {
    open = resolve;
  });
  return (): Promise<void> => {
    come += 1;
    if (come >= of) open();
    return all;
  };
}

const errorOf = async (response: PromiseLike<{ status: number; body: { error?: string } }>) => {
  const { status, body } = await response;
  return [status, body.error];
};

describe('RFC 8628 §5.1 user codes are guessed', () => {
  it('by concurrent requests: no more codes are looked up than one user may type', async () => {
    const { alice, device } = await begun({ device: { guesses: 5 } });
    const typed = [...Array.from({ length: 30 }, () => 'BBBB-BBBB'), device.user_code];
    const answers = await Promise.all(typed.map((code) => alice.type(code)));
    assert.equal(answers.filter(({ body }) => body.problem === 'unknown').length, 5);
    assert.equal(answers.at(-1)?.body.problem, 'too many');
  });

  it('by requests at the same moment over a slow store: as many are looked up as may be, and no fewer', async () => {
    const inner = ephemeralStore(memoryStore(), () => START);
    const store = stepping(inner, () => new Promise((resolve) => setImmediate(resolve)));
    const { alice } = await begun({ device: { guesses: 5, store } });
    const answers = await Promise.all(Array.from({ length: 10 }, () => alice.type('BBBB-BBBB')));
    assert.equal(answers.filter(({ body }) => body.problem === 'unknown').length, 5);
  });

  it('a code that is right is counted, too, or concurrent guesses could not be', async () => {
    const { alice, device } = await begun({ device: { guesses: 2 } });
    for (let i = 0; i < 2; i += 1) assert.equal((await alice.type(device.user_code)).body.page, 'consent');
    assert.equal((await alice.type(device.user_code)).body.problem, 'too many');
  });

  it('by many users at one address: all are counted, and users at other addresses are not affected', async () => {
    const { app, person } = await begun({ device: { guesses: 3, guessesPerAddress: 4 } });
    app.proxy = true;
    const from = (user: string, address: string) => person(user).type('BBBB-BBBB').set('X-Forwarded-For', address);
    const problems = [];
    for (const user of ['one', 'two', 'three', 'four', 'five'])
      problems.push((await from(user, '192.0.2.1')).body.problem);
    assert.deepEqual(problems, [...Array.from({ length: 4 }, () => 'unknown'), 'too many']);
    assert.equal((await from('five', '192.0.2.2')).body.problem, 'unknown');
  });

  it('by the many addresses of one IPv6 network: they count as one, however they are written', async () => {
    const { app, person } = await begun({ device: { guessesPerAddress: 4 } });
    app.proxy = true;
    const written = ['2001:db8::1', '2001:db8::2', '2001:DB8:0:0::3', '2001:0db8:0000:0000:ffff:1:2:3', '2001:db8::5'];
    const problems = [];
    for (const [index, address] of written.entries()) {
      const typing = person(`user ${index}`).type('BBBB-BBBB').set('X-Forwarded-For', address);
      problems.push((await typing).body.problem);
    }
    assert.deepEqual(problems, [...Array.from({ length: 4 }, () => 'unknown'), 'too many']);
    const elsewhere = person('user').type('BBBB-BBBB').set('X-Forwarded-For', '2001:db8:0:1::1');
    assert.equal((await elsewhere).body.problem, 'unknown');
  });

  it('a user whose guesses are used up takes no place of the others at their address', async () => {
    const { alice, person } = await begun({ device: { guesses: 1, guessesPerAddress: 2 } });
    for (let i = 0; i < 5; i += 1) await alice.type('BBBB-BBBB');
    assert.equal((await person('bob').type('BBBB-BBBB')).body.problem, 'unknown');
  });

  it('what cannot be a code is not looked up, and not counted', async () => {
    const { alice, device } = await begun({ device: { guesses: 1 } });
    for (const typed of ['AAAA', 'BBBB-BBBBB', '12345678'])
      assert.equal((await alice.type(typed)).body.problem, 'unknown');
    assert.equal((await alice.type(device.user_code)).body.page, 'consent');
  });
});

describe('RFC 10027 §6.1.1 a device that is somewhere else', () => {
  const away = (isNear: () => unknown): DeviceSetup => ({
    device: { mayConnect: (ctx, { from }) => (from.address === ctx.ip && isNear()) as boolean },
  });

  it('gets no dialog if mayConnect refuses it; the device keeps polling', async () => {
    for (const answer of [false, undefined, 'true']) {
      const { alice, device, later } = await begun(away(() => answer));
      assert.deepEqual((await alice.type(device.user_code)).body, { page: 'code', problem: 'not here' });
      assert.deepEqual(await errorOf(later()), [400, 'authorization_pending']);
    }
  });

  it('gets no tokens if mayConnect refuses it only after the dialog was shown', async () => {
    let isNear = true;
    const { alice, dialog, later } = await begun(away(() => isNear));
    const [id, other] = [await dialog(), await dialog()];
    isNear = false;
    await alice.decide(id).expect(403);
    assert.deepEqual(await errorOf(later()), [400, 'authorization_pending']);
    assert.equal((await alice.decide(other, { cancel: 'yes' })).body.page, 'denied', 'it can be denied from anywhere');
  });

  it('and gets its tokens where the user is near', async () => {
    const { allow, later } = await begun(away(() => true));
    await allow();
    await later().expect(200);
  });
});

describe('RFC 8628 §3.5 polls at any moment', () => {
  for (const [decision, more, last] of [
    ['allows', {}, undefined],
    ['denies', { cancel: 'yes' }, 'access_denied'],
  ] as const)
    it(`between all steps of a decision that ${decision}, the device is known`, async () => {
      const inner = ephemeralStore(memoryStore(), () => START);
      const told: (string | undefined)[] = [];
      let onStep = async (): Promise<void> => {};
      const { alice, dialog, later } = await begun({ device: { store: stepping(inner, () => onStep()) } });
      const id = await dialog();
      let isPolling = false;
      onStep = async () => {
        if (isPolling) return; // its own steps
        isPolling = true;
        told.push((await later()).body.error);
        isPolling = false;
      };
      await alice.decide(id, more).expect(200);
      assert.ok(told.length >= 2, 'one step to answer, and those that tidy up');
      const wrong = told.filter((error) => error === 'invalid_grant');
      // who has got the tokens at the first step is told at the others that they were fetched
      assert.equal(wrong.length, last === undefined ? told.length - told.indexOf(undefined) - 1 : 0, String(told));
      if (last !== undefined) assert.equal(told.at(-1), last);
    });

  it('two polls that were both in time, and meet where the tokens are stored: one gets them', async () => {
    let meanwhile: (() => Promise<unknown>) | undefined;
    const slow: Extension<App, User> = {
      name: 'slow',
      token: {
        async respond() {
          const poll = meanwhile;
          meanwhile = undefined; // once
          if (poll) assert.deepEqual(await poll(), [200, undefined]);
          return undefined;
        },
      },
    };
    const { allow, later, tokens } = await begun({ plugs: [slow] });
    await allow();
    meanwhile = () => errorOf(later());
    assert.deepEqual(await errorOf(later()), [400, 'invalid_grant']);
    assert.equal((await tokens.listAuthorizations({ id: 'alice', name: 'Alice' })).length, 1);
  });

  it('two decisions that both have found the device waiting: one counts, and the other leaves nothing', async () => {
    const meet = meeting(2);
    const slow: Extension<App, User> = {
      name: 'slow',
      authorization: { authorize: () => meet().then(() => undefined) },
    };
    const { alice, dialog, later, tokens } = await begun({ plugs: [slow] });
    const [first, second] = [await dialog(), await dialog()];
    const answers = await Promise.all([alice.decide(first), alice.decide(second)]);
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 403]);
    assert.equal(await tokens.revokeAll({ user: { id: 'alice', name: 'Alice' } }), 1);
    assert.deepEqual(await errorOf(later()), [400, 'invalid_grant']);
  });

  it('polls that are a little too early for their interval are in time: the network is no clock', async () => {
    const { device, poll, clock } = await begun();
    clock.now = Math.ceil(clock.now / 5) * 5;
    assert.deepEqual(await errorOf(poll(device.device_code)), [400, 'authorization_pending']);
    clock.now += 4.6;
    assert.deepEqual(await errorOf(poll(device.device_code)), [400, 'authorization_pending']);
  });

  it('two servers of one store do not know the devices of each other', async () => {
    const store = memoryStore();
    const [one, two] = ['one', 'two'].map((name) =>
      deviceServer({
        store,
        options: { name, issuer: ISSUER, clients: { find: (id) => (id === 'client' ? CLIENT : undefined) } },
      }),
    );
    assert.ok(one && two);
    const { body } = await one.begin().expect(200);
    assert.equal((await two.person().type(body.user_code)).body.problem, 'unknown');
    assert.deepEqual(await errorOf(two.poll(body.device_code)), [400, 'invalid_grant']);
  });

  it('a user, whose session may be a cookie, does not learn the device code', async () => {
    const { alice, device } = await begun();
    const cookies = (await alice.type(device.user_code)).get('Set-Cookie') ?? [];
    const [, kept = ''] = /koa\.sess=([^;]+)/.exec(cookies.join()) ?? [];
    const session = Buffer.from(kept, 'base64').toString();
    assert.match(session, /"device"/);
    assert.ok(!session.includes(device.device_code));
  });

  it('what a device says of itself is kept as far as a page has room for it', async () => {
    const server = deviceServer();
    const { body } = await server.begin().set('User-Agent', 'x'.repeat(5000)).expect(200);
    const { from } = (await server.person().type(body.user_code)).body;
    assert.equal(from.userAgent, 'x'.repeat(200));
  });

  it('a user code is not valid any more after the user has decided', async () => {
    const { allow, alice, device } = await begun();
    await allow();
    assert.equal((await alice.type(device.user_code)).body.problem, 'unknown');
  });

  it('a poll costs two round trips to the store, and the last four', async () => {
    let [running, trips] = [0, 0];
    const watch = async (_method: Method, _args: readonly unknown[], call: () => Promise<unknown>) => {
      if (running === 0) trips += 1; // what runs at the same time is one
      running += 1;
      return call().finally(() => {
        running -= 1;
      });
    };
    const { allow, device, poll, later, clock } = await begun({ store: watched(watch) });
    const costOf = async (request: () => PromiseLike<unknown>): Promise<number> => {
      trips = 0;
      await request();
      return trips;
    };
    clock.now = Math.ceil(clock.now / 4.5) * 4.5;
    assert.equal(await costOf(() => poll(device.device_code)), 2);
    assert.equal(await costOf(() => poll(device.device_code)), 2);
    await allow();
    assert.equal(await costOf(() => later().expect(200)), 4);
  });

  it('a made-up code, and that of another client, store nothing', async () => {
    const { store, calls } = recordingStore();
    const { device, poll } = await begun({ store });
    calls.length = 0;
    const madeUp = device.device_code.replace(/^.{5}/, 'aaaaa');
    for (const [code, client] of [[madeUp], [device.device_code, OTHER]] as const)
      assert.deepEqual(await errorOf(poll(code, client)), [400, 'invalid_grant']);
    assert.ok(calls.length > 0 && calls.every(({ method }) => method === 'get'), JSON.stringify(calls));
  });

  it('when the store fails at the last step, the device is told to come again, and what it could not be given has ended', async () => {
    const broken = breakableStore();
    const { allow, later, tokens } = await begun({ store: broken.store });
    await allow();
    broken.broken.set('consume', 'is lost');
    assert.equal((await later()).status, 503);
    broken.broken.clear();
    const again = await later();
    assert.deepEqual([again.status, again.body.error], [400, 'invalid_grant']);
    assert.deepEqual(await tokens.listAuthorizations({ id: 'alice', name: 'Alice' }), []);
  });
});

describe('what a device was allowed ends when it is ended, also before its tokens are fetched', () => {
  const alice: User = { id: 'alice', name: 'Alice' };

  it('with all authorizations of the user', async () => {
    const { allow, later, tokens } = await begun();
    await allow();
    assert.equal(await tokens.revokeAll({ user: alice }), 1);
    assert.deepEqual(await errorOf(later()), [400, 'invalid_grant']);
  });

  it('with all that the client was allowed', async () => {
    const { allow, later, tokens } = await begun();
    await allow();
    assert.equal(await tokens.revokeAll({ client: CLIENT }), 1);
    assert.deepEqual(await errorOf(later()), [400, 'invalid_grant']);
  });

  for (const [when, isBefore] of [
    ['before', true],
    ['after', false],
  ] as const)
    it(`with the login session in which it was allowed, ${when} its tokens were fetched`, async () => {
      const options = { issuer: ISSUER, clients: { find: (id: string) => (id === 'client' ? CLIENT : undefined) } };
      const authenticationEvent = () => ({ sessionID: 'a session' });
      const { allow, later, tokens } = await begun({ options: { ...options, authenticationEvent } });
      await allow();
      const { body } = isBefore ? { body: undefined } : await later().expect(200);
      const other = await tokens.allowedInSession({ subject: 'alice', sessionID: 'another' });
      assert.deepEqual(other.clientIDs, []);
      const session = await tokens.allowedInSession({ subject: 'alice', sessionID: 'a session' });
      assert.deepEqual(session.clientIDs, ['client'], 'the client is told of the logout');
      await session.end();
      if (body) assert.equal(await tokens.verify(body.access_token), undefined);
      else assert.deepEqual(await errorOf(later()), [400, 'invalid_grant']);
    });

  it('a logout leaves what was allowed with offline_access', async () => {
    const options = { issuer: ISSUER, clients: { find: (id: string) => (id === 'client' ? CLIENT : undefined) } };
    const authenticationEvent = () => ({ sessionID: 'a session' });
    const setup = { options: { ...options, authenticationEvent } };
    const { allow, later, tokens } = await begun(setup, { scope: 'read offline_access' });
    await allow();
    await (await tokens.allowedInSession({ subject: 'alice', sessionID: 'a session' })).end();
    await later().expect(200);
  });

  it('OpenID Connect Core §11: with openid(), too; the user of a device is asked always, so that no prompt need say so', async () => {
    const options = {
      issuer: ISSUER,
      clients: { find: (id: string) => (id === 'client' ? CLIENT : undefined) },
      keys: await rsaKeys(),
      authenticationEvent: () => ({ sessionID: 'a session', authenticatedAt: START }),
    };
    for (const prompt of [{}, { prompt: 'consent' }]) {
      const scope = 'openid offline_access';
      const { device, alice, allow, later, tokens } = await begun({ plugs: [openid()], options }, { scope, ...prompt });
      assert.deepEqual((await alice.type(device.user_code)).body.req.scope, ['openid', 'offline_access']);
      await allow();
      const { body } = await later().expect(200);
      await (await tokens.allowedInSession({ subject: 'alice', sessionID: 'a session' })).end();
      assert.deepEqual((await tokens.verify(body.access_token))?.scope, ['openid', 'offline_access']);
    }
  });

  it('its ID in the store is no credential', async () => {
    const ids: string[] = [];
    const store: TokenStore = watched(async (method, args, call) => {
      if (method === 'put')
        for (const { id, kind } of args[0] as { id: string; kind: string }[]) if (kind === 'pending') ids.push(id);
      return call();
    });
    const { allow, poll, later, tokens } = await begun({ store });
    await allow();
    assert.equal(ids.length, 1);
    const [id = ''] = ids;
    assert.notEqual((await poll(id)).status, 200);
    assert.equal(await tokens.verify(id), undefined);
    assert.deepEqual(await tokens.introspect(id), { active: false });
    await tokens.revoke(id, CLIENT);
    await later().expect(200);
  });

  it('nothing else is taken for it: neither a code nor a token by its ID in the store', async () => {
    const ids: string[] = [];
    const store: TokenStore = watched(async (method, args, call) => {
      const stored = method === 'put' ? args[0] : ((args[1] ?? {}) as { next?: unknown }).next;
      ids.push(...((stored ?? []) as { id: string }[]).map(({ id }) => id));
      return call();
    });
    const { connect, tokens } = await begun({ store });
    await connect();
    assert.ok(ids.length > 3);
    for (const id of ids) assert.equal(await tokens.pending.find(id), undefined);
  });

  it('is no "connected app" until the device has its tokens', async () => {
    const { allow, later, tokens } = await begun();
    await allow();
    assert.deepEqual(await tokens.listAuthorizations(alice), []);
    await later().expect(200);
    assert.equal((await tokens.listAuthorizations(alice)).length, 1);
  });
});

describe('what a device gets', () => {
  it('a refresh token only if its client registered to refresh', async () => {
    const registered = { ...CLIENT, grant_types: [DEVICE_CODE], response_types: [] } as App;
    const { allow, later } = await begun({ clients: [registered] });
    await allow();
    assert.equal((await later().expect(200)).body.refresh_token, undefined);
  });

  it('a refresh token that lives as long as what was allowed, where refresh tokens are not replaced', async () => {
    const { allow, later, clock, refresh } = await begun({ tokens: { rotate: () => false } });
    await allow();
    const { body } = await later().expect(200);
    clock.now += 40 * 24 * 3600;
    await refresh(body.refresh_token).expect(200);
  });

  it('is told to the operator: one event for all of it', async () => {
    const { allow, later, tokens } = await begun();
    const events: unknown[] = [];
    tokens.events.on('issued', ({ clientID, subject, kinds }) => events.push({ clientID, subject, kinds }));
    await allow();
    await later().expect(200);
    assert.deepEqual(events, [{ clientID: 'client', subject: 'alice', kinds: ['access_token', 'refresh_token'] }]);
  });

  it('is pending no longer than the device has time', async () => {
    const ends: number[] = [];
    const store: TokenStore = watched(async (method, args, call) => {
      if (method === 'put')
        for (const { kind, expiresAt } of args[0] as { kind: string; expiresAt: number }[])
          if (kind === 'pending') ends.push(expiresAt);
      return call();
    });
    const { allow } = await begun({ store });
    await allow();
    assert.deepEqual(ends, [START + 600]);
  });
});

describe('tokens of devices that are bound to a key', () => {
  const TOKEN = { method: 'POST', url: `${ISSUER}/token` } as const;
  const proof = (key: ClientKey, iat: number) => proofFor(key, { ...TOKEN, at: iat });

  it('RFC 9449 §5: the access token is bound, and asked for by its own scheme', async () => {
    const key = await clientKey();
    const { allow, device, poll, clock, tokens } = await begun({ plugs: [dpop()] });
    await allow();
    clock.now += 5;
    const { body } = await poll(device.device_code)
      .set('DPoP', await proof(key, clock.now))
      .expect(200);
    assert.equal(body.token_type, 'DPoP');
    assert.deepEqual((await tokens.verify(body.access_token))?.confirmation, { jkt: key.thumbprint });
  });

  it('RFC 9449 §10: a device that began with dpop_jkt gets tokens with that key, and nobody with another', async () => {
    const [key, thief] = await Promise.all([clientKey(), clientKey()]);
    const { allow, device, poll, clock, later } = await begun({ plugs: [dpop()] }, { dpop_jkt: key.thumbprint });
    await allow();
    assert.equal((await later()).status, 400, 'without a proof');
    clock.now += 5;
    const stolen = await poll(device.device_code).set('DPoP', await proof(thief, clock.now));
    assert.deepEqual([stolen.status, stolen.body.error], [400, 'invalid_grant']);
    clock.now += 5;
    const { body } = await poll(device.device_code)
      .set('DPoP', await proof(key, clock.now))
      .expect(200);
    assert.equal(body.token_type, 'DPoP');
  });

  it('RFC 8705 §3: the access token is bound to the certificate of the device', async () => {
    const { certificate } = await selfSigned();
    const bound = { ...CLIENT, tls_client_certificate_bound_access_tokens: true } as App;
    const plugs = [certificateBoundTokens<App, User>({ certificate: () => ({ certificate, isVerified: false }) })];
    const { allow, later, tokens } = await begun({ clients: [bound], plugs });
    await allow();
    const { body } = await later().expect(200);
    const token = await tokens.verify(body.access_token);
    assert.deepEqual(Object.keys(token?.confirmation ?? {}), ['x5t#S256']);
  });

  it(`${DEVICE_CODE}: the refresh token of a public client is bound to the key of its device`, async () => {
    const key = await clientKey();
    const open = { ...CLIENT, token_endpoint_auth_method: 'none' } as App;
    const { allow, device, poll, clock, refresh } = await begun({ plugs: [dpop()], clients: [open] });
    await allow();
    clock.now += 5;
    const { body } = await poll(device.device_code)
      .set('DPoP', await proof(key, clock.now))
      .expect(200);
    assert.equal((await refresh(body.refresh_token)).status, 400);
    await refresh(body.refresh_token)
      .set('DPoP', await proof(key, clock.now))
      .expect(200);
  });
});
