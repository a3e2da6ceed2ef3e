/** Options of tokenExchange(). */
import type { Relaxations } from '../../findings.js';
import { type OptionNames, requireCount, requireKnown } from '../../options.js';
import type { Awaitable, Claims, Client, Confirmation, Scope } from '../../types.js';
import type { PresentedToken, VerifyPresented } from './presented.js';

/** What a client asks for by an exchange. Already checked: the tokens are valid, and the actor is allowed by `may_act` of the subject token, if it has one. */
export interface AskedExchange<C = Client> {
  /** The client that has authenticated. */
  readonly client: C;
  /** The token of the party on whose behalf the new token is requested. */
  readonly subject: PresentedToken;
  /** The token of the party that acts, if the client presents an actor token. */
  readonly actor?: PresentedToken | undefined;
  /** `scope`, if the client asks for one. */
  readonly scope?: Scope | undefined;
  /** `audience`, as it was sent: names of services. */
  readonly audience: readonly string[];
  /** `resource`, as it was sent: URIs of services. */
  readonly resource: readonly string[];
  /** `requested_token_type`, if the client asks for one. */
  readonly requestedTokenType?: string | undefined;
}

/** What `allow` permits. Everything is further limited to what the subject token allows. */
export interface AllowedExchange {
  /** The scope. Default: that of the subject token. It is needed if the subject token has no scope, for example because another server issued it. */
  readonly scope?: Scope | undefined;
  /** The APIs that the new token is for. Default: those that the client asked for by `audience` and `resource`, or else those of the subject token. */
  readonly audience?: readonly string[] | undefined;
  /** The elements of the subject token's `authorization_details` that the new token gets. Default: all. @see RFC 9396 */
  readonly authorizationDetails?: readonly unknown[] | undefined;
  /**
   * APIs that the new token may be for although the subject token does not name them, or has no audience. This gives up that a token which an API would refuse
   * cannot be exchanged for one that the API accepts: name only APIs that the client is trusted to call for its users. Default: none.
   */
  readonly allowFurtherAudience?: readonly string[] | undefined;
  /**
   * Scope words that a token for another server (`isForOtherServer` of `issues`) may have although the subject token does not have them, since that server has
   * a scope vocabulary of its own. This gives up that an exchange never gives more than the user has allowed: name only words that allow no more at the other
   * server than the scope of the subject token allows here. They are ignored for tokens of this server. Default: none.
   */
  readonly allowFurtherScope?: Scope | undefined;
  /** The most seconds that the new token is valid. It never lives longer than the subject token. */
  readonly lifetime?: number | undefined;
  /**
   * Whether the new token names the client as the actor (`act`) if there is no actor token. Default `true`, so that the API sees who calls. `false` is
   * impersonation.
   */
  readonly namesActor?: boolean | undefined;
  /** Further claims of the new token. `act` is always made by the server, and `may_act` of the subject token is kept. */
  readonly claims?: Claims | undefined;
}

/** An allowed exchange for a token of another type than an access token. */
export interface ExchangedFor<C = Client> extends AskedExchange<C> {
  readonly allowed: AllowedExchange;
  /** The scope that the new token may have. */
  readonly grantedScope: Scope;
  /** Epoch seconds at which the new token must expire at the latest. */
  readonly endsAt?: number | undefined;
  /**
   * `act` of the new token. Users in it are named by their internal subjects (`createServer({ subject })`): replace them if the recipient knows these users by
   * other names.
   */
  readonly act?: Claims | undefined;
  /** The keys that the request has proved. */
  readonly confirmation?: Confirmation | undefined;
}

/** Issues a token of another type than an access token. */
export interface IssueToken<C = Client> {
  (exchanged: ExchangedFor<C>): Awaitable<IssuedToken>;
  /**
   * Whether the token is a grant for another authorization server. `scope` and `resource` of the request then belong to that server, and are not compared with
   * the client's registration and with the APIs here. The metadata lists its token type (`identity_chaining_requested_token_types_supported`).
   */
  readonly isForOtherServer?: boolean;
}

/** A token of another type than an access token. */
export interface IssuedToken {
  readonly token: string;
  /** Seconds for which the token is valid. */
  readonly expiresIn?: number | undefined;
  readonly scope?: Scope | undefined;
}

/** Options of `tokenExchange()`. */
export interface TokenExchangeOptions<C = Client> {
  /**
   * Decides whether a client may exchange these tokens, and for what. A falsy result refuses the exchange. Without a result of this function, no client may
   * exchange anything.
   */
  readonly allow: (asked: AskedExchange<C>) => Awaitable<AllowedExchange | null | undefined | false>;
  /**
   * Verifies tokens of other issuers, by token type, such as SAML assertions. Default: access tokens (`access_token`, `jwt`) and ID tokens of this server
   * alone.
   */
  readonly tokens?: Readonly<Record<string, VerifyPresented<C>>>;
  /** Issues tokens of other types, by `requested_token_type`. Default: only access tokens of this server are issued. */
  readonly issues?: Readonly<Record<string, IssueToken<C>>>;
  /** The most actors in the chain of `act`: 1 to 10. Default 4. */
  readonly maxDepth?: number;
  /** Whether clients that do not authenticate may exchange tokens. This gives up that only a known service can exchange a stolen token. Default `false`. */
  readonly allowPublicClients?: boolean;
  /**
   * Whether a token that is bound to a key may be exchanged without a proof of that key, since a service that received the token cannot give one. This gives up
   * that such a token is useless to an attacker who steals it from the service. The new token must be bound to the client's own key. Default `false`.
   */
  readonly allowBoundTokensOfOthers?: boolean;
}

export const RELAXATIONS: Relaxations<TokenExchangeOptions> = {
  allowPublicClients: {
    why: 'Anybody with a stolen token can exchange it, since a client_id is no secret',
    section: 'RFC 8693 §2.1',
    remedy: 'Leave it out, and have the services authenticate',
  },
  allowBoundTokensOfOthers: {
    why: 'A token that is stolen from a service can be exchanged for another one, although it is bound to a key',
    section: 'RFC 9449 §2',
    remedy: 'Leave it out if services can present tokens that are bound to their own keys',
  },
};

const KNOWN: OptionNames<TokenExchangeOptions> = {
  allow: true,
  tokens: true,
  issues: true,
  maxDepth: true,
  allowPublicClients: true,
  allowBoundTokensOfOthers: true,
};

function requireFunctions(value: unknown, what: string): void {
  for (const [type, one] of Object.entries(value ?? {}))
    if (typeof one !== 'function') throw new TypeError(`${what} has no function for ${type}`);
}

/** @throws TypeError */
export function requireOptions<C>(options: TokenExchangeOptions<C>): void {
  requireKnown<TokenExchangeOptions<C>>(options, KNOWN, 'tokenExchange');
  const { allow, tokens, issues, maxDepth = 4 } = options;
  if (typeof allow !== 'function')
    throw new TypeError('tokenExchange({ allow }) is needed: it says who may exchange what');
  requireFunctions(tokens, 'tokenExchange({ tokens })');
  requireFunctions(issues, 'tokenExchange({ issues })');
  requireCount('tokenExchange({ maxDepth })', maxDepth, 1, 10);
}
