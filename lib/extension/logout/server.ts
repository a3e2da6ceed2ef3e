/** OpenID Connect RP-Initiated Logout 1.0: ends the user's session where a client asks for it. */
import './members.js';
import type { Core, Extension, Plug } from '../../core.js';
import type { Client, ServerMetadata } from '../../types.js';
import { decisionEndpoint } from './decision.js';
import { logoutEndpoint } from './endpoint.js';
import { finisher } from './finish.js';
import { type LogoutOptions, requireOptions } from './options.js';
import { judgeRegistration } from './registration.js';

/** @throws Error where something is missing that a logout needs */
function requireParts<C, U>({ issuer, findsClients }: Core<C, U>): void {
  if (issuer === undefined) throw new Error('logout() needs an issuer: createServer({ issuer })');
  if (!findsClients) throw new Error('logout() needs to find clients: createServer({ clients })');
}

/** Without a token service that says which clients a session has, nobody is told. */
function metadataOf<C, U>({ tokens }: Core<C, U>): Partial<ServerMetadata> {
  const isKnown = tokens?.allowedInSession !== undefined;
  return {
    backchannel_logout_supported: isKnown,
    backchannel_logout_session_supported: isKnown,
    frontchannel_logout_supported: isKnown,
    frontchannel_logout_session_supported: isKnown,
  };
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
export function logout<C = Client, U = unknown>(options: LogoutOptions): Plug<C, U> {
  requireOptions(options);
  return (core): Extension<C, U> => {
    const finish = finisher(core, options);
    return {
      name: 'logout',
      spec: [
        'OpenID Connect RP-Initiated Logout',
        'OpenID Connect Back-Channel Logout',
        'OpenID Connect Front-Channel Logout',
      ],
      metadata: () => metadataOf(core),
      register: judgeRegistration,
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
  };
}
