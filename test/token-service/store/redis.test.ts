import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { createClient, createCluster } from 'redis';
import { authorization, random } from '../../../lib/testing/store-contract/subject.js';
import { storeContract } from '../../../lib/testing/store-contract.js';
import { type RedisClient, redisStore } from '../../../lib/token-service/store/redis.js';
import { RedisKeys } from '../../../lib/token-service/store/redis-records.js';
import * as scripts from '../../../lib/token-service/store/redis-scripts.js';
import { type StoredRecord, StoreUnavailableError, type TokenStore } from '../../../lib/token-service/store.js';
import { freePort } from '../../support/free-port.js';
import { skipStore } from '../../support/missing-server.js';
import { type Redis, startRedis, startRedisCluster } from '../../support/redis.js';

/** Anew for each suite: stores have clocks of their own, and the suites before this one take minutes. */
let NOW = Math.floor(Date.now() / 1000);
const prefix = `test-${random()}`;

const NAMES = new Map(Object.entries(scripts).map(([name, { sha }]) => [sha, name]));

async function keysAndValues(url: string): Promise<unknown[]> {
  const client = await createClient({ url }).connect();
  const keys = await client.keys(`${prefix}*`);
  const entries = keys.map(async (key) => {
    const value = (await client.type(key)) === 'zset' ? await client.zRange(key, 0, -1) : await client.get(key);
    return [key, value];
  });
  const found = await Promise.all(entries);
  await client.close();
  return found;
}

describe('redisStore without a server', function () {
  before(() => {
    NOW = Math.floor(Date.now() / 1000);
  });
  this.timeout(30_000);

  it('is unavailable, with the cause, and sends nothing late', async function () {
    const port = await freePort();
    const client = createClient({ url: `redis://127.0.0.1:${port}`, socket: { reconnectStrategy: 50 } });
    client.on('error', () => {});
    const ready = new Promise((resolve) => client.once('ready', resolve));
    const connecting = client.connect().catch(() => {});
    const store = redisStore({ client, timeout: 0.2 });
    const record = authorization(NOW).record();
    let server: Redis | undefined;
    try {
      const unavailable = (error: unknown): boolean =>
        error instanceof StoreUnavailableError && error.cause instanceof Error;
      await assert.rejects(store.put([record], NOW), unavailable);
      server = await startRedis(port);
      if (!server) skipStore(this, 'Redis');
      await Promise.all([ready, connecting]);
      assert.equal(await redisStore({ client }).get(record.id, NOW), undefined);
      await client.close();
      await assert.rejects(store.get(record.id, NOW), unavailable);
    } finally {
      client.destroy();
      await server?.remove();
    }
  });
});

describe('redisStore on a server that evicts', function () {
  before(() => {
    NOW = Math.floor(Date.now() / 1000);
  });
  this.timeout(30_000);

  it('warns once that what was used may become good again', async function () {
    const server = await startRedis();
    if (!server || process.env['REDIS_URL']) return skipStore(this, 'Redis');
    const client = await createClient({ url: server.urls[0] ?? '' }).connect();
    const warnings: string[] = [];
    const hear = (warning: Error) => warnings.push(warning.message);
    process.on('warning', hear);
    try {
      await client.configSet('maxmemory-policy', 'allkeys-lru');
      const store = redisStore({ client, prefix });
      for (let i = 0; i < 3; i++) await store.put([authorization(NOW).record()], NOW);
      await setImmediate();
      assert.deepEqual(
        warnings.filter((text) => text.includes('noeviction')),
        [
          'Redis evicts keys when its memory is full (maxmemory-policy allkeys-lru): used codes and assertions can become valid again. Set noeviction.',
        ],
      );
    } finally {
      process.off('warning', hear);
      client.destroy();
      await server.remove();
    }
  });
});

