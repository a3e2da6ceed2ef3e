/** RFC 7523, with RFC 7521 and as RFC 10070 changes it: client authentication by JWT. And RFC 8725, where it is attacked. */
import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto';
import { importJWK, type JWK } from 'jose';
import type { Refusal } from 'koauthorize';
import {
  type AssertionOptions,
  type ClientAuthMethod,
  type ClientKeysOptions,
  clientSecretBasic,
  clientSecretJwt,
  clientSecretPost,
  none,
  privateKeyJwt,
} from 'koauthorize/client-auth';
import { tokenService } from 'koauthorize/tokens';
import * as oauth from 'oauth4webapi';
import { memoryStore } from '../../lib/token-service/store/memory.js';
import { ASSERTION_TYPE, goodClaims, inForm, NOW, onceOnly, type Part, signed } from '../support/assertions.js';
import { ISSUER } from '../support/authorization-server.js';
import {
  basic,
  type ClientAuthSetup,
  client,
  clientAuthServer,
  DOORS,
  type Registered,
} from '../support/client-auth.js';
import { assertErrorHere, assertInvalidClient } from '../support/form.js';
import { type KeyServer, keyPair, keyServer, type Pair } from '../support/key-server.js';

const SECRET = 'a secret that nobody guesses, long enough for HS512: 0123456789abcdef';
const TOKEN_ENDPOINT = `${ISSUER}/token`;
const ALGORITHMS = [
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
  'PS256',
  'PS384',
  'PS512',
  'RS256',
  'RS384',
  'RS512',
];
const HMAC = ['HS256', 'HS384', 'HS512'];

/** An error, and what was underneath. */
const causes = (error: unknown): readonly string[] =>
  error instanceof Error ? [String(error), ...causes(error.cause)] : [];

/** A client that signs with its key. */
const signer = (client_id: string, more: Partial<Registered>): Registered =>
  client(client_id, { token_endpoint_auth_method: 'private_key_jwt', ...more });

