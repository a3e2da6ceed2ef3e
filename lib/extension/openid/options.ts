/** What openid() takes. */
import { type OptionNames, requireKnown } from '../../options.js';
import type { Awaitable, Claims, Client, Scope } from '../../types.js';
import type { ClaimRequests } from './members.js';

/** What is asked about a user, at one place: in an ID token, or at UserInfo. */
export interface AskedClaims<C = Client> {
  /** The scope whose claims are wanted here. @see OpenID Connect Core §5.4 */
  readonly scope: Scope;
  /** The claims that were asked for one by one for this place. @see OpenID Connect Core §5.5 */
  readonly requested: ClaimRequests;
  readonly client: C;
}

/** The response types of an ID token that comes by way of the browser. @see OpenID Connect Core §3.2, §3.3 */
export type IDTokenResponseType = 'id_token' | 'id_token token' | 'code id_token' | 'code id_token token';

/** What the user may be asked to do first. @see OpenID Connect Core §3.1.2.1, Initiating User Registration 1.0 §4 */
export type PromptValue = 'login' | 'consent' | 'select_account' | 'create';

export interface OpenIDOptions<C = Client, U = unknown> {
  /** The user of a subject, which is what `createServer({ subject })` gave for them: undefined if there is no such user any more. Needed for `claims`. */
  readonly findUser?: (subject: string) => Awaitable<U | null | undefined | false>;
  /** What is known of a user. More than was asked for may be given: only what was asked for is sent. Default: nothing but `sub`. */
  readonly claims?: (user: U, asked: AskedClaims<C>) => Awaitable<Claims>;
  /** The `sub` that a client sees, made from the subject inside. Always the same for the same subject and client. Default: the subject itself. */
  readonly subjectFor?: (subject: string, client: C) => Awaitable<string>;
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
   *
   * @see OpenID Connect Core §11
   */
  readonly allowOfflineWithoutConsent?: (client: C) => boolean;
}

const KNOWN: OptionNames<OpenIDOptions> = {
  findUser: true,
  claims: true,
  subjectFor: true,
  idTokenLifetime: true,
  idTokenAudiences: true,
  responseTypes: true,
  promptValues: true,
  acrValues: true,
  allowOfflineWithoutConsent: true,
};

const PROMPT_VALUES: readonly PromptValue[] = ['login', 'consent', 'select_account', 'create'];

/** What the application's pages can do, where it has said nothing. */
const USUAL: readonly PromptValue[] = ['login', 'consent', 'select_account'];

export function promptValuesOf<C, U>({ promptValues = USUAL }: OpenIDOptions<C, U>): readonly PromptValue[] {
  return promptValues;
}

const [SHORTEST, LONGEST] = [10, 86_400];

/** @throws TypeError for options that cannot be meant */
export function requireOptions<C, U>(options: OpenIDOptions<C, U>): void {
  requireKnown<OpenIDOptions<C, U>>(options, KNOWN, 'openid');
  const { findUser, claims, idTokenLifetime = SHORTEST } = options;
  if (claims && !findUser)
    throw new TypeError('openid({ claims }) needs openid({ findUser }): a refresh has no user, but their subject');
  if (!(idTokenLifetime >= SHORTEST && idTokenLifetime <= LONGEST))
    throw new TypeError(`openid({ idTokenLifetime }) is ${SHORTEST} to ${LONGEST} seconds, not ${idTokenLifetime}`);
  const other = promptValuesOf(options).find((value) => !PROMPT_VALUES.includes(value));
  if (other !== undefined)
    throw new TypeError(`openid({ promptValues }) are some of ${PROMPT_VALUES.join(', ')}, not ${other}`);
}
