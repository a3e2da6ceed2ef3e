/** Pages for which a user answers while a store does not: the same page can be sent again. */
import assert from 'node:assert/strict';
import { StoreUnavailableError } from 'koauthorize/tokens';
import { type App, CLIENT } from '../support/authorization-server.js';
import { waiting } from '../support/backchannel-server.js';
import { deviceServer } from '../support/device-server.js';
import { assertErrorHere } from '../support/form.js';
import { logoutServer, RETURNING } from '../support/logout-server.js';
import { rsaKeys } from '../support/openid-server.js';
import { breakableStore, METHODS } from '../support/token-store.js';

type Broken = ReturnType<typeof breakableStore>['broken'];

/** Ways in which a store can fail while a decision is kept. */
const FAILURES: readonly ((broken: Broken) => void)[] = [
  (broken) => {
    for (const method of METHODS) broken.set(method, 'rejects');
  },
  (broken) => broken.set('put', 'rejects'),
];

describe('a page that a user answers while a store fails', () => {
  for (const [what, more] of [
    ['allowed', {}],
    ['denied', { cancel: '1' }],
  ] as const) {
    it(`RFC 8628 §3.3: a device is ${what} by the same page after an outage, once`, async () => {
      const { store, broken } = breakableStore();
      const { begin, poll, person } = deviceServer({ store });
      const { device_code, user_code } = (await begin().expect(200)).body;
      const alice = person();
      const { id } = (await alice.type(user_code).expect(200)).body;
      for (const fail of FAILURES) {
        fail(broken);
        assertErrorHere(await alice.decide(id, more), 503, 'temporarily_unavailable');
        broken.clear();
      }
      await alice.decide(id, more).expect(200);
      assertErrorHere(await alice.decide(id, more), 403, 'access_denied');
      assert.equal((await poll(device_code)).status, what === 'allowed' ? 200 : 400);
    });

    it(`CIBA §8: a request is ${what} by the same page after an outage, once`, async () => {
      const { store, broken } = breakableStore();
      const { id, later, person } = await waiting({ store });
      const alice = person();
      const { dialogID } = (await alice.open(id).expect(200)).body;
      for (const fail of FAILURES) {
        fail(broken);
        assertErrorHere(await alice.answer(dialogID, more), 503, 'temporarily_unavailable');
        broken.clear();
      }
      assert.deepEqual((await alice.answer(dialogID, more).expect(200)).body, { page: what });
      assertErrorHere(await alice.answer(dialogID, more), 403, 'access_denied');
      assert.equal((await later()).status, what === 'allowed' ? 200 : 400);
    });
  }

  it('OpenID Connect RP-Initiated Logout §2: the same page logs the user out after an outage of the store of clients', async () => {
    let isDown = false;
    const find = (id: string): App | undefined | Promise<never> =>
      isDown ? Promise.reject(new StoreUnavailableError('away')) : id === CLIENT.client_id ? RETURNING : undefined;
    const server = logoutServer({ keys: await rsaKeys(), options: { clients: { find } }, logout: { alwaysAsk: true } });
    const alice = server.person();
    await alice.login();
    const { id_token } = await alice.connect();
    const { page } = (await alice.logout({ id_token_hint: id_token }).expect(200)).body;
    isDown = true;
    assertErrorHere(await alice.answer(page.id), 503, 'temporarily_unavailable');
    isDown = false;
    await alice.answer(page.id);
    assert.deepEqual(server.ended, ['alice']);
  });
});
