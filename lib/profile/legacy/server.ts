/** What applications of oauth2orize need on the first day: OAuth 2.1, less what they name. */
import { isPublicClient } from '../../clients/registration.js';
import type { Plug } from '../../core.js';
import { requireKnown } from '../../options.js';
import type { Client } from '../../types.js';
import { applying } from '../facts.js';
import { pkcePart } from '../parts.js';
import { profileOf } from '../profile.js';
import { clausesOf, LEGACY_OPTIONS, type LegacyOptions, relaxationsIn, requireBooleans } from './options.js';

/**
 * OAuth 2.1 with named exceptions, for applications that come from oauth2orize, and for single old clients: `legacy({ allowImplicit: true })` allows the implicit grant and
 * nothing else. Each exception stands in the report of `server.check()`. What is left of them shows how far it is to `oauth21()`.
 *
 * Plugs in `pkce()`, unless it is plugged in before: then `allowMissingPKCE` allows what that one allows.
 *
 * @throws TypeError for options that cannot be meant
 * @throws Error before the first request, where the server has what OAuth 2.1 forbids and no option allows
 * @example server.extend(...legacy<App, User>({ allowMissingPKCE: true, allowPassword: true }));
 * @example server.extend(...oauth21<App, User>({ appliesTo: (client) => !client.isOld })).extend(...legacy<App, User>({ appliesTo: (client) => client.isOld, allowImplicit: true }));
 * @see RFC 9700
 */
export function legacy<C = Client, U = unknown>(options: LegacyOptions<C> = {}): readonly Plug<C, U>[] {
  requireKnown<LegacyOptions<C>>(options, LEGACY_OPTIONS, 'legacy');
  requireBooleans(options);
  return profileOf({
    name: 'legacy',
    spec: 'RFC 6749',
    clauses: clausesOf(options),
    appliesTo: applying(options.appliesTo, 'legacy'),
    mayMissChallenge: (client) => options.allowMissingPKCE === true && !isPublicClient({ client }),
    isForAll: options.appliesTo === undefined,
    plugs: [pkcePart()],
    relaxations: relaxationsIn(options),
  });
}
