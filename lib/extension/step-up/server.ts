/** RFC 9470: OAuth 2.0 Step Up Authentication Challenge Protocol, the authorization server's side. */

import { LOGIN_RULES } from '../../login/refusals.js';
import '../../login/members.js';
import { epoch } from '../../clock.js';
import type { Core, Extension } from '../../core.js';
import { isRecent } from '../../login/recent.js';
import { readACRValues, readMaxAge, unmet } from '../../login/request.js';
import { type OptionNames, requireKnown } from '../../options.js';
import { requireNoPromise } from '../../registry/shape.js';
import type { AuthenticationEvent, Client, Params, Transaction } from '../../types.js';

/** Options of `stepUp()`. */
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

/** RFC 9470 §5: what cannot be met fails at once, so that the user does not log in for nothing. @throws AuthorizationError */
function readSupported(params: Params, supported: readonly string[] | undefined): ReturnType<typeof readACRValues> {
  const asked = readACRValues(params);
  const { acrValues } = asked;
  if (supported && acrValues && !acrValues.some((acr) => supported.includes(acr)))
    throw unmet('No such acr_values here', 'None of the acr_values is among stepUp({ acrValues })', {
      came: acrValues,
      supported,
    });
  return asked;
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
    return req.maxAge === undefined || isRecent(authenticatedAt, req.maxAge, { at, now: this.now() });
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
 * const dialog: Middleware<OAuth2State<App, User>> = (ctx) => {
 *   const { prompts, transactionID } = ctx.state.oauth2;
 *   if (prompts?.includes('login')) return ctx.redirect(`/login?resume=${transactionID}`);
 *   ctx.body = views.consent(ctx.state.oauth2);
 * };
 * router.get('/authorize', login, server.authorization(validate), dialog);
 * router.get('/authorize/resume', login, server.resume(() => false), dialog); // ?transaction_id=...
 * @see RFC 9470 §4, §5
 */
export function stepUp<C = Client, U = unknown>(options: StepUpOptions<U> = {}): StepUp<C, U> {
  requireKnown<StepUpOptions<U>>(options, KNOWN, 'stepUp');
  const { acrValues } = options;
  const logins = new Logins<C, U>(options);
  return {
    name: 'stepUp',
    spec: 'RFC 9470',
    refusals: LOGIN_RULES,
    parameters: ['acr_values', 'max_age'], // what is read of them is not in `adds`: OpenID Connect adds the same
    needsAuthentication: (txn) => !logins.isEnough(txn),
    authorization: {
      parse: ({ params }) => ({ ...readSupported(params, acrValues), ...readMaxAge(params) }),
      prompt: (txn) => (logins.isEnough(txn) ? undefined : ['login']),
    },
    metadata: () => ({ ...(acrValues && { acr_values_supported: acrValues }) }),
    ready(core) {
      logins.core = core;
    },
  };
}
