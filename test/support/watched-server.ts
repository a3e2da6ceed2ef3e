/** The OpenID Provider of the tests whose sessions clients watch, and a browser with its cookies. */
import { createHash } from 'node:crypto';
import type { Context } from 'koa';
import { type SessionManagementOptions, sessionManagement } from 'koauthorize';
import type { Response, Test } from 'supertest';
import type { App, User } from './authorization-server.js';
import { type LogoutSetup, logoutServer } from './logout-server.js';

export const SECRET = 'a secret of thirty-two characters';

export interface WatchedSetup extends LogoutSetup {
  readonly sessions?: Partial<SessionManagementOptions<User>>;
}

export function watchedServer({ sessions: options = {}, ...setup }: WatchedSetup) {
  const user = (ctx: Context): User | undefined => {
    const id = ctx['session']?.user;
    return id ? { id, name: id } : undefined;
  };
  const sessions = sessionManagement<App, User>({ secret: SECRET, user, ...options });
  const server = logoutServer({
    behindSession: sessions.cookie,
    ...setup,
    plug(server, tokens) {
      server.extend(sessions);
      setup.plug?.(server, tokens);
    },
    routes(router, server) {
      router.get('/session/check', server.route('check_session'));
    },
  });
  /** A browser that keeps secure cookies, which those of the other tests do not send over plain HTTP. */
  const watcher = () => {
    const person = server.person();
    const jar = new Map<string, string>();
    return {
      ...person,
      jar,
      /** Sends a request with the cookies, and keeps those of the answer. */
      async through(test: Test): Promise<Response> {
        const cookies = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
        const response = await (cookies ? test.set('Cookie', cookies) : test);
        for (const line of response.get('Set-Cookie') ?? []) {
          const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
          if (!name.startsWith('op_state')) continue;
          if (/Max-Age=0/.test(line)) jar.delete(name);
          else jar.set(name, value);
        }
        return response;
      },
    };
  };
  return { ...server, watcher };
}

/** What the page of the provider answers, computed once more: independent of what the toolkit computes. @see OpenID Connect Session Management §3.2 */
export function compared(client: string, origin: string, browserState: string | undefined, sessionState: string) {
  const [, salt = ''] = sessionState.split('.');
  const hashed = createHash('sha256').update(`${client} ${origin} ${browserState} ${salt}`).digest('base64url');
  return sessionState === `${hashed}.${salt}` ? 'unchanged' : 'changed';
}
