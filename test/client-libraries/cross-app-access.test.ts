/** MCP's cross-app access (enterprise-managed authorization): its client presents an ID-JAG to a server of ours, and calls an API. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import Router from '@koa/router';
import { SignJWT } from 'jose';
import Koa from 'koa';
import {
  createServer,
  exchange,
  grant,
  idJAG,
  issueIDJAG,
  jwtBearer,
  metadata,
  pkce,
  resourceIndicators,
  tokenExchange,
} from 'koauthorize';
import { clientAuthentication, clientSecretBasic, clientSecretPost } from 'koauthorize/client-auth';
import { signJWT } from 'koauthorize/extending';
import type { TrustedIssuer } from 'koauthorize/jwt-bearer';
import { bearer, protectedResource } from 'koauthorize/resource-server';
import { generateSigningKey, type KeySet, keySet, memoryStore, tokenService } from 'koauthorize/tokens';
import { serve, stopAll } from '../support/interop-server.js';
import { type Signer, signer } from '../support/request-object.js';
import { withLibrary } from './libraries.js';

interface App {
  readonly client_id: string;
  readonly client_secret: string;
  readonly scope: string;
}
const APP: App = { client_id: 'mcp-client', client_secret: 'a secret', scope: 'tools' };
const IDP = 'https://idp.example';
/** The same client at the identity provider. */
const AT_IDP: App = { client_id: 'idp-client', client_secret: 'another secret', scope: 'openid' };

/** What the library gives the callback that gets the ID-JAG from the identity provider. */
interface Wanted {
  readonly authorizationServerUrl: string;
  readonly resourceUrl: string;
  readonly scope?: string;
}
interface Library {
  readonly CrossAppAccessProvider: new (
    options: object,
  ) => { tokens(): { readonly access_token: string; readonly refresh_token?: string } | undefined };
  discoverAndRequestJwtAuthGrant(options: object): Promise<{ readonly jwtAuthGrant: string }>;
  auth(provider: object, options: object): Promise<'AUTHORIZED' | 'REDIRECT'>;
}

/** The authorization server, and an MCP server at `/mcp` beside it. */
function accepting(find: (iss: string) => TrustedIssuer | undefined): Promise<string> {
  return serve((url) => {
    const audience = `${url}/mcp`;
    const tokens = tokenService<App, { id: string }>({ store: memoryStore() });
    const clients = { find: (id: string) => (id === APP.client_id ? APP : undefined) };
    const server = createServer<App, { id: string }>({ issuer: url, clients, tokens });
    server.grant(grant.code(tokens.code)).exchange(exchange.code(tokens.code)).extend(pkce()); // it wants an authorization endpoint
    server.extend(resourceIndicators({ resources: { [audience]: {} } })).extend(
      jwtBearer<App, { id: string }>({
        issuers: (iss) => {
          const trusted = find(iss);
          return trusted && { ...trusted, profile: idJAG() };
        },
        allowHTTP: 'loopback',
        authorize: ({ subject }) => subject === 'U17' && { user: { id: 'alice' } },
      }),
    );
    const resource = protectedResource({
      resource: audience,
      authorization_servers: [url],
      scopes_supported: ['tools'],
    });
    const router = new Router();
    router.post('/token', clientAuthentication<App>({ server, methods: [clientSecretBasic()] }), server.token());
    router.get('/.well-known/oauth-authorization-server', server.endpoint(metadata()));
    router.get('/mcp', bearer({ verify: tokens.verify, audience, resource }) as Koa.Middleware, (ctx) => {
      const { subject, clientID, scope } = ctx.state['token'];
      ctx.body = { subject, clientID, scope };
    });
    const app = new Koa();
    app.silent = true;
    app.use(server.errorHandler()).use(resource).use(router.routes());
    return app;
  });
}

/** An identity provider of ours, for one server that accepts its ID-JAGs. */
function issuing(keys: KeySet, acceptedBy: string): Promise<string> {
  return serve((url) => {
    const tokens = tokenService<App, { id: string }>({ store: memoryStore() });
    const clients = { find: (id: string) => (id === AT_IDP.client_id ? AT_IDP : undefined) };
    const server = createServer<App, { id: string }>({ issuer: url, clients, tokens, keys });
    server.grant(grant.code(tokens.code)).exchange(exchange.code(tokens.code)).extend(pkce());
    const issues = issueIDJAG<App>({ server, servers: { [acceptedBy]: { clientID: () => APP.client_id } } });
    server.extend(tokenExchange({ allow: ({ scope }) => ({ scope: scope ?? [] }), issues }));
    const router = new Router();
    router.post('/token', clientAuthentication<App>({ server, methods: [clientSecretPost()] }), server.token());
    router.get('/.well-known/oauth-authorization-server', server.endpoint(metadata()));
    router.get('/jwks', (ctx) => {
      ctx.body = keys.jwks();
    });
    const app = new Koa();
    app.silent = true;
    app.use(server.errorHandler()).use(router.routes());
    return app;
  });
}

