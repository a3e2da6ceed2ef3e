/** A server whose issuer is https, and whose requests come as http: the proxy in front of it does not say how it was asked, or is not believed. */
import type { Context } from 'koa';
import { warnOnce } from '../errors/warning.js';
import { isLoopback } from '../syntax/url.js';

/** Warns the operator, once: session cookies are sent without `Secure` then (RFC 6265 §4.1.2.5), and nothing else tells. */
export function noteProtocol(ctx: Context, issuer: string | undefined): void {
  if (ctx.secure || !issuer?.startsWith('https:') || isLoopback(issuer)) return;
  const why = ctx.app.proxy ? 'the proxy sends no X-Forwarded-Proto: https' : 'app.proxy is not true';
  warnOnce(
    'KOAUTHORIZE_PLAIN_HTTP',
    `The issuer is ${issuer}, and a request to the authorization endpoint came as http: ${why}. Session cookies are then sent without Secure. Write app.proxy = true, and have the proxy set the header: proxy_set_header X-Forwarded-Proto $scheme.`,
  );
}
