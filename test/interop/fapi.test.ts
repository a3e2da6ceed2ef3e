/**
 * FAPI 2.0 by oauth4webapi, as it is published, over real TLS, against examples/fapi: client authentication by key or certificate, tokens that are bound by DPoP or to a
 * certificate, OpenID Connect or plain OAuth; client credentials; and message signing.
 */
import assert from 'node:assert/strict';
import * as oauth from 'oauth4webapi';
import { person } from '../support/fapi-person.js';
import {
  type Authentication,
  type Binding,
  CALLBACK,
  type FAPIClient,
  type FAPIServer,
  fetchOver,
  startFAPIServer,
} from '../support/fapi-server.js';

interface Kind {
  readonly authentication: Authentication;
  readonly binding: Binding;
  readonly openid: boolean;
  readonly signs?: 'signs';
}

const EIGHT: readonly Kind[] = (['private_key_jwt', 'tls_client_auth'] as const).flatMap((authentication) =>
  (['dpop', 'mtls'] as const).flatMap((binding) =>
    [true, false].map((openid) => ({ authentication, binding, openid })),
  ),
);

describe('FAPI 2.0: oauth4webapi, unpatched, over TLS', function () {
  this.timeout(60_000);
  let server: FAPIServer;
  before(async () => {
    server = await startFAPIServer();
  });
  after(() => server.stop());

  /** A client as an application of oauth4webapi has it. */
  async function application({ authentication, binding, signs }: Kind) {
    const registered: FAPIClient = server.client(authentication, binding, signs);
    const usesCertificate = authentication === 'tls_client_auth' || binding === 'mtls';
    const send = fetchOver(server.ca, usesCertificate ? registered.certificate : undefined);
    const options = { [oauth.customFetch]: send as never };
    const issuer = new URL(server.issuer);
    const discovered = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...options });
    const as = await oauth.processDiscoveryResponse(issuer, discovered);
    const client: oauth.Client = {
      client_id: registered.id,
      use_mtls_endpoint_aliases: usesCertificate,
      id_token_signed_response_alg: 'ES256',
      authorization_signed_response_alg: 'ES256',
    };
    const { privateKey: key, kid } = registered.key;
    const auth = authentication === 'private_key_jwt' ? oauth.PrivateKeyJwt({ key, kid }) : oauth.TlsClientAuth();
    const DPoP = binding === 'dpop' ? oauth.DPoP(client, await oauth.generateKeyPair('ES256')) : undefined;
    return {
      as,
      client,
      auth,
      key: { key, kid },
      options,
      bound: { ...options, ...(DPoP && { DPoP }) },
      usesCertificate,
    };
  }
  type Application = Awaited<ReturnType<typeof application>>;

  async function begin(app: Application, { openid, signs }: Kind) {
    const { as, client, auth, key, bound } = app;
    const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
    const verifier = oauth.generateRandomCodeVerifier();
    let params = new URLSearchParams({
      ...{ client_id: client.client_id, redirect_uri: CALLBACK, response_type: 'code', state },
      scope: openid ? 'openid accounts' : 'accounts',
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...(openid && { nonce }),
      ...(signs && { response_mode: 'jwt' }),
    });
    if (signs) {
      const request = await oauth.issueRequestObject(as, client, params, key);
      params = new URLSearchParams({ client_id: client.client_id, request });
    }
    const response = await oauth.pushedAuthorizationRequest(as, client, auth, params, bound);
    const { request_uri } = await oauth.processPushedAuthorizationResponse(as, client, response);
    const url = new URL(as.authorization_endpoint ?? '');
    url.search = String(new URLSearchParams({ client_id: client.client_id, request_uri }));
    return { url, state, nonce, verifier };
  }

  async function finish(app: Application, kind: Kind, begun: Awaited<ReturnType<typeof begin>>, answer: URL) {
    const { as, client, auth, bound, options } = app;
    const params = kind.signs
      ? await oauth.validateJwtAuthResponse(as, client, answer.searchParams, begun.state, options)
      : oauth.validateAuthResponse(as, client, answer.searchParams, begun.state);
    const code = await oauth.authorizationCodeGrantRequest(as, client, auth, params, CALLBACK, begun.verifier, bound);
    return oauth.processAuthorizationCodeResponse(
      as,
      client,
      code,
      kind.openid ? { expectedNonce: begun.nonce, requireIdToken: true } : {},
    );
  }

  async function call(app: Application, path: string, token: string, over = app.bound): Promise<Response> {
    const base = app.usesCertificate ? server.withCertificates : server.issuer;
    try {
      return await oauth.protectedResourceRequest(token, 'GET', new URL(path, base), undefined, undefined, over);
    } catch (error) {
      if (error instanceof oauth.WWWAuthenticateChallengeError) return error.response;
      throw error;
    }
  }

  for (const kind of EIGHT) {
    const { authentication, binding, openid } = kind;
    it(`${authentication}, ${binding}, ${openid ? 'OpenID Connect' : 'plain OAuth'}: from the push to the refresh`, async () => {
      const app = await application(kind);
      const begun = await begin(app, kind);
      const answer = await person(server.issuer, fetchOver(server.ca)).answer(begun.url);
      const tokens = await finish(app, kind, begun, answer);
      assert.equal(tokens.token_type, binding === 'dpop' ? 'dpop' : 'bearer');
      assert.equal(oauth.getValidatedIdTokenClaims(tokens)?.sub, openid ? 'alice' : undefined);
      assert.deepEqual(await (await call(app, '/accounts', tokens.access_token)).json(), { of: 'alice' });
      const unbound = await fetchOver(server.ca)(`${server.issuer}/accounts`, {
        headers: { Authorization: `Bearer ${tokens.access_token}` },
      });
      assert.equal(unbound.status, 401, 'whoever has only the token has nothing');

      const { as, client, auth, bound } = app;
      const refresh = tokens.refresh_token ?? assert.fail('no refresh token');
      for (let time = 0; time < 2; time += 1) {
        const response = await oauth.refreshTokenGrantRequest(as, client, auth, refresh, bound);
        const refreshed = await oauth.processRefreshTokenResponse(as, client, response);
        assert.equal(refreshed.refresh_token, undefined, '§5.3.2.1 no. 9: it is not rotated');
        assert.equal((await call(app, '/accounts', refreshed.access_token)).status, 200);
      }
      if (openid) {
        const response = await oauth.userInfoRequest(as, client, tokens.access_token, bound);
        assert.equal((await oauth.processUserInfoResponse(as, client, 'alice', response)).sub, 'alice');
      }
    });
  }

  for (const { authentication, binding } of EIGHT.filter(({ openid }) => !openid))
    it(`${authentication}, ${binding}: client credentials`, async () => {
      const app = await application({ authentication, binding, openid: false });
      const { as, client, auth, bound } = app;
      const params = { scope: 'accounts' };
      const response = await oauth.clientCredentialsGrantRequest(as, client, auth, params, bound);
      const { access_token } = await oauth.processClientCredentialsResponse(as, client, response);
      assert.deepEqual(await (await call(app, '/accounts', access_token)).json(), { of: client.client_id });
    });

  for (const openid of [true, false])
    for (const binding of ['dpop', 'mtls'] as const)
      it(`message signing, ${binding}, ${openid ? 'OpenID Connect' : 'plain OAuth'}: a signed object at PAR, and JARM`, async () => {
        const kind: Kind = { authentication: 'private_key_jwt', binding, openid, signs: 'signs' };
        const app = await application(kind);
        const begun = await begin(app, kind);
        const answer = await person(server.issuer, fetchOver(server.ca)).answer(begun.url);
        assert.deepEqual([...answer.searchParams.keys()], ['response']);
        const { access_token } = await finish(app, kind, begun, answer);
        assert.equal((await call(app, '/accounts', access_token)).status, 200);
        const unsigned = begin(app, { ...kind, signs: undefined } as never);
        await assert.rejects(unsigned, { error: 'invalid_request' }, 'a client that must sign does');
        const denied = await begin(app, kind);
        const refusal = await person(server.issuer, fetchOver(server.ca)).answer(denied.url, 'deny');
        await assert.rejects(finish(app, kind, denied, refusal), { error: 'access_denied' }, 'errors are signed, too');
      });
});
