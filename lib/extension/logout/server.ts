/** OpenID Connect RP-Initiated Logout 1.0: ends the user's session when a client asks for it. */
import './members.js';
import type { Core, Extension } from '../../core.js';
import { OneServer } from '../../registry/one-server.js';
import type { Client, ServerMetadata } from '../../types.js';
import { decisionEndpoint } from './decision.js';
import { logoutEndpoint } from './endpoint.js';
import { type EndSession, finisher, sessionEnder } from './finish.js';
import { type LogoutOptions, requireOptions } from './options.js';
import { judgeRegistration, REGISTERED } from './registration.js';

/** @throws Error if the issuer or the clients are missing */
function requireParts<C, U>({ issuer, findsClients }: Core<C, U>): void {
  if (issuer === undefined) throw new Error('logout() needs an issuer: createServer({ issuer })');
  if (!findsClients) throw new Error('logout() needs to find clients: createServer({ clients })');
}

/** Without a token service that knows the clients of a session, no client is notified, so neither channel is announced. */
function metadataOf<C, U>({ tokens, knowsLogins }: Core<C, U>): Partial<ServerMetadata> {
  const isKnown = tokens?.allowedInSession !== undefined;
  return {
    backchannel_logout_supported: isKnown,
    backchannel_logout_session_supported: isKnown && knowsLogins, // `sid` needs createServer({ authenticationEvent })
    frontchannel_logout_supported: isKnown,
    frontchannel_logout_session_supported: isKnown && knowsLogins,
  };
}

function extensionOf<C, U>(core: Core<C, U>, options: LogoutOptions, endSession: EndSession): Extension<C, U> {
  const finish = finisher<C>(options, endSession);
  return {
    name: 'logout',
    spec: [
      'OpenID Connect RP-Initiated Logout',
      'OpenID Connect Back-Channel Logout',
      'OpenID Connect Front-Channel Logout',
    ],
    metadata: () => metadataOf(core),
    registers: REGISTERED,
    register: (metadata) => judgeRegistration(metadata, core),
    ready: requireParts,
    routes: {
      end_session: {
        path: '/logout',
        url: options.url,
        listedAs: 'end_session_endpoint',
        methods: ['GET', 'POST'], // §2
        hasPage: true,
        handler: logoutEndpoint(core, options, finish),
      },
      end_session_decision: {
        path: '/logout/decision',
        methods: ['POST'],
        hasPage: true,
        handler: decisionEndpoint(core, options, finish),
      },
    },
  };
}

/** What `logout()` returns: a plug, with a function for pages of yours that end a session. */
export interface LogoutPlug<C, U> {
  (core: Core<C, U>): Extension<C, U>;
  /**
   * Call it when one of your own pages ends a login session: "log out" in a menu, or "sign out there" in a list of sessions. It notifies the clients of the
   * session, and ends the authorizations that they got in it. Before you call it, end your own session yourself.
   *
   * @param session the subject, by `createServer({ subject })`, and the `sessionID`; without `sessionID`, all sessions of the user
   * @returns URLs of the front channel, for hidden iframes in the page that you send
   * @throws Error if it is called before the extension is plugged in
   * @example
   * ctx.session = null;
   * const frames = await logouts.endSession(ctx, { subject: user.id, sessionID });
   * @see OpenID Connect Back-Channel Logout §2.3, Front-Channel Logout §3
   */
  readonly endSession: EndSession;
}

/**
 * Logs users out when a client sends them here: asks them on a page of yours if they must be asked, ends their session, and redirects them only to a URI that
 * the client registered.
 *
 * @throws TypeError for invalid options
 * @throws Error before the first request, if there is no issuer, or if the server cannot find clients
 * @example
 * server.extend(logout({ end: (ctx) => void (ctx.session = null) }));
 * router.all('/logout', login, server.route('end_session'), page);
 * router.post('/logout/decision', login, server.route('end_session_decision'), page);
 * @see OpenID Connect RP-Initiated Logout §2
 */
export function logout<C = Client, U = unknown>(options: LogoutOptions): LogoutPlug<C, U> {
  requireOptions(options);
  const missing = 'logout() has to be plugged in before a session can be ended: server.extend(logouts)';
  const ender = new OneServer<EndSession>('logout', missing);
  const endSession: EndSession = async (ctx, session) => ender.get()(ctx, session);
  const plug = (core: Core<C, U>): Extension<C, U> =>
    extensionOf(core, options, ender.set(sessionEnder(core, options)));
  return Object.assign(plug, { endSession });
}
