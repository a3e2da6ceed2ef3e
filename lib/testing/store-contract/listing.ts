import assert from 'node:assert/strict';
import type { TokenRecord, TokenStore } from '../../token-service/store.js';
import { authorization, type Check, random } from './subject.js';

const ROUNDS = 20;

/** How many authorizations one user has: enough for several pages of a store that lists in pages, with some that end while they are listed. */
const MANY = 1200;
const ENDING = 300;

const ids = (records: readonly TokenRecord[]): readonly string[] => records.map(({ id }) => id).sort();

async function ofClient(store: TokenStore, clientID: string, now: number): Promise<readonly TokenRecord[]> {
  const found: TokenRecord[] = [];
  for await (const record of store.listByClient(clientID, now)) found.push(record);
  return found;
}

export const listing: readonly Check[] = [
  {
    name: 'lists of each authorization of a user the record that lives longest, of those that nobody consumed',
    async run({ store, second, now }) {
      const { record, subject } = authorization(now);
      const [longest, shorter, consumed] = [
        record(),
        record({ expiresAt: now + 10 }),
        record({ expiresAt: now + 900 }),
      ];
      const other = authorization(now, subject).record({ expiresAt: now + 20 });
      const revoked = authorization(now, subject).record();
      const strangers = authorization(now, `${subject} too`).record({ clientID: '"odd\\\\", null' });
      const { subject: _, ...nobodys } = record({ expiresAt: now + 800 });
      await store.put([shorter, longest, consumed, nobodys], now);
      for (const each of [other, revoked, strangers]) await store.put([each], now);
      await store.consume(consumed.id, { now });
      await store.revoke(revoked.authorizationID, now + 600, now);
      assert.deepEqual(ids(await second.list(subject, now + 9)), ids([longest, other]));
      assert.deepEqual(await second.list(subject, now + 20), [longest]);
      await store.consume(longest.id, { now });
      assert.deepEqual(ids(await second.list(subject, now)), ids([shorter, other]));
    },
  },
  {
    name: 'never leaves out an authorization whose token is refreshed at the same moment',
    async run({ store, second, now }) {
      for (let round = 0; round < ROUNDS; round++) {
        const clientID = `client ${random()}`;
        const { record, subject, authorizationID } = authorization(now);
        let token = record({ clientID });
        await store.put([token], now);
        const refresh = async (): Promise<void> => {
          for (let i = 0; i < 4; i++) {
            const next = record({ clientID });
            await store.consume(token.id, { now, next: [next], keepUntil: now + 60 });
            token = next;
          }
        };
        const look = async (): Promise<void> => {
          const listed = (await second.list(subject, now)).map((each) => each.authorizationID);
          assert.deepEqual(listed, [authorizationID]);
          const found = await ofClient(second, clientID, now);
          assert.ok(found.some((each) => each.authorizationID === authorizationID));
        };
        await Promise.all([look(), refresh(), look(), look()]);
      }
    },
  },
  {
    name: 'never leaves out an authorization where others of a user who has many end at the same moment',
    async run({ store, second, now }) {
      const subject = `user ${random()}`;
      const records = Array.from({ length: MANY }, (_, i) =>
        authorization(now, subject).record({ expiresAt: now + 600 + i }),
      );
      await Promise.all(records.map((record) => store.put([record], now)));
      const listed = second.list(subject, now);
      await Promise.all(records.slice(0, ENDING).map(({ id }) => store.consume(id, { now })));
      const found = new Set(ids(await listed));
      const missed = records.slice(ENDING).filter(({ id }) => !found.has(id));
      assert.equal(missed.length, 0);
    },
  },
  {
    name: "lists a client's live records, those that were consumed as well, and no others",
    async run({ store, second, now }) {
      const clientID = `client ${random()}`;
      const { record } = authorization(now);
      const [live, consumed, expiring] = [
        record({ clientID }),
        record({ clientID }),
        record({ clientID, expiresAt: now + 10 }),
      ];
      const { subject: _, ...own } = authorization(now).record({ clientID });
      const revoked = authorization(now).record({ clientID });
      await store.put([live, consumed, expiring], now);
      for (const each of [own, revoked, authorization(now).record({ clientID: `${clientID} too` })])
        await store.put([each], now);
      await store.consume(consumed.id, { now });
      await store.revoke(revoked.authorizationID, now + 600, now);
      assert.deepEqual(ids(await ofClient(second, clientID, now)), ids([live, consumed, expiring, own]));
      assert.deepEqual(ids(await ofClient(second, clientID, now + 10)), ids([live, consumed, own]));
    },
  },
];
