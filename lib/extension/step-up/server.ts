/** RFC 9470: OAuth 2.0 Step Up Authentication Challenge Protocol, the authorization server's side. */

import { CLOCK_SKEW, epoch } from '../../clock.js';
import type { Core, Extension } from '../../core.js';
import { AuthorizationError } from '../../errors/authorization-error.js';
import { type ReasonValues, reasoned } from '../../errors/reason.js';
import { type OptionNames, requireKnown } from '../../options.js';
import { requireNoPromise } from '../../registry/shape.js';
import type { AuthenticationEvent, AuthorizationRequest, Client, Params, Transaction } from '../../types.js';

declare module '../../types.js' {
  interface AuthorizationRequest {
    /** How the user must have logged in: any of these. */
    readonly acrValues?: readonly string[];
    /** The most seconds that may have passed since the login. */
    readonly maxAge?: number;
  }
  interface ServerMetadata {
    readonly acr_values_supported?: readonly string[];
  }
}
declare module '../../errors/codes.js' {
  interface AuthorizationErrorCodes {
    unmet_authentication_requirements: 400;
  }
}

export interface StepUpOptions<U = unknown> {
  /**
   * How (`acr`) and when (`authenticatedAt`, in epoch seconds) the user logged in, in this session. Default: what
   * `createServer({ authenticationEvent })` says.
   */
  readonly authenticationEvent?: (user: U) => AuthenticationEvent | undefined;
  /**
   * Every `acr` that a login at this server can have: a request for none of them is refused at once. They are published in the metadata.
   * Default: any.
   */
  readonly acrValues?: readonly string[];
  /** The time in epoch seconds. Default: that of the server. */
  readonly now?: () => number;
}

const KNOWN: OptionNames<StepUpOptions> = { authenticationEvent: true, acrValues: true, now: true };

/** The extension, and what the application may ask it. */
export interface StepUp<C = Client, U = unknown> extends Extension<C, U> {
  /** Whether the user has to log in again, or in another way, before this can be allowed. */
  needsAuthentication(txn: Transaction<C, U>): boolean;
}

/** @param values for the operator */
function unmet(message: string, why: string, values: ReasonValues): AuthorizationError {
  return reasoned(new AuthorizationError(message, 'unmet_authentication_requirements'), why, values); // RFC 9470 §5
}

/** RFC 9470 §4, OpenID Connect Core §3.1.2.1 */
function readMaxAge(params: Params): Pick<AuthorizationRequest, 'maxAge'> {
  const text = params.get('max_age');
  if (text === undefined) return {};
  const maxAge = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(maxAge))
    throw reasoned(
      new AuthorizationError('max_age must be a whole number of seconds', 'invalid_request'),
      'max_age is no number',
      { came: text },
    );
  return { maxAge };
}

function readACRValues(
  params: Params,
  supported: readonly string[] | undefined,
): Pick<AuthorizationRequest, 'acrValues'> {
  const acrValues = params.get('acr_values')?.split(' ').filter(Boolean) ?? [];
  if (acrValues.length === 0) return {};
  // RFC 9470 §5: what cannot be met fails at once, so that the user does not log in for nothing
  if (supported && !acrValues.some((acr) => supported.includes(acr)))
    throw unmet('No such acr_values here', 'None of the acr_values is among stepUp({ acrValues })', {
      came: acrValues,
      supported,
    });
  return { acrValues };
}

/**
 * Whether a login is recent enough for a request.
 *
 * @param at when the request came: a login since then is recent enough for any `max_age`, even for 0
 * @throws TypeError for a time later than now, by more than clocks may differ: a time in milliseconds, by mistake, would be recent for ever
 */
function isRecent(authenticatedAt: number | undefined, maxAge: number, at: number, now: number): boolean {
  if (authenticatedAt === undefined) return false;
  if (authenticatedAt > now + CLOCK_SKEW)
    throw new TypeError(`authenticatedAt is in epoch seconds, not ${authenticatedAt}`);
  return at - authenticatedAt <= maxAge;
}

/** What the options or the server say of a user's login. */
class Logins<C, U> {
  readonly #options: StepUpOptions<U>;
  core: Core<C, U> | undefined;

  constructor(options: StepUpOptions<U>) {
    this.#options = options;
  }

  now(): number {
    return (this.#options.now ?? this.core?.now.bind(this.core) ?? epoch)();
  }

  of(user: U | undefined): AuthenticationEvent {
    if (user === undefined) return {};
    const { authenticationEvent } = this.#options;
    const event = authenticationEvent ? authenticationEvent(user) : this.core?.authenticationEvent(user);
    requireNoPromise('authenticationEvent', event);
    return event ?? {};
  }

  isEnough({ req, user, at = this.now() }: Transaction<C, U>): boolean {
    const { acr, authenticatedAt } = this.of(user);
    if (req.acrValues && (acr === undefined || !req.acrValues.includes(acr))) return false;
    return req.maxAge === undefined || isRecent(authenticatedAt, req.maxAge, at, this.now());
  }
}

/**
 * Lets clients ask for a login by certain means (`acr_values`), or for a recent one (`max_age`), when an API has told them that the login of their
 * token is not enough. Until the user has logged in like that, `txn.prompts` says `login`, `immediate` is not asked, and a decision is refused. The
 * application sends the user to log in, in the same session, and has them come back by `server.resume()`, so that it is still the same
 * request, and the login is newer than it.
 *
 * @example
 * const authenticationEvent = ({ session }: User) => ({ acr: session.acr, authenticatedAt: session.loggedInAt });
 * const server = createServer<App, User>({ authenticationEvent }).extend(stepUp({ acrValues: ['pwd', 'mfa'] }));
 * const dialog = (ctx) => {
 *   const { prompts, transactionID } = ctx.state.oauth2;
 *   if (prompts.includes('login')) return ctx.redirect(`/login?resume=${transactionID}`);
 *   ctx.body = views.consent(ctx.state.oauth2);
 * };
 * router.get('/authorize', loggedIn, server.authorization(validate), dialog);
 * router.get('/authorize/resume', loggedIn, server.resume(() => false), dialog); // ?transaction_id=...
 * @see RFC 9470 §4, §5
 */
export function stepUp<C = Client, U = unknown>(options: StepUpOptions<U> = {}): StepUp<C, U> {
  requireKnown<StepUpOptions<U>>(options, KNOWN, 'stepUp');
  const { acrValues } = options;
  const logins = new Logins<C, U>(options);
  return {
    name: 'stepUp',
    spec: 'RFC 9470',
    parameters: ['acr_values', 'max_age'],
    adds: ['acrValues', 'maxAge'],
    needsAuthentication: (txn) => !logins.isEnough(txn),
    authorization: {
      parse: ({ params }) => ({ ...readACRValues(params, acrValues), ...readMaxAge(params) }),
      prompt: (txn) => (logins.isEnough(txn) ? undefined : ['login']),
    },
    metadata: () => ({ ...(acrValues && { acr_values_supported: acrValues }) }),
    ready(core) {
      logins.core = core;
    },
  };
}
