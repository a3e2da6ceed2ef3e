/** Keys that rotate by themselves, in several processes over one store. */
import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { compactVerify, createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet } from 'jose';
import { signJWT } from 'koauthorize/extending';
import {
  generateSigningKey,
  jwt,
  keySet,
  memoryStore,
  type RotatingKeys,
  type RotatingKeysOptions,
  rotatingKeys,
  type TokenStore,
} from 'koauthorize/tokens';
import { reservedSubject } from '../../lib/token-service/reserved.js';
import { ISSUER } from '../support/authorization-server.js';
import { tokenServer } from '../support/token-server.js';

const START = 1_767_225_600;
const [MINUTE, HOUR, DAY] = [60, 3600, 86_400];
const SECRET = 'a secret of thirty-two characters';

/** A store that does some things in another way. */
function changed(inner: TokenStore, changes: Partial<TokenStore>): TokenStore {
  return {
    put: (...args) => inner.put(...args),
    get: (...args) => inner.get(...args),
    consume: (...args) => inner.consume(...args),
    remove: (...args) => inner.remove(...args),
    revoke: (...args) => inner.revoke(...args),
    list: (...args) => inner.list(...args),
    listByClient: (...args) => inner.listByClient(...args),
    close: () => inner.close(),
    ...changes,
  };
}

const made: RotatingKeys[] = [];
after(() => {
  for (const keys of made) keys.close();
});

/** Processes over one store. Each has a clock of its own, which may be wrong. */
function processes(options: Partial<RotatingKeysOptions> = {}) {
  const clock = { now: START };
  const store = options.store ?? memoryStore();
  const start = async (wrong = 0, more: Partial<RotatingKeysOptions> = {}): Promise<RotatingKeys> => {
    const now = () => clock.now + wrong;
    const encryption = more.encryption || options.encryption ? {} : { secret: SECRET };
    const keys = await rotatingKeys({ algorithms: ['EdDSA'], ...encryption, ...options, ...more, store, now });
    made.push(keys);
    return keys;
  };
  return { clock, store, start };
}

const kidsOf = (keys: RotatingKeys): readonly string[] => keys.jwks().keys.map(({ kid }) => String(kid));
const sign = (keys: RotatingKeys, alg?: string) => signJWT(keys.signing(alg), { sub: 'alice' });

