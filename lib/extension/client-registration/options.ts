/** Options of clientRegistration(). */
import type { Context } from 'koa';
import type { AccessToken } from '../../access-token.js';
import { type OptionNames, requireKnown } from '../../options.js';
import { requireLocation } from '../../registry/locations.js';
import type { Verify } from '../../resource-server/guard.js';
import { requireWords } from '../../resource-server/scope.js';
import type { Awaitable, ClientMetadata, Scope } from '../../types.js';
import type { ClientRegistry, RegisteredClient } from './registered.js';
import { requireStatements, type SoftwareStatements } from './statement-options.js';

/** Access tokens of this or another server by which clients may register: those with this scope. */
export interface InitialAccessTokens {
  /** `tokens.verify`, `jwtVerifier()`, or your own. */
  readonly verify: Verify;
  /** The scope that an access token needs to register clients. It must not be empty, since then every access token of a user would be enough. */
  readonly scope: Scope;
}

/**
 * Tells whether an initial access token is valid: exactly `true` if it is. The function must not mark the token as used: the request may still be refused, and
 * be sent again. Mark a token for one use in `review`.
 */
export type AcceptInitialAccess = (token: string, ctx: Context) => Awaitable<boolean | null | undefined>;

/** What `review` is told about a request. */
export interface RegistrationRequest {
  readonly ctx: Context;
  /** The initial access token, if there is one. */
  readonly initialAccessToken?: string | undefined;
  /** The verified initial access token, if it is an access token. */
  readonly token?: AccessToken | undefined;
  /** The issuer of the software statement, if there is one. */
  readonly statementIssuer?: string | undefined;
  /** The registration before the change, if this is a change. */
  readonly earlier?: RegisteredClient | undefined;
}

/** Options of `clientRegistration()`. */
export interface ClientRegistrationOptions {
  /**
   * Where the clients are kept: `registeredClients(store)`, or tables of your own. The server finds them there; `createServer({ clients })` need not know them.
   */
  readonly clients: ClientRegistry;
  /**
   * Lets clients register with an initial access token. A function tells whether a token is valid; `{ verify, scope }` accepts access tokens with that scope.
   *
   * @see RFC 7591 §3
   */
  readonly initialAccess?: AcceptInitialAccess | InitialAccessTokens;
  /**
   * Whether anybody may register, without a token. This gives up that you know who your clients are: a stranger chooses the name and the URLs of a client that
   * your users are asked about, and can fill your storage. Limit the requests of each IP address. Default `false`.
   *
   * @see RFC 7591 §5
   */
  readonly allowAnyone?: boolean;
  /** Metadata that issuers you trust have signed. It replaces what the client claims about itself. @see RFC 7591 §2.3 */
  readonly softwareStatements?: SoftwareStatements;
  /**
   * Whether clients can register now. Called for each request to register; any value but `true` refuses it with 503. Registered clients are not affected.
   * Default: always `true`.
   */
  readonly isOpen?: () => Awaitable<boolean>;
  /**
   * The last check of a valid registration, also of a changed one. Returns the metadata to store, to which it may add members of your own, which the response
   * then has, too; or throws an OAuth2Error.
   */
  readonly review?: (metadata: ClientMetadata, request: RegistrationRequest) => Awaitable<ClientMetadata>;
  /**
   * The grant types that clients may register, if the server has them. Default: those with which a user decides, which are `authorization_code`, `implicit`,
   * `refresh_token`, the device grant and CIBA. With `client_credentials`, anybody who may register gets tokens without a user, with every scope that they
   * register.
   */
  readonly grantTypes?: readonly string[];
  /**
   * The authentication methods that clients may register. Default: all methods of the server except `client_secret_jwt`, whose secrets cannot be stored as
   * hashes.
   */
  readonly authMethods?: readonly string[];
  /**
   * Schemes of redirect URIs that are no reversed domain name, such as `cursor`. This gives up that schemes are unique: another program on the user's machine
   * may have the same one by chance, and receive the code. Default: none, so that native programs need a scheme such as `com.example.app`.
   * @see RFC 8252 §7.1, §8.1, §8.4
   */
  readonly schemes?: readonly string[];
  /** Whether `client_uri`, `logo_uri`, `policy_uri` and `tos_uri` must be at the host of a redirect URI. Default `false`. @see RFC 7591 §5 */
  readonly sameHost?: boolean;
  /** Whether unknown members are stored, and returned to the client. Default `false`: they are ignored. @see RFC 7591 §2 */
  readonly keepUnknownMembers?: boolean;
  /**
   * Ends all authorizations and tokens of a client that removes its registration. Called before and after the removal. Default: the token service of
   * `createServer({ tokens })`.
   */
  readonly end?: (client: RegisteredClient) => Awaitable<unknown>;
  /** Whether clients can read, change and remove their registrations. Default `true`. @see RFC 7592 */
  readonly management?: boolean;
  /**
   * Whether a client may read, change or remove its registration. Called before it does; any value but `true` is answered with 403. Default: always `true`.
   * @see RFC 7592 §2.1
   */
  readonly mayManage?: (client: RegisteredClient, ctx: Context) => Awaitable<boolean>;
  /**
   * Whether each change of a registration issues a new registration access token. A client that does not receive the response is locked out of its
   * registration. Default `false`.
   *
   * @see RFC 7592 appendix A.1
   */
  readonly rotateAccessToken?: boolean;
  /** Seconds after which a client that was given no tokens is removed; 0 for never. Default 86,400, which is a day. */
  readonly unusedLifetime?: number;
  /** Seconds after which a secret expires; 0 for never, which is the default. A client gets a new one by changing its registration once it has expired. */
  readonly secretLifetime?: number;
  /** Where the endpoint is: a path below the issuer, or a URL. Default: what `createServer({ endpoints })` says, or `/register`. */
  readonly url?: string;
  /** Where clients manage their registrations: a path below the issuer, or a URL. Default: what `createServer({ endpoints })` says, or `/register/client`. */
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

/** Ten years. For a longer time, use 0, which means never. */
const MAX_LIFETIME = 10 * 365 * 24 * 60 * 60;

function requireLifetime(name: string, seconds: number): void {
  if (!(Number.isSafeInteger(seconds) && seconds >= 0 && (seconds === 0 || seconds >= 60) && seconds <= MAX_LIFETIME))
    throw new TypeError(`clientRegistration({ ${name} }) is a number of seconds from 60 on, or 0, not ${seconds}`);
}

/** @throws TypeError if the options do not say who may register */
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
/** Schemes that have rules of their own, or that browsers handle. */
const NOT_PRIVATE: ReadonlySet<string> = new Set(['http', 'https', 'javascript', 'data', 'file', 'blob', 'about']);

/** @throws TypeError for invalid options */
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
