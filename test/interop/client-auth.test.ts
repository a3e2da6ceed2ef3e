/** Independent client libraries authenticate in every way that they know (mutual TLS: test/spec/rfc8705.test.ts). */
import assert from 'node:assert/strict';
import type { webcrypto } from 'node:crypto';
import { exportJWK } from 'jose';
import * as oauth from 'oauth4webapi';
import * as client from 'openid-client';
import { type AccessToken, AuthorizationCode, ClientCredentials } from 'simple-oauth2';
import { client as clientOf, type Registered } from '../support/client-auth.js';
import { startAuthorizationServer, stopAll } from '../support/interop-server.js';

const CALLBACK = 'http://127.0.0.1/callback';
/** All that form-encoding changes, and colons. */
const ODD = 'a:b+c d%41/&=?"';
const LONG = 'a secret of more than sixty-four bytes, as HS512 wants it: 0123456789';
const insecure = { [oauth.allowInsecureRequests]: true };
const grants = {
  grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
  redirect_uris: [CALLBACK],
};
const registered = (id: string, more: Partial<Registered>) => clientOf(id, { ...grants, ...more });

const ALGORITHMS = [
  'ES256',
  'ES384',
  'ES512',
  'PS256',
  'PS384',
  'PS512',
  'RS256',
  'RS384',
  'RS512',
  'Ed25519',
] as const;
type Algorithm = (typeof ALGORITHMS)[number];

/** What WebCrypto calls the algorithms of the test. */
function cryptoNameOf(
  alg: Algorithm,
): webcrypto.RsaHashedKeyGenParams | webcrypto.EcKeyGenParams | { name: 'Ed25519' } {
  const bits = alg.slice(2);
  if (alg === 'Ed25519') return { name: 'Ed25519' };
  if (alg.startsWith('ES')) return { name: 'ECDSA', namedCurve: `P-${bits === '512' ? '521' : bits}` };
  const name = alg.startsWith('PS') ? 'RSA-PSS' : 'RSASSA-PKCS1-v1_5';
  return { name, hash: `SHA-${bits}`, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };
}

async function keyPair(alg: Algorithm) {
  const pair = (await crypto.subtle.generateKey(cryptoNameOf(alg), true, [
    'sign',
    'verify',
  ])) as webcrypto.CryptoKeyPair;
  return { alg, privateKey: pair.privateKey, jwk: { ...(await exportJWK(pair.publicKey)), kid: alg, use: 'sig' } };
}

