/** The JWT by which the client of a request has authenticated. @see RFC 7523 §2.2 */

import type { Context } from 'koa';
import type { Core } from '../core.js';
import { reasoned } from '../errors/reason.js';
import { TokenError } from '../errors/token-error.js';
import { perRequest } from '../http/per-request.js';
import { requireNoPromise } from '../promise.js';
import type { ClientAssertion } from '../steps.js';

/** Set by client authentication, once the signature and the claims were verified. */
export const clientAssertion = perRequest<Omit<ClientAssertion<unknown>, 'client'>>('client assertion');

/** Refuses an assertion in which an extension finds a fault: a profile requires more than RFC 7523. @throws TokenError `invalid_client` */
export function requireFaultless<C, U>({ extensions }: Core<C, U>, ctx: Context, client: C): void {
  const assertion = clientAssertion.of(ctx);
  if (!assertion) return;
  for (const extension of extensions) {
    const fault = extension.faultOfAssertion?.({ client, ...assertion });
    requireNoPromise(`faultOfAssertion of ${extension.name}`, fault);
    if (fault === undefined) continue;
    const error = new TokenError('Client authentication failed', 'invalid_client');
    throw reasoned(error, `client_assertion: ${fault}, says ${extension.name}`, assertion.header);
  }
}
