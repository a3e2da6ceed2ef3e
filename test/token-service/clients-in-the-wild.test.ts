/** Options of the token service for clients that cannot do what the specifications ask of them. */
import assert from 'node:assert/strict';
import { memoryStore, tokenService } from 'koauthorize/tokens';
import { type App, browser, CLIENT, OTHER, type User, VERIFIER } from '../support/authorization-server.js';
import { assertErrorHere } from '../support/form.js';
import { API, tokenServer, WORKER } from '../support/token-server.js';

const DAY = 86_400;
const ALICE = { id: 'alice', name: '' };

describe('token service: rotate', () => {
  const rotate = ({ client_id }: App) => client_id !== CLIENT.client_id;

  it('off for a client that authenticates: its refresh token stays, and lives as long as its authorization', async () => {
    const { connect, refresh, clock, isActive } = tokenServer({ tokens: { rotate } });
    const { refresh_token } = await connect();
    const given = new Set<string>();
    for (let use = 0; use < 12; use++) {
      clock.now += 29 * DAY;
      const { body } = await refresh(refresh_token, use % 2 ? { scope: 'read' } : {}).expect(200);
      assert.equal('refresh_token' in body, false);
      assert.equal(body.scope, use % 2 ? 'read' : 'read write');
      assert.equal(await isActive(body.access_token), true);
      given.add(body.access_token);
    }
    assert.equal(given.size, 12);
    clock.now += 17 * DAY;
    assertErrorHere(await refresh(refresh_token), 400, 'invalid_grant');
  });

  it('on for other clients, and for public ones whatever it says', async () => {
    const isPublic = ({ client_id }: App) => client_id === CLIENT.client_id;
    const { connect, refresh } = tokenServer({ tokens: { rotate: () => false, isPublic } });
    const { refresh_token } = await connect();
    const { body } = await refresh(refresh_token).expect(200);
    assert.notEqual(body.refresh_token, refresh_token);
    assert.ok(body.refresh_token);
  });

  it('off, and what is revoked at the same moment gives nothing', async () => {
    for (let round = 0; round < 20; round++) {
      const { connect, refresh, tokens, isActive } = tokenServer({ tokens: { rotate } });
      const { refresh_token } = await connect();
      const [{ body }] = await Promise.all([refresh(refresh_token), tokens.revokeAll({ user: ALICE })]);
      if (body.access_token) assert.equal(await isActive(body.access_token), false);
      assertErrorHere(await refresh(refresh_token), 400, 'invalid_grant');
    }
  });
});

describe('token service: tolerateRepeatedCode', () => {
  const setup = { tokens: { tolerateRepeatedCode: 5 } };

  it('refuses the second, at the same moment or seconds later, and leaves the tokens of the first', async () => {
    const { authorize, redeem, isActive, clock, events } = tokenServer(setup);
    const code = await authorize();
    const answers = await Promise.all(Array.from({ length: 10 }, () => redeem(code)));
    const given = answers.filter(({ status }) => status === 200);
    assert.equal(given.length, 1);
    clock.now += 5;
    assertErrorHere(await redeem(code), 400, 'invalid_grant');
    const { access_token, refresh_token } = given[0]?.body ?? {};
    assert.deepEqual([await isActive(access_token), await isActive(refresh_token)], [true, true]);
    assert.deepEqual(
      events.filter(({ name }) => name === 'replayDetected'),
      [],
    );
  });

  const others: readonly [what: string, seconds: number, more: object][] = [
    ['later', 6, {}],
    ['with a wrong verifier', 0, { code_verifier: VERIFIER.replace('d', 'e') }],
  ];
  for (const [what, seconds, more] of others) {
    it(`ends what came of a code that comes again ${what}`, async () => {
      const { authorize, redeem, isActive, clock, events } = tokenServer(setup);
      const code = await authorize();
      const { body } = await redeem(code).expect(200);
      clock.now += seconds;
      assertErrorHere(await redeem(code, more), 400, 'invalid_grant');
      assert.equal(await isActive(body.refresh_token), false);
      assert.equal(events.filter(({ name }) => name === 'replayDetected').length, 1);
    });
  }

  it('is a few seconds', () => {
    for (const tolerateRepeatedCode of [-1, 31, Number.NaN])
      assert.throws(() => tokenService<App, User>({ store: memoryStore(), tolerateRepeatedCode }), TypeError);
  });
});

describe('token service: who an introspected token is about', () => {
  it('RFC 9068 §2.2: the client itself, where no user authorized it', async () => {
    const { request, introspect } = tokenServer();
    const { body } = await request({ grant_type: 'client_credentials' }, WORKER).expect(200);
    const { sub, client_id, username } = (await introspect(body.access_token, WORKER)).body;
    assert.deepEqual([sub, client_id, username], ['worker', 'worker', undefined]);
  });

  it('RFC 7662 §2.2: its username, where the application has one, after a refresh as well', async () => {
    const username = ({ id }: User) => `${id}@example.com`;
    const { connect, refresh, introspect } = tokenServer({ tokens: { username } });
    const first = await connect();
    const second = (await refresh(first.refresh_token).expect(200)).body;
    for (const { access_token } of [first, second])
      assert.equal((await introspect(access_token, API)).body.username, 'alice@example.com');
    assert.equal('username' in (await introspect(second.refresh_token)).body, false);
  });

  it('RFC 9700 §4.15: no user whose identifier is that of a client', async () => {
    const clients = [CLIENT, OTHER];
    const findClient = async (id: string) => clients.find(({ client_id }) => client_id === id);
    const { app, errors, connect } = tokenServer({ tokens: { findClient } });
    await connect();
    for (const user of ['client', 'other']) {
      const { code, error } = await browser(app, user).allow();
      assert.deepEqual([code, error], [undefined, 'server_error']);
      assert.match(String(errors.at(-1)), /A user and a client have one identifier/);
    }
  });
});
