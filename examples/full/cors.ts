/**
 * Which addresses scripts on other sites may call, without cookies. Never the authorization endpoint, the login or any other page:
 * browsers are sent there, and nothing there is for scripts to read.
 */
import cors from '@koa/cors';
import type { Middleware } from 'koa';

const OPEN = [
  /^\/token$/,
  /^\/revoke$/,
  /^\/jwks$/,
  /^\/\.well-known\/oauth-(authorization-server|protected-resource)(\/|$)/,
  /^\/api\//,
];

/** Whatever headers a script asks for: what they mean is judged with the request that has them. */
const allow = cors({
  origin: '*',
  allowMethods: 'GET,HEAD,POST',
  exposeHeaders: 'WWW-Authenticate,Retry-After',
  maxAge: 600,
});

export const corsWhereNeeded: Middleware = (ctx, next) =>
  OPEN.some((path) => path.test(ctx.path)) ? allow(ctx, next) : next();
