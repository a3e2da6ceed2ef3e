/** The functions that issue tokens of other types than access tokens. @see RFC 8693 §3 */
import type { IssueToken, TokenExchangeOptions } from './options.js';

type Issues<C> = Pick<TokenExchangeOptions<C>, 'issues'>;

export function issuerOf<C>({ issues = {} }: Issues<C>, type = ''): IssueToken<C> | undefined {
  return Object.hasOwn(issues, type) ? issues[type] : undefined;
}

/** Whether a token of this type is a grant for another server. */
export function isForOther<C>(options: Issues<C>, type: string | undefined): boolean {
  return issuerOf(options, type)?.isForOtherServer === true;
}

/** The token types that are grants for other servers. @see draft-ietf-oauth-identity-chaining-17 §3 */
export function typesForOther<C>(options: Issues<C>): readonly string[] {
  return Object.keys(options.issues ?? {}).filter((type) => isForOther(options, type));
}
