/** What may be used once: RFC 7523 §3 item 7. On every store: test/token-service/stores.test.ts. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { generateSigningKey, jwt, keySet, opaque, StoreUnavailableError, tokenService } from 'koauthorize/tokens';
import { toOAuth2Error } from '../../lib/errors/to-oauth2-error.js';
import { idOf, idOfUsed } from '../../lib/token-service/secret.js';
import { memoryStore } from '../../lib/token-service/store/memory.js';
import { ISSUER } from '../support/authorization-server.js';
import { API, tokenServer } from '../support/token-server.js';
import { breakableStore, recordingStore, watched } from '../support/token-store.js';

const KEY = 'https://client.example an-id';

/** What the first call stored it under. */
function idIn(calls: ReturnType<typeof recordingStore>['calls']): string {
  const [{ id = '' } = {}] = (calls[0]?.args[0] ?? []) as readonly { readonly id?: string }[];
  assert.match(id, /^[\w-]{3}\.[\w-]{43}$/);
  return id;
}

describe('token service: what may be used once', () => {
  it('is, until it is forgotten', async () => {
    const { tokens, clock } = tokenServer();
    const until = clock.now + 60;
    assert.equal(await tokens.useOnce(KEY, until), true);
    assert.equal(await tokens.useOnce(KEY, until), false);
    clock.now += 59;
    assert.equal(await tokens.useOnce(KEY, until + 60), false, 'whatever the second one says');
    clock.now += 1;
    assert.equal(await tokens.useOnce(KEY, until), false, 'it is over');
  });

  it('is nobody’s where it could not be remembered: now, before, never or for ever', async () => {
    const { store, calls } = recordingStore();
    const { tokens, clock } = tokenServer({ tokens: { store } });
    for (const until of [clock.now, clock.now - 1, 0, Number.NaN, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY])
      assert.equal(await tokens.useOnce(KEY, until), false, `${until}`);
    assert.equal(calls.length, 0);
  });

  it('every key for itself, whatever it looks like', async () => {
    const { tokens, clock } = tokenServer();
    const used = new Set<string>();
    const keys = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('a', 'A', 'a ', ' a', 'a\0', '', '__proto__', 'x'.repeat(9000)),
    );
    await fc.assert(
      fc.asyncProperty(keys, async (key) => {
        assert.equal(await tokens.useOnce(key, clock.now + 60), !used.has(key));
        used.add(key);
      }),
    );
  });

  it('of many at once exactly one', async () => {
    const { tokens, clock } = tokenServer();
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => tokens.useOnce(KEY, clock.now + 60)));
    assert.equal(outcomes.filter(Boolean).length, 1);
  });

  it('is still remembered when the clock steps back, or that of another machine is behind', async () => {
    const { tokens, clock } = tokenServer();
    const until = clock.now + 10;
    assert.equal(await tokens.useOnce(KEY, until), true);
    clock.now += 40;
    for (let i = 0; i < 20; i++) await tokens.useOnce(`${i}`, clock.now + 60); // which sweeps what expired
    clock.now -= 35;
    assert.equal(await tokens.useOnce(KEY, until), false);
  });

  it('takes one round trip, and stores no more than a hash', async () => {
    const { store, calls } = recordingStore();
    const { tokens, clock } = tokenServer({ tokens: { store } });
    await tokens.useOnce(KEY, clock.now + 60);
    assert.deepEqual(
      calls.map(({ method }) => method),
      ['put'],
    );
    const text = JSON.stringify(calls);
    for (const part of [KEY, 'an-id', Buffer.from(KEY).toString('base64url')]) assert.ok(!text.includes(part), part);
  });

  it('a process that ends before the store has it has used nothing up, and one that ends after has', async () => {
    const inner = memoryStore();
    let dies: 'before' | 'after' | undefined = 'before';
    const store = watched(async (method, _args, call) => {
      if (method !== 'put' || !dies) return call();
      if (dies === 'after') await call();
      throw new Error('it died');
    }, inner);
    const { tokens, clock } = tokenServer({ tokens: { store } });
    const use = (key: string) => tokens.useOnce(key, clock.now + 60);
    await assert.rejects(use(KEY), StoreUnavailableError);
    dies = 'after';
    await assert.rejects(use('another'), StoreUnavailableError);
    dies = undefined;
    assert.deepEqual([await use(KEY), await use(KEY), await use('another')], [true, false, false]);
  });

  it('beside a process of 0.1.0, which stores a use and then consumes it, exactly one is first', async () => {
    const { tokens, store, clock } = tokenServer();
    const useInOldProcess = async (key: string): Promise<boolean> => {
      const id = idOfUsed(key);
      const used = { id, kind: 'jti', authorizationID: id, clientID: '', expiresAt: clock.now + 60, data: null };
      await store.put([used], clock.now);
      return (await store.consume(id, { now: clock.now }))?.first === true;
    };
    const use = (key: string) => tokens.useOnce(key, clock.now + 60);
    assert.deepEqual([await use('new first'), await useInOldProcess('new first')], [true, false]);
    assert.deepEqual([await useInOldProcess('old first'), await use('old first')], [true, false]);
  });

  for (const method of ['put'] as const) {
    for (const how of ['rejects', 'throws', 'hangs', 'is lost'] as const) {
      it(`a store that fails causes 503, and never counts as success: ${method} ${how}`, async () => {
        const { store, broken } = breakableStore();
        const tokens = tokenService({ store, timeout: 0.02 });
        broken.set(method, how);
        const error: unknown = await tokens.useOnce(KEY, Date.now() / 1000 + 60).then(
          () => assert.fail('it said something'),
          (thrown) => thrown,
        );
        assert.ok(error instanceof StoreUnavailableError);
        assert.equal(toOAuth2Error(error).status, 503);
      });
    }
  }

  it('is no token: nothing that was used can be introspected, verified, revoked or listed', async () => {
    const keys = await keySet({ signing: await generateSigningKey('ES256') });
    const accessTokens = [undefined, jwt({ issuer: ISSUER, audience: 'https://api.example', keys })];
    for (const each of accessTokens) {
      const { store, calls } = recordingStore();
      const { tokens, clock, connect, introspect, revoke } = tokenServer({
        tokens: { store, ...(each && { accessTokens: each }) },
      });
      const { access_token, refresh_token } = await connect();
      for (const key of [KEY, access_token, refresh_token, '']) {
        calls.length = 0;
        assert.equal(await tokens.useOnce(key, clock.now + 60), true);
        const id = idIn(calls);
        for (const token of [
          key,
          id,
          id.slice(4),
          `${id.slice(0, 3)}a${id.slice(4)}`,
          `${id.slice(0, 3)}r${id.slice(4)}`,
        ]) {
          if (token === access_token || token === refresh_token || token === '') continue;
          assert.equal(await tokens.verify(token), undefined);
          assert.deepEqual((await introspect(token, API)).body, { active: false });
          await revoke(token).expect(200);
        }
        assert.equal(await tokens.useOnce(key, clock.now + 60), false, 'it is still known');
      }
      assert.ok(await tokens.verify(access_token), 'a token that was used as a key is a token still');
      assert.equal((await tokens.listAuthorizations({ id: 'alice', name: '' })).length, 1);
    }
  });

  describe('is no token even where the application looks tokens up by whatever it is given', () => {
    const HASH = createHash('sha256').update(KEY).digest('base64url');
    const rows: Readonly<Record<string, (token: string) => string>> = {
      'as it stands': (token) => token,
      'by hash': idOf,
    };
    for (const [what, each] of Object.entries(rows)) {
      it(what, async () => {
        const { store, calls } = recordingStore();
        const accessTokens = { ...opaque(), idOf: each };
        const { tokens, clock, introspect, revoke, events } = tokenServer({ tokens: { store, accessTokens } });
        await tokens.useOnce(KEY, clock.now + 60);
        const id = idIn(calls);
        for (const token of [id, HASH]) {
          assert.equal(await tokens.verify(token), undefined);
          assert.deepEqual((await introspect(token, API)).body, { active: false });
          assert.equal(events.at(-1)?.event['authorizationID'], undefined, 'nothing was found');
          await revoke(token).expect(200);
        }
        const found = calls.filter(({ method, args }) => method === 'get' && args[0] === id);
        assert.equal(found.length, what === 'by hash' ? 0 : 3);
        assert.equal(await tokens.useOnce(KEY, clock.now + 60), false);
      });
    }
  });
});
