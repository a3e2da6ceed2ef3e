/** RFC 9068: JWT access tokens, and RFC 8725 where they are attacked. */
import assert from 'node:assert/strict';
import { createHash, createHmac, createPublicKey } from 'node:crypto';
import {
  decodeJwt,
  decodeProtectedHeader,
  importJWK,
  type JWK,
  type JWTHeaderParameters,
  type JWTPayload,
  jwtVerify,
  SignJWT,
} from 'jose';
import { generateSigningKey, jwt, type KeySet, keySet, type SigningAlgorithm } from 'koauthorize/tokens';
import { memoryStore } from '../../lib/token-service/store/memory.js';
import { ISSUER } from '../support/authorization-server.js';
import { assertErrorHere } from '../support/form.js';
import { API, type TokenSetup, tokenServer, WORKER } from '../support/token-server.js';
import { recordingStore } from '../support/token-store.js';

const AUDIENCE = 'https://api.example';
const ALGORITHMS: readonly SigningAlgorithm[] = ['EdDSA', 'ES256', 'RS256', 'PS256'];

const accessTokens = (keys: KeySet, audience: string | readonly string[] = AUDIENCE) =>
  jwt({ issuer: ISSUER, audience, keys });

/** A server that gives JWTs. */
function jwtServer(keys: KeySet, tokens: TokenSetup['tokens'] = {}) {
  return tokenServer({ keys, tokens: { accessTokens: accessTokens(keys), ...tokens } });
}

