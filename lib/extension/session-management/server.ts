/** OpenID Connect Session Management 1.0: clients see in the browser that the login has changed. */
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

/** The extension whose responses have it. */
const OPENID = 'openid';

const NAME = 'sessionManagement';

/** @throws Error where nothing makes the server an OpenID Provider */
function requireParts<C, U>(core: Core<C, U>): void {
  if (!core.extension(OPENID)) throw new Error('sessionManagement() needs openid()');
}

/** @throws OAuth2Error where a redirect URI could pass for an answer with one. §2 */
function withoutSessionState(metadata: ClientMetadata): ClientMetadata {
  refuseInQueries(metadata, ['session_state']);
  return metadata;
}

/**
 * `session_state` of a response: of a success and of an error, as long as somebody is logged in.
 *
 * Without a login there is none, although §2 has it in errors, too (SHOULD): every site could compute it, and the page would tell it whether
 * somebody is logged in here (§6: other origins are refused).
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

/** What `sessionManagement()` gives: a plug, and a middleware for all pages. */
export interface SessionManagementPlug<C, U> {
  (core: Core<C, U>): Extension<C, U>;
  /**
   * Keeps the state of the login in a cookie. It stands behind the middleware of your session, and before your login, your logout and the
   * routes of the server.
   *
   * @throws Error before it is plugged in
   * @example app.use(session(app)).use(sessions.cookie).use(server.errorHandler()).use(router.routes());
   */
  readonly cookie: Middleware;
}

/**
 * Lets clients see in the browser, without a request, that the user has logged out here, or has logged in as somebody else. Needs cookies in frames
 * at other sites, which many browsers block: back-channel logout does not.
 *
 * @throws TypeError for options that cannot be meant
 * @throws Error before the first request, where there is no `openid()`
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
          // every client would see a change at once, and ask again without end
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
