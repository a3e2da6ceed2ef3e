/** What legacy() takes: each option gives up one rule of OAuth 2.1. */
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

/** Options of `legacy()`: each gives up what OAuth 2.1 requires. */
export interface LegacyOptions<C = Client> {
  /**
   * Whether a client is of this profile: `true` or `false`. For the other clients it neither forbids nor allows anything. Default: all clients are.
   */
  readonly appliesTo?: (client: C) => boolean;
  /** Takes `response_type=token`. Gives up the rule that no URL has a token: histories, logs and `Referer` headers keep URLs. Default `false`. */
  readonly allowImplicit?: boolean;
  /** Takes users' passwords from clients. Gives up the rule that only this server sees passwords. Default `false`. */
  readonly allowPassword?: boolean;
  /**
   * Lets clients leave out the code challenge, except those that registered the `token_endpoint_auth_method` `none`. Gives up the protection against stolen and
   * injected codes. Default `false`.
   */
  readonly allowMissingPKCE?: boolean;
  /** Takes clients without registered redirect URIs, whose redirect URIs only your `validate` judges. Gives up the comparison by the toolkit. Default `false`. */
  readonly allowUncompared?: boolean;
  /** Takes `http` redirect URIs. Gives up the protection against an attacker on the network, who can read codes and answer in place of the client. Default `false`. */
  readonly allowHTTP?: boolean;
  /** Takes private schemes without a domain, such as `app:/callback`. Gives up the proof of whose scheme it is: any other program may use the same one. Default `false`. */
  readonly allowShortSchemes?: boolean;
  /** Lets your own exchange keep refresh tokens of public clients. Gives up the detection of stolen ones. Default `false`. */
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

/** Public clients need a challenge whatever is given up: they have nothing else to show who they are. */
const PUBLIC_WITHOUT_PKCE: Rule = {
  ...withoutPKCE,
  forbids: 'an authorization request of a public client without `code_challenge`',
  request: (asked, core) => (isPublicClient(asked) ? withoutPKCE.request?.(asked, core) : undefined),
};

/** What is left of OAuth 2.1. */
export function clausesOf<C>(options: LegacyOptions<C>): readonly Clause[] {
  const relaxed = new Set(NAMES.filter((name) => options[name] === true).map((name) => RELAXED[name]));
  return OAUTH_2_1.flatMap((clause) => {
    if (!relaxed.has(clause.rule)) return [clause];
    return clause.rule === withoutPKCE ? [{ ...clause, rule: PUBLIC_WITHOUT_PKCE }] : [];
  });
}

/** What each option gives up: what its rule prevents. */
const GIVEN_UP: Relaxations<LegacyOptions> = Object.fromEntries(
  NAMES.map((name) => {
    const { why, remedy } = RELAXED[name];
    return [name, { why, remedy, section: OAUTH_2_1.find(({ rule }) => rule === RELAXED[name])?.section }];
  }),
);

export function relaxationsIn<C>(options: LegacyOptions<C>): readonly Finding[] {
  return relaxationsOf<LegacyOptions<C>>('legacy', options, GIVEN_UP);
}