async function sign(jwk: JWK, payload: JWTPayload, header: Partial<JWTHeaderParameters> = {}): Promise<string> {
  const { alg = '', kid = '' } = jwk;
  const signer = new SignJWT(payload).setProtectedHeader({ alg, kid, typ: 'at+jwt', ...header });
  return signer.sign(await importJWK(jwk, header.alg ?? alg));
}

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('RFC 9068: JWT access tokens', () => {
  for (const alg of ALGORITHMS) {
    it(`§2: header and claims, signed with ${alg}`, async () => {
      const signing = await generateSigningKey(alg);
      const keys = await keySet({ signing });
      const { connect, clock } = jwtServer(keys);
      const { access_token, expires_in } = await connect();
      assert.deepEqual(decodeProtectedHeader(access_token), { alg, kid: signing.kid, typ: 'at+jwt' });
      const { payload } = await jwtVerify(access_token, await importJWK(keys.jwks().keys[0] ?? {}), {
        currentDate: new Date(clock.now * 1000),
      });
      const { jti, ...claims } = payload;
      assert.deepEqual(claims, {
        iss: ISSUER,
        aud: AUDIENCE,
        sub: 'alice',
        client_id: 'client',
        scope: 'read write',
        iat: clock.now,
        exp: clock.now + 3600,
      });
      assert.match(jti ?? '', /^[\w-]{27}$/);
      assert.equal(expires_in, 3600);
    });
  }

  let signing: JWK;
  let keys: KeySet;
  before(async () => {
    signing = await generateSigningKey('ES256');
    keys = await keySet({ signing });
  });

  it('§2.2: without a user the subject is the client; §2.2.3: without a scope there is none', async () => {
    const { request } = jwtServer(keys);
    const ask = { grant_type: 'client_credentials' };
    const { sub, client_id, scope } = decodeJwt((await request(ask, WORKER).expect(200)).body.access_token);
    assert.deepEqual({ sub, client_id, scope }, { sub: 'worker', client_id: 'worker', scope: 'jobs mail' });
    assert.equal('scope' in decodeJwt((await request(ask).expect(200)).body.access_token), false);
  });

  it('§2.2: each has a jti of its own', async () => {
    const { connect, refresh } = jwtServer(keys);
    const first = await connect();
    const second = (await refresh(first.refresh_token).expect(200)).body;
    assert.notEqual(decodeJwt(first.access_token).jti, decodeJwt(second.access_token).jti);
  });

  it('§2.2: a token without an audience would be good at every API, and none is made', () => {
    for (const audience of ['', []])
      assert.throws(() => jwt({ audience }), /^TypeError: jwt\(\{ audience \}\) is needed/);
  });

  it('§3: several audiences', async () => {
    const audience = [AUDIENCE, 'https://other.example'];
    const { connect, isActive } = tokenServer({ tokens: { accessTokens: accessTokens(keys, audience) } });
    const { access_token } = await connect();
    assert.deepEqual(decodeJwt(access_token).aud, audience);
    assert.equal(await isActive(access_token), true);
  });

  it('§2.2.3: a narrowed refresh narrows the claim', async () => {
    const { connect, refresh } = jwtServer(keys);
    const { refresh_token } = await connect();
    const { body } = await refresh(refresh_token, { scope: 'read' }).expect(200);
    assert.equal(decodeJwt(body.access_token)['scope'], 'read');
  });

  it('can be introspected and verified, until they expire', async () => {
    const { connect, introspect, tokens, clock } = jwtServer(keys);
    const { access_token } = await connect();
    assert.deepEqual((await introspect(access_token, API)).body, {
      active: true,
      client_id: 'client',
      sub: 'alice',
      scope: 'read write',
      token_type: 'Bearer',
      iss: ISSUER,
      aud: AUDIENCE,
      iat: clock.now,
      exp: clock.now + 3600,
    });
    assert.equal((await tokens.verify(access_token))?.subject, 'alice');
    clock.now += 3599;
    assert.equal((await introspect(access_token, API)).body.active, true);
    clock.now += 1;
    assert.deepEqual((await introspect(access_token, API)).body, { active: false });
    assert.equal(await tokens.verify(access_token), undefined);
  });

  it('can be revoked, each alone or with its family', async () => {
    const { connect, refresh, revoke, isActive } = jwtServer(keys);
    const first = await connect();
    const second = (await refresh(first.refresh_token).expect(200)).body;
    await revoke(first.access_token).expect(200);
    assert.deepEqual([await isActive(first.access_token), await isActive(second.access_token)], [false, true]);
    await revoke(second.refresh_token).expect(200);
    assert.equal(await isActive(second.access_token), false);
  });

  it('the same answer again within the grace window is the same JWT', async () => {
    const { connect, refresh } = jwtServer(keys);
    const { refresh_token } = await connect();
    const bodies = await Promise.all([1, 2, 3].map(async () => (await refresh(refresh_token).expect(200)).body));
    assert.equal(new Set(bodies.map(({ access_token }) => access_token)).size, 1);
  });

  it('a jti is no credential, and is not stored as it stands', async () => {
    const { store, calls } = recordingStore();
    const { connect, isActive, refresh, redeem, tokens } = jwtServer(keys, { store });
    const jti = decodeJwt((await connect()).access_token).jti ?? assert.fail();
    const text = JSON.stringify(calls);
    // not even its plain hash, which is how opaque tokens are looked up
    for (const form of [jti.slice(3), createHash('sha256').update(jti).digest('base64url')])
      assert.ok(!text.includes(form));
    const padded = `${jti.slice(0, 3)}a${jti.slice(3)}`.padEnd(47, 'A');
    for (const token of [jti, `jti:${jti}`, padded, padded.replace('a', 'r')]) {
      assert.equal(await isActive(token), false);
      assert.equal(await tokens.verify(token), undefined);
      assertErrorHere(await refresh(token), 400, 'invalid_grant');
      assertErrorHere(await redeem(token), 400, 'invalid_grant');
    }
  });

  it('tokens of either format stay valid, and can be revoked, when the server changes the format', async () => {
    const store = memoryStore();
    const before = tokenServer({ tokens: { store } });
    const after = jwtServer(keys, { store });
    const opaque = await before.connect();
    assert.equal(await after.isActive(opaque.access_token), true);
    assert.equal((await after.tokens.verify(opaque.access_token))?.subject, 'alice');
    const refreshed = (await after.refresh(opaque.refresh_token).expect(200)).body;
    assert.equal(decodeProtectedHeader(refreshed.access_token).typ, 'at+jwt');
    await after.revoke(opaque.access_token).expect(200);
    assert.equal(await after.isActive(opaque.access_token), false);
    assert.equal(await before.isActive(refreshed.access_token), true);
    const [head = '', , signature = ''] = refreshed.access_token.split('.');
    const payload = Buffer.from(JSON.stringify(decodeJwt(refreshed.access_token))).toString('base64url');
    assert.equal(await before.isActive(`${head}.${payload}.${signature}x`), false, 'its jti alone is no token');
    await before.revoke(refreshed.access_token).expect(200);
    assert.equal(await after.isActive(refreshed.access_token), false);
  });

  describe('rotation of keys, without a restart', () => {
    it('RFC 7517 §5: a token is good for as long as its key is published, and no longer', async () => {
      const [first, second] = await Promise.all([generateSigningKey('EdDSA'), generateSigningKey('RS256')]);
      const rotating = await keySet({ signing: first, published: [second] });
      const { connect, isActive } = jwtServer(rotating);
      const old = (await connect()).access_token;
      await rotating.rotate({ signing: second, published: [first] });
      const fresh = (await connect()).access_token;
      assert.deepEqual(
        [old, fresh].map((token) => decodeProtectedHeader(token).kid),
        [first.kid, second.kid],
      );
      assert.deepEqual([await isActive(old), await isActive(fresh)], [true, true]);
      await rotating.rotate({ signing: second });
      assert.deepEqual([await isActive(old), await isActive(fresh)], [false, true]);
    });
  });

  describe('RFC 8725: what we did not sign like this is inactive', () => {
    const server = () => jwtServer(keys);

    it('the test can forge: signed with our key it is active', async () => {
      const { connect, isActive } = server();
      const { access_token } = await connect();
      const copy = await sign(signing, decodeJwt(access_token));
      assert.notEqual(copy, access_token);
      assert.equal(await isActive(copy), true);
    });

    type Forge = (payload: JWTPayload, token: string) => Promise<string> | string;
    const forgeries: readonly [what: string, forge: Forge][] = [
      ['§3.1: alg none', (payload) => `${part({ alg: 'none', typ: 'at+jwt', kid: signing.kid })}.${part(payload)}.`],
      ['§3.1: alg None', (payload) => `${part({ alg: 'None', typ: 'at+jwt', kid: signing.kid })}.${part(payload)}.`],
      [
        '§2.1: HS256 with the public key, as PEM, for a secret',
        (payload) => {
          const input = `${part({ alg: 'HS256', typ: 'at+jwt', kid: signing.kid })}.${part(payload)}`;
          const key = createPublicKey({ key: signing as never, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
          return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`;
        },
      ],
      [
        '§2.1: HS256 with the public key, as JSON, for a secret',
        (payload) => {
          const input = `${part({ alg: 'HS256', typ: 'at+jwt', kid: signing.kid })}.${part(payload)}`;
          const key = JSON.stringify(keys.jwks().keys[0]);
          return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`;
        },
      ],
      ['a key of their own, under our kid', async (payload) => forged('ES256', payload, { kid: signing.kid ?? '' })],
      ['a key of their own, under its kid', (payload) => forged('ES256', payload, {})],
      [
        'a key of their own that the header brings',
        async (payload) => {
          const { d, ...jwk } = await generateSigningKey('ES256');
          return sign({ ...jwk, ...(d && { d }) }, payload, { jwk, kid: signing.kid ?? '' });
        },
      ],
      ['no kid', (payload) => sign(signing, payload, { kid: undefined as never })],
      ['a kid from the prototype', (payload) => sign(signing, payload, { kid: '__proto__' })],
      ['RFC 8725 §3.11: typ JWT', (payload) => sign(signing, payload, { typ: 'JWT' })],
      ['RFC 8725 §3.11: typ of an ID token or none', (payload) => sign(signing, payload, { typ: undefined as never })],
      ['another issuer', (payload) => sign(signing, { ...payload, iss: 'https://other.example' })],
      ['no issuer', ({ iss: _, ...payload }) => sign(signing, payload)],
      ['another jti', (payload) => sign(signing, { ...payload, jti: 'AAA' })],
      ['no jti', ({ jti: _, ...payload }) => sign(signing, payload)],
      ['a changed claim', (payload, token) => token.replace(/\.[^.]+\./, `.${part({ ...payload, sub: 'bob' })}.`)],
      ['no signature', (_, token) => token.replace(/[^.]+$/, '')],
      ['a part too many', (_, token) => `${token}.${part({})}`],
    ];
    async function forged(alg: SigningAlgorithm, payload: JWTPayload, header: Partial<JWTHeaderParameters>) {
      return sign(await generateSigningKey(alg), payload, header);
    }
    for (const [what, forge] of forgeries) {
      it(what, async () => {
        const { connect, introspect, revoke, isActive, tokens } = server();
        const { access_token } = await connect();
        const token = await forge(decodeJwt(access_token), access_token);
        assert.notEqual(token, access_token);
        assert.deepEqual((await introspect(token, API)).body, { active: false });
        assert.equal(await tokens.verify(token), undefined);
        await revoke(token).expect(200);
        assert.equal(await isActive(access_token), true, 'and revokes nothing');
      });
    }

    it('RS256 under the kid of a PS256 key, which is the same key', async () => {
      const pss = await generateSigningKey('PS256');
      const { connect, isActive } = jwtServer(await keySet({ signing: pss }));
      const payload = decodeJwt((await connect()).access_token);
      assert.equal(await isActive(await sign(pss, payload)), true);
      assert.equal(await isActive(await sign({ ...pss, alg: 'RS256' }, payload)), false);
    });

    it('§2.1: HS256 by what a key set of the application’s own gives as a key for ES256', async () => {
      const secret = Buffer.from('what everybody can read, and 256 bits of it');
      const { kid = '' } = signing;
      const careless: KeySet = { ...keys, find: () => ({ kid, alg: 'ES256', key: secret }) };
      const { connect, isActive } = jwtServer(careless);
      const payload = decodeJwt((await connect()).access_token);
      const forged = await new SignJWT(payload).setProtectedHeader({ alg: 'HS256', kid, typ: 'at+jwt' }).sign(secret);
      assert.equal(await isActive(forged), false);
    });

    it('a token of another server with the same keys and store is not ours', async () => {
      const store = memoryStore();
      const other = tokenServer({
        tokens: { store, accessTokens: jwt({ issuer: 'https://other.example', audience: AUDIENCE, keys }) },
      });
      const { access_token } = await other.connect();
      assert.equal(await other.isActive(access_token), true);
      assert.equal(await jwtServer(keys, { store }).isActive(access_token), false);
    });
  });
});
