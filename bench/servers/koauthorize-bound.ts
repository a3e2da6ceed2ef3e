/** koauthorize with DPoP, pushed requests, and JWT access tokens for one client, as docs/extensions has them. */
import { randomBytes } from 'node:crypto';
import Router from '@koa/router';
import Koa, { type Middleware } from 'koa';
import session from 'koa-session';
import { createServer, dpop, exchange, grant, type OAuth2State, pkce, pushedRequests } from 'koauthorize';
import { clientAuthentication, clientSecretBasic } from 'koauthorize/client-auth';
import { generateSigningKey, jwt, keySet, memoryStore, opaque, tokenService } from 'koauthorize/tokens';
import { type App, alice, apps, ISSUER, jwtRobot, type User } from './clients.js';
import { serve } from './serve.js';

interface WithSession {
  session: { user?: string } | null;
}

const [signed, unsigned] = [jwt({ audience: 'https://api.example' }), opaque()];
const tokens = tokenService<App, User>({
  store: memoryStore({ max: 10_000_000 }),
  accessTokens: (_audience, { client_id }) => (client_id === jwtRobot.client_id ? signed : unsigned),
});
const clients = { find: (id: string) => apps.get(id) };
const keys = await keySet({ signing: await generateSigningKey('ES256') });
const server = createServer<App, User>({ issuer: ISSUER, clients, keys, tokens });
server
  .grant(grant.code(tokens.code))
  .exchange(exchange.code(tokens.code))
  .exchange(exchange.clientCredentials(tokens.clientCredentials))
  .extend(pkce())
  .extend(dpop());

const app = new Koa();
app.keys = [randomBytes(32).toString('hex')];
const authenticateClient = clientAuthentication<App>({ ...clients, methods: [clientSecretBasic()] });
const programs = new Router();
programs.post('/token', authenticateClient, server.token());
programs.post('/par', authenticateClient, server.endpoint(pushedRequests()));

const login: Middleware<OAuth2State<App, User>, WithSession> = (ctx, next) => {
  if (ctx.session?.user !== alice.id) return ctx.throw(401);
  ctx.state.user = alice;
  return next();
};
const sessions = session({ sameSite: 'lax' }, app);
const people = new Router<OAuth2State<App, User>, WithSession>();
people.get('/login', sessions, (ctx) => {
  ctx.session = { user: alice.id };
  ctx.status = 204;
});
people.get('/authorize', sessions, login, server.authorization(), (ctx) => {
  ctx.body = { transaction_id: ctx.state.oauth2.transactionID };
});
people.post('/decision', sessions, login, server.decision());
app.use(server.errorHandler()).use(programs.routes()).use(people.routes());
serve(app.callback());
