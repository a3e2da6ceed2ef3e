/** The browser of a request, as `storedTransactions()` knows it: by a cookie with a random secret. */
import type { Context } from 'koa';
import { perRequest } from '../http/per-request.js';
import type { TransactionOptions } from '../plugs.js';
import { random } from '../secrets/random.js';

/** The secret that a browser has in its cookie. */
const BROWSER = /^[\w-]{43}$/;

const browserOfRequest = perRequest<string>('browser');

function cookieName({ secure }: Context, { sessionKey }: TransactionOptions): string {
  return `${secure ? '__Host-' : ''}${sessionKey}.browser`; // a server on a sibling subdomain cannot set a cookie with such a name
}

/** The secret of the browser; undefined for one that has none yet. */
export function browserOf(ctx: Context, options: TransactionOptions): string | undefined {
  const sent = browserOfRequest.of(ctx) ?? ctx.cookies.get(cookieName(ctx, options), { signed: false });
  return sent !== undefined && BROWSER.test(sent) ? sent : undefined;
}

/** Makes a secret for a browser that has none, or has logged in. Its cookie lasts until the browser is closed. */
export function newBrowser(ctx: Context, options: TransactionOptions): string {
  const { secure } = ctx;
  const browser = random(32);
  browserOfRequest.set(ctx, browser);
  const attributes = { signed: false, secure, httpOnly: true, sameSite: 'lax', overwrite: true } as const;
  ctx.cookies.set(cookieName(ctx, options), browser, attributes);
  return browser;
}
