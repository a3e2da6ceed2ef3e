/**
 * An API on its own: another process, perhaps of another company, which takes the access tokens of the quickstart. Start that with
 * `npm start`, and this in another terminal with `npx tsx examples/api/server.ts`.
 *
 * It asks the authorization server about each token it has not seen in the last ten seconds (RFC 7662), and tells clients where
 * to get one (RFC 9728).
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

/** What the quickstart registered for this API: it may ask about every access token. */
export const API = { client_id: 'greetings', secret: 'only-greetings-knows' };

/**
 * @param url where clients find the API
 * @param issuer the authorization server
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
