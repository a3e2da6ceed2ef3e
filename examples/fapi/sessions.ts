/**
 * Login sessions in memory: a session in the cookie itself could be sent again after a logout. To keep sessions across restarts, write a store that uses a
 * database.
 */
import type { Context } from 'koa';

const MOST = 10_000;

/** The cookie with the key of the session. */
export const SESSION_COOKIE = '__Host-fapi';

/**
 * A store for koa-session. It keeps at most `most` sessions: a further one replaces the one that was written longest ago, so that strangers who open request
 * URIs again and again cannot fill the memory. All sessions have the same lifetime, so that the oldest is the first to expire.
 *
 * @param now milliseconds, for tests
 */
export function sessionStore(most = MOST, now = Date.now) {
  const kept = new Map<string, { readonly value: object; readonly expiresAt: number }>();
  return {
    async get(id: string): Promise<object | undefined> {
      const found = kept.get(id);
      return found && found.expiresAt > now() ? structuredClone(found.value) : undefined;
    },
    /** @param lifetime milliseconds */
    async set(
      id: string,
      value: object,
      lifetime: number,
      { ctx }: { readonly ctx?: Pick<Context, 'cookies'> },
    ): Promise<void> {
      // A key that the browser sent is only replaced: a request that began before the session ended must not store it again
      if (ctx?.cookies.get(SESSION_COOKIE) === id && !kept.has(id)) return;
      kept.delete(id); // so that a session that is written again becomes the last of the map
      for (const [oldest, { expiresAt }] of kept) {
        if (expiresAt > now() && kept.size < most) break;
        kept.delete(oldest);
      }
      kept.set(id, { value: structuredClone(value), expiresAt: now() + lifetime });
    },
    async destroy(id: string): Promise<void> {
      kept.delete(id);
    },
  };
}
