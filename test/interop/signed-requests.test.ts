/** Pushed requests, request objects and JWT responses, together: one server, driven by oauth4webapi and openid-client over HTTP. */
import assert from 'node:assert/strict';
import Router from '@koa/router';
import { exportJWK, generateKeyPair } from 'jose';
import Koa, { type Middleware } from 'koa';
import session from 'koa-session';
import {
  AuthorizationError,
  createServer,
  exchange,
  grant,
  jwks,
  jwtResponses,
  metadata,
  pkce,
  pushedRequests,
  requestObjects,
  type Transaction,
} from 'koauthorize';
import { clientAuthentication, privateKeyJwt } from 'koauthorize/client-auth';
import { generateSigningKey, keySet, memoryStore, tokenService } from 'koauthorize/tokens';
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import type { User } from '../support/authorization-server.js';
import { type Registered, client as registered } from '../support/client-auth.js';
import { serve, stopAll } from '../support/interop-server.js';

const insecure = { [oauth.allowInsecureRequests]: true };
const ID = 'signer';
const REDIRECT = 'https://client.example/callback';

const alice: Middleware = (ctx, next) => {
  ctx.state['user'] = { id: 'alice', name: 'Alice' };
  return next();
};

/** The user allows everything but `money`. */
const immediate = ({ req }: Transaction<Registered, User>): boolean => {
  if (req.scope?.includes('money')) throw new AuthorizationError('Not that', 'access_denied');
  return true;
};

/** Everything must be pushed, signed and answered at once. */
async function strictServer(app: Registered): Promise<string> {
  const keys = await keySet({ signing: await generateSigningKey('ES256') });
  const clients = { find: (id: string) => (id === app.client_id ? app : undefined) };
  return serve((issuer) => {
    const tokens = tokenService<Registered, User>({ store: memoryStore() });
    const server = createServer<Registered, User>({ issuer, clients, tokens, keys })
      .grant(grant.code(tokens.code))
      .exchange(exchange.code(tokens.code))
      .extend(pkce())
      .extend(requestObjects({ required: true, maxLifetime: 3600 }))
      .extend(jwtResponses());
    const methods = [privateKeyJwt<Registered>({ issuer, useOnce: tokens.useOnce })];
    const authenticate = clientAuthentication<Registered>({ ...clients, methods });
    server.extend(authenticate);
    const router = new Router();
    router.get('/authorize', alice, server.authorization({ immediate }) as Middleware);
    router.post('/token', authenticate, server.token());
    router.post('/par', authenticate, server.endpoint(pushedRequests({ required: true })));
    router.get('/jwks', server.endpoint(jwks()));
    router.get('/.well-known/oauth-authorization-server', server.endpoint(metadata()));
    const koa = new Koa();
    koa.keys = ['a key for tests'];
    koa.on('error', () => {});
    return koa.use(session(koa)).use(server.errorHandler()).use(router.routes());
  });
}

describe('PAR, JAR and JARM together', () => {
  let url: string;
  let key: oauth.PrivateKey;
  before(async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    key = { key: privateKey, kid: 'one' };
    const keys = { keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256' }] };
    url = await strictServer(
      registered(ID, {
        redirect_uris: [REDIRECT],
        jwks: keys,
        token_endpoint_auth_method: 'private_key_jwt',
        request_object_signing_alg: 'ES256',
        authorization_signed_response_alg: 'ES256',
        require_signed_request_object: true,
        require_pushed_authorization_requests: true,
      }),
    );
  });
  after(stopAll);

  /** Where the browser is sent to. */
  async function visit(at: URL): Promise<URL> {
    const response = await fetch(at, { redirect: 'manual' });
    return new URL(response.headers.get('location') ?? `about:blank?${response.status}`);
  }

  for (const response_mode of ['jwt', 'query.jwt', 'fragment.jwt'] as const) {
    it(`oauth4webapi: pushes a signed request, and verifies a response by ${response_mode}`, async () => {
      const discovered = await oauth.discoveryRequest(new URL(url), { ...insecure, algorithm: 'oauth2' });
      const as = await oauth.processDiscoveryResponse(new URL(url), discovered);
      const client: oauth.Client = { client_id: ID, authorization_signed_response_alg: 'ES256' };
      const auth = oauth.PrivateKeyJwt(key);
      const [state, verifier] = [oauth.generateRandomState(), oauth.generateRandomCodeVerifier()];
      const params = {
        response_type: 'code',
        response_mode,
        redirect_uri: REDIRECT,
        scope: 'read',
        state,
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      };
      const request = await oauth.issueRequestObject(as, client, params, key);
      const pushed = await oauth.pushedAuthorizationRequest(as, client, auth, { request }, insecure);
      const { request_uri } = await oauth.processPushedAuthorizationResponse(as, client, pushed);
      const at = new URL(as.authorization_endpoint ?? '');
      at.search = String(new URLSearchParams({ client_id: ID, request_uri }));
      const location = await visit(at);
      const sent = new URLSearchParams(response_mode === 'fragment.jwt' ? location.hash.slice(1) : location.search);
      const answer = await oauth.validateJwtAuthResponse(as, client, sent, state, insecure);
      const response = await oauth.authorizationCodeGrantRequest(
        as,
        client,
        auth,
        answer,
        REDIRECT,
        verifier,
        insecure,
      );
      const tokens = await oauth.processAuthorizationCodeResponse(as, client, response);
      assert.equal(tokens.scope, 'read');
      assert.equal((await visit(at)).protocol, 'about:'); // it was answered
    });
  }

  it('openid-client: builds the same, and is told of an error in a signed response', async () => {
    const config = await openid.discovery(
      new URL(url),
      ID,
      { authorization_signed_response_alg: 'ES256' },
      openid.PrivateKeyJwt(key),
      {
        algorithm: 'oauth2',
        execute: [openid.allowInsecureRequests, openid.useJwtResponseMode],
      },
    );
    const run = async (scope: string) => {
      const [expectedState, pkceCodeVerifier] = [openid.randomState(), openid.randomPKCECodeVerifier()];
      const params = {
        redirect_uri: REDIRECT,
        scope,
        state: expectedState,
        code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
        code_challenge_method: 'S256',
      };
      const { searchParams } = await openid.buildAuthorizationUrlWithJAR(config, params, key);
      const at = await openid.buildAuthorizationUrlWithPAR(config, searchParams);
      return openid.authorizationCodeGrant(config, await visit(at), { expectedState, pkceCodeVerifier });
    };
    assert.equal((await run('read')).scope, 'read');
    await assert.rejects(run('money'), { error: 'access_denied' });
  });

  it('parameters that were neither pushed nor signed get no code', async () => {
    const at = new URL('/authorize', url);
    at.search = String(new URLSearchParams({ response_type: 'code', client_id: ID, redirect_uri: REDIRECT }));
    assert.equal((await visit(at)).searchParams.get('error'), 'invalid_request');
  });
});
