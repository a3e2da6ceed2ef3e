/** RFC 7517: the keys that access tokens are signed with, as they are published. */
import assert from 'node:assert/strict';
import Router from '@koa/router';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';
import Koa from 'koa';
import { createServer, jwks } from 'koauthorize';
import { generateSigningKey, jwt, keySet, type SigningAlgorithm } from 'koauthorize/tokens';
import request from 'supertest';
import { ISSUER } from '../support/authorization-server.js';
import { tokenServer } from '../support/token-server.js';

const ALGORITHMS: readonly SigningAlgorithm[] = ['EdDSA', 'ES256', 'RS256', 'PS256'];
/** RFC 7518 §6, RFC 8037 §2: all that a public key is made of, and RFC 7517 §4. */
const PUBLIC = ['kty', 'crv', 'x', 'y', 'n', 'e', 'kid', 'alg', 'use'];

async function published(...signing: [JWK, ...JWK[]]) {
  const [first, ...rest] = signing;
  const keys = await keySet({ signing: first, published: rest });
  const { app } = tokenServer({ keys, tokens: { accessTokens: jwt({ issuer: ISSUER, audience: 'api', keys }) } });
  return request(app.callback()).get('/jwks').expect(200);
}

describe('RFC 7517: JSON Web Keys', () => {
  for (const alg of ALGORITHMS) {
    it(`§4, §9.3: of a key for ${alg} the public part only`, async () => {
      const signing = await generateSigningKey(alg);
      assert.ok(signing.d);
      const { body, text } = await published({ ...signing, key_ops: ['sign'] });
      const [jwk, ...more] = body.keys;
      assert.deepEqual(more, []);
      assert.deepEqual(
        Object.keys(jwk).filter((name) => !PUBLIC.includes(name)),
        [],
      );
      assert.deepEqual([jwk.kid, jwk.alg, jwk.use], [await calculateJwkThumbprint(signing), alg, 'sig']);
      const secrets = [signing.d, signing.p, signing.q, signing.dp, signing.dq, signing.qi];
      for (const secret of secrets) assert.ok(secret === undefined || !text.includes(secret));
    });
  }

  it('of a further key that was given whole, the public part too', async () => {
    const [first, second] = await Promise.all([generateSigningKey('ES256'), generateSigningKey('RS256')]);
    const { body, text } = await published(first, second);
    assert.deepEqual(
      body.keys.map(({ kid }: JWK) => kid),
      [first.kid, second.kid],
    );
    for (const secret of [second.d, second.p, second.q, second.dp, second.dq, second.qi])
      assert.ok(secret && !text.includes(secret));
  });

  it('§8.5.2: the media type; APIs in browsers may read it, and keep it for five minutes', async () => {
    const { headers } = await published(await generateSigningKey('EdDSA'));
    assert.match(headers['content-type'] ?? '', /^application\/jwk-set\+json/);
    assert.equal(headers['cache-control'], 'public, max-age=300');
    assert.equal(headers['access-control-allow-origin'], '*');
  });

  it('shows what was rotated to, at once', async () => {
    const [first, second] = await Promise.all([generateSigningKey('EdDSA'), generateSigningKey('EdDSA')]);
    const keys = await keySet({ signing: first });
    const { app } = tokenServer({ keys });
    const kids = async () =>
      (await request(app.callback()).get('/jwks').expect(200)).body.keys.map(({ kid }: JWK) => kid);
    assert.deepEqual(await kids(), [first.kid]);
    await keys.rotate({ signing: second, published: [first] });
    assert.deepEqual(await kids(), [second.kid, first.kid]);
    assert.equal(keys.signing().kid, second.kid);
  });

  it('§4.5: a kid that was given stays', async () => {
    const signing = { ...(await generateSigningKey('ES256')), kid: '2026-01' };
    assert.equal((await published(signing)).body.keys[0].kid, '2026-01');
  });

  it('the signing key may be among the published, with its private part or without', async () => {
    const signing = await generateSigningKey('ES256');
    const { d: _, ...open } = signing;
    assert.equal((await published(signing, signing, open)).body.keys.length, 1);
  });

  describe('refuses', () => {
    let signing: JWK;
    let other: JWK;
    before(async () => {
      [signing, other] = await Promise.all([generateSigningKey('ES256'), generateSigningKey('ES256')]);
    });
    const without = ({ [name]: _, ...rest }: Record<string, unknown>) => rest as JWK;
    const name = 'd';
    const rows: readonly [what: string, keys: () => { signing: JWK; published?: JWK[] }, why: RegExp][] = [
      ['a signing key without its private part', () => ({ signing: without({ ...signing }) }), /must be a private key/],
      ['RFC 8725 §3.1: a key of no algorithm', () => ({ signing: { ...signing, alg: undefined as never } }), /alg/],
      ['alg none', () => ({ signing: { ...signing, alg: 'none' } }), /alg/],
      ['a secret', () => ({ signing: { kty: 'oct', k: 'c2VjcmV0', d: 'x', alg: 'HS256' } }), /alg/],
      ['a published secret', () => ({ signing, published: [{ kty: 'oct', k: 'c2VjcmV0', alg: 'HS256' }] }), /alg/],
      [
        'a secret that calls itself a key',
        () => ({ signing, published: [{ kty: 'oct', k: 'c2Vj', alg: 'RS256' }] }),
        /./,
      ],
      [
        'RFC 7517 §4.5: two keys of one kid',
        () => ({ signing: { ...signing, kid: 'one' }, published: [{ ...other, kid: 'one' }] }),
        /Two keys have the kid one/,
      ],
    ];
    for (const [what, keys, why] of rows) it(what, () => assert.rejects(keySet(keys()), why));

    it('one key for two algorithms under one kid', async () => {
      const rsa = await generateSigningKey('RS256');
      await assert.rejects(keySet({ signing: rsa, published: [{ ...rsa, alg: 'PS256' }] }), /Two keys/);
    });

    it('what it rotates to as well, and keeps what it had', async () => {
      const keys = await keySet({ signing });
      await assert.rejects(keys.rotate({ signing: without({ ...other }) }), TypeError);
      assert.equal(keys.signing().kid, signing.kid);
      assert.equal(keys.jwks().keys.length, 1);
    });
  });

  describe('an application’s own key set', () => {
    const rows: readonly [what: string, keys: (own: JWK) => readonly object[], why: RegExp][] = [
      ['§9.3 with a private key', (own) => [own], /must not be published: it has a private or symmetric member \(d\)/],
      ['§9.3 with a secret', () => [{ kty: 'oct', kid: 'k', k: 'c2VjcmV0' }], /must not be published/],
      ['§9.3 with a secret that does not show', () => [{ kty: 'oct', kid: 'k' }], /must not be published/],
      ['§9.3 with the private member of a type to come', () => [{ kty: 'AKP', kid: 'k', priv: 'x' }], /must not be/],
      ['§4.5 with a key without kid', () => [{ kty: 'OKP', x: 'x' }], /needs a kid/],
      [
        '§4.5 with two keys of one kid',
        () => [
          { kty: 'OKP', kid: 'k' },
          { kty: 'EC', kid: 'k' },
        ],
        /Two published keys/,
      ],
      ['without the key that signs', () => [{ kty: 'OKP', kid: 'k' }], /signs with the key .* does not publish/],
    ];
    for (const [what, published, why] of rows)
      it(`${what} is not published: an error at start`, async () => {
        const own = await generateSigningKey('ES256');
        const server = createServer({ keys: await keySet({ signing: own }) });
        server.extend(jwks({ jwks: () => ({ keys: published(own) }) }));
        assert.throws(() => server.check(), why);
      });

    it('§9.3 is not published either once it has changed to something private', async () => {
      const own = await generateSigningKey('ES256');
      const { d: _, ...open } = own;
      let shown: object = open;
      const server = createServer();
      const router = new Router();
      router.all('/jwks', server.endpoint(jwks({ jwks: () => ({ keys: [shown] }) })));
      const app = new Koa().use(server.errorHandler()).use(router.routes());
      app.silent = true;
      await request(app.callback()).get('/jwks').expect(200);
      shown = own;
      const { text, headers } = await request(app.callback()).get('/jwks').expect(500);
      assert.ok(own.d && !text.includes(own.d));
      assert.doesNotMatch(headers['cache-control'] ?? '', /public/);
    });
  });

  it('§9.3 only members of a key that are known to be public are published, so that private members of a future key type are not', async () => {
    const signing = { ...(await generateSigningKey('ES256')), priv: 'secret', note: 'mine' };
    const [jwk] = (await keySet({ signing })).jwks().keys;
    assert.deepEqual(Object.keys(jwk ?? {}).sort(), ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
  });

  it('finds nothing without a kid, nor by a name of the prototype', async () => {
    const keys = await keySet({ signing: await generateSigningKey('EdDSA') });
    for (const kid of [undefined, '', '__proto__', 'constructor', 'has']) assert.equal(keys.find(kid), undefined);
  });

  it('takes a key that jose or another library made', async () => {
    const { privateKey } = await generateKeyPair('PS256', { extractable: true });
    const signing: JWK = { ...(await exportJWK(privateKey)), alg: 'PS256' };
    const keys = await keySet({ signing });
    assert.equal(keys.signing().kid, await calculateJwkThumbprint(signing));
  });
});
