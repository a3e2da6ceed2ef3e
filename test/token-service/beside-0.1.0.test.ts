/** What 0.1.0 stored works with this version, and processes of both work over one store at the same time. */
import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IssuedTokens } from 'koauthorize';
import {
  jwt,
  keySet,
  lmdbStore,
  postgresStore,
  redisStore,
  type TokenService,
  type TokenStore,
  tokenService,
} from 'koauthorize/tokens';
import { Pool } from 'pg';
import { createClient } from 'redis';
import { skipStore } from '../support/missing-server.js';
import { startPostgres } from '../support/postgres.js';
import { startRedis } from '../support/redis.js';
import { type Act, act } from './fixtures/acts.js';
import {
  ALICE,
  type App,
  authorizationOf,
  CLIENTS,
  type Filled,
  NOW,
  requestOf,
  txnOf,
  type User,
  WORDS,
} from './fixtures/old.js';

const FIXTURES = join(import.meta.dirname, 'fixtures', '0.1.0');
const filledIn = <T>(name: string): T & Filled => JSON.parse(readFileSync(join(FIXTURES, name), 'utf8'));

/** 0.1.0 has the caller's time as the store's, too. */
const clock = (): number => NOW;

/** A store that 0.1.0 filled, and how a process of 0.1.0 finds it. */
interface OldStore {
  readonly store: TokenStore;
  readonly filled: Filled;
  readonly env: NodeJS.ProcessEnv;
  remove(): Promise<void>;
}

async function lmdb(): Promise<OldStore> {
  const directory = mkdtempSync(join(tmpdir(), 'koauthorize-old-'));
  cpSync(join(FIXTURES, 'lmdb'), directory, { recursive: true });
  const path = join(directory, 'tokens');
  const store = lmdbStore({ path, clock });
  const remove = async () => {
    await store.close();
    rmSync(directory, { recursive: true });
  };
  return { store, filled: filledIn('lmdb.json'), env: { LMDB_PATH: path }, remove };
}

const named = (): string => `old_${process.pid}_${Math.random().toString(36).slice(2, 8)}`;

async function postgres(): Promise<OldStore | undefined> {
  const server = await startPostgres();
  if (!server) return undefined;
  const { statements, ...filled } = filledIn<{ readonly statements: readonly string[] }>('postgres.json');
  const table = named();
  const pool = new Pool(server.config);
  pool.on('error', () => {});
  for (const statement of statements) await pool.query(statement.replaceAll('filled_by_0_1_0', table));
  const store = postgresStore({ pool, table, clock });
  const remove = async () => {
    await store.close();
    await pool.query(`DROP TABLE IF EXISTS ${table}, ${table}_revoked, ${table}_schema`);
    await pool.end();
    await server.remove();
  };
  return { store, filled, env: { POSTGRES: JSON.stringify(server.config), NAME: table }, remove };
}

async function redis(): Promise<OldStore | undefined> {
  const server = await startRedis();
  if (!server) return undefined;
  const [url = ''] = server.urls;
  const client = await createClient({ url }).connect();
  type Commands = { readonly commands: readonly string[][]; readonly prefix: string };
  const { commands, prefix: before, ...filled } = filledIn<Commands>('redis.json');
  const prefix = named();
  for (const command of commands)
    await client.sendCommand(
      command.map((word) => (word.startsWith(before) ? prefix + word.slice(before.length) : word)),
    );
  const store = redisStore({ client, prefix, clock });
  const remove = async () => {
    await store.close();
    await client.close();
    await server.remove();
  };
  return { store, filled, env: { REDIS_URL: url, NAME: prefix }, remove };
}

