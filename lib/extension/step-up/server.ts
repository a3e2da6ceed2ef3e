/** RFC 9470: OAuth 2.0 Step Up Authentication Challenge Protocol, the authorization server's side. */

import { LOGIN_RULES } from '../../login/refusals.js';
import { requireNoPromise } from '../../promise.js';
import '../../login/members.js';
import { invalidMetadata } from '../../clients/invalid-metadata.js';
import { listOf } from '../../clients/member.js';
import { epoch } from '../../clock.js';
import type { Core, Extension } from '../../core.js';
import type { Finding } from '../../findings.js';
import { warnOfNoACR } from '../../login/no-acr.js';
import { isRecent } from '../../login/recent.js';
import { readACRValues, readMaxAge, unmet } from '../../login/request.js';
import { type OptionNames, requireKnown } from '../../options.js';
import type { AskedRequest } from '../../steps.js';
import { requireTexts } from '../../syntax/texts.js';
import type { AuthenticationEvent, Client, ClientMetadata, Transaction } from '../../types.js';

/** Options of `stepUp()`. */
export interface StepUpOptions<U = unknown> {
  /**
   * Returns how (`acr`) and when (`authenticatedAt`, in epoch seconds) the user logged in, in this session. Default: the function of `createServer({
   * authenticationEvent })`.
   */
  readonly authenticationEvent?: (user: U) => AuthenticationEvent | undefined;
  /**
   * All `acr` values that a login at this server can have, published in the metadata. A request that accepts none of them is refused at once, and so is the
   * registration of a client whose `default_acr_values` has none of them. Default: any value.
   */
  readonly acrValues?: readonly string[];
  /** The time in epoch seconds. Default: the clock of the server. */
  readonly now?: () => number;
}

const KNOWN: OptionNames<StepUpOptions> = { authenticationEvent: true, acrValues: true, now: true };

/** The extension, with a question that the application may ask. */
export interface StepUp<C = Client, U = unknown> extends Extension<C, U> {
  /** Whether the user has to log in again, or in another way, before this can be allowed. */
  needsAuthentication(txn: Transaction<C, U>): boolean;
}

type Values = readonly string[] | undefined;

function isMet(asked: Values, supported: Values): boolean {
  return !supported || !asked?.length || asked.some((acr) => supported.includes(acr));
}

/** RFC 9470 §5: a request that no login can satisfy fails at once, so that the user does not log in for nothing. @throws AuthorizationError */
function requireMet(asked: Values, supported: Values): void {
  if (isMet(asked, supported)) return;
  throw unmet(
    'No such acr_values here',
    'None of the acr_values, or of the registered default_acr_values, is in stepUp({ acrValues })',
    { came: asked, supported },
  );
}

/**
 * The `acr` values that the client asks for, checked together with those that another extension has read, such as registered ones.
 *
 * @throws AuthorizationError
 */
function readSupported({ params, request }: AskedRequest<unknown>, supported: Values) {
  const asked = readACRValues(params);
  requireMet(asked.acrValues ?? request.acrValues, supported);
  return asked;
}

/** Refuses a client with `default_acr_values` that no login here can have: all of its requests would fail. @throws OAuth2Error `invalid_client_metadata` */
function judgeRegistration(metadata: ClientMetadata, supported: Values): ClientMetadata {
  const asked = listOf(metadata, 'default_acr_values');
  if (isMet(asked, supported)) return metadata;
  throw invalidMetadata('No login here has one of default_acr_values', { asked, supported });
}

/** The login of a user, by the options or by the server. */
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

/** RFC 9470 §6: the token must have `acr` and `auth_time` of the login. Otherwise the API refuses the new token, too, and asks for another login. */
function findingsOf<C, U>({ knowsLogins, tokens }: Core<C, U>, options: StepUpOptions<U>): readonly Finding[] {
  if (!options.authenticationEvent || knowsLogins || tokens?.knowsLogins !== false) return [];
  return [
    {
      rule: 'step-up-not-in-tokens',
      severity: 'warning',
      found: 'stepUp({ authenticationEvent }) knows how users log in, and nothing that issues tokens does',
      why: 'The tokens have neither acr nor auth_time: requireAuthentication() refuses them, however often the user logs in',
      section: 'RFC 9470 §6',
      remedy: 'Say it to createServer({ authenticationEvent }) instead, which tells stepUp() and the token service',
    },
  ];
}

/**
 * Lets clients ask for a stronger login (`acr_values`), or for a recent one (`max_age`), after an API has refused a token because of the login of its user.
 * Until the user has logged in as required, `txn.prompts` has `login`, `immediate` is not called, and a decision is refused. The application lets the user log
 * in, in the same session, and then continues the request by `server.resume()`: the request is still the same, and the login is newer than the request.
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
  requireTexts(acrValues, 'stepUp({ acrValues })');
  const logins = new Logins<C, U>(options);
  return {
    name: 'stepUp',
    spec: 'RFC 9470',
    refusals: LOGIN_RULES,
    parameters: ['acr_values', 'max_age'], // `adds` does not name the members that are read from them, since openid() adds the same members
    needsAuthentication: (txn) => !logins.isEnough(txn),
    authorization: {
      parse: (asked) => ({ ...readSupported(asked, acrValues), ...readMaxAge(asked.params) }),
      prompt(txn) {
        requireMet(txn.req.acrValues, acrValues); // checked again: an extension after this one may have read the registered default_acr_values
        if (logins.isEnough(txn)) return undefined;
        if (txn.req.acrValues) warnOfNoACR(txn, logins.of(txn.user));
        return ['login'];
      },
    },
    register: (metadata) => judgeRegistration(metadata, acrValues),
    metadata: () => ({ ...(acrValues && { acr_values_supported: acrValues }) }),
    ready(core) {
      logins.core = core;
    },
    findings: (core) => findingsOf(core, options),
  };
}
