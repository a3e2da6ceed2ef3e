/** Stores that read too little, too much, or what is no longer so. */
import type { StoredRecord, TokenStore } from 'koauthorize/tokens';
import type { Flaw } from './handle.js';

/** Lists of users leave out records. */
export const listing =
  (isListed: (record: StoredRecord, place: number, now: number) => boolean): Flaw =>
  (sound) => ({
    list: async (subject, now) => (await sound.list(subject, now)).filter((each, place) => isListed(each, place, now)),
  });

/** Lists of clients leave out records. */
export const listingByClient =
  (isListed: (record: StoredRecord, place: number) => boolean): Flaw =>
  (sound) => ({
    async *listByClient(clientID, now) {
      let place = 0;
      for await (const each of sound.listByClient(clientID, now)) if (isListed(each, place++)) yield each;
    },
  });

/** Lists of authorizations leave out records. */
export const listingByAuthorization =
  (isListed: (record: StoredRecord, place: number) => boolean): Flaw =>
  (sound) => ({
    async *listByAuthorization(id, now) {
      let place = 0;
      for await (const each of sound.listByAuthorization?.(id, now) ?? []) if (isListed(each, place++)) yield each;
    },
  });

/** Lists of authorizations have all that was put with their tag. */
export function listingNeighbours(): Flaw {
  const ids = new Set<string>();
  const tagOf = (id: string) => id.split('.')[0];
  return (sound) => ({
    put(records, now, within) {
      for (const { authorizationID } of records) ids.add(authorizationID);
      return sound.put(records, now, within);
    },
    async *listByAuthorization(id, now) {
      for (const each of ids) if (tagOf(each) === tagOf(id)) yield* sound.listByAuthorization?.(each, now) ?? [];
    },
  });
}

/** Takes names for one, as the collations, types and operators of databases do. */
export function matching(isMatch: (name: string, asked: string) => boolean): Flaw {
  const names = new Set<string>();
  const matches = (asked: string): readonly string[] => [...names].filter((name) => isMatch(name, asked));
  return (sound) => ({
    put(records, now, within) {
      for (const { subject = '', clientID } of records) names.add(subject).add(clientID);
      return sound.put(records, now, within);
    },
    list: async (subject, now) => (await Promise.all(matches(subject).map((each) => sound.list(each, now)))).flat(),
    async *listByClient(clientID, now) {
      for (const each of matches(clientID)) yield* sound.listByClient(each, now);
    },
  });
}

/** @param sort what two names that are taken for one have in common */
export const comparing = (sort: (name: string) => string): Flaw =>
  matching((name, asked) => sort(name) === sort(asked));

/** What a user has is listed as it was, until the handle writes something itself. */
export const rememberingLists: Flaw = (sound) => {
  const lists = new Map<string, readonly StoredRecord[]>();
  return {
    async list(subject, now) {
      const list = lists.get(subject) ?? (await sound.list(subject, now));
      lists.set(subject, list);
      return list;
    },
    put(records, now, within) {
      lists.clear();
      return sound.put(records, now, within);
    },
  };
};

/** IDs of which there was nothing have nothing for each handle. */
export const rememberingNothing: Flaw = (sound) => {
  const absent = new Set<string>();
  return {
    async get(id, now) {
      const record = absent.has(id) ? undefined : await sound.get(id, now);
      if (!record) absent.add(id);
      return record;
    },
    put(records, now, within) {
      absent.clear();
      return sound.put(records, now, within);
    },
  };
};

type Write = 'put' | 'consume' | 'remove' | 'revoke';

/** Each handle remembers records of these kinds, until it writes something itself. */
export const remembering =
  (isRemembered: (record: StoredRecord) => boolean, writes: readonly Write[]): Flaw =>
  (sound) => {
    const read = new Map<string, StoredRecord>();
    const forgetting = writes.map((name) => {
      const write = sound[name] as (...args: readonly unknown[]) => Promise<unknown>;
      const writeAnew = (...args: readonly unknown[]): Promise<unknown> => {
        read.clear();
        return write(...args);
      };
      return [name, writeAnew] as const;
    });
    const get: TokenStore['get'] = async (id, now) => {
      const record = read.get(id) ?? (await sound.get(id, now));
      if (record && isRemembered(record)) read.set(id, record);
      return record && record.expiresAt > now ? record : undefined;
    };
    return { ...Object.fromEntries(forgetting), get };
  };
