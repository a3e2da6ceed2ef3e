/** Options of openid(). */

import type { Proof } from '../../access-token.js';
import type { Relaxations } from '../../findings.js';
import type { Fetch } from '../../http/fetch-text.js';
import { type OptionNames, requireKnown, requireSeconds } from '../../options.js';
import { requireLocation } from '../../registry/locations.js';
import type { Verify } from '../../resource-server/guard.js';
import { requireTexts } from '../../syntax/texts.js';
import type { Awaitable, Claims, Client, Scope } from '../../types.js';
import type { ClaimRequests } from './members.js';

/** The claims of a user that a client requests for one place: the ID token, or UserInfo. */
export interface AskedClaims<C = Client> {
  /** The scope whose claims are requested for this place. @see OpenID Connect Core §5.4 */
  readonly scope: Scope;
  /** The claims that are requested one by one for this place. @see OpenID Connect Core §5.5 */
  readonly requested: ClaimRequests;
  /** The languages that the client wants claims in, the best first: BCP 47. */
  readonly locales?: readonly string[] | undefined;
  readonly client: C;
}

/** The response types with an ID token from the authorization endpoint. @see OpenID Connect Core §3.2, §3.3 */
export type IDTokenResponseType = 'id_token' | 'id_token token' | 'code id_token' | 'code id_token token';

/** What a user may have to do first. @see OpenID Connect Core §3.1.2.1, Initiating User Registration 1.0 §4 */
export type PromptValue = 'login' | 'consent' | 'select_account' | 'create';

/** The URL of UserInfo, and which access tokens it accepts. */
export interface UserInfoOptions {
  /** Verifies an access token, and returns it with its `notes`. Default: the token service of `createServer({ tokens })`. */
  readonly verify?: Verify;
  /**
   * The proofs of possession that UserInfo can check, such as `dpopProof()` and `certificateProof()`. A token that is bound to a key in any other way is
   * refused. Default: those of the extensions that bind tokens at this server, such as `dpop()` and `certificateBoundTokens()`.
   */
  readonly proofs?: readonly Proof[];
  /** Where UserInfo is mounted, for the metadata: a path below the issuer, or a URL. Default: what `createServer({ endpoints })` says, or `/userinfo`. */
  readonly url?: string;
}

/** Makes the `sub` for clients whose `subject_type` is `pairwise`: always the same for the same subject and sector, and different for each sector. */
export type PairwiseSubject<C> = (subject: string, sector: string, client: C) => Awaitable<string>;

/** Options of `openid()`. */
export interface OpenIDOptions<C = Client, U = unknown> {
  /** Finds a user by the subject that `createServer({ subject })` returned for them; undefined if the user was removed. Needed for `claims`. */
  readonly findUser?: (subject: string) => Awaitable<U | null | undefined | false>;
  /**
   * Returns claims of a user, by the names of OpenID Connect Core §5.1. It may return more than was requested: only requested claims are sent. Default: no
   * claim but `sub`.
   */
  readonly claims?: (user: U, asked: AskedClaims<C>) => Awaitable<Claims>;
  /**
   * The claims that a scope of your own asks for: `{ groups: ['groups'] }`. The claims of `profile`, `email`, `address` and `phone` are always defined.
   * Default: no other scopes have claims.
   */
  readonly scopeClaims?: Readonly<Record<string, readonly string[]>>;
  /** The names of the claims that `claims` can return, for the metadata. Default: only `sub` is published. */
  readonly claimsSupported?: readonly string[];
  /**
   * The types of the claims in `_claim_names` and `_claim_sources` of `claims`, for the metadata: `aggregated` claims are signed by others, `distributed`
   * claims are in other places. Default: both members are left out.
   */
  readonly claimTypes?: readonly ('aggregated' | 'distributed')[];
  /**
   * UserInfo, at which a client reads claims with an access token; `false` for no such endpoint. Default: it accepts the tokens of `createServer({ tokens })`.
   * Mount `server.route('userinfo')`.
   */
  readonly userinfo?: UserInfoOptions | false;
  /**
   * Makes the `sub` for clients of the subject type `public` from the internal subject. It must always be the same for the same subject and client. Default:
   * the subject itself.
   */
  readonly subjectFor?: (subject: string, client: C) => Awaitable<string>;
  /**
   * How the `sub` for clients of the subject type `pairwise` is made, so that two clients cannot find out that they have the same user: a secret of 32
   * characters or more for the built-in keyed hash, which must never change; or a function of your own. Default: such clients are refused.
   */
  readonly pairwise?: string | PairwiseSubject<C>;
  /** Fetches `sector_identifier_uri` when a client is registered. Default: `publicFetch()`, which connects to public addresses only. */
  readonly fetch?: Fetch;
  /** Seconds for which an ID token is valid: 10 to 86,400. Default 600. */
  readonly idTokenLifetime?: number;
  /** Further audiences for the ID tokens of a client, such as the server of an app. The ID token then names the client as `azp`. Default: the client alone. */
  readonly idTokenAudiences?: (client: C) => Awaitable<readonly string[] | undefined>;
  /**
   * Further response types, with an ID token from the authorization endpoint: `['code id_token']`. Register the grants for their other words before. Default:
   * none, so that ID tokens come from the token endpoint only.
   */
  readonly responseTypes?: readonly IDTokenResponseType[];
  /**
   * The prompts that your pages support when `txn.prompts` has them. A request with another one is refused. Default: `['login', 'consent', 'select_account']`.
   */
  readonly promptValues?: readonly PromptValue[];
  /**
   * All `acr` values that a login at this server can have. They are published. A client that requires another value (by `claims`) is refused at once; if it
   * requires one of these, the user has to log in until the login has it. Default: any value; a client that requires one is refused if the user logs in and the
   * login has another.
   */
  readonly acrValues?: readonly string[];
  /**
   * Whether a client gets `offline_access` without `prompt=consent`: exactly `true` if it does. This gives up that the user is asked each time before a client
   * gets access while they are away. Use it for programs of your own. Default: without `prompt=consent`, `offline_access` is ignored. With the device grant and
   * CIBA it is never ignored, since users are always asked.
   *
   * @see OpenID Connect Core §11
   */
  readonly allowOfflineWithoutConsent?: (client: C) => boolean;
}

