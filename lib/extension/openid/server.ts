/** OpenID Connect Core 1.0: turns an authorization server into an OpenID Provider. */

import { LOGIN_RULES } from '../../login/refusals.js';
import { OPENID_RULES } from './refusals.js';
import '../../login/members.js';
import './members.js';
import type { Core, Extension, Plug } from '../../core.js';
import { AuthorizationError } from '../../errors/authorization-error.js';
import { signingAlgorithms, signingKey } from '../../keys/sign.js';
import type { AskedRequest, AuthorizationSteps } from '../../steps.js';
import type { Client, ServerMetadata } from '../../types.js';
import { findingsOf } from './findings.js';
import { grantsOf, requireSayable } from './grants.js';
import { ignoresOffline } from './offline-access.js';
import { type OpenIDOptions, promptValuesOf, requireOptions } from './options.js';
import { judgeSector } from './own-sector.js';
import { promptsFor, requireNoPage } from './prompts.js';
import { judgeRegistration, REGISTERED } from './registration.js';
import { readRequest } from './request.js';
import { boundedSectors } from './sector-bounds.js';
import { outwardSubject, subjectTypesOf } from './subject.js';
import { tokenSteps } from './token.js';
import { hasUserInfo, notesFor, requireUserInfo, userinfoRoutes } from './userinfo.js';

const NAME = 'openid';

/** §3.1.2.6 */
const ERRORS: Readonly<Record<string, number>> = {
  ...{ login_required: 400, consent_required: 400, account_selection_required: 400, interaction_required: 400 },
  ...{ request_not_supported: 400, request_uri_not_supported: 400, registration_not_supported: 400 },
};

/** @throws Error if the issuer or the key for ID tokens is missing */
function requireParts<C, U>({ issuer, keys }: Core<C, U>): void {
  if (issuer === undefined) throw new Error('openid() needs an issuer: createServer({ issuer })');
  // OpenID Connect Core §15.1, Discovery §3: every OpenID Provider signs by RS256
  if (!signingKey(keys, 'RS256'))
    throw new Error(
      "openid() needs a key for RS256: createServer({ keys: await keySet({ signing: await generateSigningKey('RS256') }) })",
    );
}

/**
 * OpenID Connect Core §6.1, §6.2: a request object that no extension reads is refused, and not ignored, since the real request of the client may be in it. If
 * an extension reads the parameter, that extension reports errors in it.
 *
 * @throws AuthorizationError `request_not_supported`, `request_uri_not_supported`
 */
function requireNoObject<C, U>({ extensions }: Core<C, U>, { params }: AskedRequest<C>): void {
  for (const name of ['request', 'request_uri'] as const) {
    if (!params.has(name)) continue;
    const isRead = extensions.some((other) => other.name !== NAME && other.parameters?.includes(name));
    if (!isRead) throw new AuthorizationError(`${name} is not supported`, `${name}_not_supported`);
  }
}

function authorizationSteps<C, U>(core: Core<C, U>, options: OpenIDOptions<C, U>): AuthorizationSteps<C, U> {
  return {
    parse(asked) {
      requireNoObject(core, asked);
      return readRequest(core, options, asked);
    },
    prompt: (txn) => promptsFor(core, options, txn),
    interact: requireNoPage,
    decide: (txn) => requireSayable(core, txn),
    authorize: ({ req }) => notesFor(req),
  };
}

/** @see OpenID Connect Discovery §3 */
function metadataOf<C, U>(core: Core<C, U>, options: OpenIDOptions<C, U>): Partial<ServerMetadata> {
  const { claimsSupported = [], claimTypes = [], acrValues } = options;
  const algorithms = signingAlgorithms(core.keys);
  return {
    id_token_signing_alg_values_supported: algorithms,
    prompt_values_supported: ['none', ...promptValuesOf(options)], // Initiating User Registration 1.0 §4.2
    subject_types_supported: subjectTypesOf(options),
    claims_parameter_supported: true,
    claims_supported: [...new Set(['sub', ...claimsSupported])],
    claim_types_supported: ['normal', ...claimTypes],
    ...(hasUserInfo(core, options) && { userinfo_signing_alg_values_supported: algorithms }),
    ...(acrValues && { acr_values_supported: acrValues }),
  };
}

/**
 * Turns the server into an OpenID Provider: clients that ask for the scope `openid` get an ID token, which tells who the user is and when they logged in.
 * `txn.prompts` has what the user must do first, such as log in; `server.resume()` then continues the request.
 *
 * @throws TypeError for invalid options
 * @throws Error if a grant is missing that `responseTypes` need; and before the first request, if there is no issuer or no key for RS256
 * @example server.extend(openid({ findUser: (id) => users.find(id), claims: ({ name, email }) => ({ name, email }) }))
 * @see OpenID Connect Core
 */
export function openid<C = Client, U = unknown>(options: OpenIDOptions<C, U> = {}): Plug<C, U> {
  requireOptions(options);
  return (core): Extension<C, U> => {
    const verifySector = boundedSectors(core, options.fetch);
    return {
      name: NAME,
      spec: 'OpenID Connect Core',
      refusals: [...OPENID_RULES, ...LOGIN_RULES],
      parameters: [
        ...['nonce', 'prompt', 'max_age', 'acr_values', 'login_hint', 'id_token_hint', 'claims'],
        ...['display', 'ui_locales', 'claims_locales', 'request', 'request_uri', 'registration'],
      ],
      adds: [
        ...['nonce', 'prompt', 'loginHint', 'idTokenHint', 'claims', 'display'],
        ...['uiLocales', 'claimsLocales', 'id_token'],
      ],
      errors: ERRORS,
      grants: grantsOf(core, options),
      ignoresScope: (word, asked) => ignoresOffline(options, word, asked),
      authorization: authorizationSteps(core, options),
      token: tokenSteps(core, options),
      routes: userinfoRoutes(core, options),
      outwardSubject: (subject, client) => outwardSubject(core, options, subject, client),
      registers: REGISTERED,
      register: (metadata, { byStranger } = { byStranger: true }) =>
        judgeRegistration(core, options, metadata, (judged) => verifySector(judged, byStranger)),
      judgeClient: (client, origin) => judgeSector(core, client, origin),
      metadata: () => metadataOf(core, options),
      findings: () => findingsOf(NAME, core, options),
      ready() {
        requireParts(core);
        requireUserInfo(core, options);
      },
    };
  };
}