/** What the operator is told where the signature is not one of the client's keys. */
const NOT_SIGNED =
  /client_assertion: (?:its signature is wrong|the client has no key that fits it|it is signed by another algorithm than the client registered) \(client: "\w+"/;

describe('RFC 7523: client authentication by JWT', () => {
  let key: Pair;
  let other: Pair;
  let rsa: Pair;
  let clients: readonly Registered[];

  before(async () => {
    key = await keyPair('ES256', 'the key');
    other = await keyPair('ES256', 'another key');
    rsa = await keyPair('RS256', 'an RSA key');
    clients = [
      signer('signer', { jwks: { keys: [key.publicKey] } }),
      signer('other', { jwks: { keys: [other.publicKey] } }),
      client('hmac', { client_secret: SECRET, token_endpoint_auth_method: 'client_secret_jwt' }),
      client('basic', { client_secret: SECRET, jwks: { keys: [key.publicKey] } }),
      client('public', { token_endpoint_auth_method: 'none', jwks: { keys: [key.publicKey] } }),
    ];
  });

  interface Setup extends ClientAuthSetup {
    readonly jwt?: Partial<AssertionOptions<never, Registered>>;
    /** For the fetching of a `jwks_uri`: of `privateKeyJwt` alone. */
    readonly fetching?: Pick<ClientKeysOptions, 'fetchTimeout'>;
  }

  /** A server with every method, and what its `useOnce` was asked. */
  function jwtServer({ jwt, fetching, ...setup }: Setup = {}) {
    const clock = { now: NOW };
    const once = onceOnly();
    const options = {
      issuer: ISSUER,
      useOnce: once.useOnce,
      now: () => clock.now,
      ...jwt,
    };
    const methods: readonly ClientAuthMethod<Registered>[] = [
      clientSecretBasic<Registered>(),
      clientSecretPost<Registered>(),
      none<Registered>(),
      privateKeyJwt<Registered>({ allowHTTP: 'loopback', ...fetching, ...options }),
      clientSecretJwt<Registered>(options),
    ];
    const made = clientAuthServer({ clients, authentication: { methods }, ...setup });
    const present = (assertion: string, more: object = {}) => made.token({ ...inForm(assertion), ...more });
    return { ...made, present, clock, used: once.calls };
  }
  type JWTServer = ReturnType<typeof jwtServer>;

  const byKey = (claims: Part, header: Part = { alg: 'ES256', kid: 'the key' }): string =>
    signed(key.privateKey, header, claims);
  const bySecret = (claims: Part, header: Part = { alg: 'HS256' }): string => signed(SECRET, header, claims, 'HS256');

  function assertIssued(response: Awaited<ReturnType<JWTServer['present']>>, to: string): void {
    assert.deepEqual([response.status, response.body.access_token], [200, `${to}'s`], response.text);
  }

  /** RFC 6749 §5.2: and the operator alone is told why. */
  function assertRefused(
    { errors, issued, used }: JWTServer,
    response: Awaited<ReturnType<JWTServer['present']>>,
    why: RegExp,
  ) {
    assertInvalidClient(response);
    assert.deepEqual(response.body, { error: 'invalid_client', error_description: 'Client authentication failed' });
    assert.match(String(errors.at(-1)?.cause), why);
    assert.deepEqual([issued, used], [[], []], 'and it is not spent');
  }

  describe('§2.2 what a good client sends is taken', () => {
    for (const door of DOORS) {
      it(`by ${door}, from a client with a key and from one with a secret`, async () => {
        const { present, issued } = jwtServer({ door });
        assertIssued(await present(byKey(goodClaims('signer'))), 'signer');
        assertIssued(await present(bySecret(goodClaims('hmac'))), 'hmac');
        assert.deepEqual(
          issued.map(({ authInfo }) => authInfo),
          [{ method: 'private_key_jwt' }, { method: 'client_secret_jwt' }],
        );
      });
    }

    it('at introspection and revocation too', async () => {
      const { post } = jwtServer();
      const form = () => ({ token: "signer's", ...inForm(byKey(goodClaims('signer'))) });
      assert.equal((await post('/introspect', form()).expect(200)).body.active, true);
      await post('/revoke', form()).expect(200);
    });

    it('RFC 7521 §4.2: with the client_id in the form, when it is the same', async () => {
      const { present } = jwtServer();
      assertIssued(await present(byKey(goodClaims('signer')), { client_id: 'signer' }), 'signer');
    });

    for (const alg of ALGORITHMS) {
      it(`signed with ${alg}`, async () => {
        const { privateKey, publicKey } = await keyPair(alg);
        const { present } = jwtServer({ clients: [signer('signer', { jwks: { keys: [publicKey] } })] });
        assertIssued(await present(signed(privateKey, { alg }, goodClaims('signer'), alg)), 'signer');
      });
    }
    for (const alg of HMAC) {
      it(`signed with ${alg}`, async () => {
        const { present } = jwtServer();
        assertIssued(await present(signed(SECRET, { alg }, goodClaims('hmac'), alg)), 'hmac');
      });
    }

    const typ = (value: string) => ({ typ: value });
    const good: readonly [what: string, claims: object, header?: object][] = [
      ['RFC 10070 §4: typ client-authentication+jwt', {}, typ('client-authentication+jwt')],
      ['typ application/client-authentication+jwt', {}, typ('application/client-authentication+jwt')],
      ['RFC 7519 §5.1: typ JWT', {}, typ('JWT')],
      ['RFC 7515 §4.1.9: typ jwt', {}, typ('jwt')],
      ['RFC 10070 §4: an audience of one in an array', { aud: [ISSUER] }],
      ['exp passed, by less than clocks may be wrong', { exp: NOW - 29 }],
      ['exp an hour off, by a clock that is fast', { exp: NOW + 3630 }],
      ['exp in fractions of a second', { exp: NOW + 60.5 }],
      ['nbf and iat to come, by less than clocks may be wrong', { nbf: NOW + 30, iat: NOW + 30 }],
      ['no iat', { iat: undefined }],
      ['§3 item 8: further claims', { scope: 'read', nested: { a: [1] } }],
      ['a jti of 512 characters', { jti: 'x'.repeat(512) }],
      ['headers that are not asked for', {}, { x5t: 'x', 'https://client.example/header': [1] }],
    ];
    for (const [what, claims, header] of good) {
      it(what, async () => {
        const { present } = jwtServer();
        const assertion = byKey(goodClaims('signer', { ...claims }), { alg: 'ES256', kid: 'the key', ...header });
        assertIssued(await present(assertion), 'signer');
        assertIssued(await present(bySecret(goodClaims('hmac', { ...claims }), { alg: 'HS256', ...header })), 'hmac');
      });
    }
  });

  describe('the operator is told whose assertion it is, and with which values', () => {
    const told: readonly (readonly [claims: object, why: string])[] = [
      [
        { exp: NOW - 30 },
        `exp has passed (client: "signer", grant_type: "client_credentials", exp: ${NOW - 30}, now: ${NOW})`,
      ],
      [
        { iat: NOW + 31 },
        `iat is in the future (client: "signer", grant_type: "client_credentials", iat: ${NOW + 31}, now: ${NOW})`,
      ],
      [
        { aud: TOKEN_ENDPOINT },
        `aud is not the issuer identifier alone (client: "signer", grant_type: "client_credentials", came: "${TOKEN_ENDPOINT}", wanted: ["${ISSUER}"])`,
      ],
      [
        { iss: 'cli' },
        'iss is not sub (client: "signer", grant_type: "client_credentials", iss: "cli", sub: "signer")',
      ],
    ];
    for (const [claims, why] of told)
      it(why, async () => {
        const { present, errors } = jwtServer({ clients });
        await present(byKey({ ...goodClaims('signer'), ...claims }));
        assert.equal(String(errors.at(-1)?.cause), `Reason: client_assertion: ${why}`);
      });

    it('also in the event refusal, where only the assertion names the client', async () => {
      const { app, present } = jwtServer({ clients });
      const refusals: Refusal[] = [];
      app.on('refusal', (refusal: Refusal) => refusals.push(refusal));
      await present(byKey(goodClaims('signer'), { alg: 'ES256', kid: 'zz' }));
      assert.equal(refusals[0]?.clientID, 'signer');
      assert.match(refusals[0]?.reason ?? '', /the client has no key that fits it \(.*alg: "ES256", kid: "zz"\)$/);
    });
  });

  describe('§3 claims and headers that are wrong', () => {
    type Wrong = readonly [what: string, why: RegExp, claims: object, header?: object];
    const wrong: readonly Wrong[] = [
      ['item 1: iss is missing', /iss is not sub/, { iss: undefined }],
      ['item 1: iss is another client', /iss is not sub/, { iss: 'other' }],
      ['item 1: iss is the client, in an array', /iss is not sub/, { iss: ['signer'] }],
      ['item 2: sub is missing', /malformed/, { sub: undefined }],
      ['item 2: sub is no string', /malformed/, { sub: 7, iss: 7 }],
      ['item 2: sub is an array', /malformed/, { sub: ['signer'], iss: ['signer'] }],
      ['item 2: sub is empty', /No client authentication/, { sub: '', iss: '' }],
      ['item 2: sub cannot be a client_id', /No client authentication/, { sub: 'a\0b', iss: 'a\0b' }],
      ['item 2: sub is nobody', /There is no client/, { sub: 'nobody', iss: 'nobody' }],
      ['item 2: sub is from the prototype', /There is no client/, { sub: '__proto__', iss: '__proto__' }],
      ['item 2: sub is another client', NOT_SIGNED, { sub: 'other', iss: 'other' }],
      ['item 3: aud is missing', /aud is not/, { aud: undefined }],
      ['item 3: aud is another server', /aud is not/, { aud: 'https://other.example' }],
      ['item 3: aud is no string', /aud is not/, { aud: { [ISSUER]: true } }],
      ['item 3: aud is empty', /aud is not/, { aud: [] }],
      ['item 3: aud is the issuer, in an array in an array', /aud is not/, { aud: [[ISSUER]] }],
      ['RFC 3986 §6.2.1: aud is the issuer, with a slash', /aud is not/, { aud: `${ISSUER}/` }],
      ['RFC 3986 §6.2.1: aud is the issuer, in capitals', /aud is not/, { aud: ISSUER.toUpperCase() }],
      ['RFC 10070 §4: aud is the token endpoint', /aud is not/, { aud: TOKEN_ENDPOINT }],
      ['RFC 10070 §4: aud is the issuer and the token endpoint', /aud is not/, { aud: [ISSUER, TOKEN_ENDPOINT] }],
      ['RFC 10070 §4: aud is the issuer and another server', /aud is not/, { aud: ['https://other.example', ISSUER] }],
      ['RFC 10070 §4: aud is the issuer, twice', /aud is not/, { aud: [ISSUER, ISSUER] }],
      ['item 4: exp is missing', /is not a number/, { exp: undefined }],
      ['item 4: exp is a string', /is not a number/, { exp: String(NOW + 60) }],
      ['item 4: exp is null', /is not a number/, { exp: null }],
      ['item 4: exp has passed', /exp has passed/, { exp: NOW - 30 }],
      ['item 4: exp is before 1970', /exp has passed/, { exp: -1 }],
      ['item 4: exp is too far off', /exp is too far/, { exp: NOW + 3631 }],
      ['item 4: exp is in milliseconds', /exp is too far/, { exp: (NOW + 60) * 1000 }],
      ['item 5: nbf is to come', /nbf is in the future/, { nbf: NOW + 31 }],
      ['item 5: nbf is a string', /is not a number/, { nbf: '0' }],
      ['item 5: nbf is null', /is not a number/, { nbf: null }],
      ['item 6: iat is to come', /iat is in the future/, { iat: NOW + 31 }],
      ['item 6: iat is a string', /is not a number/, { iat: '0' }],
      ['item 6: iat is null', /is not a number/, { iat: null }],
      ['OpenID Connect Core 1.0 §9: jti is missing', /jti is missing/, { jti: undefined }],
      ['jti is empty', /jti is missing/, { jti: '' }],
      ['jti is a number', /jti is missing/, { jti: 7 }],
      ['jti is an object', /jti is missing/, { jti: { length: 1 } }],
      ['jti is longer than 512 characters', /too long/, { jti: 'x'.repeat(513) }],
      ['RFC 8725 §3.11: typ of an access token', /another kind/, {}, { typ: 'at+jwt' }],
      ['RFC 8725 §3.11: typ of a DPoP proof', /another kind/, {}, { typ: 'dpop+jwt' }],
      ['RFC 8725 §3.11: typ of a request object', /another kind/, {}, { typ: 'application/oauth-authz-req+jwt' }],
      ['typ that only begins right', /another kind/, {}, { typ: 'JWT+x' }],
      ['typ that only ends right', /another kind/, {}, { typ: 'text/jwt' }],
      ['typ is empty', /another kind/, {}, { typ: '' }],
      ['typ is null', /another kind/, {}, { typ: null }],
      ['typ is an array', /another kind/, {}, { typ: ['JWT'] }],
      ['RFC 7515 §4.1.11: crit that nobody understands', /crit names/, {}, { crit: ['exp'], exp: NOW + 60 }],
      ['RFC 7515 §4.1.11: crit of nothing', /crit names/, {}, { crit: [] }],
      ['RFC 7797 §7: b64 that is true', /crit names/, {}, { crit: ['b64'], b64: true }],
      ['RFC 7797 §7: b64 that is false', /crit names/, {}, { crit: ['b64'], b64: false }],
      ['§3 item 9: alg is missing', /malformed/, {}, { alg: undefined }],
      ['alg is an array', /malformed/, {}, { alg: ['ES256'] }],
      ['RFC 8725 §3.1: alg none', /No client authentication/, {}, { alg: 'none' }],
      ['RFC 8725 §3.1: alg None', /No client authentication/, {}, { alg: 'None' }],
      ['alg is from the prototype', /No client authentication/, {}, { alg: 'constructor' }],
      ['alg of a curve that is not taken', /No client authentication/, {}, { alg: 'ES256K' }],
    ];
    for (const [what, why, claims, header] of wrong) {
      it(what, async () => {
        const server = jwtServer();
        const assertion = byKey({ ...goodClaims('signer'), ...claims }, { alg: 'ES256', kid: 'the key', ...header });
        assertRefused(server, await server.present(assertion), why);
        const { errors, present, used } = jwtServer();
        const subject = 'sub' in claims ? {} : { sub: 'hmac' };
        const isByIssuer = 'iss' in claims ? {} : { iss: 'hmac' };
        const hmac = { ...goodClaims('hmac'), ...claims, ...subject, ...isByIssuer };
        assertInvalidClient(await present(bySecret(hmac, { alg: 'HS256', ...header })));
        assert.deepEqual([errors.length, used], [1, []]);
      });
    }

    for (const claim of ['exp', 'nbf', 'iat']) {
      it(`RFC 7519 §2: ${claim} is beyond all numbers`, async () => {
        const server = jwtServer();
        const text = JSON.stringify({ ...goodClaims('signer'), [claim]: 0 }).replace(
          `"${claim}":0`,
          `"${claim}":1e999`,
        );
        assertRefused(server, await server.present(byKey(text)), /is not a number/);
      });
    }
  });

  describe('RFC 7521 §4.2 parameters', () => {
    it('another client_assertion_type', async () => {
      for (const type of [
        'urn:ietf:params:oauth:client-assertion-type:saml2-bearer',
        ASSERTION_TYPE.toUpperCase(),
        'jwt',
      ]) {
        const server = jwtServer();
        const response = await server.present(byKey(goodClaims('signer')), { client_assertion_type: type });
        assertRefused(server, response, /client_assertion_type/);
      }
    });
    it('no client_assertion_type', async () => {
      const server = jwtServer();
      const response = await server.present(byKey(goodClaims('signer')), { client_assertion_type: undefined });
      assertRefused(server, response, /client_assertion_type/);
    });
    it('no client_assertion, even where the client is public', async () => {
      for (const more of [{}, { client_id: 'public' }, { client_assertion: '', client_id: 'public' }]) {
        const server = jwtServer();
        assertRefused(server, await server.token({ client_assertion_type: ASSERTION_TYPE, ...more }), /is missing/);
      }
    });
    it('the client_id of another client', async () => {
      for (const client_id of ['other', 'SIGNER', 'nobody']) {
        const server = jwtServer();
        const response = await server.present(byKey(goodClaims('signer')), { client_id });
        assertRefused(server, response, /No client authentication/);
      }
    });
    it('RFC 6749 §2.3: a second method in the same request', async () => {
      const { token, used } = jwtServer();
      const form = inForm(byKey(goodClaims('signer')));
      assertErrorHere(await token(form, basic('basic', SECRET)), 400, 'invalid_request');
      assertErrorHere(await token({ ...form, client_id: 'signer', client_secret: SECRET }), 400, 'invalid_request');
      assert.deepEqual(used, []);
    });
    it('RFC 6749 §3.2: an assertion twice', async () => {
      const { post, used } = jwtServer();
      const one = byKey(goodClaims('signer'));
      const form = new URLSearchParams({ grant_type: 'client_credentials', ...inForm(one) });
      form.append('client_assertion', one);
      assertErrorHere(await post('/token', form.toString()), 400, 'invalid_request');
      assert.deepEqual(used, []);
    });
  });

  describe('RFC 7591 §2: only by the method that the client registered', () => {
    for (const id of ['basic', 'public', 'hmac']) {
      it(`${id} does not sign with a key`, async () => {
        const server = jwtServer();
        assertRefused(server, await server.present(byKey(goodClaims(id))), /by another method than registered/);
      });
    }
    for (const id of ['basic', 'public', 'signer']) {
      it(`${id} does not sign with a secret`, async () => {
        const server = jwtServer();
        assertRefused(server, await server.present(bySecret(goodClaims(id))), /by another method than registered/);
      });
    }
    it('who signs with a key or a secret does not send the secret', async () => {
      for (const id of ['signer', 'hmac']) {
        const server = jwtServer();
        assertRefused(server, await server.token({}, basic(id, SECRET)), /by another method than registered/);
        assertRefused(
          server,
          await server.token({ client_id: id, client_secret: SECRET }),
          /by another method than registered/,
        );
        assertRefused(server, await server.token({ client_id: id }), /by another method than registered/);
      }
    });
    it('token_endpoint_auth_signing_alg: with that algorithm and no other', async () => {
      const { alg: _, ...open } = rsa.publicKey; // a key that says no alg of its own
      const one = signer('signer', { jwks: { keys: [open] }, token_endpoint_auth_signing_alg: 'PS256' });
      const two = { ...(clients[2] ?? assert.fail()), token_endpoint_auth_signing_alg: 'HS512' };
      const server = jwtServer({ clients: [one, two] });
      const rs = signed(rsa.privateKey, { alg: 'RS256' }, goodClaims('signer'), 'RS256');
      assertRefused(server, await server.present(rs), NOT_SIGNED);
      assertRefused(server, await server.present(bySecret(goodClaims('hmac'))), NOT_SIGNED);
      const ps = signed(rsa.privateKey, { alg: 'PS256' }, goodClaims('signer'), 'PS256');
      assertIssued(await server.present(ps), 'signer');
      assertIssued(await server.present(signed(SECRET, { alg: 'HS512' }, goodClaims('hmac'), 'HS512')), 'hmac');
    });
  });

  describe('§3 item 7: an assertion is used once', () => {
    it('again', async () => {
      for (const assertion of [byKey(goodClaims('signer')), bySecret(goodClaims('hmac'))]) {
        const { present, errors, issued } = jwtServer();
        await present(assertion).expect(200);
        assertInvalidClient(await present(assertion));
        assert.match(String(errors.at(-1)?.cause), /used again/);
        assert.equal(issued.length, 1);
      }
    });

    it('fifty times at once', async () => {
      const { present, issued } = jwtServer();
      const assertion = byKey(goodClaims('signer'));
      const responses = await Promise.all(Array.from({ length: 50 }, () => present(assertion)));
      const statuses = responses.map(({ status }) => status).sort();
      assert.deepEqual(statuses, [200, ...Array.from({ length: 49 }, () => 400)]);
      assert.equal(issued.length, 1);
    });

    it('at two servers that share what was used', async () => {
      const { useOnce } = onceOnly();
      const [one, two] = [jwtServer({ jwt: { useOnce } }), jwtServer({ jwt: { useOnce } })];
      const assertion = byKey(goodClaims('signer'));
      const present = (n: number) => (n % 2 ? one : two).present(assertion);
      const responses = await Promise.all(Array.from({ length: 50 }, (_, n) => present(n)));
      assert.equal(responses.filter(({ status }) => status === 200).length, 1);
    });

    it('with another signature: ECDSA has one for each time', async () => {
      const { present } = jwtServer();
      const claims = goodClaims('signer');
      const [one, two] = [byKey(claims), byKey(claims, { alg: 'ES256', kid: 'the key', typ: 'JWT' })];
      assert.notEqual(one, two);
      await present(one).expect(200);
      assertInvalidClient(await present(two));
    });

    it('at the last moment, and it is not forgotten before it is refused anyhow', async () => {
      const { present, clock, used } = jwtServer();
      const exp = NOW + 60;
      const assertion = byKey(goodClaims('signer', { exp }));
      clock.now = exp + 29;
      await present(assertion).expect(200);
      assert.equal(used[0]?.expiresAt, exp + 30);
      clock.now += 1;
      assertInvalidClient(await present(assertion));
      assert.equal(used.length, 1);
    });

    it('one client does not use up the jti of another', async () => {
      const { present } = jwtServer();
      const more = { jti: 'the same' };
      await present(byKey(goodClaims('signer', more))).expect(200);
      const { privateKey } = other;
      await present(signed(privateKey, { alg: 'ES256' }, goodClaims('other', more))).expect(200);
      await present(bySecret(goodClaims('hmac', more))).expect(200);
    });

    it('who cannot sign uses up nothing', async () => {
      const { present, used } = jwtServer();
      const claims = goodClaims('signer');
      const forged = signed(other.privateKey, { alg: 'ES256', kid: 'the key' }, claims);
      assertInvalidClient(await present(forged));
      assert.deepEqual(used, []);
      await present(byKey(claims)).expect(200);
    });

    it('when nobody can say whether it was used, it is not taken', async () => {
      const useOnce = () => Promise.reject(new Error('the disk is on fire, says db.internal'));
      const { present, issued } = jwtServer({ jwt: { useOnce } });
      const response = await present(byKey(goodClaims('signer')));
      assert.equal(response.status, 500);
      assert.doesNotMatch(response.text, /fire|internal/);
      assert.deepEqual(issued, []);
    });

    it('by what is not quite true it is not taken', async () => {
      const { present } = jwtServer({ jwt: { useOnce: () => 'OK' as never } });
      assertInvalidClient(await present(byKey(goodClaims('signer'))));
    });

    it('RFC 8725 §3.9: tokens.useOnce', async () => {
      const tokens = tokenService({ store: memoryStore(), now: () => NOW });
      const { present } = jwtServer({ jwt: { useOnce: tokens.useOnce } });
      const assertion = byKey(goodClaims('signer', { exp: NOW + 60.5 }));
      const responses = await Promise.all(Array.from({ length: 20 }, () => present(assertion)));
      assert.equal(responses.filter(({ status }) => status === 200).length, 1);
      await present(byKey(goodClaims('signer'))).expect(200);
    });
  });

  describe('RFC 8725 §2: forgeries', () => {
    const kid = 'the key';
    it('no signature, another one, and a changed claim', async () => {
      const good = byKey(goodClaims('signer'));
      const [header = '', claims = '', signature = ''] = good.split('.');
      const changed = Buffer.from(JSON.stringify(goodClaims('signer', { scope: 'all' }))).toString('base64url');
      const forgeries = [
        `${header}.${claims}.`,
        `${header}.${claims}.${signature.slice(4)}AAAA`,
        `${header}.${claims}.${Buffer.alloc(64).toString('base64url')}`, // r and s of zero
        `${header}.${changed}.${signature}`,
        signed(other.privateKey, { alg: 'ES256', kid }, goodClaims('signer')),
      ];
      for (const forgery of forgeries) {
        const server = jwtServer();
        assertRefused(server, await server.present(forgery), NOT_SIGNED);
      }
    });

    it('§2.1: HMAC with the public key for a secret, in every form that it is known in', async () => {
      const pem = createPublicKey({ key: key.publicKey as never, format: 'jwk' });
      const secrets = [
        pem.export({ type: 'spki', format: 'pem' }),
        pem.export({ type: 'spki', format: 'der' }),
        JSON.stringify(key.publicKey),
        JSON.stringify({ keys: [key.publicKey] }),
        Buffer.from(key.publicKey.x ?? '', 'base64url'),
      ];
      for (const secret of secrets) {
        for (const alg of HMAC) {
          const server = jwtServer();
          const forgery = signed(secret, { alg, kid }, goodClaims('signer'), alg);
          assertRefused(server, await server.present(forgery), /by another method than registered/);
          const both = { ...(clients[0] ?? assert.fail()), client_secret: SECRET };
          const careless = jwtServer({
            clients: [both],
            // an application that lets everybody use everything
            authentication: {
              registeredMethod: () => 'private_key_jwt',
              methods: [privateKeyJwt({ issuer: ISSUER, useOnce: () => true })],
            },
          });
          assertInvalidClient(await careless.present(forgery));
        }
      }
    });

    it('§2.1: HMAC with a secret of nothing', async () => {
      const broken = client('broken', { token_endpoint_auth_method: 'client_secret_jwt' });
      for (const more of [{}, { client_secret: '' }, { client_secret: null as never }, { client_secret: 'short' }]) {
        const server = jwtServer({ clients: [{ ...broken, ...more }] });
        const secret = String(more.client_secret ?? '');
        const forgery = signed(secret, { alg: 'HS256' }, goodClaims('broken'), 'HS256');
        assertRefused(server, await server.present(forgery), NOT_SIGNED);
      }
    });

    it('RFC 7518 §3.2: HMAC with a secret that is shorter than its hash', async () => {
      const server = jwtServer({
        clients: [client('hmac', { client_secret: 'x'.repeat(47), token_endpoint_auth_method: 'client_secret_jwt' })],
      });
      const by = (alg: string) => signed('x'.repeat(47), { alg }, goodClaims('hmac'), alg);
      assertRefused(server, await server.present(by('HS384')), NOT_SIGNED);
      assertRefused(server, await server.present(by('HS512')), NOT_SIGNED);
      assertIssued(await server.present(by('HS256')), 'hmac');
    });

    it('the kid of another client', async () => {
      const server = jwtServer();
      const forgery = signed(other.privateKey, { alg: 'ES256', kid: 'another key' }, goodClaims('signer'));
      assertRefused(server, await server.present(forgery), NOT_SIGNED);
    });

    for (const strange of ['no such key', '', '__proto__', 7, null, ['the key']]) {
      it(`a kid that is ${JSON.stringify(strange)}`, async () => {
        const server = jwtServer();
        assertRefused(
          server,
          await server.present(byKey(goodClaims('signer'), { alg: 'ES256', kid: strange })),
          NOT_SIGNED,
        );
      });
    }

    it('RFC 8725 §3.10: keys in the header, and URLs of keys in the header, are ignored', async () => {
      const server = await keyServer();
      server.publish(other.publicKey);
      const headers = [
        { jku: server.url },
        { x5u: server.url },
        { jwk: other.publicKey },
        { jwk: other.publicKey, kid: 'another key' },
        { jku: server.url, kid: 'another key' },
        { x5c: ['MIIB'], x5t: 'x' },
      ];
      for (const header of headers) {
        const target = jwtServer();
        const forgery = signed(other.privateKey, { alg: 'ES256', kid, ...header }, goodClaims('signer'));
        assertRefused(target, await target.present(forgery), NOT_SIGNED);
      }
      assert.equal(server.requests.length, 0);
      await server.close();
    });

    const garbage: readonly [what: string, assertion: string][] = [
      ['a word', 'assertion'],
      ['dots', '..'],
      ['too many dots', '....'],
      ['two parts', 'eyJhbGciOiJFUzI1NiJ9.e30'],
      ['four parts', 'eyJhbGciOiJFUzI1NiJ9.e30.AAAA.AAAA'],
      ['no base64', '%%%.%%%.%%%'],
      ['a JWE', `${Buffer.from('{"alg":"dir","enc":"A128GCM"}').toString('base64url')}..AAAA.AAAA.AAAA`],
      ['a JWS in JSON', '{"payload":"e30","protected":"eyJhbGciOiJFUzI1NiJ9","signature":"AAAA"}'],
    ];
    for (const [what, assertion] of garbage) {
      it(`garbage: ${what}`, async () => {
        const server = jwtServer();
        assertRefused(server, await server.present(assertion), /malformed/);
      });
    }
    for (const part of ['null', '[]', '7', '"text"', '{', '', '\uffff', '{"alg":7,"sub":null}']) {
      it(`garbage: a header or a payload that is ${part}`, async () => {
        const server = jwtServer();
        assertRefused(server, await server.present(byKey(goodClaims('signer'), part)), /malformed/);
        assertRefused(server, await server.present(byKey(part)), /malformed/);
      });
    }
    it('garbage: nested without an end', async () => {
      const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`;
      const server = jwtServer();
      const claims = JSON.stringify({ ...goodClaims('signer'), aud: 0 }).replace('"aud":0', `"aud":${deep}`);
      assertRefused(server, await server.present(byKey(claims)), /more than 32 levels/);
    });
    it('garbage: longer than any assertion', async () => {
      const server = jwtServer();
      const claims = goodClaims('signer', { more: 'x'.repeat(16 * 1024) });
      assertRefused(server, await server.present(byKey(claims)), /too long/);
    });
    it('an assertion in another assertion', async () => {
      const server = jwtServer();
      assertRefused(server, await server.present(byKey(byKey(goodClaims('signer')))), /malformed/);
    });
  });

  describe('RFC 7591 §2: keys that were registered', () => {
    /** A server with one client of this registration. */
    const withKeys = (more: Partial<Registered>) => jwtServer({ clients: [signer('signer', more)] });

    it('one of several, by its kid', async () => {
      const { present } = withKeys({ jwks: { keys: [other.publicKey, rsa.publicKey, key.publicKey] } });
      assertIssued(await present(byKey(goodClaims('signer'))), 'signer');
    });

    it('OpenID Connect Core 1.0 §10.1: without a kid, the only one that fits', async () => {
      const header = { alg: 'ES256' };
      const one = withKeys({ jwks: { keys: [rsa.publicKey, key.publicKey] } });
      assertIssued(await one.present(byKey(goodClaims('signer'), header)), 'signer');
      const two = withKeys({ jwks: { keys: [other.publicKey, key.publicKey] } });
      assertRefused(two, await two.present(byKey(goodClaims('signer'), header)), NOT_SIGNED);
    });

    type Registration = readonly [what: string, more: () => Partial<Registered>];
    const useless: readonly Registration[] = [
      ['none', () => ({})],
      ['null', () => ({ jwks: null as never })],
      ['an empty set', () => ({ jwks: { keys: [] } })],
      ['no set', () => ({ jwks: [key.publicKey] })],
      ['a set in text', () => ({ jwks: JSON.stringify({ keys: [key.publicKey] }) as never })],
      ['the private key, which is nobody’s any more', () => ({ jwks: { keys: [key.privateKey] } })],
      ['a key for encryption', () => ({ jwks: { keys: [{ ...key.publicKey, use: 'enc' }] } })],
      ['a key for other operations', () => ({ jwks: { keys: [{ ...key.publicKey, key_ops: ['sign'] }] } })],
      ['a key for another algorithm', () => ({ jwks: { keys: [{ ...key.publicKey, alg: 'ES384' }] } })],
      ['a key that is off its curve', () => ({ jwks: { keys: [{ ...key.publicKey, x: other.publicKey.x }] } })],
      ['a key of no key type', () => ({ jwks: { keys: [{ kid: 'the key', alg: 'ES256' }] } })],
      ['a secret', () => ({ jwks: { keys: [{ kty: 'oct', kid: 'the key', k: 'AAAA', alg: 'ES256' }] } })],
      ['jwks and jwks_uri', () => ({ jwks: { keys: [key.publicKey] }, jwks_uri: 'http://127.0.0.1:1/' })],
    ];
    for (const [what, more] of useless) {
      it(`of no use: ${what}`, async () => {
        const server = withKeys(more());
        assertRefused(server, await server.present(byKey(goodClaims('signer'))), NOT_SIGNED);
      });
    }

    it('RFC 7518 §3.3: RSA keys of less than 2048 bits', async () => {
      for (const alg of ['RS256', 'PS256']) {
        const pair = generateKeyPairSync('rsa', { modulusLength: 1024 });
        const jwk = pair.publicKey.export({ format: 'jwk' });
        const server = withKeys({ jwks: { keys: [jwk] } });
        const assertion = signed(pair.privateKey.export({ format: 'jwk' }) as JWK, { alg }, goodClaims('signer'), alg);
        assertRefused(server, await server.present(assertion), NOT_SIGNED);
      }
    });

    it('a set that is changed in its place is what it says from then on', async () => {
      const jwks = { keys: [key.publicKey] };
      const server = withKeys({ jwks });
      assertIssued(await server.present(byKey(goodClaims('signer'))), 'signer');
      jwks.keys = [other.publicKey];
      assertInvalidClient(await server.present(byKey(goodClaims('signer'))));
      const assertion = signed(other.privateKey, { alg: 'ES256' }, goodClaims('signer'));
      assertIssued(await server.present(assertion), 'signer');
    });
  });

  describe('RFC 7591 §2: keys behind a jwks_uri', () => {
    let keys: KeyServer;
    beforeEach(async () => {
      keys = await keyServer();
      keys.publish(key.publicKey);
    });
    afterEach(() => keys.close());
    const withURI = () => jwtServer({ clients: [signer('signer', { jwks_uri: keys.url })] });
    const byOther = () => signed(other.privateKey, { alg: 'ES256', kid: 'another key' }, goodClaims('signer'));

    it('are fetched once', async () => {
      const { present } = withURI();
      const good = () => present(byKey(goodClaims('signer')));
      for (const response of await Promise.all([good(), good(), good()])) assertIssued(response, 'signer');
      assertIssued(await good(), 'signer');
      assert.equal(keys.requests.length, 1);
    });

    it('are rotated: the new key counts at once, and the old one no more', async () => {
      const { present, clock } = withURI();
      assertIssued(await present(byKey(goodClaims('signer'))), 'signer');
      keys.publish(other.publicKey);
      clock.now += 30;
      assertIssued(await present(byOther()), 'signer');
      assertInvalidClient(await present(byKey(goodClaims('signer'))));
      assert.equal(keys.requests.length, 2);
    });

    it('of which none fits: invalid_client', async () => {
      const server = withURI();
      assertRefused(server, await server.present(byOther()), NOT_SIGNED);
      keys.publish({ ...key.privateKey });
      const another = withURI();
      assertRefused(another, await another.present(byKey(goodClaims('signer'))), NOT_SIGNED);
    });

    const broken: readonly [what: string, answer: KeyServer['answer'], why: RegExp][] = [
      ['are not there', (_request, response) => response.writeHead(404).end(), /status 404/],
      ['are elsewhere', (_request, response) => response.writeHead(301, { location: '/jwks' }).end(), /status 301/],
      ['are no JSON', (_request, response) => response.end('<html>'), /SyntaxError/],
      ['are too many', (_request, response) => response.end(' '.repeat(70_000)), /larger than 65536 bytes/],
      ['do not come', (_request, response) => response.flushHeaders(), /within 0.05 s/],
    ];
    for (const [what, answer, why] of broken) {
      it(`that ${what}: 503, and nobody forgets who they are`, async () => {
        keys.answer = answer;
        const fetching = what === 'do not come' ? { fetchTimeout: 0.05 } : {};
        const server = jwtServer({ fetching, clients: [signer('signer', { jwks_uri: keys.url })] });
        const response = await server.present(byKey(goodClaims('signer')));
        assertErrorHere(response, 503, 'temporarily_unavailable');
        assert.equal(response.headers['retry-after'], '1');
        assert.equal(response.headers['www-authenticate'], undefined);
        assert.doesNotMatch(response.text, /jwks|127\.0\.0\.1/);
        const [, unavailable = '', cause = ''] = causes(server.errors.at(-1));
        assert.match(unavailable, /KeysUnavailableError/);
        assert.match(cause, why);
        assertErrorHere(await server.present(byKey(goodClaims('signer'))), 503, 'temporarily_unavailable');
        assert.equal(keys.requests.length, 1, 'and nobody waits for it again so soon');
        keys.publish(key.publicKey);
        server.clock.now += 1;
        assertIssued(await server.present(byKey(goodClaims('signer'))), 'signer');
      });
    }

    it('are used for a while after they can no longer be fetched', async () => {
      const { present, clock } = withURI();
      assertIssued(await present(byKey(goodClaims('signer'))), 'signer');
      await keys.close();
      clock.now += 3599;
      const fresh = (): string => byKey(goodClaims('signer', { exp: clock.now + 60 }));
      assertIssued(await present(fresh()), 'signer');
      clock.now += 1;
      assertErrorHere(await present(fresh()), 503, 'temporarily_unavailable');
      keys = await keyServer();
    });

    it('on another machine must come by https', async () => {
      const server = jwtServer({ clients: [signer('signer', { jwks_uri: 'http://client.example/jwks' })] });
      assertErrorHere(await server.present(byKey(goodClaims('signer'))), 503, 'temporarily_unavailable');
      assert.match(causes(server.errors.at(-1)).at(-1) ?? '', /must be https/);
    });

    it('of a client whose name nobody has are not asked for', async () => {
      const server = withURI();
      assertRefused(server, await server.present(byKey(goodClaims('nobody'))), /There is no client/);
      assert.equal(keys.requests.length, 0);
    });
  });

  describe('what is given up by name', () => {
    const allowAudiences = [TOKEN_ENDPOINT, `${ISSUER}/par`];
    it('allowAudiences: clients from before RFC 10070', async () => {
      for (const aud of [ISSUER, TOKEN_ENDPOINT, [TOKEN_ENDPOINT], [ISSUER, TOKEN_ENDPOINT]]) {
        const { present } = jwtServer({ jwt: { allowAudiences } });
        assertIssued(await present(byKey(goodClaims('signer', { aud }))), 'signer');
      }
    });
    it('allowAudiences: any other audience is still refused', async () => {
      for (const aud of [
        'https://other.example',
        [TOKEN_ENDPOINT, 'https://other.example'],
        [TOKEN_ENDPOINT, TOKEN_ENDPOINT],
      ]) {
        const server = jwtServer({ jwt: { allowAudiences } });
        assertRefused(server, await server.present(byKey(goodClaims('signer', { aud }))), /aud is not/);
      }
    });
    it('allowAudiences for some clients: the others may name only the issuer', async () => {
      const old = (client: Registered) => (client.client_id === 'signer' ? [TOKEN_ENDPOINT] : []);
      const more = { jwks: { keys: [key.publicKey] } };
      const clients = [signer('signer', more), signer('new', more)];
      for (const aud of [TOKEN_ENDPOINT, [ISSUER, TOKEN_ENDPOINT]]) {
        const server = jwtServer({ clients, jwt: { allowAudiences: old } });
        assertRefused(server, await server.present(byKey(goodClaims('new', { aud }))), /aud is not/);
        assertIssued(await server.present(byKey(goodClaims('signer', { aud }))), 'signer');
      }
    });
    it('RFC 10070 §4: a typed assertion has the issuer alone, also of a client with further audiences', async () => {
      const server = jwtServer({ jwt: { allowAudiences } });
      const typed = (aud: unknown) =>
        signed(key.privateKey, { alg: 'ES256', typ: 'client-authentication+jwt' }, goodClaims('signer', { aud }));
      assertRefused(server, await server.present(typed(TOKEN_ENDPOINT)), /aud is not/);
      assertIssued(await server.present(typed(ISSUER)), 'signer');
    });
    it('skew and maxLifetime: for better clocks, and shorter lives', async () => {
      const server = jwtServer({ jwt: { skew: 0, maxLifetime: 60 } });
      assertRefused(server, await server.present(byKey(goodClaims('signer', { exp: NOW + 61 }))), /too far/);
      assertRefused(server, await server.present(byKey(goodClaims('signer', { exp: NOW }))), /has passed/);
      assertRefused(server, await server.present(byKey(goodClaims('signer', { nbf: NOW + 1 }))), /nbf/);
      assertRefused(server, await server.present(byKey(goodClaims('signer', { iat: NOW + 1 }))), /iat/);
      assertIssued(await server.present(byKey(goodClaims('signer', { exp: NOW + 60 }))), 'signer');
    });
    it('algorithms: fewer', async () => {
      const options = { issuer: ISSUER, useOnce: () => true, now: () => NOW } as const;
      const methods = [privateKeyJwt<Registered>({ ...options, algorithms: ['RS256'] })];
      const both = signer('signer', { jwks: { keys: [key.publicKey, rsa.publicKey] } });
      const server = jwtServer({ clients: [both], authentication: { methods } });
      assertRefused(server, await server.present(byKey(goodClaims('signer'))), /No client authentication/);
      assertIssued(
        await server.present(signed(rsa.privateKey, { alg: 'RS256' }, goodClaims('signer'), 'RS256')),
        'signer',
      );
    });
  });

  it('RFC 8414 §2: the metadata list the methods and their algorithms', async () => {
    const { app } = jwtServer();
    const { default: request } = await import('supertest');
    const { body } = await request(app.callback()).get('/.well-known/oauth-authorization-server').expect(200);
    assert.deepEqual(body.token_endpoint_auth_signing_alg_values_supported, [...ALGORITHMS, ...HMAC]);
    assert.deepEqual(body.token_endpoint_auth_methods_supported.slice(3), ['private_key_jwt', 'client_secret_jwt']);
  });

  describe('RFC 10070: as oauth4webapi does it', () => {
    it('PrivateKeyJwt and ClientSecretJwt', async () => {
      const { token } = jwtServer({ jwt: { now: () => Date.now() / 1000 } });
      const as = { issuer: ISSUER };
      const privateKey = (await importJWK(key.privateKey, 'ES256')) as oauth.CryptoKey;
      for (const [client_id, authenticate] of [
        ['signer', oauth.PrivateKeyJwt({ key: privateKey, kid: 'the key' })],
        ['hmac', oauth.ClientSecretJwt(SECRET)],
      ] as const) {
        const [body, headers] = [new URLSearchParams(), new Headers()];
        await authenticate(as, { client_id }, body, headers);
        assertIssued(await token(Object.fromEntries(body)), client_id);
      }
    });
  });

  it('names of clients are not told by what is answered', async () => {
    const { present } = jwtServer();
    const answers = await Promise.all(
      [
        signed(other.privateKey, { alg: 'ES256', kid: 'the key' }, goodClaims('signer')),
        signed(other.privateKey, { alg: 'ES256', kid: 'the key' }, goodClaims('nobody')),
        byKey(goodClaims('basic')),
        byKey(goodClaims('signer', { jti: randomUUID(), exp: 0 })),
      ].map(async (assertion) => {
        const { status, body, headers } = await present(assertion);
        return JSON.stringify([status, body, headers['www-authenticate']]);
      }),
    );
    assert.equal(new Set(answers).size, 1);
  });
});