describe('MCP: cross-app access', () => {
  let idp: Signer;
  let url = '';
  before(async () => {
    idp = await signer();
    url = await accepting((iss) => (iss === IDP ? { jwks: idp.jwks } : undefined));
  });
  after(stopAll);

  /** What the identity provider would issue by token exchange. */
  const issue = ({ authorizationServerUrl, resourceUrl, scope }: Wanted, more: object = {}): Promise<string> =>
    new SignJWT({ jti: randomUUID(), client_id: APP.client_id, resource: resourceUrl, scope, ...more })
      .setProtectedHeader({ alg: idp.alg, kid: idp.kid, typ: 'oauth-id-jag+jwt' })
      .setIssuer(IDP)
      .setSubject('U17')
      .setAudience(authorizationServerUrl)
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign(idp.privateKey);

  withLibrary('@modelcontextprotocol/client', (load) => {
    const providerWith = async (assertion: (wanted: Wanted) => Promise<string>) => {
      const { CrossAppAccessProvider } = await load<Library>();
      const { client_id: clientId, client_secret: clientSecret } = APP;
      return new CrossAppAccessProvider({ assertion, clientId, clientSecret, expectedIssuer: url });
    };

    it('CrossAppAccessProvider of @modelcontextprotocol/client presents an ID-JAG, and calls the API', async () => {
      const { auth } = await load<Library>();
      const asked: Wanted[] = [];
      const provider = await providerWith((wanted) => {
        asked.push(wanted);
        return issue(wanted);
      });
      assert.equal(await auth(provider, { serverUrl: `${url}/mcp` }), 'AUTHORIZED');
      assert.deepEqual(
        asked.map((one) => [one.authorizationServerUrl, one.resourceUrl, one.scope]),
        [[url, `${url}/mcp`, 'tools']],
      );
      assert.equal(provider.tokens()?.refresh_token, undefined);
      const headers = { Authorization: `Bearer ${provider.tokens()?.access_token}` };
      const answer = await fetch(`${url}/mcp`, { headers });
      assert.deepEqual(await answer.json(), { subject: 'alice', clientID: 'mcp-client', scope: ['tools'] });
    });

    it('discoverAndRequestJwtAuthGrant of @modelcontextprotocol/client gets the ID-JAG from an identity provider of ours', async () => {
      const { CrossAppAccessProvider, auth, discoverAndRequestJwtAuthGrant } = await load<Library>();
      const keys = await keySet({ signing: await generateSigningKey('ES256') });
      const trusted = new Map<string, { jwksURI: string }>(); // each server has the other's URL in it
      const own = await accepting((iss) => trusted.get(iss));
      const idpUrl = await issuing(keys, own);
      trusted.set(idpUrl, { jwksURI: `${idpUrl}/jwks` });
      const now = Math.floor(Date.now() / 1000);
      const claims = { iss: idpUrl, sub: 'U17', aud: AT_IDP.client_id, iat: now, exp: now + 300 };
      const idToken = await signJWT(keys.signing(), claims, 'JWT');
      const provider = new CrossAppAccessProvider({
        clientId: APP.client_id,
        clientSecret: APP.client_secret,
        expectedIssuer: own,
        assertion: async ({ authorizationServerUrl, resourceUrl, scope }: Wanted) => {
          const { client_id: clientId, client_secret: clientSecret } = AT_IDP;
          const wanted = { idpUrl, idToken, clientId, clientSecret };
          const asked = { audience: authorizationServerUrl, resource: resourceUrl, scope };
          return (await discoverAndRequestJwtAuthGrant({ ...wanted, ...asked })).jwtAuthGrant;
        },
      });
      assert.equal(await auth(provider, { serverUrl: `${own}/mcp` }), 'AUTHORIZED');
      const headers = { Authorization: `Bearer ${provider.tokens()?.access_token}` };
      const answer = await fetch(`${own}/mcp`, { headers });
      assert.deepEqual(await answer.json(), { subject: 'alice', clientID: 'mcp-client', scope: ['tools'] });
    });

    it('it gets no token by the ID-JAG of another client', async () => {
      const { auth } = await load<Library>();
      const provider = await providerWith((wanted) => issue(wanted, { client_id: 'another' }));
      await assert.rejects(auth(provider, { serverUrl: `${url}/mcp` }), /Invalid assertion/);
      assert.equal(provider.tokens(), undefined);
    });
  });
});