for (const [name, start] of [
  ['Redis', startRedis],
  ['a Redis cluster', startRedisCluster],
] as const) {
  describe(`redisStore on ${name}`, function () {
    this.timeout(30_000);
    const env: Record<string, string> = { PREFIX: prefix };
    let server: Redis | undefined;
    let client: ReturnType<typeof createClient> | ReturnType<typeof createCluster>;

    before(async function () {
      NOW = Math.floor(Date.now() / 1000);
      server = await start();
      if (!server) skipStore(this, name);
      const { urls } = server;
      env['URLS'] = JSON.stringify(urls);
      const [url = ''] = urls;
      client =
        urls.length > 1 ? createCluster({ rootNodes: urls.map((each) => ({ url: each })) }) : createClient({ url });
      client.on('error', () => {});
      await client.connect();
    });

    after(async () => {
      client?.destroy();
      await server?.remove();
    });

    const open = () => redisStore({ client, prefix });
    const dump = async () => {
      const entries = (await Promise.all((server?.urls ?? []).map(keysAndValues))).flat();
      // The records' keys divide an ID after its tag.
      return JSON.stringify(entries).replaceAll(/\{([\w-]+)\}:token:/g, '$1.');
    };
    const processes = { module: new URL('./workers/redis.ts', import.meta.url), env };
    storeContract({ describe, it }, { open, second: open, dump, processes });

    it('keeps what lives by the given time, whatever time the server has', async () => {
      for (const now of [1_000_000, NOW + 1e9]) {
        const store = redisStore({ client, prefix, clock: () => now });
        const { record, authorizationID } = authorization(now);
        const [token, next] = [record(), record({ expiresAt: now + 900 })];
        await store.put([token], now);
        assert.equal((await store.consume(token.id, { now, next: [next] }))?.first, true);
        assert.deepEqual(await store.get(next.id, now + 899), next);
        assert.equal(await store.get(next.id, now + 900), undefined);
        assert.deepEqual(await store.list(next.subject ?? '', now), [next]);
        await store.revoke(authorizationID, now + 900, now);
        await store.put([next], now);
        assert.equal(await store.get(next.id, now), undefined);
      }
    });

    it('has the server remove each key in the end, a revocation never before the records it hides', async () => {
      const store = open();
      const now = Math.floor(Date.now() / 1000); // the server counts from when it is told
      const { record, authorizationID, tag } = authorization(now);
      await store.put([record({ expiresAt: now + 100 }), record({ expiresAt: now + 500 })], now);
      await store.put([record({ expiresAt: now + 50 })], now);
      const consumed = record({ expiresAt: now + 200 });
      await store.put([consumed], now);
      await store.consume(consumed.id, { now, next: [record({ expiresAt: now + 300 })] });
      const lifetimes = async () => {
        const clients = (server?.urls ?? []).map((url) => createClient({ url }).connect());
        const found = await Promise.all(
          clients.map(async (connecting) => {
            const each = await connecting;
            const keys = await each.keys(`${prefix}*${tag}*`);
            const ttls = await Promise.all(keys.map(async (key) => [key.split(':')[2], await each.ttl(key)] as const));
            await each.close();
            return ttls;
          }),
        );
        return found.flat();
      };
      const before = await lifetimes();
      const tokens = before.filter(([kind]) => kind === 'token').map(([, ttl]) => Math.ceil(ttl / 50) * 50);
      assert.deepEqual(
        tokens.sort((a, b) => a - b),
        [50, 100, 200, 300, 500],
      );
      assert.ok((before.find(([kind]) => kind === 'authorization')?.[1] ?? 0) >= 490);
      await store.revoke(authorizationID, now + 600, now);
      await store.revoke(authorizationID, now + 5, now);
      const after = await lifetimes();
      assert.deepEqual(
        after.map(([kind]) => kind),
        ['revoked'],
      );
      assert.ok((after[0]?.[1] ?? 0) > 500);
    });

    it('lists nothing that was consumed, though the list was not told', async () => {
      const forgetful: RedisClient = {
        eval: (text, options) => client.eval(text, options),
        evalSha: async (sha, options) => {
          if (sha === scripts.forget.sha) throw new Error('lost');
          return await client.evalSha(sha, options);
        },
        withCommandOptions: () => forgetful,
      };
      const store = redisStore({ client: forgetful, prefix });
      const { record, subject } = authorization(NOW);
      const [consumed, live] = [record(), record()];
      await store.put([consumed, live], NOW);
      await store.consume(consumed.id, { now: NOW });
      assert.deepEqual(await store.list(subject, NOW), [live]);
    });

    it('works on where the server forgot the scripts', async () => {
      const store = open();
      for (const url of server?.urls ?? []) {
        const each = await createClient({ url }).connect();
        await each.scriptFlush();
        await each.close();
      }
      const record = authorization(NOW).record();
      await store.put([record], NOW);
      assert.deepEqual(await store.get(record.id, NOW), record);
    });

    it('takes an unreadable record for an absent one', async () => {
      const store = open();
      const { record, tag, subject } = authorization(NOW);
      const texts = [
        '',
        'nonsense',
        `${NOW + 60}\n\n\n{`,
        `${NOW + 60}\nthen\n\n${JSON.stringify(['code', 'a', 'b', null, NOW + 60, {}])}`,
        `${NOW + 60}\n${NOW}\n{\n${JSON.stringify(['code', 'a', 'b', null, NOW + 60, {}])}`,
      ];
      for (const text of texts) {
        const broken = record();
        const fine = record();
        await store.put([broken, fine], NOW);
        await client.set(`${prefix}:{${tag}}:token:${broken.id.slice(tag.length + 1)}`, text);
        assert.equal(await store.get(broken.id, NOW), undefined);
        assert.equal(await store.consume(broken.id, { now: NOW }), undefined);
        assert.ok((await store.list(subject, NOW)).every(({ id }) => id !== broken.id));
      }
      assert.equal((await store.list(subject, NOW)).length, 1, 'of what can be read');
    });

    it('passes on what is wrong where trying again is of no use', async () => {
      const { tag } = authorization(NOW);
      await client.hSet(`other-${prefix}:{${tag}}:token:b`, 'a', 'b');
      await assert.rejects(redisStore({ client, prefix: `other-${prefix}` }).get(`${tag}.b`, NOW), /WRONGTYPE/);
      assert.throws(() => redisStore({ client, prefix: 'a{b}' }), TypeError);
    });

    it('hides revoked tokens, although the server evicted the list of their records', async () => {
      const store = open();
      const { record, authorizationID, subject, tag } = authorization(NOW);
      const [token, used] = [record({ kind: 'access_token' }), record()];
      await store.put([token, used], NOW);
      await client.del(`${prefix}:{${tag}}:authorization:${authorizationID}`);
      await store.revoke(authorizationID, NOW + 600, NOW);
      assert.ok(await client.get(`${prefix}:{${tag}}:token:${token.id.slice(tag.length + 1)}`), 'its value is there');
      assert.equal(await store.get(token.id, NOW), undefined);
      assert.equal(await store.consume(used.id, { now: NOW }), undefined);
      assert.deepEqual(await store.list(subject, NOW), []);
    });

    it('asks once only where the answer is lost: what asked again would take its own use for that of a thief', async () => {
      let lost = 0;
      const answerOf = async (answer: Promise<unknown>, isConsume: boolean) => {
        const given = await answer;
        if (!isConsume) return given;
        lost += 1;
        throw new Error('Socket closed unexpectedly');
      };
      const losing: RedisClient = {
        eval: (text, options) => answerOf(client.eval(text, options), text === scripts.consume.text),
        evalSha: (sha, options) => answerOf(client.evalSha(sha, options), sha === scripts.consume.sha),
        withCommandOptions: () => losing,
      };
      const { record } = authorization(NOW);
      const [token, next] = [record(), record()];
      await open().put([token], NOW);
      const store = redisStore({ client: losing, prefix });
      await store.put([record()], NOW); // it knows the server's time from now on
      await assert.rejects(store.consume(token.id, { now: NOW, next: [next] }), StoreUnavailableError);
      assert.equal(lost, 1);
    });

    it('changes nothing where the list of a user cannot be told of it', async () => {
      const deaf: RedisClient = {
        eval: (text, options) => client.eval(text, options),
        evalSha: async (sha, options) => {
          if (sha === scripts.note.sha) throw new Error('the server of that slot is away');
          return await client.evalSha(sha, options);
        },
        withCommandOptions: () => deaf,
        masters: [], // as a cluster has it, whose scripts use one slot each
      };
      const { record } = authorization(NOW);
      const [token, next, other] = [record(), record(), record()];
      await open().put([token], NOW);
      const store = redisStore({ client: deaf, prefix });
      await assert.rejects(store.consume(token.id, { now: NOW, next: [next] }), StoreUnavailableError);
      await assert.rejects(store.put([other], NOW), StoreUnavailableError);
      assert.deepEqual(await open().get(token.id, NOW), token, 'what is refused is not spent');
      for (const { id } of [next, other]) assert.equal(await open().get(id, NOW), undefined);
    });

    it('trims the sets of what has expired, and a set of a user of what was consumed', async () => {
      const store = redisStore({ client, prefix });
      const { record, subject } = authorization(NOW);
      const [token, next] = [record(), record()];
      await store.put([token], NOW);
      const keys = new RedisKeys(prefix);
      const [ofUser, ofAll] = [keys.subject(subject), keys.authorization(token.authorizationID)];
      const ask = (command: string, set: string) =>
        client.eval(`return redis.call(${command})`, { keys: [set], arguments: [] });
      for (const set of [ofUser, ofAll]) await ask("'ZADD', KEYS[1], 1, 'expired'", set);
      await store.consume(token.id, { now: NOW, next: [next] });
      const membersOf = (set: string) => ask("'ZRANGE', KEYS[1], 0, -1", set) as Promise<string[]>;
      while ((await membersOf(ofUser)).includes(token.id)) await setImmediate(); // in a cluster nobody waits for it; the time limit ends it
      assert.deepEqual(await membersOf(ofUser), [next.id]);
      const rests = [token, next].map(({ id }) => id.slice(id.indexOf('.') + 1));
      assert.deepEqual([...(await membersOf(ofAll))].sort(), rests.sort());
    });

    it('trims no more than a hundred at a time, and all of them in the end', async () => {
      const { record, subject } = authorization(NOW);
      const set = new RedisKeys(prefix).subject(subject);
      await open().put([record()], NOW);
      const add = `for i = 1, 250 do redis.call('ZADD', KEYS[1], i, 'expired ' .. i) end`;
      await client.eval(add, { keys: [set], arguments: [] });
      const left: number[] = [];
      for (let i = 0; i < 3; i++) {
        await open().put([record()], NOW);
        left.push(await client.zCount(set, 0, 1000));
      }
      assert.deepEqual(left, [150, 50, 0]);
    });

    it('needs one script where the server has all slots, and finds out by the first refusal that it has not', async () => {
      const ran: string[] = [];
      const plain: RedisClient = {
        eval: (text, options) => client.eval(text, options),
        evalSha: async (sha, options) => {
          ran.push(NAMES.get(sha) ?? 'another');
          return await client.evalSha(sha, options);
        },
        withCommandOptions: () => plain,
      };
      const store = redisStore({ client: plain, prefix });
      const { record, subject } = authorization(NOW);
      const [token, next, last] = [record(), record(), record({ expiresAt: NOW + 900 })];
      await store.put([token], NOW);
      await store.consume(token.id, { now: NOW, next: [next] });
      await store.put([last], NOW);
      assert.deepEqual(await store.list(subject, NOW), [last]);
      assert.equal((await store.get(token.id, NOW))?.consumedAt !== undefined, true);
      // the first put that a server does not refuse is told its time, and sent again
      const inOne = ['put', 'put', 'consume', 'put', 'noted', 'longest', 'get'];
      const apart = [
        'put',
        'note',
        'put',
        'put',
        'note',
        'consume',
        'forget',
        'note',
        'put',
        'noted',
        'longest',
        'get',
      ];
      const expected = (server?.urls.length ?? 0) > 1 ? apart : inOne;
      assert.deepEqual(
        ran.filter((name) => name !== 'eviction'),
        expected,
      );
    });

    it('lists authorizations that 0.1.0 noted', async () => {
      const store = open();
      const { record, subject, tag, authorizationID } = authorization(NOW);
      const { id, kind, clientID, expiresAt, data } = record();
      const rest = id.slice(tag.length + 1);
      const text = JSON.stringify([kind, authorizationID, clientID, subject, expiresAt, data]);
      await client.set(`${prefix}:{${tag}}:token:${rest}`, `${expiresAt}\n\n\n${text}`, {
        expiration: { type: 'EX', value: 60 },
      });
      await client.zAdd(`${prefix}:{${tag}}:authorization:${authorizationID}`, {
        score: NOW * 1000 + 60_000,
        value: rest,
      });
      const index = createHash('sha256').update(subject).digest('base64url').slice(0, 22);
      await client.zAdd(`${prefix}:{subject:${index}}`, { score: NOW * 1000 + 60_000, value: id });
      assert.deepEqual(await store.list(subject, NOW), [
        { id, kind, authorizationID, clientID, subject, expiresAt, data },
      ]);
      assert.equal((await store.consume(id, { now: NOW }))?.first, true);
    });

    it('cuts the end of a large authorization, and its list, into slices', async () => {
      let longest = 0;
      const counting: RedisClient = {
        eval: (text, options) => client.eval(text, options),
        evalSha: async (sha, options) => {
          const answer = await client.evalSha(sha, options);
          longest = Math.max(longest, options.keys.length, sha === scripts.revoke.sha ? Number(answer) : 0);
          return answer;
        },
        withCommandOptions: () => counting,
      };
      const { record, authorizationID, subject } = authorization(NOW);
      const tokens = Array.from({ length: 1700 }, () => record({ kind: 'access_token', expiresAt: NOW + 300 }));
      for (let from = 0; from < tokens.length; from += 100) await open().put(tokens.slice(from, from + 100), NOW);
      const last = record();
      await open().put([last], NOW);
      const store = redisStore({ client: counting, prefix });
      assert.deepEqual(await store.list(subject, NOW), [last]);
      await store.revoke(authorizationID, NOW + 600, NOW);
      assert.ok(longest > 100 && longest <= 500, `${longest}`);
      assert.deepEqual(await store.list(subject, NOW), []);
      assert.equal(await store.get(tokens[0]?.id ?? '', NOW), undefined);
    });

    it('lists an authorization that is refreshed between two slices, whose new token ends as the old one does', async () => {
      const { record, subject } = authorization(NOW);
      const refreshed = authorization(NOW, subject);
      const token = refreshed.record({ expiresAt: NOW + 600.5 });
      const next = refreshed.record({ expiresAt: NOW + 599.5 }); // as computed from a time that is a second behind
      let slices = 0;
      const between: RedisClient = {
        eval: (text, options) => client.eval(text, options),
        evalSha: async (sha, options) => {
          const answer = await client.evalSha(sha, options);
          if (sha !== scripts.noted.sha) return answer;
          slices += 1;
          if (slices === 1) await open().consume(token.id, { now: NOW, next: [next], keepUntil: NOW });
          return answer;
        },
        withCommandOptions: () => between,
      };
      const others = Array.from({ length: 500 }, () => record());
      await open().put(others, NOW);
      await open().put([token], NOW);
      await open().list(subject, NOW); // the server knows the script
      const listed = await redisStore({ client: between, prefix }).list(subject, NOW);
      assert.ok(slices > 1);
      assert.ok(listed.some(({ id }) => id === next.id));
    });

    it('lists a user with any number of records that end at the same moment', async () => {
      const { subject } = authorization(NOW);
      const records = Array.from({ length: 1200 }, () => authorization(NOW).record({ subject }));
      await Promise.all(records.map((record) => open().put([record], NOW)));
      const set = new RedisKeys(prefix).subject(subject);
      const even = `for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do redis.call('ZADD', KEYS[1], ARGV[1], id) end`;
      await client.eval(even, { keys: [set], arguments: [`${(NOW + 600) * 1000}`] });
      assert.equal((await open().list(subject, NOW)).length, records.length);
    });

    it('marks as revoked what was to be marked until now, or until a while ago', async () => {
      for (const until of [NOW, NOW - 10]) {
        const { record, authorizationID } = authorization(NOW);
        const [before, after] = [record(), record()];
        await open().put([before], NOW);
        await open().revoke(authorizationID, until, NOW);
        assert.equal(await open().get(before.id, NOW), undefined);
        assert.equal(await open().put([after], NOW), false, `${until - NOW}`);
      }
    });

    it('lists the clients of its own prefix, whatever characters that has', async () => {
      const [star, other] = [`star-${prefix}-*`, `star-${prefix}-b`].map((each) =>
        redisStore({ client, prefix: each }),
      );
      const record = authorization(NOW).record({ clientID: `client of ${prefix}` });
      await other?.put([record], NOW);
      const listedBy = async (store = open()) => {
        const found: StoredRecord[] = [];
        for await (const each of store.listByClient(record.clientID, NOW)) found.push(each);
        return found;
      };
      assert.deepEqual(await listedBy(star), []);
      assert.deepEqual(await listedBy(other), [record]);
    });

    it('is sent the records of the client alone when it lists a client, whatever characters its ID has', async () => {
      const IDS = ['client', 'client too', '"quoted"', 'a \\ backslash', '"', '\\', '",null', '\u0000', '\ud800', 'ü'];
      const prefixed = `sent-${prefix}`;
      const records = IDS.map((clientID) => authorization(NOW).record({ clientID }));
      for (const each of records) await redisStore({ client, prefix: prefixed }).put([each], NOW);
      const keys = new RedisKeys(prefixed);
      for (const own of records) {
        const found: unknown[] = [];
        const reading = await Promise.all((server?.urls ?? []).map((url) => createClient({ url }).connect()));
        for (const each of reading) {
          const values = [keys.pattern, `${NOW}`, JSON.stringify(own.clientID)];
          let cursor = '';
          while (cursor !== '0') {
            const page = await each.eval(scripts.scan.text, { keys: [], arguments: [cursor || '0', ...values] });
            const [next, ...pairs] = page as unknown as readonly string[];
            found.push(...pairs.filter((_, i) => i % 2 === 0));
            cursor = next ?? '0';
          }
          each.destroy();
        }
        assert.deepEqual(found, [keys.record(own.id)], own.clientID);
      }
    });

    it('lists what is the user’s, and not what lives longer and is nobody’s, whatever characters the client’s ID has', async () => {
      for (const clientID of ['"quoted"', 'a \\ backslash', '"', '\\', '\\"', '",null', '\u0000']) {
        const { record, subject } = authorization(NOW);
        const own = record({ clientID });
        const { subject: _, ...nobodys } = record({ clientID, expiresAt: NOW + 900 });
        await open().put([own, nobodys], NOW);
        assert.deepEqual(await open().list(subject, NOW), [own], clientID);
      }
    });

    it('looks for what is the user’s in all of an authorization, fifty records at a time', async () => {
      const { record, subject } = authorization(NOW);
      const own = record();
      const { subject: _, ...nobodys } = record({ expiresAt: NOW + 900 });
      const others = Array.from({ length: 120 }, () => ({ ...nobodys, id: record().id }));
      await open().put([own, ...others], NOW);
      const lines: string[] = [];
      const watching = await Promise.all((server?.urls ?? []).map((url) => createClient({ url }).connect()));
      for (const each of watching) await each.monitor((line) => void lines.push(line.toString()));
      assert.deepEqual(await open().list(subject, NOW), [own]);
      const key = new RedisKeys(prefix).authorization(own.authorizationID);
      const spans = () =>
        lines.filter((line) => line.includes(`"ZREVRANGE" "${key}"`)).map((line) => line.match(/"-?\d+"/g)?.join());
      while (spans().length < 3) await setImmediate(); // the time limit ends it
      for (const each of watching) each.destroy();
      assert.deepEqual(spans(), ['"0","49"', '"50","99"', '"100","149"']);
    });

    it('notes for a user no record that is nobody’s, such as those by which spent tokens are known', async () => {
      const { record, subject } = authorization(NOW);
      const { subject: _, ...nobodys } = record();
      const own = record();
      const apart: RedisClient = {
        eval: (text, options) => client.eval(text, options),
        evalSha: (sha, options) => client.evalSha(sha, options),
        withCommandOptions: () => apart,
        masters: [], // as a cluster has it, whose scripts use one slot each
      };
      await redisStore({ client: apart, prefix }).put([own, nobodys], NOW);
      assert.deepEqual(await client.zRange(new RedisKeys(prefix).subject(subject), 0, -1), [own.id]);
    });

    it('asks for fifty at once of the authorizations of a user who has many, and for no more', async () => {
      const { subject } = authorization(NOW);
      const records = Array.from({ length: 120 }, () => authorization(NOW).record({ subject }));
      await Promise.all(records.map((record) => open().put([record], NOW)));
      let [running, most] = [0, 0];
      const counting: RedisClient = {
        eval: (text, options) => client.eval(text, options),
        evalSha: async (sha, options) => {
          running += 1;
          most = Math.max(most, running);
          return await client.evalSha(sha, options).finally(() => {
            running -= 1;
          });
        },
        withCommandOptions: () => counting,
        masters: [], // as a cluster has it: one script for each authorization
      };
      const listed = await redisStore({ client: counting, prefix }).list(subject, NOW);
      assert.deepEqual(new Set(listed.map(({ id }) => id)), new Set(records.map(({ id }) => id)));
      assert.equal(most, 50);
    });

    /** What was given up on while the server stood still has no effect once it goes on. */
    async function nothingHappensLater(store: TokenStore, within?: number): Promise<void> {
      const { record } = authorization(NOW);
      const [token, next, late] = [record(), record(), record()];
      await open().put([token], NOW);
      server?.pause();
      try {
        await assert.rejects(store.consume(token.id, { now: NOW, next: [next], within }), StoreUnavailableError);
        await assert.rejects(store.put([late], NOW, within), StoreUnavailableError);
      } finally {
        server?.resume();
      }
      const again = await open().consume(token.id, { now: NOW });
      assert.equal(again?.first, true, 'a retry is the first');
      for (const { id } of [next, late]) assert.equal(await open().get(id, NOW), undefined);
    }

    for (const within of [undefined, 60])
      it(`does nothing of what was given up on, once the server goes on${within ? `, also where its caller would wait for ${within} s` : ''}`, async function () {
        if (process.env['REDIS_URL']) this.skip();
        const store = redisStore({ client, prefix, timeout: 0.3 });
        await store.put([authorization(NOW).record()], NOW);
        await nothingHappensLater(store, within);
      });

    it('does nothing of that where the clock of the process is wrong, be it the first that it asks, or later', async function () {
      if (process.env['REDIS_URL']) this.skip();
      const { now } = Date;
      for (const wrong of [-600_000, 600_000]) {
        try {
          Date.now = () => now() + wrong;
          const store = redisStore({ client, prefix, timeout: 0.3 });
          await nothingHappensLater(store);
          assert.equal(await store.put([authorization(NOW).record()], NOW), true);
          Date.now = () => now() + 2 * wrong; // it was set anew
          await nothingHappensLater(store);
          assert.equal(await store.put([authorization(NOW).record()], NOW), true);
        } finally {
          Date.now = now;
        }
      }
    });

    it('does not wait for ever', async function () {
      if (process.env['REDIS_URL']) this.skip();
      const store = redisStore({ client, prefix, timeout: 0.2 });
      const record = authorization(NOW).record();
      await open().put([record], NOW);
      server?.pause();
      try {
        await assert.rejects(store.get(record.id, NOW), StoreUnavailableError);
        await assert.rejects(store.consume(record.id, { now: NOW }), StoreUnavailableError);
      } finally {
        server?.resume();
      }
      assert.ok(await open().get(record.id, NOW));
    });
  });
}
