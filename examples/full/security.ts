/** What protects every page: headers, and the CSRF tokens of the forms. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Context, Middleware } from 'koa';
import type { Config } from './config.js';
import type { WithSession } from './sessions.js';
import { contentSecurityPolicy } from './views/index.js';

const YEAR = 365 * 24 * 60 * 60;

/** @see RFC 9700 §4.16 */
export function headers({ issuer }: Pick<Config, 'issuer'>): Middleware {
  const isSecure = issuer.startsWith('https:');
  return async function headers(ctx, next) {
    ctx.set('Content-Security-Policy', contentSecurityPolicy);
    ctx.set('X-Content-Type-Options', 'nosniff');
    ctx.set('X-Frame-Options', 'DENY');
    ctx.set('Referrer-Policy', 'no-referrer');
    ctx.set('Cache-Control', 'no-store');
    if (isSecure) {
      ctx.set('Strict-Transport-Security', `max-age=${YEAR}`);
      ctx.cookies.secure = true; // the proxy in front speaks TLS, whether it says so or not
    }
    await next();
  };
}

/** What the forms of this session carry, so that no other site can send them. */
export function csrfOf(ctx: WithSession): string {
  ctx.session ??= {};
  ctx.session.csrf ??= randomBytes(16).toString('base64url');
  return ctx.session.csrf;
}

/** What a body parser made of a form: strings, whatever else it may have made. */
export function fieldsOf(body: unknown): ReadonlyMap<string, string> {
  return new Map(Object.entries(body ?? {}).map(([name, value]) => [name, String(value)]));
}

/** Whether a form is one of ours, that this browser was shown. */
export function isOwnForm(ctx: WithSession, fields: ReadonlyMap<string, string>): boolean {
  const [expected, sent] = [Buffer.from(ctx.session?.csrf ?? ''), Buffer.from(fields.get('csrf') ?? '')];
  return expected.length > 0 && expected.length === sent.length && timingSafeEqual(expected, sent);
}

/** The fields of a form of ours. @throws 403, which errors.ts makes a page of */
export function requireOwnForm(ctx: Context & WithSession): ReadonlyMap<string, string> {
  const fields = fieldsOf((ctx.request as { body?: unknown }).body);
  if (!isOwnForm(ctx, fields)) ctx.throw(403);
  return fields;
}

/** Only ever a path on this server: else a link to our login could lead its users anywhere. */
export function localPath(path: unknown): string {
  return typeof path === 'string' && /^\/\w[\x21-\x5b\x5d-\x7e]*$/.test(path) ? path : '/';
}
