/** What tokenExchange() takes. */
import type { Relaxations } from '../../findings.js';
import { type OptionNames, requireCount, requireKnown } from '../../options.js';
import type { Awaitable, Claims, Client, Confirmation, Scope } from '../../types.js';
import type { PresentedToken, VerifyPresented } from './presented.js';

/** What a client asks for by an exchange. The tokens are valid, and the actor is one that `may_act` of the subject token names, if it names any. */
export interface AskedExchange<C = Client> {
  /** The client that has authenticated. */
  readonly client: C;
  /** On whose behalf. */
  readonly subject: PresentedToken;
  /** Who is to act, if the client presents an actor token. */
  readonly actor?: PresentedToken | undefined;
  /** `scope`, if the client asks for one. */
  readonly scope?: Scope | undefined;
  /** `audience`, as it came: names of services. */
  readonly audience: readonly string[];
  /** `resource`, as it came: URIs of services. */
  readonly resource: readonly string[];
  /** `requested_token_type`, if the client asks for one. */
  readonly requestedTokenType?: string | undefined;
}

/** What is allowed. All of it is narrowed to what the subject token allows itself. */
export interface AllowedExchange {
  /** Default: that of the subject token. A subject token without a scope, of another server say, needs one. */
  readonly scope?: Scope | undefined;
  /** The APIs that the new token is for. Default: those that were asked for by `audience` and `resource`, or else those of the subject token. */
  readonly audience?: readonly string[] | undefined;
  /** Those elements of the subject token's `authorization_details` that the new token has. Default: all. @see RFC 9396 */
  readonly authorizationDetails?: readonly unknown[] | undefined;
  /**
   * APIs that the new token may be for although the subject token does not name them, or names none. Gives up that a token which is of no use at an API cannot be
   * turned into one that is: name only those that the client is trusted to call for its users. Default: none.
   */
  readonly allowFurtherAudience?: readonly string[] | undefined;
  /**
   * Words that a token for another server (`isForOtherServer` of `issues`) may have although the subject token does not have them, since that server has
   * words of its own. Gives up that nothing is exchanged for more than the user has allowed: name only what is no more there than the scope of the
   * subject token is here. In tokens of this server they do not count. Default: none.
   */
  readonly allowFurtherScope?: Scope | undefined;
  /** Seconds that the new token is good at most. It never lives longer than the subject token. */
  readonly lifetime?: number | undefined;
  /** Whether the client itself is named as the one who acts, where it presents no actor token. Default `true`: the API sees who calls. `false` is impersonation. */
  readonly namesActor?: boolean | undefined;
  /** Further claims of the new token. `act` is made here, and `may_act` of the subject token stays. */
  readonly claims?: Claims | undefined;
}

/** What was allowed, for a token of another type. */
export interface ExchangedFor<C = Client> extends AskedExchange<C> {
  readonly allowed: AllowedExchange;
  /** What of the scope is left. */
  readonly grantedScope: Scope;
  /** Epoch seconds at which the new token has to end at the latest. */
  readonly endsAt?: number | undefined;
  /** `act` of the new token. The users in it are named by what `createServer({ subject })` gives: whoever reads the token may know them by another name. */
  readonly act?: Claims | undefined;
  /** The keys that the request has proved. */
  readonly confirmation?: Confirmation | undefined;
}

/** Issues a token of another type than an access token. */
export interface IssueToken<C = Client> {
  (exchanged: ExchangedFor<C>): Awaitable<IssuedToken>;
  /**
   * Whether it is a grant for another authorization server. `scope` and `resource` of the request are then that server's: neither the client's registration
   * here, nor the APIs of this server, say anything of them. The metadata lists its type (`identity_chaining_requested_token_types_supported`).
   */
  readonly isForOtherServer?: boolean;
}

/** A token of another type than an access token. */
export interface IssuedToken {
  readonly token: string;
  /** Seconds. */
  readonly expiresIn?: number | undefined;
  readonly scope?: Scope | undefined;
}

/** Options of `tokenExchange()`. */
export interface TokenExchangeOptions<C = Client> {
  /** Whether a client may exchange these tokens, and for what. A falsy result refuses it. Nobody may until this says so. */
  readonly allow: (asked: AskedExchange<C>) => Awaitable<AllowedExchange | null | undefined | false>;
  /** Verifies tokens of others, by their types: SAML assertions, say. Default: access tokens (`access_token`, `jwt`) and ID tokens of this server alone. */
  readonly tokens?: Readonly<Record<string, VerifyPresented<C>>>;
  /** Issues tokens of other types, by `requested_token_type`. Default: access tokens of this server alone. */
  readonly issues?: Readonly<Record<string, IssueToken<C>>>;
  /** How many may have acted one after the other: 1 to 10. Default 4. */
  readonly maxDepth?: number;
  /** Whether clients may exchange that prove nothing but their `client_id`. Gives up that a stolen token is of use at this endpoint to a known service only. Default `false`. */
  readonly allowPublicClients?: boolean;
  /**
   * Whether a token that is bound to a key may be exchanged by who does not prove to have it, as a service that was sent it cannot. Gives up that such a
   * token, when it is stolen from that service, is of no use. The new token must be bound to the client's own key. Default `false`.
   */
  readonly allowBoundTokensOfOthers?: boolean;
}

export const RELAXATIONS: Relaxations<TokenExchangeOptions> = {
  allowPublicClients: {
    why: 'Whoever has a stolen token can exchange it: a client_id is no secret',
    section: 'RFC 8693 §2.1',
    remedy: 'Leave it out, and have the services authenticate',
  },
  allowBoundTokensOfOthers: {
    why: 'A token that is stolen from a service can be exchanged for another one, although it is bound to a key',
    section: 'RFC 9449 §2',
    remedy: 'Leave it out where services can present tokens that are bound to their own keys',
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
