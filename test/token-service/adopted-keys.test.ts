/** `rotatingKeys({ adopt })`: keys that have signed before; and keys of the store that cannot be read. */
import assert from 'node:assert/strict';
import { createPrivateKey, type JsonWebKey, sign } from 'node:crypto';
import type { JWK } from 'jose';
import {
  type ExternalKey,
  generateSigningKey,
  memoryStore,
  type RotatingKeys,
  type RotatingKeysOptions,
  rotatingKeys,
  type TokenRecord,
  type TokenStore,
} from 'koauthorize/tokens';
import { reservedSubject } from '../../lib/token-service/reserved.js';

const START = 1_767_225_600;
const [HOUR, DAY] = [3600, 86_400];
const SECRET = 'a secret of thirty-two characters';
const OTHER_SECRET = 'another secret of thirty-two characters';

const made: RotatingKeys[] = [];
after(() => {
  for (const keys of made) keys.close();
});

/** Processes over one store, and what their operator was told. */
function processes(options: Partial<RotatingKeysOptions> = {}) {
  const clock = { now: START };
  const store = options.store ?? memoryStore();
  const told: string[] = [];
  const onError = (error: unknown): void => void told.push(String(error));
  const start = async (more: Partial<RotatingKeysOptions> = {}): Promise<RotatingKeys> => {
    const all = { algorithms: ['ES256'], secret: SECRET, onError, ...options, ...more, store } as const;
    const keys = await rotatingKeys({ ...all, now: () => clock.now });
    made.push(keys);
    return keys;
  };
  const records = (): Promise<readonly TokenRecord[]> => store.list(reservedSubject('signing keys', 'keys'), clock.now);
  return { clock, store, told, start, records };
}

const kidsOf = (keys: RotatingKeys): readonly string[] => keys.jwks().keys.map(({ kid }) => String(kid));
/** A key that signs as one of a key management service does. */
function elsewhere(own: JWK): ExternalKey & JWK {
  const { d: _, ...publicKey } = own;
  const key = createPrivateKey({ key: own as JsonWebKey, format: 'jwk' });
  return { publicKey, sign: async (data: Uint8Array) => sign('sha256', data, key) };
}

const kidOf = ({ kid }: JWK): string => String(kid);

describe('rotatingKeys({ adopt }): keys that cannot be taken over', () => {
  let own: JWK;
  let other: JWK;
  let rsa: JWK;
  before(async () => {
    [own, other, rsa] = await Promise.all([
      generateSigningKey('ES256'),
      generateSigningKey('ES256'),
      generateSigningKey('RS256'),
    ]);
  });

  const rows: Readonly<Record<string, () => readonly JWK[]>> = {
    'a public key': () => [{ ...own, d: undefined } as unknown as JWK],
    'a public key, after a good one': () => [other, { ...own, d: undefined } as unknown as JWK],
    'a private part of another key': () => [{ ...own, d: other.d ?? '' }],
    'another type than that of its algorithm': () => [{ ...rsa, alg: 'ES256' }],
    'a key without its algorithm': () => [{ ...own, alg: undefined } as unknown as JWK],
    'a key elsewhere': () => [elsewhere(own) as JWK],
    'two keys of one kid': () => [own, { ...other, kid: kidOf(own) }],
  };
  for (const [what, adopt] of Object.entries(rows))
    it(`${what}: no process starts with it, and it is not stored`, async () => {
      const { start, records } = processes();
      await assert.rejects(start({ adopt: adopt() }), { name: 'TypeError', message: /^rotatingKeys\(\{ adopt \}\)/ });
      assert.deepEqual(await records(), []);
      const keys = await start({ adopt: [own] });
      assert.equal(keys.signing().kid, own.kid, 'the configuration was corrected');
      const before = kidsOf(keys);
      await assert.rejects(start({ algorithms: ['ES256', 'RS256'], adopt: adopt() }), TypeError);
      await keys.refresh();
      assert.deepEqual(kidsOf(keys), before, 'those that run go on');
      await start();
    });
});