describe('rotatingKeys()', () => {
  it('no token is signed by a key that a copy of the key set can lack, and none outlives its key: three processes, for ten weeks', async () => {
    const times = { every: 7 * DAY, publishedFirst: HOUR, longestToken: 2 * DAY };
    const { clock, start } = processes({ ...times, algorithms: ['EdDSA', 'ES256'] });
    const running = [await start(0), await start(30), await start(-30)];
    const signed: { readonly kid: string; readonly until: number }[] = [];
    const seen = new Set<string>();
    let copies: readonly (readonly string[])[] = [];
    for (let step = 0; step < 10 * 7 * 24 * 4; step++) {
      clock.now += 15 * MINUTE;
      // one is cut off from the store for two hours every day, and restarted every five days
      for (const [index, keys] of running.entries()) if (!(index === 2 && step % 96 < 8)) await keys.refresh();
      if (step % 480 === 479) {
        running[1]?.close();
        running[1] = await start(30);
      }
      for (const keys of running)
        for (const alg of ['EdDSA', 'ES256']) {
          const { kid } = keys.signing(alg);
          for (const copy of copies)
            assert.ok(copy.includes(kid), `step ${step}: a copy of 15 minutes ago lacks ${kid}`);
          signed.push({ kid, until: clock.now + times.longestToken });
          seen.add(kid);
        }
      copies = running.map(kidsOf);
      while (signed[0] && signed[0].until < clock.now) signed.shift();
      const live = new Set(signed.map(({ kid }) => kid));
      for (const kid of live)
        for (const copy of copies) assert.ok(copy.includes(kid), `step ${step}: a token of ${kid} cannot be verified`);
      assert.ok(copies.every((copy) => copy.length <= 6));
    }
    assert.ok(seen.size >= 20 && seen.size <= 24, `${seen.size} keys in ten weeks, of two algorithms`);
  });

  it('processes that start together make one key, and each verifies what the others sign', async () => {
    const { start } = processes({ algorithms: ['RS256', 'ES256', 'EdDSA', 'PS256'] });
    const all = await Promise.all([start(), start(30), start(-30)]);
    const [first] = all;
    for (const keys of all) {
      assert.deepEqual(keys.jwks(), first?.jwks());
      assert.equal(keys.signing().alg, 'RS256', 'the first is the usual one');
      for (const alg of ['RS256', 'ES256', 'EdDSA', 'PS256']) {
        const token = await sign(keys, alg);
        for (const other of all) {
          assert.equal(other.find(decodeProtectedHeader(token).kid)?.alg, alg);
          await compactVerify(token, createLocalJWKSet(other.jwks() as JSONWebKeySet));
        }
      }
    }
    assert.equal(new Set(first && kidsOf(first)).size, 4, 'every kid differs');
  });

  it('a key of the store signs after a restart, and through an outage of the store; then nothing is signed that cannot be verified', async () => {
    const times = { every: 4 * DAY, publishedFirst: HOUR, longestToken: DAY };
    const inner = memoryStore();
    let isDown = false;
    const list: TokenStore['list'] = async (...args) => {
      if (isDown) throw new Error('down');
      return inner.list(...args);
    };
    const store = changed(inner, { list });
    const { clock, start } = processes({ store, ...times });
    const before = await start();
    const keys = await start();
    assert.equal(keys.signing().kid, before.signing().kid);
    isDown = true;
    await assert.rejects(keys.refresh(), { status: 503 });
    await assert.rejects(start(), { status: 503 }, 'no process starts with keys of its own');
    clock.now += times.every + 2 * HOUR;
    assert.equal(keys.signing().kid, before.signing().kid);
    clock.now += 2 * HOUR;
    assert.throws(() => keys.signing(), { status: 503 });
    assert.ok(kidsOf(keys).includes(String(before.jwks().keys[0]?.kid)), 'what was signed is verified still');
    isDown = false;
    await keys.refresh();
    await sign(keys);
  });

  it('when all processes were down while the next key was due, the last one signs until the new one is known', async () => {
    const { clock, start } = processes({ every: 4 * DAY, publishedFirst: HOUR, longestToken: DAY });
    const old = (await start()).signing().kid;
    clock.now += 4 * DAY + HOUR + 10;
    const keys = await start();
    assert.equal(keys.signing().kid, old);
    assert.equal(kidsOf(keys).length, 2);
    clock.now += HOUR;
    await keys.refresh();
    assert.notEqual(keys.signing().kid, old);
    assert.ok(kidsOf(keys).includes(old));
  });

  it('tokens that live longer since a restart are signed by a key that everybody knows, and it is published until they have ended', async () => {
    const { clock, start } = processes({ longestToken: HOUR, every: 30 * DAY, publishedFirst: DAY });
    await start();
    clock.now += 5 * DAY;
    const first = await start();
    const copy = kidsOf(first);
    const longer = await start(0, { longestToken: 30 * DAY });
    const last = clock.now + DAY;
    let kid = '';
    while (clock.now < last) {
      kid = String(longer.signing().kid);
      assert.ok(copy.includes(kid), 'everybody knows it');
      assert.equal(new Set(kidsOf(longer)).size, kidsOf(longer).length, 'each key once');
      clock.now += HOUR;
      await longer.refresh();
    }
    const ends = clock.now - HOUR + 30 * DAY;
    clock.now = ends - 1;
    assert.ok(kidsOf(await start(0, { longestToken: 30 * DAY })).includes(kid), 'the last token has not ended');
  });

  it('a key whose time is over is not prolonged, and the next one signs', async () => {
    const { clock, start } = processes({ longestToken: 30 * DAY });
    const old = (await start()).signing().kid;
    clock.now += 40 * DAY;
    const keys = await start();
    assert.ok(kidsOf(keys).includes(String(old)), 'its last token may be good still');
    assert.notEqual(keys.signing().kid, old);
  });

  it('a key that was revoked is not prolonged by a process that does not know it yet', async () => {
    const store = memoryStore();
    const { clock, start } = processes({ store, longestToken: HOUR });
    await start();
    clock.now += 5 * DAY;
    const first = await start();
    const kid = String(first.signing().kid);
    const before = await store.list(reservedSubject('signing keys', 'keys'), clock.now);
    assert.equal(before.length, 1);
    await first.revoke(kid);
    let isLate = true;
    const late = changed(store, {
      async list(...args) {
        if (!isLate) return store.list(...args);
        isLate = false;
        return before;
      },
    });
    const options = { store: late, secret: SECRET, algorithms: ['EdDSA'], now: () => clock.now } as const;
    made.push(await rotatingKeys({ ...options, longestToken: 30 * DAY }));
    const third = await start(0, { longestToken: 30 * DAY });
    assert.equal(kidsOf(third).includes(kid), false);
  });

  it('an algorithm that is added is not the usual one before its key is known, and one that is removed stays published', async () => {
    const { clock, start } = processes({ algorithms: ['EdDSA'] });
    const before = await start();
    clock.now += 2 * DAY;
    const keys = await start(0, { algorithms: ['ES256', 'EdDSA'] });
    assert.equal(keys.signing().alg, 'EdDSA');
    assert.equal(keys.signing('ES256').alg, 'ES256', 'for clients that registered it');
    await before.refresh();
    assert.deepEqual(new Set(kidsOf(before)), new Set(kidsOf(keys)), 'the other process publishes it, too');
    clock.now += DAY;
    await keys.refresh();
    assert.equal(keys.signing().alg, 'ES256');
    const after = await start(0, { algorithms: ['ES256'] });
    assert.ok(kidsOf(after).includes(before.signing().kid));
    assert.throws(() => after.signing('EdDSA'), /No signing key is for EdDSA/);
  });

  it('adopts no keys of other algorithms than RS256 unless `algorithms` is set: a key that no API knows would sign at once', async () => {
    const options = { store: memoryStore(), secret: SECRET, now: () => START };
    const adopt = [await generateSigningKey('ES256')];
    await assert.rejects(
      rotatingKeys({ ...options, adopt }),
      /^TypeError: rotatingKeys\(\{ adopt \}\) has no key for RS256, .*: set algorithms: \['ES256'\]$/,
    );
    const keys = await rotatingKeys({ ...options, adopt, algorithms: ['ES256'] });
    made.push(keys);
    assert.equal(keys.signing().kid, adopt[0]?.kid);
  });

  it('takes over from a keySet() without a gap', async () => {
    const own = await generateSigningKey('EdDSA');
    const earlier = await keySet({ signing: own });
    const { clock, start } = processes({ adopt: [own] });
    const [keys] = await Promise.all([start(), start()]);
    assert.equal(keys.signing().kid, earlier.signing().kid);
    assert.equal(kidsOf(keys).length, 2);
    clock.now += DAY;
    await keys.refresh();
    assert.notEqual(keys.signing().kid, own.kid);
    assert.ok(kidsOf(keys).includes(String(own.kid)));
    clock.now += 32 * DAY;
    await keys.refresh();
    assert.ok(!kidsOf(keys).includes(String(own.kid)), 'it ends like any other');
    assert.ok(!kidsOf(await start()).includes(String(own.kid)), 'and does not come back');
  });

  it('a leaked key is revoked in all processes, and another one signs', async () => {
    const { start } = processes();
    const [one, two] = [await start(), await start()];
    const leaked = await sign(one);
    const { kid } = one.signing();
    await one.revoke(kid);
    await two.refresh();
    for (const keys of [one, two, await start()]) {
      assert.equal(keys.find(kid), undefined);
      assert.ok(!kidsOf(keys).includes(kid));
      assert.notEqual(decodeProtectedHeader(leaked).kid, keys.signing().kid);
      assert.equal(keys.signing().kid, one.signing().kid);
    }
  });

  it('a revoked key of adopt does not come back when the other keys are revoked, too', async () => {
    const own = await generateSigningKey('EdDSA');
    const { start } = processes({ adopt: [own] });
    const keys = await start();
    for (const kid of kidsOf(keys).toSorted((one) => (one === own.kid ? -1 : 1))) await keys.revoke(kid);
    for (const after of [keys, await start()]) {
      assert.ok(!kidsOf(after).includes(String(own.kid)));
      assert.notEqual(after.signing().kid, own.kid);
    }
  });

  it('a token that would outlive its key is not signed', async () => {
    const { start } = processes({ longestToken: HOUR });
    const keys = await start();
    const lifetimes = { accessToken: HOUR + 1 };
    const server = tokenServer({
      tokens: { lifetimes, accessTokens: jwt({ issuer: ISSUER, audience: 'api', keys }) },
    });
    await server.redeem(await server.authorize()).expect(500);
    assert.match(String(server.errors.at(-1)?.cause ?? server.errors.at(-1)), /raise longestToken/);
  });

  describe('at rest', () => {
    /** All that the store was given. */
    function watched() {
      const inner = memoryStore();
      const rows: string[] = [];
      const put: TokenStore['put'] = (records, ...rest) => {
        rows.push(JSON.stringify(records));
        return inner.put(records, ...rest);
      };
      const store = changed(inner, { put });
      return { store, rows };
    }

    it('private keys are encrypted, so that they cannot be read from the store', async () => {
      const { store, rows } = watched();
      const own = await generateSigningKey('EdDSA');
      const { start } = processes({ store, adopt: [own] });
      await start();
      assert.equal(rows.length, 2);
      for (const row of rows) {
        assert.ok(own.d && own.x && !row.includes(own.d) && !row.includes(own.x));
        assert.doesNotMatch(row, /"(kty|crv|d|x)\\?"/); // with its quotes: the ciphertext may have the letters by chance
      }
    });

    it('a process with another secret does not start, and says why', async () => {
      const { start } = processes();
      await start();
      await assert.rejects(
        start(0, { secret: 'another secret of thirty-two characters' }),
        /cannot be read: No secret of rotatingKeys\(\{ secret \}\) decrypts it$/,
      );
    });

    it('the secret is changed in two steps, and no process lacks a key meanwhile', async () => {
      const { clock, start } = processes({ every: 4 * DAY, publishedFirst: HOUR });
      const next = `the next ${SECRET}`;
      const old = await start(0, { secret: [SECRET, next] });
      const { kid } = old.signing();
      const changed = await start(0, { secret: [next, SECRET] });
      assert.equal(changed.signing().kid, kid);
      clock.now += 4 * DAY;
      await changed.refresh();
      await old.refresh();
      assert.equal(kidsOf(old).length, 2);
      assert.deepEqual(old.jwks(), changed.jwks());
    });

    it('a record that was copied to another ID is not used', async () => {
      const inner = memoryStore();
      const { start } = processes({ store: inner });
      await start();
      const list: TokenStore['list'] = async (...args) =>
        (await inner.list(...args)).map((record) => ({ ...record, id: 'abc.other' }));
      const copied = changed(inner, { list });
      await assert.rejects(processes({ store: copied }).start(), /cannot be read/);
    });

    it('a record that is no JSON does not start a process, and the error repeats nothing of it', async () => {
      const inner = memoryStore();
      await processes({ store: inner, encryption: 'none' }).start();
      const data = { key: 'secret of a key' };
      const list: TokenStore['list'] = async (...args) =>
        (await inner.list(...args)).map((record) => ({ ...record, data }));
      await assert.rejects(
        processes({ store: changed(inner, { list }), encryption: 'none' }).start(),
        /cannot be read: it is not JSON$/,
      );
    });

    it('an encryption of one’s own is asked for every key, and none says what is given up', async () => {
      const { store, rows } = watched();
      const encryption = {
        encrypt: async (text: string) => `sealed ${Buffer.from(text).toString('hex')}`,
        decrypt: async (text: string) => Buffer.from(text.slice(7), 'hex').toString(),
      };
      const keys = await processes({ store, encryption }).start();
      assert.match(rows[0] ?? '', /"key":"sealed [0-9a-f]+"/);
      await sign(keys);
      const plain = watched();
      await processes({ store: plain.store, encryption: 'none' }).start();
      assert.match(plain.rows[0] ?? '', /OKP/);
    });
  });

  it('keys of two names in one store are apart, and neither is a token of anybody', async () => {
    const { store, start } = processes();
    const [one, two] = [await start(), await start(0, { name: 'another server' })];
    assert.notDeepEqual(one.jwks(), two.jwks());
    assert.deepEqual(await store.list('keys', START), []);
  });

  describe('refuses', () => {
    const rows: readonly [what: string, options: object, why: RegExp][] = [
      ['no encryption', { secret: undefined }, /needs a secret, or an encryption/],
      ['two encryptions', { encryption: 'none' }, /needs a secret, or an encryption/],
      ['a short secret', { secret: 'short' }, /32 characters/],
      ['no secret among secrets', { secret: [] }, /32 characters/],
      ['a short one among secrets', { secret: [SECRET, 'short'] }, /32 characters/],
      ['HMAC', { algorithms: ['HS256'] }, /not HS256/],
      ['no algorithm', { algorithms: [] }, /not none/],
      ['keys that hardly sign', { every: DAY }, /every \}\) is a number of seconds: 172,800 to/],
      ['keys that are hardly published', { publishedFirst: 60 }, /publishedFirst/],
      ['keys that are published too early', { publishedFirst: 16 * DAY }, /publishedFirst/],
      ['no time for tokens', { longestToken: 0 }, /longestToken/],
      ['times that are none', { every: Number.NaN }, /every \}\) is a number of seconds: .* not NaN/],
      ['an option that there is not', { lifetime: 1 }, /no option lifetime/],
    ];
    for (const [what, options, why] of rows)
      it(what, () => assert.rejects(rotatingKeys({ store: memoryStore(), secret: SECRET, ...options }), why));
  });

  it('looks at the store every minute by itself; a store that fails then is told to the operator, and the keys go on', async () => {
    const inner = memoryStore();
    let asked = 0;
    let isDown = false;
    const list: TokenStore['list'] = async (...args) => {
      asked += 1;
      if (isDown) throw new Error('down');
      return inner.list(...args);
    };
    mock.timers.enable({ apis: ['setInterval'] });
    try {
      const told = new Promise((resolve) => {
        void processes({ store: changed(inner, { list }), onError: resolve })
          .start()
          .then((keys) => {
            isDown = true;
            const before = asked;
            mock.timers.tick(MINUTE * 1000);
            assert.equal(asked, before + 1);
            assert.ok(keys.signing());
            keys.close();
            mock.timers.tick(MINUTE * 1000);
            assert.equal(asked, before + 1, 'and no more after close()');
          });
      });
      assert.equal(((await told) as Error).name, 'StoreUnavailableError');
    } finally {
      mock.timers.reset();
    }
  });
});
