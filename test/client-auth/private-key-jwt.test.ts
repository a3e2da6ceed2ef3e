import assert from 'node:assert/strict';
import crypto, { createPublicKey } from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import fc from 'fast-check';
import type { Context } from 'koa';
import { TokenError } from 'koauthorize';
import { assertionMethod } from '../../lib/client-auth/assertion-method.js';
import { type PrivateKeyJwtOptions, privateKeyJwt } from '../../lib/client-auth/private-key-jwt.js';
import { toParams } from '../../lib/syntax/param-map.js';
import { ASSERTION_TYPE, goodClaims, inForm, NOW, onceOnly, signed } from '../support/assertions.js';
import { ISSUER } from '../support/authorization-server.js';
import { keyPair, type Pair } from '../support/key-server.js';

/** Clients of another shape than the RFC's. */
interface Own {
  readonly keys?: object | null;
  readonly keysAt?: string | null;
}

/** Counts the calls of a function of node:crypto. */
function counting(name: 'verify' | 'createPublicKey') {
  const real = crypto[name];
  const calls = {
    count: 0,
    stop: () => {
      crypto[name] = real as never;
      syncBuiltinESMExports();
    },
  };
  crypto[name] = ((...args: readonly unknown[]) => {
    calls.count++;
    return Reflect.apply(real, crypto, args);
  }) as never;
  syncBuiltinESMExports();
  return calls;
}

