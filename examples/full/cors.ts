/**
 * The paths that scripts of other origins may call, without cookies. The authorization endpoint, the login and other pages are never among
 * them: browsers navigate to these, and no script needs to read them.
 */
import cors from '@koa/cors';
import type { Middleware } from 'koa';

const OPEN = [
  /^\/token$/,
  /^\/par$/,
  /^\/revoke$/,
  /^\/jwks$/,
  /^\/userinfo$/,
  /^\/\.well-known\/openid-configuration$/,
  /^\/\.well-known\/oauth-(authorization-server|protected-resource)(\/|$)/,
  /^\/api\//,
];

/** The answer to a preflight allows any headers: they are checked in the request that follows. */
const allow = cors({
  origin: '*',
  allowMethods: 'GET,HEAD,POST,DELETE',
  exposeHeaders: 'WWW-Authenticate,Retry-After,DPoP-Nonce',
  maxAge: 600,
});

export const corsWhereNeeded: Middleware = (ctx, next) =>
  OPEN.some((path) => path.test(ctx.path)) ? allow(ctx, next) : next();
