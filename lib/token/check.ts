import type { Core, Extension } from '../core.js';
import { reasoned } from '../errors/reason.js';
import { TokenError } from '../errors/token-error.js';
import { warnOnce } from '../errors/warning.js';
import { WrongKeyError } from '../errors/wrong-key-error.js';
import type { Check, Exchange, Redemption } from '../plugs.js';
import { addTo } from '../registry/add.js';
import type { TokenSteps } from '../steps.js';
import type { Authorization, Awaitable, Scope, TokenRequest } from '../types.js';
import { limitGranted, requireAllGranted, type Withheld } from './scope.js';

interface Step<C> {
  readonly name: string;
  readonly token: TokenSteps<C>;
}

/** The steps of extensions at the token endpoint for one grant type. */
export type Steps<C> = readonly Step<C>[];

function isStepFor<C, U>(extension: Extension<C, U>, grantType: string): extension is Extension<C, U> & Step<C> {
  const { token } = extension;
  return token !== undefined && (token.grantTypes?.includes(grantType) ?? true);
}

export function stepsFor<C, U>(core: Core<C, U>, grantType: string): Steps<C> {
  return core.extensions.filter((extension) => isStepFor(extension, grantType));
}

/** The grant type whose steps apply to an exchange: registering it under another name must not bypass the checks of extensions. */
export function grantTypeOf<C>({ stepsFor: grantType, name }: Exchange<C>): string {
  return grantType ?? name;
}

/**
 * Makes a function that finds the steps of an exchange and caches them. Call that function only after the server has started, when nothing can be plugged in
 * any more.
 */
export function rememberedSteps<C, U>(core: Core<C, U>): (exchange: Exchange<C>) => Steps<C> {
  const known = new Map<Exchange<C>, Steps<C>>();
  return (exchange) => {
    const steps = known.get(exchange) ?? stepsFor(core, grantTypeOf(exchange));
    known.set(exchange, steps);
    return steps;
  };
}

/**
 * Compares a token request with what was authorized: the client, what the exchange itself compares, and the extensions.
 *
 * @throws TokenError
 */
async function compare<C, U>(
  core: Core<C, U>,
  exchange: Exchange<C>,
  steps: Steps<C>,
  authorization: Authorization,
  request: TokenRequest<C>,
  asked: Scope | undefined,
): Promise<void> {
  if (typeof authorization?.request !== 'object') {
    const isDone = !authorization || authorization instanceof Error; // called like `done(error, token)` of oauth2orize
    const instead = isDone ? '. It is not `done`: return the tokens, or a promise of them, and throw errors' : '';
    throw new TypeError(`check needs the Authorization that the grant was given${instead}`, { cause: authorization });
  }
  const clientID = core.clientID(request.client);
  if (clientID === undefined) throw new TypeError('Clients have no client_id: say createServer({ clientID })');
  // RFC 6749 §4.1.3, §6: issued to this client
  if (authorization.clientID !== clientID) {
    const error = new TokenError('Issued to another client', 'invalid_grant');
    throw reasoned(error, 'Another client was issued this', { client: clientID, issued_to: authorization.clientID });
  }
  // RFC 6749 §6: the exchange compares the scope that the client asked for, not the part of it that the client may have
  const whole = asked === request.scope ? request : Object.assign({}, request, { scope: asked });
  const compared = exchange.check?.(authorization, whole);
  if (compared) await compared;
  for (const { name, token } of steps) {
    const added = token.check?.(authorization, request, grantTypeOf(exchange));
    if (added) addTo<TokenRequest<C>>(request, (await added) || undefined, name);
  }
}

/** The checks of one token request. */
export class Checks<C, U> {
  readonly #core: Core<C, U>;
  readonly #exchange: Exchange<C>;
  readonly #steps: Steps<C>;
  readonly #request: TokenRequest<C>;
  readonly #asked: Scope | undefined;
  #checked: Authorization | undefined;
  /** The checks that a callback has begun. */
  #begun: readonly Promise<void>[] = [];

  constructor(core: Core<C, U>, exchange: Exchange<C>, steps: Steps<C>, request: TokenRequest<C>) {
    this.#core = core;
    this.#exchange = exchange;
    this.#steps = steps;
    this.#request = request;
    this.#asked = request.scope;
  }

  /**
   * Checks an authorization that `redeem` gave, and narrows the request to the scope that its client may have. A wrong key or verifier spends the code, so
   * that nobody can try another one.
   *
   * @returns the words that were withheld
   */
  async first(authorization: Authorization, redemption: Redemption): Promise<Withheld> {
    try {
      await this.#compare(authorization);
      this.#checked = authorization;
      return await limitGranted(this.#request, authorization, this.#steps);
    } catch (error) {
      if (error instanceof WrongKeyError) await redemption.spend?.();
      throw error;
    }
  }

  /** The function `check` for a callback that redeems and issues in one. It works even if the callback does not await it. */
  readonly check: Check = (authorization) => {
    const outcome = this.#judge(authorization);
    outcome.catch(() => {}); // a callback may not wait for it: passed() throws the error
    this.#begun = [...this.#begun, outcome];
    return outcome;
  };

  /** Waits for all checks that were begun. @returns the authorization that was checked. @throws the error of a check, even if the callback caught it */
  passed(): Awaitable<Authorization | undefined> {
    return this.#begun.length > 0 ? Promise.all(this.#begun).then(() => this.#checked) : this.#checked;
  }

  #compare(authorization: Authorization): Promise<void> {
    return compare(this.#core, this.#exchange, this.#steps, authorization, this.#request, this.#asked);
  }

  async #judge(authorization: Authorization): Promise<void> {
    await this.#compare(authorization);
    await requireAllGranted(this.#request, authorization, this.#steps);
    this.#checked = authorization;
  }
}

/**
 * Called if a callback that redeems and issues in one has issued tokens without calling `check`.
 *
 * @throws Error if an extension has a step `check`: a callback must not bypass it
 */
export function requireChecked<C>(exchange: Exchange<C>, steps: Steps<C>): void {
  const unheard = steps.find(({ token }) => token.check);
  if (unheard) {
    throw new Error(
      `${exchange.name}: call check(authorization) before handing out tokens; ${unheard.name} has something to check`,
    );
  }
  warnOnce(
    'KOAUTHORIZE_WITHOUT_CHECK',
    `exchange for ${exchange.name}: the callback did not call check(authorization). It must then compare the client itself.`,
  );
}

/** Warns if a middleware written by hand answers a grant type for which an extension has a step `check`. */
export function warnOfHandmade<C, U>(core: Core<C, U>, grantType: string): void {
  const unheard = stepsFor(core, grantType).find(({ token }) => token.check);
  if (!unheard) return;
  warnOnce(
    'KOAUTHORIZE_HANDMADE_EXCHANGE',
    `A middleware answers ${grantType} by hand: the checks of ${unheard.name} do not run.`,
  );
}