/** A process of 0.1.0, which does one thing after the other. */
function startOld(env: NodeJS.ProcessEnv) {
  const module = join(import.meta.dirname, 'fixtures', 'old-process.ts');
  const child: ChildProcess = fork(module, { execArgv: process.execArgv, env: { ...process.env, ...env } });
  const next = async (): Promise<unknown> => {
    const ended = new AbortController();
    const died = once(child, 'exit', { signal: ended.signal }).then(([code]) =>
      assert.fail(`0.1.0 ended with ${code}`),
    );
    died.catch(() => {});
    const [{ answer, error }] = await Promise.race([once(child, 'message'), died]);
    ended.abort();
    if (error !== undefined) throw new Error(error);
    return answer;
  };
  const ready = next();
  return {
    ready,
    async ask(name: Act, credential?: string): Promise<unknown> {
      child.send({ name, credential });
      return next();
    },
    end: () => child.kill('SIGKILL'),
  };
}

for (const [name, open] of Object.entries({ lmdb, PostgreSQL: postgres, Redis: redis })) {
  describe(`token service: beside 0.1.0, on ${name}`, function () {
    this.timeout(60_000);
    let old: OldStore | undefined;
    let tokens: TokenService<App, User>;
    const { confidential, worker } = CLIENTS;
    const exchange = async (
      slot: 'code' | 'refreshToken',
      param: string,
      credential = '',
      client = confidential,
      more = {},
    ) => {
      const request = requestOf(client, { [param]: credential }, more);
      const granted = await tokens[slot].redeem(credential, request);
      return granted && tokens[slot].issue(granted, request);
    };

    before(async function () {
      old = await open();
      if (!old) return skipStore(this, name);
      const keys = await keySet({ signing: old.filled.signingKey });
      const accessTokens = jwt({ issuer: WORDS.issuer, audience: WORDS.audience, keys });
      tokens = tokenService<App, User>({ store: old.store, accessTokens, now: () => NOW });
    });
    after(() => old?.remove());

    describe('what 0.1.0 stored', () => {
      it('is listed: every authorization of the user that has tokens', async () => {
        const apps = await tokens.listAuthorizations(ALICE);
        assert.deepEqual(apps.map(({ clientID }) => clientID).sort(), [
          'confidential',
          'confidential',
          'confidential',
          'public',
        ]);
        for (const { scope } of apps) assert.deepEqual(scope, ['read', 'write']);
      });

      it('is redeemed, and refreshed: a code', async () => {
        const issued = (await exchange('code', 'code', old?.filled.code)) ?? assert.fail();
        assert.equal((await tokens.verify(issued.access_token))?.acr, 'pwd');
        const next = (await exchange('refreshToken', 'refresh_token', issued.refresh_token)) ?? assert.fail();
        assert.equal((await tokens.verify(next.access_token))?.subject, 'alice');
        assert.equal(await exchange('code', 'code', old?.filled.code), undefined, 'once');
        assert.equal(await tokens.verify(next.access_token), undefined, 'a replay ends what came of it');
      });

      it('counts: access tokens, bound and unbound, opaque and signed, of users and of clients', async () => {
        const { connected, bound, signed, own } = old?.filled ?? assert.fail();
        const verified = await Promise.all(
          [connected, bound, signed, own].map(({ access_token }) => tokens.verify(access_token)),
        );
        assert.deepEqual(
          verified.map((each) => [each?.clientID, each?.subject, each?.confirmation, each?.audience]),
          [
            ['confidential', 'alice', undefined, undefined],
            ['public', 'alice', { 'x5t#S256': WORDS.thumbprint }, undefined],
            ['confidential', 'alice', undefined, [WORDS.audience]],
            [worker.client_id, undefined, undefined, undefined],
          ],
        );
        for (const { access_token } of [connected, signed]) {
          const told = await tokens.introspect(access_token, confidential);
          assert.deepEqual([told.active, told.active && told.token_type], [true, 'Bearer']);
        }
      });

      it('stays bound: a public client’s refresh token', async () => {
        const { bound } = old?.filled ?? assert.fail();
        const request = requestOf(CLIENTS.public, { refresh_token: bound.refresh_token ?? '' });
        const granted = await tokens.refreshToken.redeem(bound.refresh_token ?? '', request);
        assert.deepEqual(granted?.confirmation, { 'x5t#S256': WORDS.thumbprint });
      });

      it('gets the same answer within the grace window: a refresh token that was spent', async () => {
        const { spent, successor } = old?.filled ?? assert.fail();
        const again = (await exchange('refreshToken', 'refresh_token', spent)) as IssuedTokens;
        assert.deepEqual([again.access_token, again.refresh_token], [successor.access_token, successor.refresh_token]);
      });

      it('is revoked: by the client, and by the user', async () => {
        const { connected, signed } = old?.filled ?? assert.fail();
        await tokens.revoke(signed.access_token, confidential);
        await tokens.revoke(connected.refresh_token ?? '', confidential);
        for (const { access_token } of [connected, signed]) assert.equal(await tokens.verify(access_token), undefined);
        assert.ok((await tokens.revokeAll({ user: ALICE })) > 0);
        assert.deepEqual(await tokens.listAuthorizations(ALICE), []);
      });

      it('is used: the key of an assertion', async () => {
        assert.equal(await tokens.useOnce(WORDS.usedKey, NOW + 60), false);
      });
    });

    describe('a process of 0.1.0 and one of today at once', () => {
      let other: ReturnType<typeof startOld>;
      const here = (what: Act, credential?: string) => act(tokens, NOW, what, credential);
      before(async () => {
        const store = old?.store ?? assert.fail();
        tokens = tokenService<App, User>({ store, now: () => NOW });
        other = startOld(old?.env ?? {});
        await other.ready;
      });
      after(() => other?.end());

      it('each takes the codes and tokens of the other, and what one ends is over for both', async () => {
        const there = (what: Act, credential?: string) => other.ask(what, credential);
        for (const [first, second] of [
          [here, there],
          [there, here],
        ] as const) {
          const code = (await first('allow')) as string;
          let issued = (await second('redeem', code)) as IssuedTokens;
          for (const each of [first, second, first, second]) {
            assert.equal(await each('verify', issued.access_token), 'alice');
            assert.equal(await each('apps'), 1);
            issued = (await each('refresh', issued.refresh_token)) as IssuedTokens;
          }
          await second('revoke', issued.refresh_token);
          for (const each of [first, second]) assert.equal(await each('verify', issued.access_token), undefined);
        }
      });

      it('of both at once one redeems a code, both get one successor, and one is the first to use a key', async () => {
        for (let round = 0; round < 10; round++) {
          const code = (await here('allow')) as string;
          const redeemed = await Promise.all([here('redeem', code).catch(() => undefined), other.ask('redeem', code)]);
          assert.ok(redeemed.filter((each) => each !== undefined).length <= 1, 'a code is good once');
          const fresh = (await here('redeem', (await other.ask('allow')) as string)) as IssuedTokens;
          const refreshed = (await Promise.all([
            here('refresh', fresh.refresh_token),
            other.ask('refresh', fresh.refresh_token),
          ])) as IssuedTokens[];
          assert.equal(new Set(refreshed.map((each) => each.refresh_token)).size, 1);
          const key = `key ${round}`;
          assert.equal((await Promise.all([here('use', key), other.ask('use', key)])).filter(Boolean).length, 1);
        }
      });

      it('0.1.0 refuses a record with members that it does not know, instead of dropping them', async () => {
        const members = { details: [{ type: 'payment' }] };
        const more = Object.assign({}, authorizationOf(confidential), members);
        const code = await tokens.code.issue(txnOf(confidential), more);
        await assert.rejects(other.ask('redeem', code), /cannot be read/);
        const request = requestOf(confidential, {}, { claims: { details: 1 } });
        const { access_token } = await tokens.issue({ user: ALICE, scope: ['read'] }, request);
        await assert.rejects(other.ask('verify', access_token), /cannot be read/);
        assert.equal(await here('verify', access_token), 'alice');
      });
    });
  });
}
