/** Stores whose every statement and command is counted. */

import { redisStore, type TokenStore } from 'koauthorize/tokens';
import { createCluster } from 'redis';
import type { RedisClient } from '../../../lib/token-service/store/redis.js';
import { startRedisCluster } from '../../support/redis.js';
import { type WiredStore, wiredPostgres, wiredRedis } from '../../support/wired-stores.js';

/** What was sent to a database. */
export interface Sent {
  readonly commands: number;
  /** How often somebody waited; commands that are sent at the same moment are waited for once. Undefined where this is not counted. */
  readonly waits?: number;
}

export interface Meter {
  readonly store: TokenStore;
  /** Until now. */
  sent(): Sent;
  close(): Promise<void>;
}

function metered(opened: WiredStore | undefined): Meter | undefined {
  if (!opened) return undefined;
  const { store, wire, close } = opened;
  return { store, sent: () => ({ commands: wire.commands, waits: wire.waits }), close };
}

const postgres = async (): Promise<Meter | undefined> => metered(await wiredPostgres());
const redis = async (): Promise<Meter | undefined> => metered(await wiredRedis());

/** Its servers have addresses of their own, by which its client finds them: so the commands are counted where the client is given them. */
async function cluster(): Promise<Meter | undefined> {
  const server = await startRedisCluster();
  if (!server) return undefined;
  const client = createCluster({ rootNodes: server.urls.map((url) => ({ url })) });
  client.on('error', () => {});
  await client.connect();
  let commands = 0;
  const counting: RedisClient = {
    eval: (text, options) => client.eval(text, options), // after an EVALSHA whose script the server did not know
    evalSha(sha, options) {
      commands += 1;
      return client.evalSha(sha, options);
    },
    withCommandOptions: () => counting,
    masters: client.masters,
  };
  return {
    store: redisStore({ client: counting, prefix: 'round-trips' }),
    sent: () => ({ commands }),
    async close() {
      client.destroy();
      await server.remove();
    },
  };
}

export const METERS = { PostgreSQL: postgres, Redis: redis, 'Redis cluster': cluster } as const;
