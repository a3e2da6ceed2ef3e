/** The Koa application by hand. A session, and a form reader, only where a route needs it. */
import { randomBytes } from 'node:crypto';
import Router from '@koa/router';
import Koa, { type Middleware } from 'koa';
import session from 'koa-session';
import { alice } from '../clients.js';
import { authenticate } from './clients.js';
import { begin, decide, type Session } from './dialog.js';
import { type Fields, ProtocolError } from './protocol-error.js';
import { plainTokens, type Tokens } from './tokens.js';

interface WithForm {
  readonly request: { readonly body?: unknown };
}

const formOf = ({ request }: WithForm): Fields => (request.body ?? {}) as Fields;

const errors: Middleware = async (ctx, next) => {
  try {
    await next();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    ctx.status = error.status;
    ctx.set('Cache-Control', 'no-store');
    if (error.status === 401) ctx.set('WWW-Authenticate', error.code === 'invalid_token' ? 'Bearer' : 'Basic');
    ctx.body = { error: error.code };
  }
};

function programs(readForm: Middleware, { exchange, introspect, verify }: Tokens): Router {
  const router = new Router();
  router.post('/token', readForm, (ctx) => {
    const client = authenticate(ctx.get('Authorization'));
    ctx.set('Cache-Control', 'no-store');
    ctx.body = exchange(client, formOf(ctx));
  });
  router.post('/introspect', readForm, (ctx) => {
    const client = authenticate(ctx.get('Authorization'));
    ctx.set('Cache-Control', 'no-store');
    ctx.body = introspect(client, formOf(ctx));
  });
  router.get('/me', (ctx) => {
    const { clientID, subject } = verify(ctx.get('Authorization'));
    ctx.body = subject === undefined ? { client_id: clientID } : { sub: subject };
  });
  return router;
}

function pages(app: Koa, readForm: Middleware, { issueCode }: Tokens): Router<object, { session: Session }> {
  const withSession = session({ sameSite: 'lax' }, app);
  const router = new Router<object, { session: Session }>();
  router.get('/login', withSession, (ctx) => {
    ctx.session.user = alice.id;
    ctx.status = 204;
  });
  router.get('/authorize', withSession, (ctx) => {
    ctx.set('Cache-Control', 'no-store');
    ctx.body = { transaction_id: begin(ctx.session, ctx.query) };
  });
  router.post('/decision', withSession, readForm, (ctx) => {
    ctx.redirect(decide(ctx.session, formOf(ctx), issueCode));
    ctx.status = 303;
  });
  return router;
}

/** @param readForm leaves the form in `ctx.request.body` */
export function koaByHand(readForm: Middleware, tokens = plainTokens): Koa {
  const app = new Koa();
  app.keys = [randomBytes(32).toString('hex')];
  app
    .use(errors)
    .use(programs(readForm, tokens).routes())
    .use(pages(app, readForm, tokens).routes());
  return app;
}