describe('rotatingKeys({ adopt }): all that have signed are published', () => {
  it('those of one algorithm: the first signs, and all verify until the last token has ended', async () => {
    const adopt = await Promise.all([1, 2, 3].map(() => generateSigningKey('ES256')));
    for (const list of [adopt, adopt.toReversed()]) {
      const { clock, start } = processes({ longestToken: 2 * DAY });
      const keys = await start({ adopt: list });
      assert.equal(keys.signing().kid, list[0]?.kid);
      for (const own of list) assert.ok(keys.find(own.kid), 'it verifies');
      assert.equal(kidsOf(keys).length, 4);
      clock.now += DAY;
      await keys.refresh();
      const { kid } = keys.signing();
      assert.ok(!list.some((own) => own.kid === kid));
      assert.equal(kidsOf(keys).length, 4);
      clock.now += 3 * DAY;
      const after = await start({ adopt: list });
      assert.deepEqual(kidsOf(after), [kid], 'they end, and none comes back');
    }
  });

  it('that of an algorithm which signs no more', async () => {
    const own = await generateSigningKey('RS256');
    const { start } = processes();
    const keys = await start({ adopt: [own] });
    assert.ok(keys.find(own.kid));
    assert.equal(keys.signing().alg, 'ES256');
    assert.throws(() => keys.signing('RS256'), /No signing key is for RS256/);
    assert.deepEqual(kidsOf(await start()).toSorted(), kidsOf(keys).toSorted(), 'in all processes');
    await keys.revoke(kidOf(own));
    assert.deepEqual(kidsOf(keys), [keys.signing().kid], 'no other of its algorithm is made in its place');
  });

  it('where the store has keys already: it is published, and does not sign in their place', async () => {
    const own = await generateSigningKey('ES256');
    const { clock, start } = processes({ longestToken: HOUR });
    const first = await start();
    clock.now += 31 * DAY + HOUR; // the one that signs is as old as it becomes
    const running = await start();
    const { kid } = running.signing();
    const [keys] = await Promise.all([start({ adopt: [own] }), start({ adopt: [own] })]);
    assert.equal(keys.signing().kid, kid);
    assert.ok(keys.find(own.kid));
    await first.refresh();
    assert.ok(first.find(own.kid), 'by all processes');
    clock.now += 3 * DAY;
    assert.equal((await start({ adopt: [own] })).find(own.kid), undefined, 'it has ended, and does not come back');
  });

  it('a revoked key does not come back, whatever kid it is given', async () => {
    const own = await generateSigningKey('ES256');
    const { start } = processes({ adopt: [own] });
    const keys = await start();
    await keys.revoke(kidOf(own));
    assert.equal(keys.find(own.kid), undefined);
    const again = await start({ adopt: [{ ...own, kid: 'again' }] });
    assert.deepEqual([again.find(own.kid), again.find('again')], [undefined, undefined]);
    assert.deepEqual(kidsOf(again), kidsOf(keys));
  });
});

describe('rotatingKeys(): a key of the store that cannot be read', () => {
  /** A store with a key of the secret, and further records that a process with another secret has left. */
  async function poisoned(...algorithms: readonly string[]) {
    const ours = processes();
    const keys = await ours.start();
    const theirs = processes({ secret: OTHER_SECRET, algorithms: algorithms as [] });
    await theirs.start();
    for (const [index, record] of (await theirs.records()).entries()) {
      const id = `abc.left${index}`;
      await ours.store.put([{ ...record, id, authorizationID: id }], START);
    }
    return { ...ours, keys };
  }

  it('is left out if other keys of its algorithm can be read, and the operator is told once', async () => {
    const { keys, start, told } = await poisoned('ES256');
    const before = kidsOf(keys);
    await keys.refresh();
    await keys.refresh();
    assert.deepEqual(kidsOf(keys), before);
    assert.equal(told.length, 1);
    assert.match(told[0] ?? '', /The signing key of the record abc\.left0 cannot be read: No secret .+ decrypts it/);
    assert.deepEqual(kidsOf(await start()), before, 'another process starts');
    assert.equal(told.length, 2);
  });

  it('is left out where its algorithm is none of these', async () => {
    const { keys, start } = await poisoned('RS256', 'EdDSA');
    await keys.refresh();
    assert.deepEqual(kidsOf(await start()), kidsOf(keys));
  });

  it('stops a process that would have no key of its algorithm', async () => {
    const { start, keys, told } = await poisoned('RS256');
    const before = kidsOf(keys);
    await assert.rejects(start({ algorithms: ['ES256', 'RS256'] }), /cannot be read/);
    await keys.refresh();
    assert.deepEqual(kidsOf(keys), before, 'and no other');
    assert.equal(told.length, 1);
  });
});

describe('rotatingKeys(): an encryption that does not decrypt what it has encrypted', () => {
  it('stores nothing: no process could read it', async () => {
    const encryption = { encrypt: async (text: string) => text, decrypt: async (text: string) => text.slice(1) };
    const { store, records } = processes();
    const starting = rotatingKeys({ store, encryption, algorithms: ['ES256'], now: () => START });
    await assert.rejects(starting, /rotatingKeys\(\{ encryption \}\) does not decrypt what it has encrypted/);
    assert.deepEqual(await records(), []);
  });
});

describe('rotatingKeys(): revoke', () => {
  it('a kid that no key has is an error, because the leaked key would stay in use', async () => {
    const { start } = processes();
    const keys = await start();
    const before = kidsOf(keys);
    await assert.rejects(keys.revoke('typo'), { message: 'No signing key has the kid "typo"' });
    assert.deepEqual(kidsOf(keys), before);
  });

  it('may be called again where the store did not answer after the key was removed', async () => {
    const inner = memoryStore();
    let isDown = false;
    const list: TokenStore['list'] = async (...args) => {
      if (isDown) throw new Error('down');
      return inner.list(...args);
    };
    const store = new Proxy(inner, {
      get(target, name) {
        if (name === 'list') return list;
        if (name !== 'remove') return Reflect.get(target, name).bind?.(target);
        return async (id: string) => {
          isDown = true;
          await inner.remove(id);
        };
      },
    });
    const keys = await processes({ store }).start();
    const { kid } = keys.signing();
    await assert.rejects(keys.revoke(kid), { status: 503 });
    isDown = false;
    await keys.revoke(kid);
    assert.equal(keys.find(kid), undefined);
    assert.ok(keys.signing());
  });
});
