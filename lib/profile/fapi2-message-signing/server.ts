/** FAPI 2.0 Message Signing (final, September 2025): the authorization server. */
import type { Plug } from '../../core.js';
import { jwtResponses } from '../../extension/jwt-responses/server.js';
import { requestObjects } from '../../extension/request-objects/server.js';
import { type OptionNames, requireKnown } from '../../options.js';
import type { Client } from '../../types.js';
import { applying } from '../facts.js';
import { bindingIn, FAPI_2_OPTIONS, type FAPI2Options, relaxationsIn, withoutRelaxed } from '../fapi2/options.js';
import { bindingParts, metadataPart, pkcePart, pushedPart, unlessThere } from '../parts.js';
import { profileOf } from '../profile.js';
import { clausesOf, FAPI_2_MESSAGE_SIGNING } from './clauses.js';

/** What is signed. Each can be had alone: FAPI 2.0 Message Signing §5.1. */
export interface FAPI2MessageSigningOptions<C = Client> extends FAPI2Options<C> {
  /** Whether authorization requests must be signed. Default `true`. @see FAPI 2.0 Message Signing §5.3 */
  readonly requests?: boolean;
  /** Whether authorization responses must be signed. Default `true`. @see FAPI 2.0 Message Signing §5.4 */
  readonly responses?: boolean;
  /** Whether the introspection endpoint must sign for APIs that ask for it. Default `false`. @see FAPI 2.0 Message Signing §5.5 */
  readonly introspection?: boolean;
}

const KNOWN: OptionNames<FAPI2MessageSigningOptions> = {
  ...FAPI_2_OPTIONS,
  requests: true,
  responses: true,
  introspection: true,
};

const NAME = 'fapi2MessageSigning';

/** Objects by value only: what is pushed needs no reference. The rules judge those of the profile's clients. */
function objectsPart<C, U>(isForAll: boolean): Plug<C, U> {
  const forAll = { required: true, algorithms: ['PS256', 'ES256', 'EdDSA', 'Ed25519'], maxLifetime: 3600 } as const;
  return unlessThere('requestObjects', () => requestObjects({ byReference: false, ...(isForAll && forAll) }));
}

/**
 * FAPI 2.0 Message Signing: all of `fapi2()`, and requests that the client has signed, where they are pushed, and responses in a JWT that this server has signed. Plugs in
 * `requestObjects()` and `jwtResponses()`, too, unless they are plugged in before.
 *
 * @throws TypeError for options that cannot be meant
 * @throws Error before the first request, where the server lacks what the documents ask for, or has what they forbid to all
 * @example server.extend(...fapi2MessageSigning<App, User>({ appliesTo: ({ client_id }) => client_id.startsWith('bank-') }));
 * @see FAPI 2.0 Message Signing
 */
export function fapi2MessageSigning<C = Client, U = unknown>(
  options: FAPI2MessageSigningOptions<C> = {},
): readonly Plug<C, U>[] {
  requireKnown<FAPI2MessageSigningOptions<C>>(options, KNOWN, NAME);
  const { requests = true, responses = true, introspection = false } = options;
  const bound = bindingIn(options, NAME);
  const isForAll = options.appliesTo === undefined;
  return profileOf({
    name: NAME,
    spec: FAPI_2_MESSAGE_SIGNING,
    clauses: withoutRelaxed(clausesOf({ requests, responses, introspection }), options),
    appliesTo: applying(options.appliesTo, NAME),
    binding: bound.binding,
    isForAll,
    plugs: [
      ...[pkcePart<C, U>(), pushedPart<C, U>(isForAll), ...bindingParts<C, U>(bound), metadataPart<C, U>()],
      ...(requests ? [objectsPart<C, U>(isForAll)] : []),
      ...(responses ? [unlessThere<C, U>('jwtResponses', () => jwtResponses())] : []),
    ],
    relaxations: relaxationsIn(options, NAME),
  });
}