describe('client-auth/private-key-jwt', () => {
  let key: Pair;
  let other: Pair;
  before(async () => {
    [key, other] = [await keyPair('ES256', 'key'), await keyPair('ES256', 'other')];
  });

  const attempt = (assertion: string, clientID = 'client') => ({
    ctx: {} as Context, // of no concern
    params: toParams(new Map(Object.entries(inForm(assertion)))),
    clientID,
  });
  const byKey = (claims = goodClaims('client'), header: object = {}): string =>
    signed(key.privateKey, { alg: 'ES256', kid: 'key', ...header }, claims);
  const withKeys = () => ({ client_id: 'client', jwks: { keys: [key.publicKey] } });
  function made<C>(more: Partial<PrivateKeyJwtOptions<C>> = {}) {
    const once = onceOnly();
    return { ...once, ...privateKeyJwt<C>({ issuer: ISSUER, useOnce: once.useOnce, now: () => NOW, ...more }) };
  }
  const isFailure = (error: unknown) =>
    error instanceof TokenError && error.code === 'invalid_client' && error.status === 401;

  describe('construction', () => {
    const useOnce = () => true;
    const wrong: readonly [what: string, options: object][] = [
      ['with an issuer of nothing', { issuer: '', useOnce }],
      ['with an issuer that is no string', { issuer: new URL(ISSUER), useOnce }],
      ['with no algorithms', { issuer: ISSUER, useOnce, algorithms: [] }],
      ...['HS256', 'HS384', 'HS512', 'none', 'ES256K', 'RS1', 'constructor', ''].map((alg): [string, object] => [
        `with ${alg}`,
        { issuer: ISSUER, useOnce, algorithms: ['ES256', alg] },
      ]),
      ...[Number.NaN, -1, Number.POSITIVE_INFINITY, '60', null].flatMap((seconds): [string, object][] => [
        [`with a skew of ${seconds}`, { issuer: ISSUER, useOnce, skew: seconds }],
        [`with a maxLifetime of ${seconds}`, { issuer: ISSUER, useOnce, maxLifetime: seconds }],
      ]),
      ['with a fetchTimeout of nothing', { issuer: ISSUER, useOnce, fetchTimeout: 0 }],
    ];
    for (const [what, options] of wrong) {
      it(`${what} is a TypeError`, () => assert.throws(() => privateKeyJwt(options as never), TypeError));
    }

    it('has a name, and algorithms for the metadata', () => {
      const method = privateKeyJwt({ issuer: ISSUER, useOnce, algorithms: ['PS256', 'ES256'] });
      assert.deepEqual([method.name, method.algorithms], ['private_key_jwt', ['PS256', 'ES256']]);
    });
  });

  describe('identify', () => {
    const { identify } = privateKeyJwt({ issuer: ISSUER, useOnce: () => assert.fail('nothing is proved yet') });

    it('claims sub, when it is signed in a way of its own', () => {
      assert.deepEqual(identify(attempt(byKey())), ['client']);
      assert.deepEqual(identify(attempt(signed('x', { alg: 'HS256' }, goodClaims('client'), 'HS256'))), []);
      assert.deepEqual(identify({ ctx: {} as Context, params: toParams(new Map([['client_id', 'client']])) }), []);
    });

    it('throws nothing but invalid_client, whatever is sent', () => {
      const json = fc.oneof(
        fc.json(),
        fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify(value)),
      );
      const header = fc.oneof(
        json,
        fc
          .record({ alg: fc.constantFrom('ES256', 'HS256', 7, null), crit: fc.anything() })
          .map((value) => JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? 0 : one))),
      );
      const part = fc.oneof(header, json).map((text) => Buffer.from(text ?? '').toString('base64url'));
      const text = fc.oneof(
        fc.string({ unit: 'binary', maxLength: 300 }),
        fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('.')),
        fc
          .tuple(header, json)
          .map((parts) => `${parts.map((one) => Buffer.from(one).toString('base64url')).join('.')}.AAAA`),
      );
      const type = fc.constantFrom(ASSERTION_TYPE, ASSERTION_TYPE, ASSERTION_TYPE, 'other', undefined);
      fc.assert(
        fc.property(text, type, (client_assertion, client_assertion_type) => {
          const form = Object.entries({ client_assertion, client_assertion_type });
          const params = toParams(new Map(form.filter((entry): entry is [string, string] => Boolean(entry[1]))));
          try {
            assert.ok(identify({ ctx: {} as Context, params }).every((id) => typeof id === 'string'));
          } catch (error) {
            assert.ok(isFailure(error), String(error));
          }
        }),
        { numRuns: 3000 },
      );
    });

    it('is not stopped by what is nested without an end, or has no end', () => {
      const deep = `${'{"a":'.repeat(2000)}1${'}'.repeat(2000)}`;
      assert.throws(() => identify(attempt(signed(key.privateKey, deep, deep))), isFailure);
      assert.throws(() => identify(attempt('a'.repeat(1_000_000))), isFailure);
      assert.throws(() => identify(attempt(`${'.'.repeat(16_000)}`)), isFailure);
    });
  });

  describe('verify', () => {
    it('is asked about the client that the assertion claims, and no other', async () => {
      const { verify, calls } = made();
      assert.equal(await verify(withKeys(), attempt(byKey(), 'another')), false);
      assert.deepEqual(calls, []);
      assert.equal(await verify(withKeys(), attempt(byKey())), true);
    });

    it('of another client than the claimed one uses up nothing', async () => {
      const { verify, calls } = made();
      const decoy = { client_id: 'decoy', jwks: { keys: [other.publicKey] } };
      assert.equal(await verify(decoy, attempt(byKey())), false);
      assert.deepEqual(calls, []);
    });

    it('uses up the assertion last, under what names it alone, for longer than it is good', async () => {
      const { verify, calls } = made({ skew: 10 });
      await assert.rejects(
        verify(withKeys(), attempt(byKey(goodClaims('client', { aud: 'x' })))) as Promise<boolean>,
        isFailure,
      );
      assert.deepEqual(calls, []);
      const jti = 'a "b", \ud800 c\0';
      assert.equal(await verify(withKeys(), attempt(byKey(goodClaims('client', { jti, exp: NOW + 59.5 })))), true);
      assert.deepEqual(calls, [
        { key: '["client_assertion","client","a \\"b\\", \\ud800 c\\u0000"]', expiresAt: NOW + 70 },
      ]);
    });

    it('takes its time also where there is no key: names are not told by it', async () => {
      const { verify } = made();
      const calls = counting('verify');
      try {
        const clients = [
          withKeys(),
          { jwks: { keys: [other.publicKey] } },
          { jwks: { keys: [] } },
          { client_id: 'client' },
          { ...withKeys(), jwks_uri: 'https://client.example/jwks' },
          { ...withKeys(), token_endpoint_auth_signing_alg: 'RS256' },
        ];
        const forged = signed(other.privateKey, { alg: 'ES256', kid: 'key' }, goodClaims('client'));
        for (const client of clients) assert.equal(await verify(client as never, attempt(forged)), false);
        assert.equal(calls.count, clients.length);
      } finally {
        calls.stop();
      }
    });

    it('by a key of nobody’s nothing is proved, even if somebody had it', async () => {
      const jwk = createPublicKey({ key: key.publicKey as crypto.JsonWebKey, format: 'jwk' });
      const { verify } = assertionMethod<object, string>(
        { name: 'a_method', algorithms: ['ES256'], keyOf: () => undefined, decoyKey: () => jwk },
        { issuer: ISSUER, useOnce: () => true, now: () => NOW },
      );
      assert.equal(await verify({}, attempt(byKey())), false);
    });

    it('imports a key once, however often the client is read anew', async () => {
      const { verify } = made();
      const pair = await keyPair('ES256', 'key'); // of no other test
      const calls = counting('createPublicKey');
      try {
        for (let time = 0; time < 5; time++) {
          const assertion = signed(pair.privateKey, { alg: 'ES256', kid: 'key' }, goodClaims('client'));
          assert.equal(await verify({ jwks: { keys: [{ ...pair.publicKey }] } } as never, attempt(assertion)), true);
        }
        assert.equal(calls.count, 1);
      } finally {
        calls.stop();
      }
    });
  });

  describe('clients of another shape', () => {
    it('jwks', async () => {
      const { verify } = made<Own>({ jwks: ({ keys }) => keys });
      assert.equal(await verify({ keys: { keys: [key.publicKey] } }, attempt(byKey())), true);
      assert.equal(await verify({ keys: null }, attempt(byKey())), false);
    });

    it('jwksURI, by a fetch of the application’s', async () => {
      const asked: string[] = [];
      const { verify } = made<Own>({
        jwksURI: ({ keysAt }) => keysAt,
        async fetch(url) {
          asked.push(url);
          return Response.json({ keys: [key.publicKey] });
        },
      });
      assert.equal(await verify({ keysAt: 'https://client.example/jwks' }, attempt(byKey())), true);
      assert.equal(await verify({ keysAt: null }, attempt(byKey())), false);
      assert.deepEqual(asked, ['https://client.example/jwks']);
    });

    it('does not fetch a jwks_uri at a private address, unless the application gives its own fetch', async () => {
      const { verify } = made<Own>({ jwksURI: ({ keysAt }) => keysAt });
      for (const host of ['127.0.0.1:1', 'localhost:1', '10.0.0.1', '169.254.169.254', '[::1]:1'])
        await assert.rejects(
          verify({ keysAt: `https://${host}/jwks` }, attempt(byKey())) as Promise<boolean>,
          ({ status, cause }: { status?: number; cause?: Error }) =>
            status === 503 && /not an address of the internet/.test(String(cause?.cause)),
          host,
        );
    });

    it('what the application throws is the application’s', async () => {
      const failure = new Error('the database is gone');
      const { verify } = made<Own>({
        jwks() {
          throw failure;
        },
      });
      await assert.rejects(verify({}, attempt(byKey())) as Promise<boolean>, failure);
    });
  });
});
