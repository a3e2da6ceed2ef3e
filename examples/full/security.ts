/** What protects every page: headers, and where a login may lead. forms.ts has what protects the forms. */
import type { Middleware } from 'koa';
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
    ctx.set('Referrer-Policy', 'same-origin'); // `no-referrer` would have our own forms posted with `Origin: null`
    ctx.set('Cache-Control', 'no-store');
    if (isSecure) {
      ctx.set('Strict-Transport-Security', `max-age=${YEAR}`);
      ctx.cookies.secure = true; // the proxy in front speaks TLS, whether it says so or not
    }
    await next();
  };
}

/** Only ever a path on this server: else a link to our login could lead its users anywhere. */
export function localPath(path: unknown): string {
  return typeof path === 'string' && /^\/\w[\x21-\x5b\x5d-\x7e]*$/.test(path) ? path : '/';
}
