/** OpenID Connect Session Management 1.0: clients notice in the browser that the login has changed. */
import './members.js';
import type { Middleware } from 'koa';
import { refuseInQueries } from '../../clients/judge-redirect-uris.js';
import type { Core, Extension } from '../../core.js';
import { named } from '../../http/named.js';
import { OneServer } from '../../registry/one-server.js';
import { scopeOf } from '../../syntax/scope.js';
import type { Client, ClientMetadata, ResponseParams, Transaction } from '../../types.js';
import { stateCookie } from './cookie.js';
import { cookieOf, requireOptions, type SessionManagementOptions } from './options.js';
import { checkSessionPage } from './page.js';
import { browserStateOf, sessionStateOf } from './state.js';

/** The extension whose responses get `session_state`. */
const OPENID = 'openid';

const NAME = 'sessionManagement';

/** @throws Error if the server is no OpenID Provider */
function requireParts<C, U>(core: Core<C, U>): void {
  if (!core.extension(OPENID)) throw new Error('sessionManagement() needs openid()');
}

/** @throws OAuth2Error if a redirect URI has `session_state` in its query, since it would look like a response. §2 */
function withoutSessionState(metadata: ClientMetadata): ClientMetadata {
  refuseInQueries(metadata, ['session_state']);
  return metadata;
}

/**
 * `session_state` for a response, successful or not, while a user is logged in.
 *
 * Without a login there is none, although §2 wants it in errors, too (SHOULD): a session_state for "nobody" could be computed by every site, and the page would
 * then tell every site whether a user is logged in here. §6 forbids to tell other origins.
 */
function stateFor<C, U>(
  core: Core<C, U>,
  { secret }: SessionManagementOptions<U>,
  { req, user, redirectURI }: Transaction<C, U>,
): ResponseParams | undefined {
  const isOpenID = scopeOf(req)?.includes(OPENID) === true;
  if (!isOpenID || user === undefined || !redirectURI || !URL.canParse(redirectURI)) return undefined;
  const browserState = browserStateOf(core, secret, user);
  if (browserState === undefined) return undefined;
  // §2: the origin of the authentication response
  return { session_state: sessionStateOf(req.clientID, new URL(redirectURI).origin, browserState) };
}

/** What `sessionManagement()` returns: a plug, with a middleware for all pages. */
export interface SessionManagementPlug<C, U> {
  (core: Core<C, U>): Extension<C, U>;
  /**
   * Keeps the state of the login in a cookie. Mount it after the middleware of your session, and before your login, your logout and the routes of the server.
   *
   * @throws Error at a request before the extension is plugged in
   * @example app.use(session(app)).use(sessions.cookie).use(server.errorHandler()).use(router.routes());
   */
  readonly cookie: Middleware;
}

/**
 * Lets clients notice in the browser, without a request, that the user has logged out here, or has logged in as somebody else. It needs cookies in frames at
 * other sites, which many browsers block. Back-channel logout works without them.
 *
 * @throws TypeError for invalid options
 * @throws Error before the first request, without `openid()`
 * @example
 * const sessions = sessionManagement({ secret, user: (ctx) => ctx.session?.user });
 * server.extend(sessions);
 * app.use(session(app)).use(sessions.cookie);
 * @see OpenID Connect Session Management §2, §3
 */
export function sessionManagement<C = Client, U = unknown>(
  options: SessionManagementOptions<U>,
): SessionManagementPlug<C, U> {
  requireOptions(options);
  const keeper = new OneServer<Middleware>(NAME, `${NAME}() has to be plugged in: server.extend(sessions)`);
  let isMounted = false;
  const cookie: Middleware = named('cookie', (ctx, next) => {
    isMounted = true;
    return keeper.get()(ctx, next);
  });
  const plug = (core: Core<C, U>): Extension<C, U> => {
    keeper.set(stateCookie(core, options));
    return {
      name: 'session-management',
      spec: 'OpenID Connect Session Management',
      adds: ['session_state'],
      ready: requireParts,
      register: withoutSessionState,
      authorization: {
        respond(txn) {
          // without the cookie, every client would at once notice a change, and ask again and again
          if (!isMounted) throw new Error('The middleware `cookie` of sessionManagement() stands before no route');
          return stateFor(core, options, txn);
        },
      },
      routes: {
        check_session: {
          path: '/session/check',
          url: options.url,
          listedAs: 'check_session_iframe', // §3.3
          methods: ['GET', 'HEAD'],
          handler: checkSessionPage(cookieOf(options)),
        },
      },
    };
  };
  return Object.assign(plug, { cookie });
}
