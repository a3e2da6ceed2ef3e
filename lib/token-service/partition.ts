/** Several tenants in one store. */
import { hash } from 'node:crypto';
import { isAuthorizationID, isID, tagOf } from './store/id.js';
import type { StoredRecord, TokenRecord, TokenStore } from './store.js';

/** Converts names between a partition and its store: `inside` is the name in the store, `outside` the name that users of the partition see. */
interface Names {
  inside(text: string): string;
  /** @returns undefined for a name of no partition, or of another one */
  outside(text: string): string | undefined;
  /** The same for IDs. They keep their tag, which determines their place in a Redis cluster. A malformed ID is not changed, and the store refuses it. */
  idInside(id: string): string;
  idOutside(id: string): string | undefined;
}

/** A character that no ID of the token service contains. */
const SEPARATOR = '~';

function namesIn(name: string): Names {
  const prefix = `${hash('sha256', `partition:${name}`, 'base64url').slice(0, 16)}${SEPARATOR}`;
  const inside = (text: string): string => prefix + text;
  const outside = (text: string): string | undefined =>
    text.startsWith(prefix) ? text.slice(prefix.length) : undefined;
  return {
    inside,
    outside,
    idInside(id) {
      const tag = tagOf(id);
      return isAuthorizationID(id) ? `${tag}.${inside(id.slice(tag.length + 1))}` : id;
    },
    idOutside(id) {
      const tag = tagOf(id);
      const rest = outside(id.slice(tag.length + 1));
      return rest ? `${tag}.${rest}` : rest === undefined ? undefined : tag;
    },
  };
}

function recordInside({ inside, idInside }: Names, record: TokenRecord): TokenRecord {
  const { id, authorizationID, clientID, subject } = record;
  return Object.assign({}, record, {
    id: isID(id) ? idInside(id) : id,
    authorizationID: idInside(authorizationID),
    clientID: inside(clientID),
    ...(subject !== undefined && { subject: inside(subject) }),
  });
}

function recordOutside({ outside, idOutside }: Names, record: StoredRecord): StoredRecord | undefined {
  const id = idOutside(record.id);
  const authorizationID = idOutside(record.authorizationID);
  const clientID = outside(record.clientID);
  if (id === undefined || authorizationID === undefined || clientID === undefined) return undefined;
  const subject = record.subject === undefined ? undefined : outside(record.subject);
  return Object.assign({}, record, { id, authorizationID, clientID }, subject !== undefined && { subject });
}

async function* recordsOutside(names: Names, records: AsyncIterable<StoredRecord>): AsyncIterable<StoredRecord> {
  for await (const each of records) {
    const record = recordOutside(names, each);
    if (record) yield record;
  }
}

/**
 * A part of a store, for one of several tenants. A code, token or value of one partition cannot be found, listed or revoked in another. Give every tenant
 * a partition: a token service that uses the store directly would also list records of the partitions.
 *
 * @param store the store of all partitions. Closing a partition does not close it
 * @param name identifies the tenant, such as its issuer. Do not change it later: another name is another, empty partition
 * @throws TypeError for an empty name
 * @example
 * const store = postgresStore({ pool });
 * const tenants = new Map<string, TokenService<App, User>>();
 * for (const issuer of ['https://a.example', 'https://b.example']) tenants.set(issuer, tokenService<App, User>({ store: partition(store, issuer) }));
 */
export function partition(store: TokenStore, name: string): TokenStore {
  if (name === '') throw new TypeError('partition(store, name) needs a name, which tells the tenants apart');
  const names = namesIn(name);
  const { inside, idInside } = names;
  const asked = (id: string): string => (isID(id) ? idInside(id) : id);
  const { listByAuthorization: listed } = store;
  return {
    ...(listed && {
      listByAuthorization: (id: string, now: number) => recordsOutside(names, listed.call(store, idInside(id), now)),
    }),
    ...(store.answersAtOnce && { answersAtOnce: true }),
    ...(store.isVolatile && { isVolatile: true }),
    ...(store.lacks && { lacks: () => store.lacks?.() ?? Promise.resolve([]) }),
    put: (records, now, within) =>
      store.put(
        records.map((each) => recordInside(names, each)),
        now,
        within,
      ),
    async get(id, now) {
      const record = await store.get(asked(id), now);
      return record && recordOutside(names, record);
    },
    async consume(id, consumption) {
      const next = consumption.next?.map((each) => recordInside(names, each));
      const consumed = await store.consume(asked(id), Object.assign({}, consumption, next && { next }));
      const record = consumed && recordOutside(names, consumed.record);
      return record && Object.assign({}, consumed, { record });
    },
    remove: (id) => store.remove(asked(id)),
    revoke: (authorizationID, until, now) => store.revoke(idInside(authorizationID), until, now),
    async list(subject, now) {
      const records = await store.list(inside(subject), now);
      return records.map((each) => recordOutside(names, each)).filter((each) => each !== undefined);
    },
    listByClient: (clientID, now) => recordsOutside(names, store.listByClient(inside(clientID), now)),
    close: async () => {}, // the application closes the store itself
  };
}
