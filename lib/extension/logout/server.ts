/** OpenID Connect RP-Initiated Logout 1.0: ends the user's session where a client asks for it. */
import './members.js';
import type { Core, Extension } from '../../core.js';
import { OneServer } from '../../registry/one-server.js';
import type { Client, ServerMetadata } from '../../types.js';
import { decisionEndpoint } from './decision.js';
import { logoutEndpoint } from './endpoint.js';
import { type EndSession, finisher, sessionEnder } from './finish.js';
import { type LogoutOptions, requireOptions } from './options.js';
import { judgeRegistration, REGISTERED } from './registration.js';

/** @throws Error where something is missing that a logout needs */
function requireParts<C, U>({ issuer, findsClients }: Core<C, U>): void {
  if (issuer === undefined) throw new Error('logout() needs an issuer: createServer({ issuer })');
  if (!findsClients) throw new Error('logout() needs to find clients: createServer({ clients })');
}

/** Without a token service that says which clients a session has, nobody is told. */
function metadataOf<C, U>({ tokens, knowsLogins }: Core<C, U>): Partial<ServerMetadata> {
  const isKnown = tokens?.allowedInSession !== undefined;
  return {
    backchannel_logout_supported: isKnown,
    backchannel_logout_session_supported: isKnown && knowsLogins, // without, nothing says `sid`
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

/** What `logout()` gives: a plug, and what ends a session that your own pages end. */
export interface LogoutPlug<C, U> {
  (core: Core<C, U>): Extension<C, U>;
  /**
   * Ends a login session that one of your own pages ends: a menu's "log out", or "sign out there" in a list of sessions. Tells its clients, and ends what they were allowed
   * while it lasted. Your own session you end yourself, before.
   *
   * @param session the subject, which is what `createServer({ subject })` gives, and the `sessionID`; without `sessionID` all sessions of the user
   * @returns URLs of the front channel, for hidden iframes of the page that answers
   * @throws Error before it is plugged in
   * @example
   * ctx.session = null;
   * const frames = await logouts.endSession(ctx, { subject: user.id, sessionID });
   * @see OpenID Connect Back-Channel Logout §2.3, Front-Channel Logout §3
   */
  readonly endSession: EndSession;
}

/**
 * Logs users out where a client sends them: asks them by a page of yours where they must be asked, ends their session, and sends them back only to
 * an address that the client registered.
 *
 * @throws TypeError for options that cannot be meant
 * @throws Error before the first request, where there is no issuer, or nothing finds clients
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
