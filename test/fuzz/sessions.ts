import type Koa from 'koa';
import type { Middleware } from 'koa';
import session from 'koa-session';

/** With a store behind them, and in one of the houses in the cookie itself. */
export function sessions(app: Koa, name: string): Middleware {
  if (name === 'arrays and objects') return session(app);
  const kept = new Map<string, unknown>();
  const store = {
    get: async (key: string) => kept.get(key),
    set: async (key: string, value: unknown) => {
      if (kept.size > 1000) kept.clear(); // every case has a session of its own
      kept.set(key, structuredClone(value));
    },
    destroy: async (key: string) => void kept.delete(key),
  };
  return session({ store } as never, app);
}
