/** The store under load, and how many records it holds. */
import { memoryStore, postgresStore, type TokenStore } from 'koauthorize/tokens';
import { Pool, type PoolConfig } from 'pg';
import { Expiries, now } from './expiries.js';
import type { Held, StoreName } from './protocol.js';

export interface OpenStore {
  readonly store: TokenStore;
  count(): Promise<Held>;
}

/** More than a run makes: what is measured is memory, and not the refusal of a full store. */
const MOST = 5_000_000;

function openMemory(): OpenStore {
  const store = memoryStore({ max: MOST });
  const live = new Expiries();
  const revoked = new Expiries();
  return {
    store: {
      async put(records, at, within) {
        const stored = await store.put(records, at, within);
        if (stored) for (const { expiresAt } of records) live.add(expiresAt);
        return stored;
      },
      async consume(id, consumption) {
        const consumed = await store.consume(id, consumption);
        if (consumed?.first) for (const { expiresAt } of consumption.next ?? []) live.add(expiresAt);
        return consumed;
      },
      revoke(authorizationID, until, at) {
        revoked.add(until);
        return store.revoke(authorizationID, until, at);
      },
      get: (id, at) => store.get(id, at),
      remove: (id) => store.remove(id),
      list: (subject, at) => store.list(subject, at),
      listByClient: (clientID, at) => store.listByClient(clientID, at),
      close: () => store.close(),
    },
    count: async () => ({ live: live.count(), rows: undefined, revoked: revoked.count() }),
  };
}

/** Often enough for a run of some minutes. */
const PURGE_INTERVAL = 10;

const COUNT = `
  SELECT count(*)::int AS rows, count(*) FILTER (WHERE expires_at > $1)::int AS live,
    (SELECT count(*)::int FROM koauthorize_tokens_revoked) AS revoked
  FROM koauthorize_tokens`;

function openPostgres(config: PoolConfig): OpenStore {
  const pool = new Pool({ ...config, max: 20, connectionTimeoutMillis: 5000 });
  pool.on('error', (error) => console.error(error));
  return {
    store: postgresStore({ pool, purgeInterval: PURGE_INTERVAL, purgeDelay: 0 }),
    async count() {
      const { rows } = await pool.query<Held>(COUNT, [now()]);
      return rows[0] ?? { live: 0, rows: 0, revoked: 0 };
    },
  };
}

/** Opens one, and its tables where it has any. @param config of pg's pool */
export async function openStore(name: StoreName, config: PoolConfig): Promise<OpenStore> {
  const opened = name === 'memory' ? openMemory() : openPostgres(config);
  await opened.store.get('no.record', now());
  return opened;
}
