/** RFC 9470: OAuth 2.0 Step Up Authentication Challenge Protocol, the authorization server's side. */

import { LOGIN_RULES } from '../../login/refusals.js';
import '../../login/members.js';
import { invalidMetadata } from '../../clients/invalid-metadata.js';
import { listOf } from '../../clients/member.js';
import { epoch } from '../../clock.js';
import type { Core, Extension } from '../../core.js';
import type { Finding } from '../../findings.js';
import { isRecent } from '../../login/recent.js';
import { readACRValues, readMaxAge, unmet } from '../../login/request.js';
import { type OptionNames, requireKnown } from '../../options.js';
import { requireNoPromise } from '../../registry/shape.js';
import type { AskedRequest } from '../../steps.js';
import { requireTexts } from '../../syntax/texts.js';
import type { AuthenticationEvent, Client, ClientMetadata, Transaction } from '../../types.js';

/** Options of `stepUp()`. */
export interface StepUpOptions<U = unknown> {
  /**
   * How (`acr`) and when (`authenticatedAt`, in epoch seconds) the user logged in, in this session. Default: what
   * `createServer({ authenticationEvent })` says.
   */
  readonly authenticationEvent?: (user: U) => AuthenticationEvent | undefined;
  /**
   * Every `acr` that a login at this server can have: a request for none of them is refused at once, and so is a client that registers
   * `default_acr_values` without one of them. They are published in the metadata. Default: any.
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

type Values = readonly string[] | undefined;

function isMet(asked: Values, supported: Values): boolean {
  return !supported || !asked?.length || asked.some((acr) => supported.includes(acr));
}

/** RFC 9470 §5: what cannot be met fails at once, so that the user does not log in for nothing. @throws AuthorizationError */
function requireMet(asked: Values, supported: Values): void {
  if (isMet(asked, supported)) return;
  throw unmet(
    'No such acr_values here',
    'None of the acr_values, or of the default_acr_values that the client registered, is among stepUp({ acrValues })',
    { came: asked, supported },
  );
}

/** What the client asks for; judged with what was read before, such as what it has registered. @throws AuthorizationError */
function readSupported({ params, request }: AskedRequest<unknown>, supported: Values) {
  const asked = readACRValues(params);
  requireMet(asked.acrValues ?? request.acrValues, supported);
  return asked;
}

/** A client whose default no login here can have could log nobody in. @throws OAuth2Error `invalid_client_metadata` */
function judgeRegistration(metadata: ClientMetadata, supported: Values): ClientMetadata {
  const asked = listOf(metadata, 'default_acr_values');
  if (isMet(asked, supported)) return metadata;
  throw invalidMetadata('No login here has one of default_acr_values', { asked, supported });
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

/** RFC 9470 §6: the login must stand in the token, or the API that asked for it refuses every token that comes of it. */
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
  requireTexts(acrValues, 'stepUp({ acrValues })');
  const logins = new Logins<C, U>(options);
  return {
    name: 'stepUp',
    spec: 'RFC 9470',
    refusals: LOGIN_RULES,
    parameters: ['acr_values', 'max_age'], // what is read of them is not in `adds`: OpenID Connect adds the same
    needsAuthentication: (txn) => !logins.isEnough(txn),
    authorization: {
      parse: (asked) => ({ ...readSupported(asked, acrValues), ...readMaxAge(asked.params) }),
      prompt(txn) {
        requireMet(txn.req.acrValues, acrValues); // here, too: an extension after this one may have read what the client has registered
        return logins.isEnough(txn) ? undefined : ['login'];
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
