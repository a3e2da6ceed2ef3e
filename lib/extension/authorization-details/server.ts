/** RFC 9396: OAuth 2.0 Rich Authorization Requests, the authorization server's side. */

import type { Core, Extension } from '../../core.js';
import { OAuth2Error } from '../../errors/oauth2-error.js';
import { reasoned } from '../../errors/reason.js';
import { relaxationsOf } from '../../findings.js';
import type { AuthorizationSteps } from '../../steps.js';
import { responseTypeWords } from '../../syntax/response-type.js';
import type { Claims, Client } from '../../types.js';
import { isFor } from './compare.js';
import { areDetails } from './detail.js';
import { grantedBy } from './granted.js';
import { type AuthorizationDetailsOptions, RELAXATIONS, requireRegistration, typesOf } from './options.js';
import { readDetails } from './read.js';
import { AUTHORIZATION_DETAILS_RULES } from './refusals.js';
import { PARAMETER, tokenSteps } from './token.js';
import { DetailTypes } from './types.js';

/** §9.2: introspection tells an API only the elements that it can be used for. @param told the introspection response for this API, with its own `aud` */
function withDetailsFor(told: Claims): Claims {
  const { [PARAMETER]: details, aud } = told;
  if (details === undefined) return told;
  const audience = [aud ?? []].flat().filter((one) => typeof one === 'string');
  const left = areDetails(details) ? details.filter((one) => isFor(one, audience)) : [];
  return Object.assign({}, told, { [PARAMETER]: left.length > 0 ? left : undefined });
}

/** §4, §7: an authorization response has no parameter for the details of a token in it. */
function notHere(type: string): OAuth2Error {
  const error = new OAuth2Error(
    `${PARAMETER} needs a response type without a token`,
    'invalid_request',
    undefined,
    400,
  );
  return reasoned(error, 'A token of the authorization endpoint cannot have details', { response_type: type });
}

function authorizationSteps<C, U>(types: DetailTypes<C>, allowImmediate: boolean): AuthorizationSteps<C, U> {
  return {
    async parse({ params, client, request }) {
      const json = params.get(PARAMETER);
      if (json === undefined) return undefined;
      if (responseTypeWords(request.type).includes('token')) throw notHere(request.type);
      const asked = readDetails(json);
      await types.requireValid(asked, client);
      return { authorizationDetails: asked };
    },
    prompt: ({ req }) => (req.authorizationDetails && !allowImmediate ? ['consent'] : undefined),
    async decide(txn) {
      await grantedBy(types, txn);
    },
    async authorize(txn) {
      const granted = await grantedBy(types, txn);
      return granted && { authorizationDetails: granted };
    },
  };
}

/** `check` of this extension reads the audience. RFC 9396 §9.1. @throws Error if a later extension sets the audience in its `check` */
function requireOrder<C, U>({ extensions }: Core<C, U>): void {
  const own = extensions.findIndex(({ name }) => name === 'authorizationDetails');
  const later = extensions.slice(own + 1).find(({ adds, token }) => token?.check && adds?.includes('audience'));
  if (later)
    throw new Error(
      `Plug authorizationDetails() in after ${later.name}(), which says which APIs a token is for: otherwise no code with details for other APIs could be redeemed`,
    );
}

/**
 * Lets clients ask for exactly what they need, as JSON (`authorization_details`), where a scope cannot say enough: "let me transfer 45 euros to this account".
 * The application declares the types of such requests, with a function that judges each. The dialog finds the requested elements in
 * `txn.req.authorizationDetails`. The decision may grant less, or add what the type allows by `enriches`. Tokens, introspection and the token response have the
 * granted elements; at the token endpoint a client can ask for less, and never for more.
 *
 * A request with details and no `scope` asks for no scope, and gets no default scope.
 *
 * @throws TypeError without types, and for a type without a `validate` function
 * @throws Error before the first request, if an extension that sets the audience of tokens is plugged in after this one
 * @example
 * server.extend(authorizationDetails({
 *   types: {
 *     payment_initiation: {
 *       required: ['instructedAmount', 'creditorAccount'],
 *       optional: ['locations', 'actions'],
 *       validate: ({ creditorAccount }) => typeof creditorAccount === 'string' && /^[A-Z]{2}\d+$/.test(creditorAccount),
 *     },
 *   },
 * }));
 * @see RFC 9396
 */
export function authorizationDetails<C = Client, U = unknown>(
  options: AuthorizationDetailsOptions<C>,
): Extension<C, U> {
  const declared = typesOf(options);
  const types = new DetailTypes(declared);
  return {
    name: 'authorizationDetails',
    spec: 'RFC 9396',
    refusals: AUTHORIZATION_DETAILS_RULES,
    parameters: ['authorization_details'],
    asksBy: ['authorization_details'],
    adds: ['authorizationDetails', 'authorization_details', 'claims.authorization_details'],
    errors: { invalid_authorization_details: 400 },
    authorization: authorizationSteps(types, options.allowImmediate === true),
    token: tokenSteps(types),
    ready: requireOrder,
    narrowDisclosed: withDetailsFor,
    registers: ['authorization_details_types'],
    register: (metadata) => requireRegistration(metadata, declared),
    metadata: () => ({ authorization_details_types_supported: [...declared.keys()] }), // §10
    findings: () => relaxationsOf('authorizationDetails', options, RELAXATIONS),
  };
}
