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

/** Options of `fapi2MessageSigning()`: what must be signed. Each part may be used alone: FAPI 2.0 Message Signing §5.1. */
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

/** Request objects by value only: a pushed request needs no `request_uri` of the client. The clauses judge the objects of the profile's clients. */
function objectsPart<C, U>(isForAll: boolean): Plug<C, U> {
  const forAll = { required: true, algorithms: ['PS256', 'ES256', 'EdDSA', 'Ed25519'], maxLifetime: 3600 } as const;
  return unlessThere('requestObjects', () => requestObjects({ byReference: false, ...(isForAll && forAll) }));
}

/**
 * FAPI 2.0 Message Signing: all of `fapi2()`; the client signs its pushed requests, and the server signs its responses, as JWTs. It also plugs in
 * `requestObjects()` and `jwtResponses()`, unless they are plugged in already.
 *
 * @throws TypeError for invalid options
 * @throws Error before the first request, if the server lacks what the documents require, or has what they forbid for all clients
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