export const RELAXATIONS: Relaxations<OpenIDOptions> = {
  allowOfflineWithoutConsent: {
    why: 'A client gets access while the user is away (offline_access), and the user is not asked about it',
    section: 'OpenID Connect Core §11',
    remedy: 'Allow it to programs of your own, and have others send prompt=consent',
  },
};

const KNOWN: OptionNames<OpenIDOptions> = {
  findUser: true,
  claims: true,
  scopeClaims: true,
  claimsSupported: true,
  claimTypes: true,
  userinfo: true,
  subjectFor: true,
  pairwise: true,
  fetch: true,
  idTokenLifetime: true,
  idTokenAudiences: true,
  responseTypes: true,
  promptValues: true,
  acrValues: true,
  allowOfflineWithoutConsent: true,
};

const OF_USERINFO: OptionNames<UserInfoOptions> = { verify: true, proofs: true, url: true };

const PROMPT_VALUES: readonly PromptValue[] = ['login', 'consent', 'select_account', 'create'];

/** The prompts that the application's pages support by default. */
const USUAL: readonly PromptValue[] = ['login', 'consent', 'select_account'];

export function promptValuesOf<C, U>({ promptValues = USUAL }: OpenIDOptions<C, U>): readonly PromptValue[] {
  return promptValues;
}

const [SHORTEST, LONGEST] = [10, 86_400];

/** In characters. A shorter secret could be found by brute force. */
const SHORTEST_SECRET = 32;

/** @throws TypeError */
function requireOfUsers<C, U>({ findUser, claims, pairwise, userinfo, claimTypes = [] }: OpenIDOptions<C, U>): void {
  if (claims && !findUser)
    throw new TypeError('openid({ claims }) needs openid({ findUser }): a refresh has no user, but their subject');
  const isShort = typeof pairwise === 'string' && pairwise.length < SHORTEST_SECRET;
  if (isShort || !['undefined', 'string', 'function'].includes(typeof pairwise))
    throw new TypeError(`openid({ pairwise }) is a secret of ${SHORTEST_SECRET} characters or more, or a function`);
  const other = claimTypes.find((type) => !['aggregated', 'distributed'].includes(type));
  if (other !== undefined) throw new TypeError(`openid({ claimTypes }) are aggregated, distributed, not ${other}`);
  if (!userinfo) return;
  requireKnown<UserInfoOptions>(userinfo, OF_USERINFO, 'openid({ userinfo })');
  if (userinfo.url !== undefined) requireLocation(userinfo.url, 'openid({ userinfo: { url } })');
}

/** @throws TypeError for invalid options */
export function requireOptions<C, U>(options: OpenIDOptions<C, U>): void {
  requireKnown<OpenIDOptions<C, U>>(options, KNOWN, 'openid');
  const { idTokenLifetime = SHORTEST, acrValues } = options;
  requireOfUsers(options);
  requireTexts(acrValues, 'openid({ acrValues })');
  requireSeconds('openid({ idTokenLifetime })', idTokenLifetime, SHORTEST, LONGEST);
  const other = promptValuesOf(options).find((value) => !PROMPT_VALUES.includes(value));
  if (other !== undefined)
    throw new TypeError(`openid({ promptValues }) are some of ${PROMPT_VALUES.join(', ')}, not ${other}`);
}
