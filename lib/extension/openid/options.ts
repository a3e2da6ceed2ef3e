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

export interface OpenIDOptions<C = Client, U = unknown> {
  /** The user of a subject, which is what `createServer({ subject })` gave for them: undefined if there is no such user any more. Needed for `claims`. */
  readonly findUser?: (subject: string) => Awaitable<U | null | undefined | false>;
  /** What is known of a user. More than was asked for may be given: only what was asked for is sent. Default: nothing but `sub`. */
  readonly claims?: (user: U, asked: AskedClaims<C>) => Awaitable<Claims>;
  /** The `sub` that a client sees, made from the subject inside. Always the same for the same subject and client. Default: the subject itself. */
  readonly subjectFor?: (subject: string, client: C) => Awaitable<string>;
  /** Seconds for which an ID token is good: 10 to 86400. Default 600. */
  readonly idTokenLifetime?: number;
}

const KNOWN: OptionNames<OpenIDOptions> = { findUser: true, claims: true, subjectFor: true, idTokenLifetime: true };

const [SHORTEST, LONGEST] = [10, 86_400];

/** @throws TypeError for options that cannot be meant */
export function requireOptions<C, U>(options: OpenIDOptions<C, U>): void {
  requireKnown<OpenIDOptions<C, U>>(options, KNOWN, 'openid');
  const { findUser, claims, idTokenLifetime = SHORTEST } = options;
  if (claims && !findUser)
    throw new TypeError('openid({ claims }) needs openid({ findUser }): a refresh has no user, but their subject');
  if (!(idTokenLifetime >= SHORTEST && idTokenLifetime <= LONGEST))
    throw new TypeError(`openid({ idTokenLifetime }) is ${SHORTEST} to ${LONGEST} seconds, not ${idTokenLifetime}`);
}
