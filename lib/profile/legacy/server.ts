/** For applications that come from oauth2orize: OAuth 2.1 without the rules that they give up by name. */
import { isPublicClient } from '../../clients/registration.js';
import type { Plug } from '../../core.js';
import { requireKnown } from '../../options.js';
import type { Client } from '../../types.js';
import { applying } from '../facts.js';
import { pkcePart } from '../parts.js';
import { profileOf } from '../profile.js';
import { clausesOf, LEGACY_OPTIONS, type LegacyOptions, relaxationsIn, requireBooleans } from './options.js';

/**
 * OAuth 2.1 with named exceptions, for applications that come from oauth2orize, and for single old clients: `legacy({ allowImplicit: true })` allows the
 * implicit grant and nothing else. The report of `server.check()` lists each exception. Once it lists none, `oauth21()` can replace `legacy()`.
 *
 * It plugs in `pkce()`, unless that is plugged in already: then the options of that `pkce()` apply, whatever `allowMissingPKCE` says.
 *
 * @throws TypeError for invalid options
 * @throws Error before the first request, if the server has what OAuth 2.1 forbids and no option allows
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
