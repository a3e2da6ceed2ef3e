/** The part of a scope that a client may have when it gets tokens: its registration may have changed since the scope was granted. */

import { registeredPart } from '../clients/permitted.js';
import { registeredScopeOf } from '../clients/registration.js';
import { reasoned } from '../errors/reason.js';
import { TokenError } from '../errors/token-error.js';
import type { TokenSteps } from '../steps.js';
import { among, firstBeyond, scopeOf } from '../syntax/scope.js';
import type { Authorization, Awaitable, IssuedTokens, Scope, TokenRequest } from '../types.js';

type Steps<C> = readonly { readonly token: TokenSteps<C> }[];

/** The words that the client may not have any more. */
export type Withheld = readonly string[];

const NOTHING: Withheld = [];

const NOT_ALLOWED_NOW =
  'It was granted, and the registration of the client, or an extension such as scopes(), does not allow it now';

/** What limits the scope of a client. */
interface Limits<C> {
  readonly request: TokenRequest<C>;
  /** The scope that its client registered, if it did. */
  readonly registered: Scope | undefined;
  /** The steps that limit scopes. */
  readonly steps: Steps<C>;
}

function limitsOf<C>(request: TokenRequest<C>, steps: Steps<C>): Limits<C> {
  return { request, registered: registeredScopeOf(request.client), steps: steps.filter(({ token }) => token.scope) };
}

/** The words of a scope that the client's registration and every extension allow now. */
function allowedOf<C>(scope: Scope, { request, registered, steps }: Limits<C>): Awaitable<Scope> {
  const left = registeredPart(registered, scope);
  return steps.length > 0 ? allowedBy(steps, left, request) : left;
}

/** The words of a scope that these steps allow. */
async function allowedBy<C>(steps: Steps<C>, scope: Scope, request: TokenRequest<C>): Promise<Scope> {
  let allowed = scope;
  for (const { token } of steps) {
    const left = token.scope && (await token.scope(allowed, request.client, request));
    const kept = left && new Set(left);
    if (kept) allowed = allowed.filter((word) => kept.has(word)); // a step can remove words, and not add any
  }
  return allowed;
}

/** Whether the client may have all of these words, and no extension limits scopes. */
function areAllowed<C>(wanted: Scope, { registered, steps }: Limits<C>): boolean {
  return wanted.length === 0 || (steps.length === 0 && registeredPart(registered, wanted).length === wanted.length);
}

/** Sets `request.scope` to the allowed words, which the issuing code then uses. @returns the words that were withheld */
function narrow<C>(request: TokenRequest<C>, wanted: Scope, allowed: Scope): Withheld {
  if (allowed.length === wanted.length) return NOTHING;
  Object.assign(request, { scope: allowed });
  const kept = new Set(allowed);
  return wanted.filter((word) => !kept.has(word));
}

/**
 * Narrows a request to the words of the granted scope that its client may still have.
 *
 * @throws TokenError `invalid_grant` if a scope was granted and no word of it is allowed any more: the client must begin a new flow;
 * `invalid_scope` if some words are still allowed, but none of those that the client asks for. @see RFC 6749 §5.2, §6
 */
export function limitGranted<C>(
  request: TokenRequest<C>,
  authorization: Authorization,
  steps: Steps<C>,
): Awaitable<Withheld> {
  const granted = scopeOf(authorization) ?? [];
  const limits = limitsOf(request, steps);
  return areAllowed(request.scope ?? granted, limits) ? NOTHING : narrowGranted(granted, limits);
}

async function narrowGranted<C>(granted: Scope, limits: Limits<C>): Promise<Withheld> {
  const { request, registered } = limits;
  const { scope: wanted = granted } = request;
  const allowed = await allowedOf(wanted, limits);
  if (allowed.length > 0) return narrow(request, wanted, allowed);
  const isLeft = wanted !== granted && (await allowedOf(granted, limits)).length > 0;
  const values = { asked: request.scope, granted, registered };
  if (isLeft)
    throw reasoned(new TokenError('Scope is no longer for this client', 'invalid_scope'), NOT_ALLOWED_NOW, values);
  throw reasoned(new TokenError('Nothing of the granted scope is left', 'invalid_grant'), NOT_ALLOWED_NOW, values);
}

/**
 * The same for a callback that looks up the authorization itself. The toolkit can limit only the scope that the request asks for, not the granted scope that
 * the callback finds. So the request is refused if a word of the granted scope would have to be withheld.
 *
 * @throws TokenError `invalid_grant`
 */
export async function requireAllGranted<C>(
  request: TokenRequest<C>,
  authorization: Authorization,
  steps: Steps<C>,
): Promise<void> {
  const withheld = await limitGranted(Object.assign({}, request), authorization, steps);
  if (withheld.length === 0) return;
  const error = new TokenError(`Scope is no longer for this client: ${withheld[0]}`, 'invalid_grant');
  throw reasoned(error, NOT_ALLOWED_NOW, { withheld, registered: registeredScopeOf(request.client) });
}

/**
 * Limits the scope that a client asks for, if no authorization is known.
 *
 * @param isForItself whether there was no earlier grant, as with client credentials: the client then gets the whole scope that it asks for, or an error; if it
 * asks for none, it gets at most the scope that it registered
 * @throws TokenError `invalid_scope`
 * @see RFC 6749 §3.3
 */
export function limitAsked<C>(
  request: TokenRequest<C>,
  { isForItself, steps }: { readonly isForItself: boolean; readonly steps: Steps<C> },
): Awaitable<Withheld> {
  const limits = limitsOf(request, steps);
  const wanted = request.scope ?? (isForItself ? limits.registered : undefined) ?? [];
  return areAllowed(wanted, limits) ? NOTHING : narrowAsked(wanted, isForItself && request.scope !== undefined, limits);
}

/** @param isWhole whether the client must get the whole scope or an error */
async function narrowAsked<C>(wanted: Scope, isWhole: boolean, limits: Limits<C>): Promise<Withheld> {
  const { request, registered } = limits;
  const allowed = await allowedOf(wanted, limits);
  const refused = firstBeyond(wanted, allowed);
  if (refused !== undefined && (allowed.length === 0 || isWhole))
    throw reasoned(
      new TokenError(`Scope is not for this client: ${refused}`, 'invalid_scope'),
      'The client did not register this scope, or an extension does not allow it',
      { asked: wanted, allowed, registered },
    );
  return narrow(request, wanted, allowed);
}

/** @throws Error if the issuing code ignored `request.scope`, so that the tokens have a word that was withheld */
export function requireWithheld({ scope }: IssuedTokens, withheld: Withheld, name: string): void {
  const words = withheld.length > 0 && typeof scope === 'string' ? scope.split(' ') : [];
  const [ignored] = among(words, withheld);
  if (ignored !== undefined)
    throw new Error(`${name}: issue must give request.scope where it is set; it gave ${ignored}, too`);
}
