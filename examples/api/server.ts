/**
 * An API in a process of its own, which may belong to another company. It accepts the access tokens of the quickstart. Start the quickstart with
 * `npm start`, and this API in another terminal with `npx tsx examples/api/server.ts`.
 *
 * It introspects each token at the authorization server (RFC 7662), and keeps the answer for ten seconds. It tells clients which server issues its
 * tokens (RFC 9728).
 */
import Router from '@koa/router';
import Koa from 'koa';
import {
  type BearerState,
  bearer,
  introspectionVerifier,
  protectedResource,
  requireScope,
} from 'koauthorize/resource-server';

/** The credentials of this API. The quickstart has registered it as an API, which may introspect every access token. */
export const API = { client_id: 'greetings', secret: 'only-greetings-knows' };

/**
 * @param url the URL of the API
 * @param issuer the URL of the authorization server
 */
export function greetingsAPI(url: string, issuer: string): Koa {
  const resource = protectedResource({
    resource: url,
    authorization_servers: [issuer],
    scopes_supported: ['profile', 'email'],
    resource_name: 'Greetings',
  });
  const verify = introspectionVerifier({
    endpoint: `${issuer}/introspect`,
    clientID: API.client_id,
    clientSecret: API.secret,
    cache: 10,
  });
  const router = new Router<BearerState>();
  router.use(bearer({ verify, resource, realm: 'greetings' }));
  router.get('/greeting', requireScope('profile'), (ctx) => {
    ctx.body = { greeting: `Hello ${ctx.state.token.subject}` };
  });
  router.post('/letter', requireScope('profile', 'email'), (ctx) => {
    ctx.body = { sent: true };
  });
  const app = new Koa();
  app.use(resource).use(router.routes());
  return app;
}

if (process.argv[1] === import.meta.filename) {
  const port = Number(process.env['PORT'] || 3001);
  const issuer = process.env['ISSUER'] || 'http://localhost:3000';
  greetingsAPI(`http://localhost:${port}`, issuer).listen(port, () => {
    console.log(`http://localhost:${port}/greeting takes the access tokens of ${issuer}`);
  });
}
