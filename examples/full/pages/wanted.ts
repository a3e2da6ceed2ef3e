/** What a client asks for, in the form that all dialogs show. */
import type { AuthorizationRequest } from 'koauthorize';
import { shownBeside, shownFor } from '../claims.js';
import { paymentsIn } from '../payments.js';
import { meaningOf } from '../scopes.js';
import type { User } from '../users.js';
import type { ConsentModel } from '../views/index.js';

/** @param isNew whether the user has not allowed this scope word before */
export function wanted(
  user: User,
  req: AuthorizationRequest | undefined,
  isNew: (name: string) => boolean = () => false,
): Pick<ConsentModel, 'scopes' | 'claims' | 'payments'> {
  const scopes = req?.scope ?? [];
  return {
    scopes: scopes.map((name) => ({
      name,
      meaning: meaningOf(name),
      isNew: isNew(name),
      claims: shownFor(user, name),
    })),
    claims: req ? shownBeside(user, req) : [],
    payments: paymentsIn(req?.authorizationDetails),
  };
}
