/** FAPI Client Initiated Backchannel Authentication Profile (implementer's draft 1, 2019): the authorization server. */
import type { Plug } from '../../core.js';
import { requireKnown } from '../../options.js';
import type { Client } from '../../types.js';
import { applying } from '../facts.js';
import { bindingIn, FAPI_2_OPTIONS, type FAPI2Options, relaxationsIn, withoutRelaxed } from '../fapi2/options.js';
import { bindingParts, metadataPart, pkcePart, pushedPart } from '../parts.js';
import { profileOf } from '../profile.js';
import { FAPI_CIBA as ALGORITHMS } from '../rules/algorithms.js';
import { FAPI_CIBA, FAPI_CIBA_PROFILE } from './clauses.js';

/** Options of `fapiCIBA()`. */
export interface FAPICIBAOptions<C = Client> extends FAPI2Options<C> {}

const NAME = 'fapiCIBA';

/**
 * FAPI CIBA: signed authentication requests with a `binding_message`, signed with PS256 or ES256. Plug it in after `backchannelAuthentication()`, which the
 * application configures itself, since it asks the users. Where the draft refers to FAPI 1.0 (client authentication, bound tokens, algorithms), this profile
 * applies FAPI 2.0, which is stricter and is meant to be used with the CIBA grant, too (§5.3.2.1, note 2).
 *
 * @throws TypeError for invalid options
 * @throws Error before the first request, if the server lacks what the documents require, or has what they forbid for all clients
 * @example server.extend(openid(), ciba, ...fapiCIBA<App, User>({ binding: 'mtls' }));
 * @see FAPI CIBA §5.2.2
 */
export function fapiCIBA<C = Client, U = unknown>(options: FAPICIBAOptions<C> = {}): readonly Plug<C, U>[] {
  requireKnown<FAPICIBAOptions<C>>(options, FAPI_2_OPTIONS, NAME);
  const bound = bindingIn(options, NAME);
  const isForAll = options.appliesTo === undefined;
  return profileOf({
    name: NAME,
    spec: FAPI_CIBA_PROFILE,
    clauses: withoutRelaxed(FAPI_CIBA, options),
    appliesTo: applying(options.appliesTo, NAME),
    binding: bound.binding,
    isForAll,
    plugs: [
      pkcePart(),
      pushedPart(isForAll),
      ...bindingParts<C, U>(bound, isForAll ? ALGORITHMS : undefined),
      metadataPart(),
    ],
    relaxations: relaxationsIn(options, NAME),
  });
}
