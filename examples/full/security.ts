/** Protects every page: security headers, and a check of the path that a login returns to. forms.ts protects the forms. */
import { createHash } from 'node:crypto';
import type { Context, Middleware } from 'koa';
import type { Config } from './config.js';
import { contentSecurityPolicy } from './views/index.js';

const YEAR = 365 * 24 * 60 * 60;

/** @see RFC 9700 §4.16 */
export function headers({ issuer }: Pick<Config, 'issuer'>): Middleware {
  const isSecure = issuer.startsWith('https:');
  return async function headers(ctx, next) {
    ctx.set('Content-Security-Policy', contentSecurityPolicy);
    ctx.set('X-Content-Type-Options', 'nosniff');
    ctx.set('X-Frame-Options', 'DENY');
    ctx.set('Referrer-Policy', 'same-origin'); // with `no-referrer` browsers would post our own forms with `Origin: null`
    ctx.set('Cache-Control', 'no-store');
    if (isSecure) {
      ctx.set('Strict-Transport-Security', `max-age=${YEAR}`);
      ctx.cookies.secure = true; // the issuer is https, so the proxy uses TLS even if it sends no X-Forwarded-Proto
    }
    await next();
  };
}

/** Allows a page to load these pages of applications in frames, and no others. */
export function frameSources(ctx: Pick<Context, 'set'>, urls: readonly string[]): void {
  const origins = new Set(urls.map((url) => new URL(url).origin));
  if (origins.size > 0)
    ctx.set('Content-Security-Policy', `${contentSecurityPolicy}; frame-src ${[...origins].join(' ')}`);
}

/** Allows a page to run one script of this server, and no other. */
export function allowScript(ctx: Pick<Context, 'set'>, script: string): void {
  const digest = createHash('sha256').update(script).digest('base64');
  ctx.set('Content-Security-Policy', `${contentSecurityPolicy}; script-src 'sha256-${digest}'`);
}

/** A path on this server. Without this check, a link to our login could send users to any site (open redirector, RFC 9700 §4.11). */
export function localPath(path: unknown): string {
  return typeof path === 'string' && /^\/\w[\x21-\x5b\x5d-\x7e]*$/.test(path) ? path : '/';
}
