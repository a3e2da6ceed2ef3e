/** RFC 9449: Demonstrating Proof of Possession (DPoP), the authorization server's side. */
import { DPOP_RULES } from './refusals.js';
import './confirmation.js';
import type { Context } from 'koa';
import { isPublicClient } from '../../clients/registration.js';
import type { Core, Extension, Plug } from '../../core.js';
import { AuthorizationError } from '../../errors/authorization-error.js';
import { reasoned } from '../../errors/reason.js';
import { requireKnown } from '../../options.js';
import { andThen } from '../../promise.js';
import type { AuthorizationSteps, TokenSteps } from '../../steps.js';
import { responseTypeWords } from '../../syntax/response-type.js';
import { isSameType } from '../../syntax/token-type.js';
import { authenticatedClient } from '../../token/authenticated-client.js';
import type { Awaitable, Client, TokenRequestParts, TokenResponse } from '../../types.js';
import { proofAlgorithms } from './algorithms.js';
import { keyOfCode, requireKey } from './binding.js';
import { ProofHeaders } from './header.js';
import { BOUND, type DPoPOptions, requireRegistration, whoIsBound } from './options.js';
import { requestedURLs } from './places.js';
import { possessionOf } from './possession.js';
import { invalidProof, type PresentedProof, type ProofSettings, presentedProof } from './presented.js';
import { DPOP } from './scheme.js';
import { urlsBelow } from './url.js';

const OPTIONS = { isBound: true, algorithms: true, nonces: true, baseURL: true, useOnce: true } as const;

/** The options and functions from which the steps of an authorization server are made. */
interface Side<C> {
  readonly settings: ProofSettings;
  /** The proof of a request, if it has one. @throws OAuth2Error */
  proofOf(ctx: Context): Awaitable<PresentedProof | undefined>;
  mustBind(client: C): Awaitable<boolean>;
}

function missing({ settings }: Pick<Side<never>, 'settings'>) {
  return invalidProof(settings, 'it is missing', undefined);
}

/** A token from the authorization endpoint cannot be bound, since requests to it have no proof. */
function notHere(type: string): AuthorizationError {
  return reasoned(
    new AuthorizationError('Tokens of this client are bound to a key', 'unauthorized_client'),
    'It registered dpop_bound_access_tokens, or dpop({ isBound }) says so',
    { response_type: type },
  );
}

function authorizationSteps<C, U>({ proofOf, mustBind }: Side<C>): AuthorizationSteps<C, U> {
  return {
    async parse({ params, client, ctx, request }) {
      if (responseTypeWords(request.type).includes('token') && (await mustBind(client))) throw notHere(request.type);
      const proof = await proofOf(ctx); // §10.1: a pushed request may have one
      const authenticated = authenticatedClient<C>(ctx);
      // proofs of public clients are not stored, since anybody may send them: a stranger who replays a proof gets a code that only the owner of the key can use
      const isProved = authenticated && !isPublicClient({ client, authMethod: authenticated.method });
      if (isProved) await proof?.use();
      return keyOfCode(params, request, proof);
    },
  };
}

/** What a token request gets by its proof, or without one. @throws OAuth2Error if it needs a proof and has none. @see RFC 9449 §5, §5.2, §6 */
function partsBy<C>(
  side: Side<C>,
  client: C,
  proof: PresentedProof | undefined,
): Awaitable<TokenRequestParts | undefined> {
  if (proof) return { confirmation: { jkt: proof.thumbprint }, tokenType: DPOP, dpopProof: proof };
  return andThen(side.mustBind(client), (isBound) => {
    if (isBound) throw missing(side);
    return undefined;
  });
}

/** Marks a proof as used. This is done only when the request gets tokens, so that refused requests of strangers store nothing. */
async function useFor({ token_type: type }: TokenResponse, proof: PresentedProof): Promise<undefined> {
  // §5. RFC 8693 §2.2.1: a response with the type N_A has no access token
  if (!isSameType(type, DPOP) && type !== 'N_A')
    throw new Error(`A token that is bound to a DPoP key has the type ${DPOP}, not ${type}`);
  await proof.use();
}

function tokenSteps<C>(side: Side<C>): TokenSteps<C> {
  return {
    parse: (_params, client, ctx) => andThen(side.proofOf(ctx), (proof) => partsBy(side, client, proof)),
    check(authorization, request, grantType) {
      requireKey(authorization, request, grantType, () => missing(side));
    },
    respond: (response, { dpopProof }) => (dpopProof ? useFor(response, dpopProof) : undefined),
  };
}

/** @throws Error if the URL of the server is unknown, or the place where used proofs are remembered */
function requireParts<C, U>({ issuer, tokens }: Core<C, U>, { baseURL, useOnce }: DPoPOptions<C>): void {
  if (issuer === undefined && baseURL === undefined)
    throw new Error('dpop() compares URLs: say createServer({ issuer }), or dpop({ baseURL })');
  if (!tokens && !useOnce)
    throw new Error('dpop() remembers which proofs were used: say createServer({ tokens }), or dpop({ useOnce })');
}

/**
 * Binds access tokens to a key of the client, which proves with every request that it has the key, so that a stolen token is useless. A client that sends a
 * `DPoP` header to the token endpoint gets bound tokens; other clients get bearer tokens, unless their tokens must be bound. The token service puts the
 * binding, `request.confirmation`, into the tokens, and so must callbacks of your own. APIs check it by `dpopProof()`.
 *
 * Codes are bound by `dpop_jkt`, and by the proof of a pushed request. Refresh tokens of public clients are bound as well.
 *
 * @throws TypeError for algorithms that are not asymmetric, and for an invalid `baseURL`
 * @throws Error before the first request, if neither an issuer nor `baseURL` is set, or if there is no place to remember used proofs
 * @example createServer<App, User>({ issuer: 'https://as.example', tokens }).extend(dpop())
 * @example server.extend(dpop({ isBound: () => true, nonces: dpopNonces({ secret }) })) // for all clients, with nonces
 * @see RFC 9449
 */
export function dpop<C = Client, U = unknown>(options: DPoPOptions<C> = {}): Plug<C, U> {
  requireKnown<DPoPOptions<C>>(options, OPTIONS, 'dpop');
  const { nonces, baseURL } = options;
  const algorithms = proofAlgorithms(options.algorithms);
  const below = urlsBelow(baseURL);
  const headers = new ProofHeaders(algorithms);
  return (core): Extension<C, U> => {
    const settings: ProofSettings = {
      headers,
      nonces,
      status: 400,
      now: () => core.now(),
      useOnce: options.useOnce ?? ((key, expiresAt) => core.tokens?.useOnce(key, expiresAt) ?? false),
    };
    const urlsOf = requestedURLs(core, below);
    const proofOf = (ctx: Context) => presentedProof(ctx, urlsOf, settings);
    const side: Side<C> = { settings, proofOf, mustBind: whoIsBound(core, options) };
    return {
      name: 'dpop',
      obeys: [BOUND],
      spec: 'RFC 9449',
      refusals: DPOP_RULES,
      parameters: ['dpop_jkt'],
      adds: ['confirmation.jkt', 'dpopJKT', 'dpopProof'],
      errors: { invalid_dpop_proof: 400, use_dpop_nonce: 400 },
      authorization: authorizationSteps(side),
      token: tokenSteps(side),
      proof: possessionOf({ ...settings, status: 401 }, urlsOf, algorithms),
      registers: [BOUND],
      register: requireRegistration,
      metadata: () => ({ dpop_signing_alg_values_supported: algorithms }), // §5.1
      ready: (whole) => requireParts(whole, options),
    };
  };
}
