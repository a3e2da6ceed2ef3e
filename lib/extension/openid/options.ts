/** What openid() takes. */

import type { Proof } from '../../access-token.js';
import type { Relaxations } from '../../findings.js';
import type { Fetch } from '../../http/fetch-text.js';
import { type OptionNames, requireKnown, requireSeconds } from '../../options.js';
import { requireLocation } from '../../registry/locations.js';
import type { Verify } from '../../resource-server/guard.js';
import { requireTexts } from '../../syntax/texts.js';
import type { Awaitable, Claims, Client, Scope } from '../../types.js';
import type { ClaimRequests } from './members.js';

/** What is asked about a user, at one place: in an ID token, or at UserInfo. */
export interface AskedClaims<C = Client> {
  /** The scope whose claims are wanted here. @see OpenID Connect Core §5.4 */
  readonly scope: Scope;
  /** The claims that were asked for one by one for this place. @see OpenID Connect Core §5.5 */
  readonly requested: ClaimRequests;
  /** The languages that the client wants claims in, the best first: BCP 47. */
  readonly locales?: readonly string[] | undefined;
  readonly client: C;
}

/** The response types of an ID token that comes by way of the browser. @see OpenID Connect Core §3.2, §3.3 */
export type IDTokenResponseType = 'id_token' | 'id_token token' | 'code id_token' | 'code id_token token';

/** What the user may be asked to do first. @see OpenID Connect Core §3.1.2.1, Initiating User Registration 1.0 §4 */
export type PromptValue = 'login' | 'consent' | 'select_account' | 'create';

/** Where UserInfo is, and which access tokens it takes. */
export interface UserInfoOptions {
  /** Says what an access token stands for, with its `notes`. Default: the token service of `createServer({ tokens })`. */
  readonly verify?: Verify;
  /** The proofs of possession that UserInfo can check, such as `dpopProof()` and `certificateProof()`. A token that is bound to a key in any other way is refused. Default: none. */
  readonly proofs?: readonly Proof[];
  /** Where it is mounted, for the metadata: a path below the issuer, or a URL. Default: what `createServer({ endpoints })` says, or `/userinfo`. */
  readonly url?: string;
}

/** Makes the `sub` of clients whose `subject_type` is `pairwise`: always the same for the same subject and sector, and another one for each sector. */
export type PairwiseSubject<C> = (subject: string, sector: string, client: C) => Awaitable<string>;

/** Options of `openid()`. */
export interface OpenIDOptions<C = Client, U = unknown> {
  /** The user of a subject, which is what `createServer({ subject })` gave for them: undefined if there is no such user any more. Needed for `claims`. */
  readonly findUser?: (subject: string) => Awaitable<U | null | undefined | false>;
  /** What is known of a user, by the names of OpenID Connect Core §5.1. More than was asked for may be given: only what was asked for is sent. Default: nothing but `sub`. */
  readonly claims?: (user: U, asked: AskedClaims<C>) => Awaitable<Claims>;
  /** The claims that a scope of your own asks for: `{ groups: ['groups'] }`. Default: those of `profile`, `email`, `address` and `phone`, which always count. */
  readonly scopeClaims?: Readonly<Record<string, readonly string[]>>;
  /** The names of the claims that `claims` can give, to be published. Default: `sub` is published. */
  readonly claimsSupported?: readonly string[];
  /** What `_claim_names` and `_claim_sources` of `claims` are, to be published: claims that others have signed, or that are elsewhere. Default: both members are left out. */
  readonly claimTypes?: readonly ('aggregated' | 'distributed')[];
  /** UserInfo, where a client reads claims with an access token; `false` for none. Default: it takes the tokens of `createServer({ tokens })`. Mount `server.route('userinfo')`. */
  readonly userinfo?: UserInfoOptions | false;
  /** The `sub` that clients of the subject type `public` see, made from the subject inside. Always the same for the same subject and client. Default: the subject itself. */
  readonly subjectFor?: (subject: string, client: C) => Awaitable<string>;
  /**
   * How the `sub` of clients of the subject type `pairwise` is made, so that two clients cannot find out that they have the same user: a secret of 32
   * characters or more for our keyed hash, which must never change; or a function of your own. Default: such clients are refused.
   */
  readonly pairwise?: string | PairwiseSubject<C>;
  /** Fetches `sector_identifier_uri` when a client is registered. Default: `publicFetch()`, which reaches the internet, and nothing inside. */
  readonly fetch?: Fetch;
  /** Seconds for which an ID token is good: 10 to 86400. Default 600. */
  readonly idTokenLifetime?: number;
  /** Further audiences of the ID tokens of a client, such as the server behind an app. The ID token then names the client as `azp`. Default: the client alone. */
  readonly idTokenAudiences?: (client: C) => Awaitable<readonly string[] | undefined>;
  /**
   * Response types that send an ID token by way of the browser, beside those of the grants: `['code id_token']`. Register the grants of their other
   * words before. Default: none; an ID token then comes from the token endpoint only.
   */
  readonly responseTypes?: readonly IDTokenResponseType[];
  /** What your pages can ask of a user when `txn.prompts` says so. A request for another one is refused. Default: `['login', 'consent', 'select_account']`. */
  readonly promptValues?: readonly PromptValue[];
  /**
   * Every `acr` that a login at this server can have. They are published. A client that needs another one (`claims`) is refused at once; for one of
   * these, the user has to log in until the login has it. Default: any; a client that needs one is refused if the user logs in and has another.
   */
  readonly acrValues?: readonly string[];
  /**
   * Whether a client gets `offline_access` without asking for consent by `prompt`: exactly `true` if it does. Gives up that the user is asked each
   * time before a client may go on when they are not there. For programs of your own. Default: without `prompt=consent`, `offline_access` is ignored.
   * Requests of devices and of CIBA keep it: their users are always asked.
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

/** What the application's pages can do, where it has said nothing. */
const USUAL: readonly PromptValue[] = ['login', 'consent', 'select_account'];

export function promptValuesOf<C, U>({ promptValues = USUAL }: OpenIDOptions<C, U>): readonly PromptValue[] {
  return promptValues;
}

const [SHORTEST, LONGEST] = [10, 86_400];

/** In characters. A shorter secret could be found by trying. */
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

/** @throws TypeError for options that cannot be meant */
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
