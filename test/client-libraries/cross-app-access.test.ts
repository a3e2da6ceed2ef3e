/** MCP's cross-app access (enterprise-managed authorization): its client presents an ID-JAG to a server of ours, and calls an API. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import Router from '@koa/router';
import { SignJWT } from 'jose';
import Koa from 'koa';
import { createServer, exchange, grant, idJAG, jwtBearer, metadata, pkce, resourceIndicators } from 'koauthorize';
import { clientAuthentication, clientSecretBasic } from 'koauthorize/client-auth';
import { bearer, protectedResource } from 'koauthorize/resource-server';
import { memoryStore, tokenService } from 'koauthorize/tokens';
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
  auth(provider: object, options: object): Promise<'AUTHORIZED' | 'REDIRECT'>;
}

/** The authorization server, and an MCP server at `/mcp` beside it. */
function accepting(idp: Signer): Promise<string> {
  return serve((url) => {
    const audience = `${url}/mcp`;
    const tokens = tokenService<App, { id: string }>({ store: memoryStore() });
    const clients = { find: (id: string) => (id === APP.client_id ? APP : undefined) };
    const server = createServer<App, { id: string }>({ issuer: url, clients, tokens });
    server.grant(grant.code(tokens.code)).exchange(exchange.code(tokens.code)).extend(pkce()); // it wants an authorization endpoint
    server.extend(resourceIndicators({ resources: { [audience]: {} } })).extend(
      jwtBearer<App, { id: string }>({
        issuers: { [IDP]: { jwks: idp.jwks, profile: idJAG() } },
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

describe('MCP: cross-app access', () => {
  let idp: Signer;
  let url = '';
  before(async () => {
    idp = await signer();
    url = await accepting(idp);
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

    it('it gets no token by the ID-JAG of another client', async () => {
      const { auth } = await load<Library>();
      const provider = await providerWith((wanted) => issue(wanted, { client_id: 'another' }));
      await assert.rejects(auth(provider, { serverUrl: `${url}/mcp` }), /Invalid assertion/);
      assert.equal(provider.tokens(), undefined);
    });
  });
});
