import assert from 'node:assert/strict';
import { authorization, type Check, idOf, ids, KINDS, ofAuthorization, ofClient, random } from './subject.js';

const ROUNDS = 20;

/** How many authorizations one user has: enough for several pages of a store that lists in pages, with some that end while they are listed. */
const MANY = 2000;
const ENDING = 300;

/** How many records one authorization has: several pages. */
const OF_ONE = 1200;

const CENTURY = 100 * 365 * 86_400;

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
    name: `never leaves out an authorization where others of a user and a client who have ${MANY} end at the same moment`,
    async run({ store, second, now }) {
      const [subject, clientID] = [`user ${random()}`, `client ${random()}`];
      const records = Array.from({ length: MANY }, (_, i) =>
        authorization(now, subject).record({ clientID, expiresAt: now + 600 + i }),
      );
      await Promise.all(records.map((record) => store.put([record], now)));
      const listed = [second.list(subject, now), ofClient(second, clientID, now)];
      await Promise.all(records.slice(0, ENDING).map(({ id }) => store.consume(id, { now })));
      for (const each of listed) {
        const found = new Set(ids(await each));
        const missed = records.slice(ENDING).filter(({ id }) => !found.has(id));
        assert.equal(missed.length, 0);
      }
    },
  },
  {
    name: 'lists and consumes records of every kind, size and lifetime',
    async run({ store, second, now }) {
      const [subject, clientID] = [`user ${random()}`, `client ${random()}`];
      const changes = [
        ...KINDS.map((kind) => ({ kind })),
        ...[now + CENTURY, 2 ** 53 - 1].map((expiresAt) => ({ expiresAt })),
        { data: 'x'.repeat(100_000) },
      ];
      const records = changes.map((each) => authorization(now, subject).record({ clientID, ...each }));
      for (const each of records) await store.put([each], now);
      assert.deepEqual(ids(await second.list(subject, now)), ids(records));
      assert.deepEqual(ids(await ofClient(second, clientID, now)), ids(records));
      for (const { id, kind } of records) assert.equal((await second.consume(id, { now }))?.first, true, kind);
      assert.deepEqual(await store.list(subject, now), []);
    },
  },
  {
    name: `lists the live records of an authorization, ${OF_ONE} and more, and no others, if it has listByAuthorization`,
    async run({ store, second, now }) {
      if (!second.listByAuthorization) return;
      const { record, authorizationID, tag } = authorization(now);
      const { subject: _, ...part } = record({ kind: 'access_token', clientID: `client ${random()}` });
      const many = Array.from({ length: OF_ONE }, () => record());
      const [consumed, expiring] = [record(), record({ expiresAt: now + 10 })];
      const neighbour = { ...record(), authorizationID: idOf(tag, random()) }; // another authorization with the same tag
      await store.put([...many, part, consumed, expiring], now);
      await store.put([neighbour], now);
      await store.consume(consumed.id, { now });
      const found = (at: number) => ofAuthorization(second, authorizationID, at);
      assert.deepEqual(ids(await found(now)), ids([...many, part, consumed, expiring]));
      assert.deepEqual(ids(await found(now + 10)), ids([...many, part, consumed]));
      await store.revoke(authorizationID, now + 600, now);
      assert.deepEqual(await found(now), []);
      assert.deepEqual(await ofAuthorization(second, 'malformed', now), []);
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
