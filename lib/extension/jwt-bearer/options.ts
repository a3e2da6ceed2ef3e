/** Options of jwtBearer(). */

import { findingsOfIssuers, findTrusted, type TrustedIssuers } from '../../assertion/trusted-issuer.js';
import type { FetchIssuerKeys } from '../../assertion/verify.js';
import { type Finding, type Relaxations, relaxationsOf } from '../../findings.js';
import { requireTimeout } from '../../http/fetch-text.js';
import { FETCH_RELAXATIONS } from '../../keys/fetch-jwks.js';
import { type OptionNames, requireKnown } from '../../options.js';
import type { Allowed } from '../../plugs.js';
import type { Awaitable, Claims, Client, Scope } from '../../types.js';

/** An assertion with valid signature, times, audience and profile, and the client that presents it. */
export interface PresentedAssertion<C = Client> {
  /** The issuer: its `iss`. */
  readonly issuer: string;
  /** The subject: its `sub`, which identifies a user at that issuer only. */
  readonly subject: string;
  /** All claims, such as `email`, `act` and `authorization_details`. */
  readonly claims: Claims;
  /** The authenticated client. */
  readonly client: C;
  /** The scope in the request, if the client asks for one. */
  readonly scope?: Scope | undefined;
}

/**
 * What an assertion allows at this server. It must have `user`, or the `subject` of a user. `scope` is by default the claim `scope` of the assertion. If the
 * assertion has `scope` and `resource`, they limit `scope` and `audience`. By default there are no `authorizationDetails`.
 */
export interface AssertedAuthorization<U = unknown> extends Allowed<U> {
  /** Further claims for the access tokens. Claims of the assertion are in the tokens only if they are returned here. */
  readonly claims?: Claims | undefined;
}

/** Options of `jwtBearer()`. */
export interface JWTBearerOptions<C = Client, U = unknown> extends FetchIssuerKeys {
  /** The issuers whose assertions are accepted, by their `iss`, or a function that finds one. */
  readonly issuers: TrustedIssuers;
  /** Returns the user of an assertion at this server, and what it allows. A falsy result refuses the assertion with `invalid_grant`. */
  readonly authorize: (
    assertion: PresentedAssertion<C>,
  ) => Awaitable<AssertedAuthorization<U> | null | undefined | false>;
  /**
   * Whether clients that do not authenticate may present assertions. This gives up that only its client can use a stolen assertion. Default `false`.
   *
   * @see RFC 7521 §4.1
   */
  readonly allowPublicClients?: boolean;
  /**
   * Whether refresh tokens are issued. This gives up that the access ends when the issuer no longer vouches for the user. Default `false`.
   *
   * @see RFC 7521 §4.1
   */
  readonly allowRefreshTokens?: boolean;
}

/** The name of the option in messages. */
export const ISSUERS = 'jwtBearer({ issuers })';

const KNOWN: OptionNames<JWTBearerOptions> = {
  issuers: true,
  authorize: true,
  allowPublicClients: true,
  allowRefreshTokens: true,
  fetch: true,
  fetchTimeout: true,
  allowHTTP: true,
};

const RELAXATIONS: Relaxations<JWTBearerOptions> = {
  ...FETCH_RELAXATIONS,
  allowPublicClients: {
    why: 'Anybody with a stolen assertion gets tokens for it, since a client_id is no secret',
    section: 'RFC 7521 §8.2',
    remedy: 'Leave it out, and have the clients authenticate',
  },
  allowRefreshTokens: {
    why: 'The client keeps its access after the issuer has stopped vouching for the user',
    section: 'RFC 7521 §4.1',
    remedy: 'Leave it out: a client that needs a new token presents a new assertion',
  },
};

/** The protections that the options give up. */
export function findingsOfOptions<C, U>(options: JWTBearerOptions<C, U>): readonly Finding[] {
  return [
    ...relaxationsOf<JWTBearerOptions<C, U>>('jwtBearer', options, RELAXATIONS as Relaxations<JWTBearerOptions<C, U>>),
    ...findingsOfIssuers(options.issuers, ISSUERS),
  ];
}

/** @throws TypeError */
export function requireOptions<C, U>(options: JWTBearerOptions<C, U>): void {
  requireKnown<JWTBearerOptions<C, U>>(options, KNOWN, 'jwtBearer');
  if (typeof options?.authorize !== 'function')
    throw new TypeError('jwtBearer({ authorize }) is needed: it says who the user of an assertion is here');
  findTrusted(options.issuers, ISSUERS); // throws for invalid issuers
  requireTimeout('jwtBearer({ fetchTimeout })', options.fetchTimeout ?? 5);
}
