/** The user whom a client expects: by an ID token that it sent, or by name. @see OpenID Connect Core §3.1.2.1, §5.5.1 */
import type { Core } from '../../core.js';
import { AuthorizationError } from '../../errors/authorization-error.js';
import { reasoned } from '../../errors/reason.js';
import type { AuthorizationRequest, Transaction } from '../../types.js';
import { valuesOf } from './requested-claims.js';

/** The `sub` values that the client accepts. The user must be in each of the lists. */
function expectedIn({ idTokenHint, claims }: AuthorizationRequest): readonly (readonly unknown[])[] {
  const named = valuesOf(claims?.id_token?.['sub']);
  return [...(idTokenHint ? [[idTokenHint.sub]] : []), ...(named ? [named] : [])];
}

/** The user who is logged in, and whether they have logged in or chosen an account because of this request. */
export interface Present<U> {
  readonly user: U;
  readonly isChosen: boolean;
}

/**
 * Whether the logged-in user is the one whom the client expects. If not, the user has to log in; if another user logs in then, the request is refused.
 *
 * @throws AuthorizationError `login_required`: the client MUST NOT be answered with tokens of another user
 * @see OpenID Connect Core §3.1.2.1 (id_token_hint), §5.5.1 (sub), §3.1.2.2
 */
export async function isExpectedUser<C, U>(
  core: Core<C, U>,
  { req, client }: Transaction<C, U>,
  { user, isChosen }: Present<U>,
): Promise<boolean> {
  const expected = expectedIn(req);
  if (expected.length === 0) return true;
  const subject = core.subject(user);
  const sub = subject === undefined ? undefined : await core.outwardSubject(subject, client);
  if (expected.every((subs) => subs.includes(sub))) return true;
  if (!isChosen) return false;
  throw reasoned(
    new AuthorizationError('Another user has logged in than the one who was asked for', 'login_required'),
    'id_token_hint, or sub of claims, names another user than the one who has just logged in',
    { expected, came: sub },
  );
}
