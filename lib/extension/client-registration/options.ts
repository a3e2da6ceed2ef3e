/** What clientRegistration() takes. */
import type { Context } from 'koa';
import type { AccessToken } from '../../access-token.js';
import { type OptionNames, requireKnown } from '../../options.js';
import { requireLocation } from '../../registry/locations.js';
import type { Verify } from '../../resource-server/guard.js';
import { requireWords } from '../../resource-server/scope.js';
import type { Awaitable, ClientMetadata, Scope } from '../../types.js';
import type { ClientRegistry, RegisteredClient } from './registered.js';
import { requireStatements, type SoftwareStatements } from './statement-options.js';

/** Access tokens of this or another server that allow to register: those with this scope. */
export interface InitialAccessTokens {
  /** `tokens.verify`, `jwtVerifier()`, or your own. */
  readonly verify: Verify;
  /** What an access token must have to register clients: at least one word, since else every access token of a user would do. */
  readonly scope: Scope;
}

/**
 * Says whether an initial access token is good: exactly `true` lets it in. It must not spend the token: the request may still be refused, and be sent again. A
 * token that is good once is spent in `review`.
 */
export type AcceptInitialAccess = (token: string, ctx: Context) => Awaitable<boolean | null | undefined>;

/** What `review` is told of a request. */
export interface RegistrationRequest {
  readonly ctx: Context;
  /** The initial access token, where there is one. */
  readonly initialAccessToken?: string | undefined;
  /** What it says, where it is an access token. */
  readonly token?: AccessToken | undefined;
  /** The issuer of the software statement, where there is one. */
  readonly statementIssuer?: string | undefined;
  /** The registration as it was, where it is changed. */
  readonly earlier?: RegisteredClient | undefined;
}

/** Options of `clientRegistration()`. */
export interface ClientRegistrationOptions {
  /** Where the clients are kept: `registeredClients(store)`, or tables of your own. They are found from there; `createServer({ clients })` need not. */
  readonly clients: ClientRegistry;
  /**
   * Who may register: whoever has an initial access token. A function says whether a token is good; `{ verify, scope }` takes access tokens with that
   * scope.
   *
   * @see RFC 7591 §3
   */
  readonly initialAccess?: AcceptInitialAccess | InitialAccessTokens;
  /**
   * Whether anybody may register, without a token. Gives up that you know who your clients are: a stranger chooses the name and the addresses of a client
   * that your users are asked about, and fills your storage. Limit the requests of each address. Default `false`.
   *
   * @see RFC 7591 §5
   */
  readonly allowAnyone?: boolean;
  /** Metadata that issuers you trust have signed: it replaces what the client says of itself. @see RFC 7591 §2.3 */
  readonly softwareStatements?: SoftwareStatements;
  /** Asked at each request to register: what is no `true` refuses (503), as long as it lasts. The clients that there are go on working. Default: always. */
  readonly isOpen?: () => Awaitable<boolean>;
  /**
   * The last word on a registration that is otherwise fine: gives what is kept, with members of your own, too, which the client is told; or throws an
   * OAuth2Error. It also runs when a registration is changed.
   */
  readonly review?: (metadata: ClientMetadata, request: RegistrationRequest) => Awaitable<ClientMetadata>;
  /**
   * The grant types that clients may register, of those that the server has. Default: those by which a user decides, which are `authorization_code`,
   * `implicit`, `refresh_token` and the grants for devices. With `client_credentials` whoever may register gets tokens for themselves, with every scope that they
   * register.
   */
  readonly grantTypes?: readonly string[];
  /** The authentication methods that clients may register. Default: all that the server has, but for `client_secret_jwt`, whose secrets cannot be hashed. */
  readonly authMethods?: readonly string[];
  /**
   * Schemes of redirect URIs that are no reversed domain name, such as `cursor`. Gives up that no other program on the user's machine has the same scheme
   * by chance, and is sent the code. Default: none; native programs have a scheme such as `com.example.app`. @see RFC 8252 §7.1, §8.1, §8.4
   */
  readonly schemes?: readonly string[];
  /** Whether `client_uri`, `logo_uri`, `policy_uri` and `tos_uri` must be at the host of a redirect URI. Default `false`. @see RFC 7591 §5 */
  readonly sameHost?: boolean;
  /** Whether members that nothing here reads are kept, and told again. Default `false`: they are ignored. @see RFC 7591 §2 */
  readonly keepUnknownMembers?: boolean;
  /**
   * Ends all that a client was allowed, its tokens included, where it removes its registration. Called before and after that. Default: the token service of
   * `createServer({ tokens })`.
   */
  readonly end?: (client: RegisteredClient) => Awaitable<unknown>;
  /** Whether clients can read, change and remove their registrations. Default `true`. @see RFC 7592 */
  readonly management?: boolean;
  /** Asked before a client reads, changes or removes its registration: what is no `true` refuses (403). Default: always. @see RFC 7592 §2.1 */
  readonly mayManage?: (client: RegisteredClient, ctx: Context) => Awaitable<boolean>;
  /**
   * Whether each change of a registration gives a new registration access token. A client that does not receive that answer is locked out of its
   * registration. Default `false`. @see RFC 7592 appendix A.1
   */
  readonly rotateAccessToken?: boolean;
  /** Seconds after which a client goes that was given no tokens; 0 for never. Default a day. */
  readonly unusedLifetime?: number;
  /** Seconds after which a secret expires; 0 for never, which is the default. A client gets a new one by changing its registration once it has expired. */
  readonly secretLifetime?: number;
  /** Where the endpoint is: a path below the issuer, or a URL. Default: what `createServer({ endpoints })` says, or `/register`. */
  readonly url?: string;
  /** Where clients manage their registrations: the same. Default: what `createServer({ endpoints })` says, or `/register/client`. */
  readonly configurationURL?: string;
}

