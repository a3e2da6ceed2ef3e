/** What jwtBearer() takes. */

import { findingsOfIssuers, findTrusted, type TrustedIssuers } from '../../assertion/trusted-issuer.js';
import type { FetchIssuerKeys } from '../../assertion/verify.js';
import { type Finding, type Relaxations, relaxationsOf } from '../../findings.js';
import { requireTimeout } from '../../http/fetch-text.js';
import { FETCH_RELAXATIONS } from '../../keys/fetch-jwks.js';
import { type OptionNames, requireKnown } from '../../options.js';
import type { Allowed } from '../../plugs.js';
import type { Awaitable, Claims, Client, Scope } from '../../types.js';

/** An assertion whose signature, times, audience and profile are right, and who presents it. */
export interface PresentedAssertion<C = Client> {
  /** Who vouches: its `iss`. */
  readonly issuer: string;
  /** For whom: its `sub`, which means something at that issuer only. */
  readonly subject: string;
  /** All that it says, such as `email`, `act` and `authorization_details`. */
  readonly claims: Claims;
  /** The client that has authenticated. */
  readonly client: C;
  /** The scope that the client asks for in the request, if it does. */
  readonly scope?: Scope | undefined;
}

/**
 * What an assertion allows here. `user` is needed, or the `subject` that stands for one. `scope` is by default the claim `scope` of the assertion; it and
 * `audience` never become more than the assertion's own `scope` and `resource`, where it has them. `authorizationDetails` is by default nothing.
 */
export interface AssertedAuthorization<U = unknown> extends Allowed<U> {
  /** Further claims of the access tokens: those of the assertion are in no token unless they are given here. */
  readonly claims?: Claims | undefined;
}

/** Options of `jwtBearer()`. */
export interface JWTBearerOptions<C = Client, U = unknown> extends FetchIssuerKeys {
  /** Whose assertions are accepted: the issuers by their `iss`, or a function that finds one. */
  readonly issuers: TrustedIssuers;
  /** Says who the user of an assertion is here, and what it allows. A falsy result refuses it: `invalid_grant`. */
  readonly authorize: (
    assertion: PresentedAssertion<C>,
  ) => Awaitable<AssertedAuthorization<U> | null | undefined | false>;
  /**
   * Whether clients may use it that prove nothing but their `client_id`. Gives up that an assertion which was stolen is of use to its client only.
   * Default `false`. @see RFC 7521 §4.1
   */
  readonly allowPublicClients?: boolean;
  /**
   * Whether refresh tokens are given. Gives up that the access ends when the issuer vouches for the user no more. Default `false`.
   *
   * @see RFC 7521 §4.1
   */
  readonly allowRefreshTokens?: boolean;
}

/** How messages name the option. */
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
    why: 'Whoever has a stolen assertion gets tokens for it: a client_id is no secret',
    section: 'RFC 7521 §8.2',
    remedy: 'Leave it out, and have the clients authenticate',
  },
  allowRefreshTokens: {
    why: 'The client keeps its access after the issuer has stopped vouching for the user',
    section: 'RFC 7521 §4.1',
    remedy: 'Leave it out: a client that needs a new token presents a new assertion',
  },
};

/** What the options give up. */
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
  findTrusted(options.issuers, ISSUERS); // throws for issuers that cannot be meant
  requireTimeout('jwtBearer({ fetchTimeout })', options.fetchTimeout ?? 5);
}
