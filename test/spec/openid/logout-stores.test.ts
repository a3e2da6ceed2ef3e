/** What is remembered of logins for logouts, on every store, by two processes over it. */
import assert from 'node:assert/strict';
import { decodeJwt } from 'jose';
import { publicFetch } from 'koauthorize/extending';
import { type KeySet, tokenService } from 'koauthorize/tokens';
import { type App, CLIENT, OTHER, type User } from '../../support/authorization-server.js';
import { listening, logoutServer, RETURNING } from '../../support/logout-server.js';
import { skipStore } from '../../support/missing-server.js';
import { rsaKeys } from '../../support/openid-server.js';
import { PLACES, type Place } from '../../support/places.js';

const DAY = 24 * 60 * 60;
const ASK = { response_type: 'id_token', nonce: 'n', code_challenge: undefined, code_challenge_method: undefined };

for (const [name, open] of Object.entries(PLACES)) {
  describe(`Back-Channel Logout §2.3 on ${name}: remembering who is logged in where`, function () {
    this.timeout(30_000);
    const start = Math.floor(Date.now() / 1000); // databases that remove what has expired have a clock of their own
    const clock = { now: start };
    let place: Place | undefined;
    let keys: KeySet;
    before(async function () {
      place = await open({ clock: () => clock.now });
      if (!place) return skipStore(this, name);
      keys = await rsaKeys();
    });
    after(() => place?.remove());
    beforeEach(() => {
      clock.now = start;
    });

    /** Two processes, where the store can have them, with a user that no other test has. */
    let users = 0;
    function made() {
      if (!place) throw new Error('no place');
      const opened = place;
      const process = () => tokenService<App, User>({ store: opened.open(), now: () => clock.now });
      const one = process();
      users += 1;
      const subject = `alice ${users}`;
      const user = { id: subject, name: 'Alice' };
      const note = (service = one, more: object = {}) =>
        service.noteLogin({ subject, sessionID: 'session 1', clientID: CLIENT.client_id, ...more });
      const told = async (service = one, sessionID: string | undefined = 'session 1') =>
        [...(await service.allowedInSession({ subject, sessionID })).clientIDs].toSorted();
      const end = async (service = one) => (await service.allowedInSession({ subject, sessionID: 'session 1' })).end();
      return { one, other: opened.isShared ? process() : one, subject, user, note, told, end };
    }

    it('over HTTP: a logout in one process tells a client that got an ID token alone in another, once, by its session', async () => {
      if (!place) throw new Error('no place');
      const opened = place;
      const client = await listening(() => 200);
      const server = () =>
        logoutServer({
          keys,
          store: opened.open(),
          start,
          clients: [{ ...RETURNING, backchannel_logout_uri: client.url }],
          openid: { responseTypes: ['id_token'] },
          logout: { fetch: publicFetch({ allowLoopback: true }), wait: 20 },
        });
      const one = server();
      const other = opened.isShared ? server() : one;
      const [here, there] = [one.person(), other.person()];
      for (const sid of ['session 1', 'session 2']) {
        await here.login('alice', sid);
        for (const _ of [1, 2]) await here.authorize(ASK).expect(302);
      }
      for (const sid of ['session 1', 'session 1', 'session 2']) {
        await there.login('alice', sid);
        await there.answer((await there.logout()).body.page.id).expect(200);
      }
      const sids = client.got.map((body) => decodeJwt(body.get('logout_token') ?? '')['sid']);
      client.close();
      assert.deepEqual(sids, ['session 1', 'session 2']);
    });

    it('a login that is noted many times at once, in both processes, is one', async () => {
      const { one, other, note, told, end } = made();
      await Promise.all(Array.from({ length: 20 }, (_, index) => note(index % 2 ? one : other)));
      assert.deepEqual(await told(other), [CLIENT.client_id]);
      await end(other);
      for (const service of [one, other]) assert.deepEqual(await told(service), []);
    });

    it('clients, users and sessions are told apart', async () => {
      const { one, other, note, told, end } = made();
      await note();
      await note(one, { clientID: OTHER.client_id });
      await note(one, { sessionID: 'session 2' });
      await note(one, { sessionID: undefined });
      await note(one, { subject: 'bob' });
      assert.deepEqual(await told(other), [CLIENT.client_id, OTHER.client_id]);
      await end(other);
      assert.deepEqual(await told(), []);
      assert.deepEqual(await told(other, 'session 2'), [CLIENT.client_id]);
      const { clientIDs } = await other.allowedInSession({ subject: 'bob' });
      assert.deepEqual(clientIDs, [CLIENT.client_id]);
      await (await other.allowedInSession({ subject: 'bob' })).end();
    });

    it('it is remembered for a day since the last time', async () => {
      const { note, told } = made();
      await note();
      clock.now += DAY - 10;
      assert.deepEqual(await told(), [CLIENT.client_id]);
      await note();
      clock.now += DAY - 10;
      assert.deepEqual(await told(), [CLIENT.client_id], 'a day since the first time');
      clock.now += DAY;
      assert.deepEqual(await told(), []);
    });

    it('it is not an authorization: it is neither listed nor counted, and stays after all authorizations are revoked', async () => {
      const { one, other, subject, user, note, told } = made();
      await note();
      assert.deepEqual(await one.listAuthorizations(user), []);
      if (!place) throw new Error('no place');
      const store = place.open();
      for (const { authorizationID } of await store.list(subject, clock.now))
        assert.equal(await other.revokeAuthorization(user, authorizationID), false);
      assert.equal(await other.revokeAll({ user }), 0);
      assert.deepEqual(await told(), [CLIENT.client_id], 'the user is still logged in at the client');
      await note();
      assert.deepEqual(await told(other), [CLIENT.client_id]);
    });

    it('after a logout, the same session can be noted again: at an application that goes on with it', async () => {
      const { other, note, told, end } = made();
      await note();
      await end(other);
      await note(other);
      assert.deepEqual(await told(), [CLIENT.client_id]);
    });
  });
}
