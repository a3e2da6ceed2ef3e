/** The keys that an assertion is bound to. @see RFC 7800 §3.1 */
import { reasoned } from '../../errors/reason.js';
import { TokenError } from '../../errors/token-error.js';
import type { Authorization, TokenRequest } from '../../types.js';

/**
 * Checks that the client has proved possession of each key that the assertion is bound to, also at a refresh. Otherwise an attacker who steals the client's
 * secret and a refresh token would get access that the assertion gives only to the holder of the key.
 *
 * @throws TokenError if a key was not proved */
export function requireKeys<C>({ asserted }: Authorization, request: TokenRequest<C>): void {
  const { confirmation = {} } = asserted ?? {};
  const proved = new Map(Object.entries(request.confirmation ?? {}));
  const missing = Object.entries(confirmation).find(([member, value]) => proved.get(member) !== value);
  if (!missing) return;
  const error = new TokenError('The assertion is bound to a key that was not proved', 'invalid_grant');
  throw reasoned(error, 'cnf of the assertion is not what the request has proved', {
    cnf: confirmation,
    proved: request.confirmation,
  });
}
