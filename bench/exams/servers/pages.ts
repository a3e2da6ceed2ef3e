/** What all applications on Koa have in common: sessions on the server, and a login. */
import Router from '@koa/router';
import Koa, { type Middleware } from 'koa';
import session from 'koa-session';
import { newToken } from '../../servers/peers/application.js';
import { Records } from './records.js';
import { userNamed } from './world.js';

export interface WithSession {
  session: { user?: string };
}

export function newKoa(): Koa {
  const app = new Koa();
  app.silent = true; // no logs
  app.keys = [newToken()];
  return app;
}

/** Sessions in a store of the server, as everybody's documentation has it for production. */
export function serverSideSessions(app: Koa) {
  const records = new Records<object>();
  const store = {
    get: async (key: string) => structuredClone(await records.get(key)),
    set: (key: string, value: object) => records.put(key, structuredClone(value)),
    destroy: async (key: string) => void (await records.take(key)),
  };
  return session({ sameSite: 'lax', store }, app);
}

/** `GET /login?user=alice` */
export function loginRoutes(sessions: Middleware) {
  const router = new Router<object, WithSession>();
  router.get('/login', sessions, (ctx) => {
    ctx.session.user = userNamed(ctx.query['user']).id;
    ctx.status = 204;
  });
  return router.routes();
}
