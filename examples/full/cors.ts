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

const allow = cors({
  origin: '*',
  allowMethods: 'GET,HEAD,POST',
  allowHeaders: 'Authorization,Content-Type',
  exposeHeaders: 'WWW-Authenticate,Retry-After',
  maxAge: 600,
});

export const corsWhereNeeded: Middleware = (ctx, next) =>
  OPEN.some((path) => path.test(ctx.path)) ? allow(ctx, next) : next();
