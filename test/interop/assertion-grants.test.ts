/** oauth4webapi and openid-client present assertions of another issuer (RFC 7523 §2.1), and ID-JAGs, over real HTTP. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import Router from '@koa/router';
import { SignJWT } from 'jose';
import Koa from 'koa';
import { createServer, dpop, idJAG, jwtBearer, metadata } from 'koauthorize';
import { clientAuthentication, clientSecretBasic, clientSecretPost } from 'koauthorize/client-auth';
import { type BearerState, bearer, dpopProof } from 'koauthorize/resource-server';
import { memoryStore, tokenService } from 'koauthorize/tokens';
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { JWT_BEARER } from '../support/assertion-server.js';
import { serve, stopAll } from '../support/interop-server.js';
import { type Signer, signer } from '../support/request-object.js';

interface App {
  readonly client_id: string;
  readonly client_secret: string;
  readonly scope: string;
}
const APP: App = { client_id: 'app', client_secret: 'a secret', scope: 'read write' };
const IDP = 'https://idp.example';
const insecure = { [oauth.allowInsecureRequests]: true };
const kinds = ['an assertion', 'an ID-JAG'] as const;

/** The server that accepts, with its metadata and an API, at a URL of its own. */
function accepting(kind: (typeof kinds)[number], idp: Signer): Promise<string> {
  return serve((url) => {
    const tokens = tokenService<App, { id: string }>({ store: memoryStore() });
    const clients = { find: (id: string) => (id === APP.client_id ? APP : undefined) };
    const server = createServer<App, { id: string }>({ issuer: url, clients, tokens });
    server.extend(dpop()).extend(
      jwtBearer<App, { id: string }>({
        issuers: { [IDP]: { jwks: idp.jwks, ...(kind === 'an ID-JAG' && { profile: idJAG() }) } },
        authorize: ({ subject }) => subject === 'U17' && { user: { id: 'alice' }, scope: ['read', 'write'] },
      }),
    );
    const router = new Router<BearerState>();
    const methods = [clientSecretBasic<App>(), clientSecretPost<App>()];
    router.post('/token', clientAuthentication<App>({ server, methods }), server.token());
    router.get('/.well-known/oauth-authorization-server', server.endpoint(metadata()));
    const proofs = [dpopProof({ baseURL: url, useOnce: tokens.useOnce })];
    router.get('/me', bearer({ verify: tokens.verify, proofs }), (ctx) => {
      const { subject, clientID, scope } = ctx.state.token;
      ctx.body = { subject, clientID, scope };
    });
    const app = new Koa();
    app.silent = true;
    app.use(server.errorHandler()).use(router.routes());
    return app;
  });
}

function assertionFor(url: string, { alg, kid, privateKey }: Signer, kind: (typeof kinds)[number]): Promise<string> {
  const isJAG = kind === 'an ID-JAG';
  return new SignJWT({ jti: randomUUID(), ...(isJAG && { client_id: APP.client_id, scope: 'read' }) })
    .setProtectedHeader({ alg, kid, ...(isJAG && { typ: 'oauth-id-jag+jwt' }) })
    .setIssuer(IDP)
    .setSubject('U17')
    .setAudience(url)
    .setIssuedAt()
    .setExpirationTime('1m')
    .sign(privateKey);
}

describe('assertions as grants, by clients that others wrote', () => {
  let idp: Signer;
  before(async () => {
    idp = await signer();
  });
  after(stopAll);

  for (const kind of kinds) {
    const scope = kind === 'an ID-JAG' ? ['read'] : ['read', 'write'];

    it(`oauth4webapi presents ${kind}, with a DPoP proof and without, and is told that it counts once`, async () => {
      const url = await accepting(kind, idp);
      const discovered = await oauth.discoveryRequest(new URL(url), { algorithm: 'oauth2', ...insecure });
      const as = await oauth.processDiscoveryResponse(new URL(url), discovered);
      assert.ok(as.grant_types_supported?.includes(JWT_BEARER));
      const client: oauth.Client = { client_id: APP.client_id };
      const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'));
      for (const options of [insecure, { DPoP, ...insecure }]) {
        const assertion = await assertionFor(url, idp, kind);
        const present = async () => {
          const auth = oauth.ClientSecretBasic(APP.client_secret);
          const answer = await oauth.genericTokenEndpointRequest(as, client, auth, JWT_BEARER, { assertion }, options);
          return oauth.processGenericTokenEndpointResponse(as, client, answer);
        };
        const { access_token, refresh_token } = await present();
        assert.equal(refresh_token, undefined);
        const api = new URL(`${url}/me`);
        const me = await oauth.protectedResourceRequest(access_token, 'GET', api, undefined, undefined, options);
        assert.deepEqual(await me.json(), { subject: 'alice', clientID: 'app', scope });
        await assert.rejects(present(), { error: 'invalid_grant' });
      }
    });

    it(`openid-client presents ${kind}, and is told that it counts once`, async () => {
      const url = await accepting(kind, idp);
      const config = await openid.discovery(
        new URL(url),
        APP.client_id,
        APP.client_secret,
        openid.ClientSecretPost(APP.client_secret),
        { algorithm: 'oauth2', execute: [openid.allowInsecureRequests] },
      );
      const assertion = await assertionFor(url, idp, kind);
      const present = () => openid.genericGrantRequest(config, JWT_BEARER, { assertion });
      const { access_token } = await present();
      const me = await openid.fetchProtectedResource(config, access_token, new URL(`${url}/me`), 'GET');
      assert.deepEqual(await me.json(), { subject: 'alice', clientID: 'app', scope });
      await assert.rejects(present(), { error: 'invalid_grant' });
    });
  }
});
