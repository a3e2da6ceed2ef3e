/** @node-oauth/oauth2-server on Koa, wrapped as its wrappers do it. Its `revoke...` say whether something was revoked, as its documentation has it. */
import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import OAuth2Server from '@node-oauth/oauth2-server';
import type { Middleware, ParameterizedContext } from 'koa';
import { LIFETIMES } from '../../servers/clients.js';
import { Dialogs } from './dialogs.js';
import { listen } from './listen.js';
import { clients, model } from './node-oauth-model.js';
import { loginRoutes, newKoa, serverSideSessions, type WithSession } from './pages.js';
import { isChallenge } from './world.js';

const oauth = new OAuth2Server({
  model,
  accessTokenLifetime: LIFETIMES.accessToken,
  authorizationCodeLifetime: LIFETIMES.code,
  refreshTokenLifetime: LIFETIMES.refreshToken,
});

type Fields = Record<string, string>;

function requestOf({ headers, method, query, request }: ParameterizedContext): OAuth2Server.Request {
  const { body = {} } = request as { body?: Fields };
  return new OAuth2Server.Request({ headers: headers as Fields, method, query: query as Fields, body });
}

/** What it throws after it has filled the response, and what it throws before. */
async function answer<T>(ctx: ParameterizedContext, handle: (response: OAuth2Server.Response) => Promise<T>) {
  const response = new OAuth2Server.Response();
  try {
    return await handle(response);
  } catch (error) {
    if (!(error instanceof OAuth2Server.OAuthError)) throw error;
    if (response.status !== 302) Object.assign(response, { status: error.code, body: { error: error.name } });
    return undefined;
  } finally {
    const { status = 200, headers = {}, body } = response;
    ctx.status = status;
    ctx.set(headers);
    ctx.body = status === 302 ? '' : body;
  }
}

const form = bodyParser();

function forPrograms() {
  const router = new Router();
  router.post('/token', form, (ctx) => answer(ctx, (response) => oauth.token(requestOf(ctx), response)));
  router.get('/me', async (ctx) => {
    const token = await answer(ctx, (response) => oauth.authenticate(requestOf(ctx), response));
    if (token) ctx.body = { sub: token.user['id'] };
  });
  return router.routes();
}

/** What it does not check before the user is asked: it does all in the request in which they agree. */
function isAskable({ client_id = '', redirect_uri = '', code_challenge, code_challenge_method }: Fields): boolean {
  const isRegistered = clients.get(client_id)?.redirectUris?.includes(redirect_uri) ?? false;
  return isRegistered && isChallenge(code_challenge, code_challenge_method);
}

function forPeople(sessions: Middleware) {
  const dialogs = new Dialogs<Fields>();
  const router = new Router<object, WithSession>();
  router.get('/authorize', sessions, async (ctx) => {
    const [user, asked] = [dialogs.userOf(ctx), { ...(ctx.query as Fields) }];
    if (!isAskable(asked)) return ctx.throw(400);
    ctx.body = { transaction_id: await dialogs.begin(ctx, user, asked) };
  });
  router.post('/decision', sessions, form, async (ctx) => {
    const { headers, method, body = {} } = requestOf(ctx);
    const { user, waiting } = await dialogs.end(ctx, body);
    const query = 'cancel' in body ? { ...waiting, allowed: 'false' } : waiting;
    const request = new OAuth2Server.Request({ headers: headers ?? {}, method: method ?? '', query });
    const authenticateHandler = { handle: () => user };
    await answer(ctx, (response) => oauth.authorize(request, response, { authenticateHandler }));
  });
  return router.routes();
}

listen(() => {
  const app = newKoa();
  const sessions = serverSideSessions(app);
  app.use(loginRoutes(sessions)).use(forPrograms()).use(forPeople(sessions));
  return app.callback();
});
