/** The options of legacy(): each one gives up one rule of OAuth 2.1. */
import { isPublicClient } from '../../clients/registration.js';
import { type Finding, type Relaxations, relaxationsOf } from '../../findings.js';
import type { OptionNames } from '../../options.js';
import type { Client } from '../../types.js';
import { OAUTH_2_1 } from '../oauth21/clauses.js';
import type { Clause, Rule } from '../rule.js';
import { implicitGrant, passwordGrant } from '../rules/grants.js';
import { notCompared, plainHTTP, shortScheme } from '../rules/redirects.js';
import { withoutPKCE } from '../rules/requests.js';
import { keptPublicRefreshToken } from '../rules/tokens.js';

/** Options of `legacy()`: each one, except `appliesTo`, gives up one rule of OAuth 2.1. */
export interface LegacyOptions<C = Client> {
  /**
   * Whether the profile applies to a client: `true` or `false`. For other clients it neither forbids nor allows anything. Default: it applies to all clients.
   */
  readonly appliesTo?: (client: C) => boolean;
  /** Accepts `response_type=token`. Gives up the rule that no URL has a token: histories, logs and `Referer` headers keep URLs. Default `false`. */
  readonly allowImplicit?: boolean;
  /** Accepts users' passwords from clients. Gives up the rule that only this server sees passwords. Default `false`. */
  readonly allowPassword?: boolean;
  /**
   * Lets clients leave out the code challenge, except those that registered the `token_endpoint_auth_method` `none`. Gives up the protection against stolen and
   * injected codes. Default `false`.
   */
  readonly allowMissingPKCE?: boolean;
  /**
   * Accepts clients without registered redirect URIs: only your `validate` judges their redirect URIs. Gives up the comparison by the toolkit. Default `false`.
   */
  readonly allowUncompared?: boolean;
  /**
   * Accepts `http` redirect URIs. Gives up the protection against an attacker on the network, who can read codes and answer in place of the client. Default
   * `false`.
   */
  readonly allowHTTP?: boolean;
  /**
   * Accepts private schemes without a domain, such as `app:/callback`. Gives up the protection against another program that uses the same scheme. Default
   * `false`.
   */
  readonly allowShortSchemes?: boolean;
  /** Lets your own exchange return the same refresh token to a public client (no rotation). Gives up the detection of stolen ones. Default `false`. */
  readonly allowKeptRefreshTokens?: boolean;
}

type Relaxing = Exclude<keyof LegacyOptions, 'appliesTo'>;

/** The rule that each option gives up. */
export const RELAXED: Readonly<Record<Relaxing, Rule>> = {
  allowImplicit: implicitGrant,
  allowPassword: passwordGrant,
  allowMissingPKCE: withoutPKCE,
  allowUncompared: notCompared,
  allowHTTP: plainHTTP,
  allowShortSchemes: shortScheme,
  allowKeptRefreshTokens: keptPublicRefreshToken,
};

const NAMES = Object.keys(RELAXED) as readonly Relaxing[];

export const LEGACY_OPTIONS: OptionNames<LegacyOptions> = {
  appliesTo: true,
  allowImplicit: true,
  allowPassword: true,
  allowMissingPKCE: true,
  allowUncompared: true,
  allowHTTP: true,
  allowShortSchemes: true,
  allowKeptRefreshTokens: true,
};

/** @throws TypeError for a relaxation that is neither true nor false */
export function requireBooleans<C>(options: LegacyOptions<C>): void {
  const odd = NAMES.find((name) => !['boolean', 'undefined'].includes(typeof options[name]));
  if (odd) throw new TypeError(`legacy({ ${odd} }) is true or false, not ${JSON.stringify(options[odd])}`);
}

/** Public clients need a code challenge in any case: nothing else protects their codes. */
const PUBLIC_WITHOUT_PKCE: Rule = {
  ...withoutPKCE,
  forbids: 'an authorization request of a public client without `code_challenge`',
  request: (asked, core) => (isPublicClient(asked) ? withoutPKCE.request?.(asked, core) : undefined),
};

/** The clauses of OAuth 2.1 without those that the options give up. */
export function clausesOf<C>(options: LegacyOptions<C>): readonly Clause[] {
  const relaxed = new Set(NAMES.filter((name) => options[name] === true).map((name) => RELAXED[name]));
  return OAUTH_2_1.flatMap((clause) => {
    if (!relaxed.has(clause.rule)) return [clause];
    return clause.rule === withoutPKCE ? [{ ...clause, rule: PUBLIC_WITHOUT_PKCE }] : [];
  });
}

/** The relaxations: each option gives up what its rule prevents. */
const GIVEN_UP: Relaxations<LegacyOptions> = Object.fromEntries(
  NAMES.map((name) => {
    const { why, remedy } = RELAXED[name];
    return [name, { why, remedy, section: OAUTH_2_1.find(({ rule }) => rule === RELAXED[name])?.section }];
  }),
);

export function relaxationsIn<C>(options: LegacyOptions<C>): readonly Finding[] {
  return relaxationsOf<LegacyOptions<C>>('legacy', options, GIVEN_UP);
}