const KNOWN: OptionNames<ClientRegistrationOptions> = {
  clients: true,
  initialAccess: true,
  allowAnyone: true,
  softwareStatements: true,
  isOpen: true,
  review: true,
  grantTypes: true,
  authMethods: true,
  schemes: true,
  sameHost: true,
  keepUnknownMembers: true,
  end: true,
  management: true,
  mayManage: true,
  rotateAccessToken: true,
  unusedLifetime: true,
  secretLifetime: true,
  url: true,
  configurationURL: true,
};

/** Ten years: longer is never. */
const MAX_LIFETIME = 10 * 365 * 24 * 60 * 60;

function requireLifetime(name: string, seconds: number): void {
  if (!(Number.isSafeInteger(seconds) && seconds >= 0 && (seconds === 0 || seconds >= 60) && seconds <= MAX_LIFETIME))
    throw new TypeError(`clientRegistration({ ${name} }) is a number of seconds from 60 on, or 0, not ${seconds}`);
}

/** @throws TypeError where nobody has said who may register */
function requireAccess({ initialAccess, allowAnyone, softwareStatements }: ClientRegistrationOptions): void {
  if (allowAnyone === true && initialAccess !== undefined)
    throw new TypeError('clientRegistration() takes initialAccess or allowAnyone, not both');
  if (allowAnyone !== true && initialAccess === undefined && softwareStatements?.required !== true)
    throw new TypeError(
      'clientRegistration() needs to know who may register: initialAccess, softwareStatements: { required: true }, or allowAnyone: true',
    );
  if (initialAccess === undefined || typeof initialAccess === 'function') return;
  const what = 'clientRegistration({ initialAccess })';
  requireKnown<InitialAccessTokens>(initialAccess, { verify: true, scope: true }, what);
  requireWords(initialAccess.scope, `${what}: scope`);
  if (initialAccess.scope.length === 0)
    throw new TypeError(`${what} needs a scope: else every access token of a user could register clients`);
}

/** RFC 3986 §3.1 */
const SCHEME = /^[a-z][a-z0-9+.-]*$/;
/** Schemes that have rules of their own, or are no program's. */
const NOT_PRIVATE: ReadonlySet<string> = new Set(['http', 'https', 'javascript', 'data', 'file', 'blob', 'about']);

/** @throws TypeError for options that cannot be meant */
export function requireOptions(options: ClientRegistrationOptions): void {
  requireKnown<ClientRegistrationOptions>(options, KNOWN, 'clientRegistration');
  const { clients, unusedLifetime = 0, secretLifetime = 0, schemes = [], url, configurationURL } = options;
  if (typeof clients?.create !== 'function')
    throw new TypeError('clientRegistration({ clients }) is needed: registeredClients(store), or your own');
  requireAccess(options);
  if (options.softwareStatements) requireStatements(options.softwareStatements);
  requireLifetime('unusedLifetime', unusedLifetime);
  requireLifetime('secretLifetime', secretLifetime);
  const wrong = schemes.find((scheme) => !SCHEME.test(scheme) || NOT_PRIVATE.has(scheme));
  if (wrong !== undefined)
    throw new TypeError(`clientRegistration({ schemes }) has names such as cursor, not ${JSON.stringify(wrong)}`);
  if (url !== undefined) requireLocation(url, 'clientRegistration({ url })');
  if (configurationURL !== undefined) requireLocation(configurationURL, 'clientRegistration({ configurationURL })');
}
