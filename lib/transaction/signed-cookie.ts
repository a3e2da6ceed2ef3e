/**
 * Reads signed cookies whose names differ from dialog to dialog.
 *
 * `ctx.cookies.get` is not suitable: it caches a regular expression for every name, as long as the process lives. Each dialog, and each name that a stranger
 * invents, would take 5 KB of memory for ever.
 */
import type { Context } from 'koa';

/** The cookies of a request by name, as they were sent. */
export type RequestCookies = ReadonlyMap<string, string>;

/** The part of Koa's key object, made from `app.keys`, that is used here. */
interface Keys {
  /** @returns the index of the key that made the signature; -1 if none did */
  index(data: string, signature: string): number;
}

/** The cookies of a request. Of two cookies with the same name, the first one counts, as in Koa. */
export function cookiesOf(ctx: Context): RequestCookies {
  const cookies = new Map<string, string>();
  for (const pair of ctx.get('Cookie').split(';')) {
    const at = pair.indexOf('=');
    const name = pair.slice(0, Math.max(0, at)).trim();
    if (!cookies.has(name)) cookies.set(name, pair.slice(at + 1));
  }
  return cookies;
}

/** The value of a cookie, if this server has signed it, in the way of `ctx.cookies.set` with `signed`. */
export function signedValue(ctx: Context, cookies: RequestCookies, name: string): string | undefined {
  const value = cookies.get(name);
  const signature = cookies.get(`${name}.sig`);
  const { keys } = ctx.cookies as unknown as { readonly keys?: Keys };
  if (value === undefined || signature === undefined || keys === undefined) return undefined;
  return keys.index(`${name}=${value}`, signature) >= 0 ? value : undefined;
}
