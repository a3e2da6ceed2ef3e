/** RFC 8628 §3.3, §3.5, CIBA §8, §10.1: a store that fails while a user decides, and reads that are apart from each other, lose no decision. */
import assert from 'node:assert/strict';
import type { EphemeralStore } from 'koauthorize/tokens';
import { NOTIFIED, PINGED, userNamed, waiting } from '../support/backchannel-server.js';
import { deviceServer } from '../support/device-server.js';
import { interceptedStore } from '../support/intercepted-store.js';

interface Polled {
  /** @returns the status of what the user sees */
  decide(allow: boolean): Promise<number>;
  /** A poll, after as long as the client has to wait. @returns the status and the error */
  poll(): Promise<readonly [number, string | undefined]>;
  /** @returns how many authorizations there were, fetched or not */
  revokeAll(): Promise<number>;
  /** Where the client was told that it can fetch its tokens. */
  readonly told: readonly string[];
}

const ALICE = userNamed('alice');
const LOST = new Error('The store has not replied');

async function device(store: EphemeralStore): Promise<Polled> {
  const { begin, person, clock, poll, tokens } = deviceServer({ device: { store } });
  const { device_code, user_code } = (await begin().expect(200)).body;
  const alice = person();
  return {
    async decide(allow) {
      const { id } = (await alice.type(user_code)).body;
      return (await alice.decide(String(id), allow ? {} : { cancel: 'yes' })).status;
    },
    async poll() {
      clock.now += 5;
      const { status, body } = await poll(device_code);
      return [status, body.error];
    },
    revokeAll: () => tokens.revokeAll({ user: ALICE }),
    told: [],
  };
}

async function ciba(store: EphemeralStore): Promise<Polled> {
  const told: string[] = [];
  const fetch = async (url: string) => {
    told.push(url);
    return new Response(null, { status: 204 });
  };
  const token = '8d67dc78-7faa-4d41-aabd-67707b374255';
  const setup = { clients: [PINGED], ciba: { store, fetch } };
  const { id, decide, later, tokens } = await waiting(setup, { client_notification_token: token });
  return {
    decide: async (allow) => (await decide(id, { allow })).status,
    async poll() {
      const { status, body } = await later();
      return [status, body.error];
    },
    revokeAll: () => tokens.revokeAll({ user: ALICE }),
    told,
  };
}

for (const [what, make] of Object.entries({ device, ciba }))
  describe(`polling, while the store fails: ${what}`, () => {
    const told = what === 'ciba' ? [NOTIFIED] : [];

    for (const allow of [true, false]) {
      const outcome = allow ? [200, undefined] : [400, 'access_denied'];
      const word = allow ? 'allowed' : 'denied';

      for (const isDone of [false, true])
        it(`what was ${word} counts where the request ${isDone ? 'was withdrawn without a reply' : 'could not be withdrawn'}`, async () => {
          const store = interceptedStore();
          const polled = await make(store.store);
          store.intercept = async (call, kind, proceed) => {
            if (call !== 'take' || kind !== 'request') return proceed();
            if (isDone) await proceed();
            throw LOST;
          };
          assert.equal(await polled.decide(allow), 200);
          assert.deepEqual(polled.told, told);
          assert.equal(await polled.decide(!allow), 403, 'of several decisions one counts');
          assert.deepEqual(await polled.poll(), outcome);
        });

      it(`what was ${word} counts where the store has kept it, and its reply was lost`, async () => {
        const store = interceptedStore();
        const polled = await make(store.store);
        store.intercept = async (call, kind, proceed) => {
          const kept = await proceed();
          if (call === 'add' && kind === 'answer') throw LOST;
          return kept;
        };
        assert.equal(await polled.decide(allow), 200);
        assert.deepEqual(polled.told, told);
        assert.deepEqual(await polled.poll(), outcome);
      });

      it(`what was ${word} counts where the store has kept it, and replies to nothing for a while: what the user sees is an error`, async () => {
        const store = interceptedStore();
        const polled = await make(store.store);
        let isAway = false;
        store.intercept = async (call, kind, proceed) => {
          if (isAway) throw LOST;
          const kept = await proceed();
          isAway = call === 'add' && kind === 'answer';
          if (isAway) throw LOST;
          return kept;
        };
        assert.equal(await polled.decide(allow), 500);
        isAway = false;
        store.intercept = (_call, _kind, proceed) => proceed();
        assert.deepEqual(await polled.poll(), outcome);
      });

      it(`what was ${word} counts where the store keeps it after it has said that it failed`, async () => {
        const store = interceptedStore();
        const polled = await make(store.store);
        let arrive = async (): Promise<unknown> => undefined;
        store.intercept = async (call, kind, proceed) => {
          if (call !== 'add' || kind !== 'answer') return proceed();
          arrive = proceed;
          throw LOST;
        };
        assert.equal(await polled.decide(allow), 500);
        assert.deepEqual(await polled.poll(), [400, 'authorization_pending']);
        assert.equal(await arrive(), true);
        assert.deepEqual(await polled.poll(), outcome);
      });
    }

    it('where the store has not kept the decision, the request still waits, and the user can decide again', async () => {
      const store = interceptedStore();
      const polled = await make(store.store);
      const { intercept } = store;
      store.intercept = async (call, kind, proceed) => {
        if (call === 'add' && kind === 'answer') throw LOST;
        return proceed();
      };
      assert.equal(await polled.decide(true), 500);
      assert.deepEqual(await polled.poll(), [400, 'authorization_pending']);
      store.intercept = intercept;
      assert.equal(await polled.decide(true), 200);
      assert.deepEqual(await polled.poll(), [200, undefined]);
    });

    it('where another decision was first and the reply was lost, this one does not count, and leaves nothing', async () => {
      const store = interceptedStore();
      const polled = await make(store.store);
      let isFirst = true;
      store.intercept = async (call, kind, proceed) => {
        if (call !== 'add' || kind !== 'answer' || !isFirst) return proceed();
        isFirst = false;
        assert.equal(await polled.decide(false), 200);
        await proceed();
        throw LOST;
      };
      assert.equal(await polled.decide(true), 403);
      assert.equal(await polled.revokeAll(), 0);
      assert.deepEqual(await polled.poll(), [400, 'access_denied']);
    });

    for (const allow of [true, false])
      it(`a poll whose reads are apart, with the decision between them, finds it ${allow ? 'allowed' : 'denied'}, and never gone`, async () => {
        const store = interceptedStore();
        const polled = await make(store.store);
        let isBetween = false;
        const { intercept } = store;
        let read = () => {};
        const isRead = new Promise<void>((resolve) => {
          read = resolve;
        });
        store.intercept = async (call, kind, proceed) => {
          if (call === 'get' && kind === 'answer') {
            const found = await proceed();
            read();
            return found;
          }
          if (call !== 'get' || kind !== 'request' || isBetween) return proceed();
          isBetween = true;
          await isRead;
          assert.equal(await polled.decide(allow), 200);
          return proceed();
        };
        assert.deepEqual(await polled.poll(), allow ? [200, undefined] : [400, 'access_denied']);
        store.intercept = intercept;
      });
  });
