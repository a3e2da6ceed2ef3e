/** oauth4webapi drives the token service over real HTTP: introspection, revocation, rotation and JWT access tokens. */
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Router from '@koa/router';
import { decodeProtectedHeader } from 'jose';
import Koa from 'koa';
import session from 'koa-session';
import {
  createServer as createAuthorizationServer,
  exchange,
  grant,
  introspection,
  issuer,
  jwks,
  metadata,
  pkce,
  revocation,
  setAuthenticatedClient,
} from 'koauthorize';
import { generateSigningKey, jwt, type KeySet, keySet, type SigningAlgorithm, tokenService } from 'koauthorize/tokens';
import * as oauth from 'oauth4webapi';
import { memoryStore } from '../../lib/token-service/store/memory.js';
import { type App, CALLBACK, CLIENT, OTHER, type User } from '../support/authorization-server.js';
import { API, type Registered, WORKER } from '../support/token-server.js';

const AUDIENCE = 'https://api.example';
const insecure = { [oauth.allowInsecureRequests]: true };
const CLIENTS: readonly Registered[] = [CLIENT, OTHER, API, WORKER];

const alice: Koa.Middleware = (ctx, next) => {
  ctx.state['user'] = { id: 'alice', name: 'Alice' };
  return next();
};

/** RFC 6749 §2.3.1: Basic, form-encoded, as this library sends it. */
const authenticate: Koa.Middleware = (ctx, next) => {
  const [id, secret] = Buffer.from(ctx.get('Authorization').slice(6), 'base64')
    .toString()
    .split(':')
    .map(decodeURIComponent);
  const client = CLIENTS.find(({ client_id }) => client_id === id && secret === `${id}-secret`);
  if (client) setAuthenticatedClient(ctx, client);
  return next();
};

/** An authorization server whose user is alice, who allows everything. */
function application(url: string, keys: KeySet | undefined): Koa {
  const tokens = tokenService<App, User>({
    store: memoryStore(),
    ...(keys && { accessTokens: jwt({ issuer: url, audience: AUDIENCE, keys }) }),
  });
  const server = createAuthorizationServer<App, User>()
    .grant(grant.code(tokens.code))
    .exchange(exchange.code(tokens.code))
    .exchange(exchange.refreshToken(tokens.refreshToken))
    .exchange(exchange.clientCredentials(tokens.clientCredentials))
    .extend(pkce())
    .extend(issuer(url));
  const find = (id: string) => CLIENTS.find(({ client_id }) => client_id === id);
  server.serializeClient(({ client_id }) => client_id);
  server.deserializeClient((id) => find(id) ?? null);

  const options = { resourceServer: (client: App) => client === API };
  const router = new Router();
  router.get(
    '/authorize',
    alice,
    server.authorization(
      (id, uri) => [find(id), uri],
      () => true,
    ) as Koa.Middleware,
  );
  router.post('/token', authenticate, server.token());
  router.post('/introspect', authenticate, server.endpoint(introspection(tokens.introspect, options)));
  router.post('/revoke', authenticate, server.endpoint(revocation(tokens.revoke)));
  if (keys) router.get('/jwks', server.endpoint(jwks(keys)));
  const document = metadata<App, User>({ authorization_endpoint: '/authorize', token_endpoint: '/token' });
  router.get('/.well-known/oauth-authorization-server', server.endpoint(document));

  const app = new Koa();
  app.keys = ['a key for tests'];
  app.on('error', () => {});
  return app.use(session(app)).use(server.errorHandler()).use(router.routes());
}

/** What a client knows when it runs. */
class Running {
  static readonly #servers: Server[] = [];

  readonly as: oauth.AuthorizationServer;

  private constructor(as: oauth.AuthorizationServer) {
    this.as = as;
  }

  static async start(keys?: KeySet): Promise<Running> {
    const http = createServer();
    Running.#servers.push(http);
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    http.on('request', application(url, keys).callback());
    const response = await oauth.discoveryRequest(new URL(url), { ...insecure, algorithm: 'oauth2' });
    return new Running(await oauth.processDiscoveryResponse(new URL(url), response));
  }

