/** A warning for servers whose logins have no `acr`, although clients require one. @see OpenID Connect Core §5.5.1.1, RFC 9470 §5 */
import './members.js';
import { warnOnce } from '../errors/warning.js';
import type { AuthenticationEvent, Transaction } from '../types.js';

/** Values of `done` that mean that the user has logged in because of this request. */
export const LOGGED_IN = ['login', 'create'];

/**
 * Warns the operator if the user has logged in for a request that requires an `acr`, and the login has none: the login page would come again after each login.
 */
export function warnOfNoACR({ done = [] }: Transaction<unknown, unknown>, { acr }: AuthenticationEvent): void {
  if (acr !== undefined || !LOGGED_IN.some((word) => done.includes(word))) return;
  warnOnce(
    'KOAUTHORIZE_NO_ACR',
    'A login was done for a request that requires an acr, and authenticationEvent gives no acr, so the user has to log in again each time: give acr in createServer({ authenticationEvent }).',
  );
}
