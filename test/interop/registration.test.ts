/** oauth4webapi and openid-client register themselves, unpatched, and log in with what they were given. */
import assert from 'node:assert/strict';
import Router from '@koa/router';
import Koa, { type Middleware } from 'koa';
import session from 'koa-session';
import {
  clientRegistration,
  createServer,
  exchange,
  grant,
  jwks,
  metadata,
  openid,
  pkce,
  type RegisteredClient,
  registeredClients,
  type Transaction,
} from 'koauthorize';
import {
  clientAuthentication,
  clientSecretBasic,
  clientSecretPost,
  none,
  privateKeyJwt,
} from 'koauthorize/client-auth';
import { generateSigningKey, keySet, memoryStore, tokenService } from 'koauthorize/tokens';
import * as oauth from 'oauth4webapi';
import * as client from 'openid-client';
import type { User } from '../support/authorization-server.js';
import { serve, stopAll } from '../support/interop-server.js';

const REDIRECT = 'https://client.example/callback';
const INITIAL = 'an-initial-access-token';

const alice: Middleware = (ctx, next) => {
  ctx.state['user'] = { id: 'alice', name: 'Alice' };
  return next();
};

async function provider(): Promise<string> {
  const keys = await keySet({ signing: await generateSigningKey('RS256') });
  return serve((issuer) => {
    const store = memoryStore();
    const tokens = tokenService<RegisteredClient, User>({ store });
    const server = createServer<RegisteredClient, User>({ issuer, tokens, keys, authenticationEvent: () => ({}) })
      .grant(grant.code(tokens.code))
      .exchange(exchange.code(tokens.code))
      .exchange(exchange.refreshToken(tokens.refreshToken))
      .extend(pkce())
      .extend(openid())
      .extend(jwks())
      .extend(clientRegistration({ clients: registeredClients(store), initialAccess: (token) => token === INITIAL }));
    const methods = [clientSecretBasic(), clientSecretPost(), none(), privateKeyJwt()];
    const authenticateClient = clientAuthentication<RegisteredClient>({ server, methods });
    const immediate = ({ user }: Transaction<RegisteredClient, User>) => user !== undefined;
    server.extend(metadata());
    const router = new Router();
    router.get('/authorize', alice, server.authorization({ immediate }) as Middleware);
    server.mount(router, { authenticateClient });
    const app = new Koa();
    app.keys = ['for tests'];
    app.on('error', () => {});
    app.use(session(app)).use(server.errorHandler()).use(router.routes());
    return app;
  });
}

describe('clients that register themselves', () => {
  let issuer: string;
  before(async () => {
    issuer = await provider();
  });
  after(stopAll);

  const insecure = { [oauth.allowInsecureRequests]: true } as const;
  const discover = async (): Promise<oauth.AuthorizationServer> => {
    const url = new URL(issuer);
    return oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, insecure));
  };
  const ask = (url: URL) =>
    fetch(url, { redirect: 'manual' }).then(({ headers }) => new URL(headers.get('location') ?? ''));

  for (const method of ['client_secret_basic', 'client_secret_post', 'none'])
    it(`oauth4webapi registers with ${method}, and gets tokens`, async () => {
      const as = await discover();
      const sent = { redirect_uris: [REDIRECT], client_name: 'Notes', token_endpoint_auth_method: method };
      const answer = await oauth.dynamicClientRegistrationRequest(as, sent, {
        ...insecure,
        initialAccessToken: INITIAL,
      });
      const registered = await oauth.processDynamicClientRegistrationResponse(answer);
      const secret = String(registered['client_secret']);
      const auth =
        method === 'none'
          ? oauth.None()
          : method === 'client_secret_post'
            ? oauth.ClientSecretPost(secret)
            : oauth.ClientSecretBasic(secret);
      const verifier = oauth.generateRandomCodeVerifier();
      const url = new URL(as.authorization_endpoint ?? '');
      url.search = new URLSearchParams({
        response_type: 'code',
        client_id: registered.client_id,
        redirect_uri: REDIRECT,
        scope: 'openid',
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      }).toString();
      const params = oauth.validateAuthResponse(as, registered, await ask(url));
      const response = await oauth.authorizationCodeGrantRequest(
        as,
        registered,
        auth,
        params,
        REDIRECT,
        verifier,
        insecure,
      );
      const tokens = await oauth.processAuthorizationCodeResponse(as, registered, response, { requireIdToken: true });
      assert.equal(oauth.getValidatedIdTokenClaims(tokens)?.sub, 'alice');
    });

  it('oauth4webapi reads what was refused: without the initial access token, and with a wrong redirect URI', async () => {
    const as = await discover();
    const open = await oauth.dynamicClientRegistrationRequest(as, { redirect_uris: [REDIRECT] }, insecure);
    await assert.rejects(oauth.processDynamicClientRegistrationResponse(open), oauth.WWWAuthenticateChallengeError);
    const options = { ...insecure, initialAccessToken: INITIAL };
    const wrong = await oauth.dynamicClientRegistrationRequest(as, { redirect_uris: ['http://x.example/'] }, options);
    await assert.rejects(oauth.processDynamicClientRegistrationResponse(wrong), { error: 'invalid_redirect_uri' });
  });

  it('openid-client registers, and logs in', async () => {
    const options = { initialAccessToken: INITIAL, execute: [client.allowInsecureRequests] };
    // it sends its secret in the form, whatever the answer says: RFC 7591 §2 has client_secret_basic where nothing is said
    const sent = { redirect_uris: [REDIRECT], client_name: 'Notes', token_endpoint_auth_method: 'client_secret_post' };
    const config = await client.dynamicClientRegistration(new URL(issuer), sent, undefined, options);
    assert.match(config.clientMetadata().client_id, /^[\w-]{24}$/);
    const verifier = client.randomPKCECodeVerifier();
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: REDIRECT,
      scope: 'openid',
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    const tokens = await client.authorizationCodeGrant(config, await ask(url), { pkceCodeVerifier: verifier });
    assert.equal(tokens.claims()?.sub, 'alice');
  });
});