  static async stopAll(): Promise<void> {
    for (const http of Running.#servers.splice(0)) {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    }
  }

  /** From the authorization request to the tokens, with PKCE, state and iss. */
  async connect(): Promise<oauth.TokenEndpointResponse> {
    const { as } = this;
    const verifier = oauth.generateRandomCodeVerifier();
    const state = oauth.generateRandomState();
    const url = new URL(as.authorization_endpoint ?? '');
    url.search = new URLSearchParams({
      response_type: 'code',
      client_id: CLIENT.client_id,
      redirect_uri: CALLBACK,
      scope: 'read write',
      state,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    }).toString();
    const { headers } = await fetch(url, { redirect: 'manual' });
    const params = oauth.validateAuthResponse(as, asClient(CLIENT), new URL(headers.get('location') ?? ''), state);
    const auth = secretOf(CLIENT);
    const response = await oauth.authorizationCodeGrantRequest(
      as,
      asClient(CLIENT),
      auth,
      params,
      CALLBACK,
      verifier,
      insecure,
    );
    return oauth.processAuthorizationCodeResponse(as, asClient(CLIENT), response);
  }

  async refresh(token = '', more: Record<string, string> = {}): Promise<oauth.TokenEndpointResponse> {
    const options = { ...insecure, additionalParameters: more };
    const response = await oauth.refreshTokenGrantRequest(this.as, asClient(CLIENT), secretOf(CLIENT), token, options);
    return oauth.processRefreshTokenResponse(this.as, asClient(CLIENT), response);
  }

  async introspect(token = '', client: App = CLIENT): Promise<oauth.IntrospectionResponse> {
    const response = await oauth.introspectionRequest(this.as, asClient(client), secretOf(client), token, insecure);
    return oauth.processIntrospectionResponse(this.as, asClient(client), response);
  }

  async revoke(token = '', client: App = CLIENT): Promise<undefined> {
    const response = await oauth.revocationRequest(this.as, asClient(client), secretOf(client), token, insecure);
    return oauth.processRevocationResponse(response);
  }

  /** As an API validates what it is presented, by the published keys. */
  validate(token: string, audience = AUDIENCE): Promise<oauth.JWTAccessTokenClaims> {
    const request = new Request('https://api.example/', { headers: { Authorization: `Bearer ${token}` } });
    return oauth.validateJwtAccessToken(this.as, request, audience, insecure);
  }
}

const asClient = ({ client_id }: App): oauth.Client => ({ client_id });
const secretOf = ({ client_id }: App): oauth.ClientAuth => oauth.ClientSecretBasic(`${client_id}-secret`);

const refused = (error: string) => (thrown: unknown) => {
  assert.ok(thrown instanceof oauth.ResponseBodyError, String(thrown));
  assert.equal(thrown.error, error);
  return true;
};

describe('oauth4webapi and the token service', () => {
  after(() => Running.stopAll());

  describe('opaque tokens', () => {
    let running: Running;
    before(async () => {
      running = await Running.start();
    });

    it('finds the endpoints in the metadata', () => {
      const { as } = running;
      assert.deepEqual(
        [as.introspection_endpoint, as.revocation_endpoint, as.jwks_uri],
        [`${as.issuer}/introspect`, `${as.issuer}/revoke`, undefined],
      );
    });

    it('RFC 7662: introspection, by the client, by an API, and by another client', async () => {
      const { access_token, refresh_token } = await running.connect();
      for (const client of [CLIENT, API]) {
        const told = await running.introspect(access_token, client);
        const { active, client_id, sub, scope, token_type } = told;
        assert.deepEqual(
          { active, client_id, sub, scope, token_type },
          { active: true, client_id: 'client', sub: 'alice', scope: 'read write', token_type: 'Bearer' },
        );
        assert.equal((told.exp ?? 0) - (told.iat ?? 0), 3600);
      }
      assert.equal((await running.introspect(refresh_token)).active, true);
      for (const token of [access_token, refresh_token])
        assert.deepEqual(await running.introspect(token, OTHER), { active: false });
      assert.deepEqual(await running.introspect('made-up'), { active: false });
    });

    it('RFC 6749 §6: rotation, narrowing, and in parallel the same successor', async () => {
      const first = await running.connect();
      const answers = await Promise.all([1, 2, 3].map(() => running.refresh(first.refresh_token)));
      assert.equal(new Set(answers.map(({ refresh_token }) => refresh_token)).size, 1);
      const second = answers[0] ?? assert.fail();
      assert.notEqual(second.refresh_token, first.refresh_token);
      await assert.rejects(running.refresh(second.refresh_token, { scope: 'admin' }), refused('invalid_scope'));
      const third = await running.refresh(second.refresh_token, { scope: 'read' });
      assert.equal(third.scope, 'read');
      assert.equal((await running.introspect(third.access_token)).scope, 'read');
      assert.equal((await running.refresh(third.refresh_token)).scope, 'read write');
    });

    it('RFC 7009: revocation, of an access token and of a family, and of what is not ours', async () => {
      const first = await running.connect();
      await running.revoke(first.refresh_token, OTHER);
      await running.revoke('made-up');
      assert.equal((await running.introspect(first.refresh_token)).active, true);
      await running.revoke(first.access_token);
      assert.deepEqual(await running.introspect(first.access_token), { active: false });
      const second = await running.refresh(first.refresh_token);
      await running.revoke(second.refresh_token);
      assert.deepEqual(await running.introspect(second.access_token), { active: false });
      await assert.rejects(running.refresh(second.refresh_token), refused('invalid_grant'));
    });

    it('client credentials', async () => {
      const { as } = running;
      const params = new URLSearchParams({ scope: 'jobs' });
      const response = await oauth.clientCredentialsGrantRequest(
        as,
        asClient(WORKER),
        secretOf(WORKER),
        params,
        insecure,
      );
      const tokens = await oauth.processClientCredentialsResponse(as, asClient(WORKER), response);
      assert.equal(tokens.refresh_token, undefined);
      const { client_id, scope, sub } = await running.introspect(tokens.access_token, API);
      assert.deepEqual({ client_id, scope, sub }, { client_id: 'worker', scope: 'jobs', sub: 'worker' });
    });

    it('RFC 7662 §2.1, RFC 7009 §2.1: a wrong secret is a challenge', async () => {
      const wrong = oauth.ClientSecretBasic('wrong');
      const response = await oauth.introspectionRequest(running.as, asClient(CLIENT), wrong, 'token', insecure);
      await assert.rejects(
        oauth.processIntrospectionResponse(running.as, asClient(CLIENT), response),
        oauth.WWWAuthenticateChallengeError,
      );
      const revoked = await oauth.revocationRequest(running.as, asClient(CLIENT), wrong, 'token', insecure);
      await assert.rejects(oauth.processRevocationResponse(revoked), oauth.WWWAuthenticateChallengeError);
    });
  });

  const algorithms: readonly SigningAlgorithm[] = ['EdDSA', 'ES256', 'RS256', 'PS256'];
  for (const algorithm of algorithms) {
    it(`RFC 9068: validates JWT access tokens signed with ${algorithm}`, async () => {
      const running = await Running.start(await keySet({ signing: await generateSigningKey(algorithm) }));
      assert.equal(running.as.jwks_uri, `${running.as.issuer}/jwks`);
      const { access_token } = await running.connect();
      const claims = await running.validate(access_token);
      const { iss, aud, sub, client_id, scope } = claims;
      assert.deepEqual(
        { iss, aud, sub, client_id, scope },
        { iss: running.as.issuer, aud: AUDIENCE, sub: 'alice', client_id: 'client', scope: 'read write' },
      );
      await assert.rejects(running.validate(access_token, 'https://other.example'));
      const [header, payload, signature = ''] = access_token.split('.');
      const changed = signature.startsWith('A') ? `B${signature.slice(1)}` : `A${signature.slice(1)}`;
      await assert.rejects(running.validate([header, payload, changed].join('.')));
    });
  }

  it('RFC 9068: rotation of keys, and revocation by jti', async () => {
    const [first, second] = await Promise.all([generateSigningKey('ES256'), generateSigningKey('EdDSA')]);
    const keys = await keySet({ signing: first, published: [second] });
    const running = await Running.start(keys);
    const old = await running.connect();
    await keys.rotate({ signing: second, published: [first] });
    const fresh = await running.refresh(old.refresh_token);
    assert.deepEqual(
      [old, fresh].map(({ access_token }) => decodeProtectedHeader(access_token).kid),
      [first.kid, second.kid],
    );
    for (const { access_token } of [old, fresh]) {
      assert.equal((await running.validate(access_token)).sub, 'alice');
      assert.equal((await running.introspect(access_token, API)).active, true);
    }
    await running.revoke(old.access_token);
    assert.deepEqual(await running.introspect(old.access_token, API), { active: false });
    assert.equal((await running.introspect(fresh.access_token, API)).aud, AUDIENCE);
  });
});