describe('client authentication by independent libraries', () => {
  let url = '';
  let keys: Awaited<ReturnType<typeof keyPair>>[] = [];

  before(async () => {
    keys = await Promise.all(ALGORITHMS.map(keyPair));
    const jwks = { keys: keys.map(({ jwk }) => jwk) };
    url = await startAuthorizationServer([
      registered('basic', { client_secret: ODD, token_endpoint_auth_method: 'client_secret_basic' }),
      registered('post', { client_secret: ODD, token_endpoint_auth_method: 'client_secret_post' }),
      registered('hmac', { client_secret: LONG, token_endpoint_auth_method: 'client_secret_jwt' }),
      registered('keys', { jwks, token_endpoint_auth_method: 'private_key_jwt' }),
      registered('public', { token_endpoint_auth_method: 'none' }),
    ]);
  });
  after(stopAll);

  describe('oauth4webapi', () => {
    const discover = async () => {
      const response = await oauth.discoveryRequest(new URL(url), { ...insecure, algorithm: 'oauth2' });
      return oauth.processDiscoveryResponse(new URL(url), response);
    };

    /** From the authorization request to introspection and revocation, authenticating each time. */
    async function wholeFlow(client_id: string, auth: oauth.ClientAuth): Promise<void> {
      const [as, client] = [await discover(), { client_id }];
      const verifier = oauth.generateRandomCodeVerifier();
      const code_challenge = await oauth.calculatePKCECodeChallenge(verifier);
      const query = {
        client_id,
        response_type: 'code',
        redirect_uri: CALLBACK,
        code_challenge,
        code_challenge_method: 'S256',
      };
      const answer = await fetch(`${as.authorization_endpoint}?${new URLSearchParams(query)}`, { redirect: 'manual' });
      const params = oauth.validateAuthResponse(
        as,
        client,
        new URL(answer.headers.get('Location') ?? ''),
        oauth.expectNoState,
      );
      const exchanged = await oauth.authorizationCodeGrantRequest(
        as,
        client,
        auth,
        params,
        CALLBACK,
        verifier,
        insecure,
      );
      const first = await oauth.processAuthorizationCodeResponse(as, client, exchanged);
      const refreshed = await oauth.refreshTokenGrantRequest(as, client, auth, first.refresh_token ?? '', insecure);
      const { access_token } = await oauth.processRefreshTokenResponse(as, client, refreshed);
      const me = await oauth.protectedResourceRequest(
        access_token,
        'GET',
        new URL('/me', url),
        undefined,
        undefined,
        insecure,
      );
      assert.deepEqual(await me.json(), { client: client_id, user: 'alice' });
      const isActive = async () => {
        // RFC 7662 §2.1: public clients are told nothing there
        if (client_id === 'public')
          return (await fetch(`${url}/me`, { headers: { Authorization: `Bearer ${access_token}` } })).ok;
        const response = await oauth.introspectionRequest(as, client, auth, access_token, insecure);
        return (await oauth.processIntrospectionResponse(as, client, response)).active;
      };
      assert.equal(await isActive(), true);
      await oauth.processRevocationResponse(await oauth.revocationRequest(as, client, auth, access_token, insecure));
      assert.equal(await isActive(), false);
    }

    it('finds in the metadata what it may use', async () => {
      const as = await discover();
      const methods = ['client_secret_basic', 'client_secret_post', 'none', 'private_key_jwt', 'client_secret_jwt'];
      assert.deepEqual(as.token_endpoint_auth_methods_supported, methods);
      const algorithms = as.token_endpoint_auth_signing_alg_values_supported ?? [];
      for (const alg of [...ALGORITHMS, 'HS256', 'HS384', 'HS512']) assert.ok(algorithms.includes(alg), alg);
    });

    it('ClientSecretBasic', () => wholeFlow('basic', oauth.ClientSecretBasic(ODD)));
    it('ClientSecretPost', () => wholeFlow('post', oauth.ClientSecretPost(ODD)));
    it('None', () => wholeFlow('public', oauth.None()));
    it('ClientSecretJwt', () => wholeFlow('hmac', oauth.ClientSecretJwt(LONG)));
    for (const alg of ALGORITHMS) {
      it(`PrivateKeyJwt by ${alg}`, async () => {
        const { privateKey } = keys.find((key) => key.alg === alg) ?? assert.fail();
        await wholeFlow('keys', oauth.PrivateKeyJwt({ key: privateKey, kid: alg }));
      });
    }

    it('every method with the wrong secret or key: invalid_client', async () => {
      const [as, other] = [await discover(), await keyPair('ES256')];
      const wrong: readonly [string, oauth.ClientAuth][] = [
        ['basic', oauth.ClientSecretBasic('wrong')],
        ['post', oauth.ClientSecretPost('wrong')],
        ['hmac', oauth.ClientSecretJwt(`${LONG}!`)],
        ['keys', oauth.PrivateKeyJwt({ key: other.privateKey, kid: 'ES256' })],
        ['basic', oauth.None()],
        ['hmac', oauth.ClientSecretBasic(LONG)],
        ['public', oauth.ClientSecretPost('x')],
      ];
      for (const [client_id, auth] of wrong) {
        const response = await oauth.clientCredentialsGrantRequest(as, { client_id }, auth, {}, insecure);
        await assert.rejects(oauth.processClientCredentialsResponse(as, { client_id }, response), (error) => {
          // RFC 6749 §5.2: a challenge to who tried the header, and the same error without one to others
          if (response.status === 401) {
            assert.ok(error instanceof oauth.WWWAuthenticateChallengeError);
            assert.equal(error.cause[0]?.scheme, 'basic');
          } else {
            assert.ok(error instanceof oauth.ResponseBodyError, client_id);
            assert.deepEqual([error.error, error.status], ['invalid_client', 400]);
          }
          return true;
        });
      }
    });
  });

  describe('openid-client', () => {
    const configure = (id: string, secret: string | undefined, auth?: client.ClientAuth) =>
      client.discovery(new URL(url), id, secret, auth, {
        algorithm: 'oauth2',
        execute: [client.allowInsecureRequests],
      });
    const methods: readonly [string, () => Promise<client.Configuration>][] = [
      ['ClientSecretBasic', () => configure('basic', ODD, client.ClientSecretBasic(ODD))],
      ['ClientSecretPost', () => configure('post', ODD)],
      ['ClientSecretJwt', () => configure('hmac', LONG, client.ClientSecretJwt(LONG))],
      ['PrivateKeyJwt', () => configure('keys', undefined, client.PrivateKeyJwt(keys[0]?.privateKey ?? assert.fail()))],
    ];
    for (const [name, make] of methods) {
      it(name, async () => {
        const config = await make();
        const { access_token } = await client.clientCredentialsGrant(config);
        assert.equal((await client.tokenIntrospection(config, access_token)).active, true);
        await client.tokenRevocation(config, access_token);
        assert.equal((await client.tokenIntrospection(config, access_token)).active, false);
      });
    }
  });

  describe('simple-oauth2', () => {
    const modes = [
      { authorizationMethod: 'header', credentialsEncodingMode: 'strict' },
      { authorizationMethod: 'header', credentialsEncodingMode: 'loose' }, // as it stands, against RFC 6749 §2.3.1
      { authorizationMethod: 'body' },
    ] as const;
    const auth = () => ({ tokenHost: url, tokenPath: '/token', revokePath: '/revoke' });
    const idFor = ({ authorizationMethod }: (typeof modes)[number]) =>
      authorizationMethod === 'body' ? 'post' : 'basic';
    const me = async ({ token }: AccessToken): Promise<unknown> =>
      (await fetch(`${url}/me`, { headers: { Authorization: `Bearer ${token['access_token']}` } })).json();

    for (const options of modes) {
      it(`client credentials, ${JSON.stringify(options)}`, async () => {
        const id = idFor(options);
        const library = new ClientCredentials({ client: { id, secret: ODD }, auth: auth(), options });
        const token = await library.getToken({});
        assert.deepEqual(await me(token), { client: id });
        const wrong = new ClientCredentials({ client: { id, secret: 'a' }, auth: auth(), options });
        await assert.rejects(wrong.getToken({}), options.authorizationMethod === 'body' ? /400/ : /401/);
      });

      it(`code, refresh and revocation, ${JSON.stringify(options)}`, async () => {
        const id = idFor(options);
        const library = new AuthorizationCode({
          client: { id, secret: ODD },
          auth: { ...auth(), authorizePath: '/authorize' },
          options,
        });
        const code_verifier = client.randomPKCECodeVerifier();
        const code_challenge = await client.calculatePKCECodeChallenge(code_verifier);
        const pkce = { code_challenge, code_challenge_method: 'S256' };
        const page = library.authorizeURL({ redirect_uri: CALLBACK, ...pkce } as { redirect_uri: string });
        const answer = await fetch(page, { redirect: 'manual' });
        const code = new URL(answer.headers.get('Location') ?? '').searchParams.get('code') ?? '';
        const exchanged = { code, redirect_uri: CALLBACK, code_verifier };
        const token = await (await library.getToken(exchanged)).refresh();
        assert.deepEqual(await me(token), { client: id, user: 'alice' });
        await token.revokeAll();
        assert.deepEqual(await me(token), {
          error: 'invalid_token',
          error_description: 'The access token is not valid here',
        });
      });
    }
  });
});
