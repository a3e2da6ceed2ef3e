/** What can be plugged in, and what is plugged in, as an extension or a middleware sees it. No code. */
import type { Context, Middleware } from 'koa';
import type { Proof } from './access-token.js';
import type { Finding } from './findings.js';
import type {
  AccessTokenTerms,
  ClientTerms,
  ConnectedTokens,
  ErrorResponder,
  Exchange,
  Grant,
  KnownParameters,
  Layer,
  Reading,
  RequestParser,
  ResponseMode,
  SigningKeys,
  TransactionStore,
} from './plugs.js';
import type { RefusalRule } from './refusal-rule.js';
import type { Route } from './route.js';
import type {
  AskedRequest,
  AuthorizationSteps,
  ClientAssertion,
  ClientLookup,
  TokenInquiry,
  TokenSteps,
} from './steps.js';
import type { AnsweredDialogs } from './transaction-store.js';
import type { AuthenticationEvent, Awaitable, Claims, Client, ClientMetadata, ServerMetadata } from './types.js';

export type { KnownParameters, Layer } from './plugs.js';
export type { Route } from './route.js';

/** Implements one specification. */
export interface Extension<C = Client, U = unknown> {
  /** Tells it from other extensions. A second one of the same name is an error when it is plugged in. */
  readonly name: string;
  /** What it implements, such as `RFC 7591`. */
  readonly spec?: string | readonly string[];
  /** Grants that it brings, as if `server.grant()` had been called for each. */
  readonly grants?: readonly Grant<C, U>[];
  /** Exchanges that it brings, as if `server.exchange()` had been called for each. */
  readonly exchanges?: readonly Exchange<C>[];
  /** Response modes that it brings. */
  readonly responseModes?: readonly ResponseMode[];
  /** Its steps of the authorization endpoint. */
  readonly authorization?: AuthorizationSteps<C, U>;
  /** Its steps of the token endpoint. */
  readonly token?: TokenSteps<C>;
  /** What it asks of every answer that a client or an API is given about a token. */
  readonly inquiry?: TokenInquiry;
  /** Its endpoints, by the names that `createServer({ endpoints })` has for them. */
  readonly routes?: Readonly<Record<string, Route>>;
  /** The request parameters that it reads. A parameter that is in no list is ignored, even if it comes several times. */
  readonly parameters?: readonly string[];
  /** Of these, the ones that may come several times: `params.all(name)`. @see RFC 8707 §2, RFC 8693 §2.1 */
  readonly repeatable?: readonly string[];
  /** Of its parameters, those by which a client asks for access. A request that has one of them, and no `scope`, is given no default scope. */
  readonly asksBy?: readonly string[];
  /** Whether a word of a requested scope is ignored, at both endpoints, as if the client had not sent it. `asked` is the authorization request. @see RFC 6749 §3.3 */
  ignoresScope?(word: string, asked?: AskedRequest<C>): boolean;
  /** How an endpoint of this server that takes access tokens finds out whether a request has the key that the extension has bound its token to. */
  readonly proof?: Proof;
  /** The members that its steps add to requests, authorizations and responses. Two extensions that add the same one are an error at start. */
  readonly adds?: readonly string[];
  /** Members of a client's registration that restrict the client, and that its steps obey. A client with such a member is refused where nothing obeys it. */
  readonly obeys?: readonly string[];
  /** Attacks that it prevents, in the words of `Grant.exposedTo`. */
  readonly prevents?: readonly string[];
  /** Its error codes and their HTTP statuses, for errors that are made without a status: `{ not_yet: 403 }`. `TokenErrorCodes` is for the compiler. */
  readonly errors?: Readonly<Record<string, number>>;
  /** The rules by which it refuses: what the operator is told of its errors. The first rule that has the code and the message of an error counts. */
  readonly refusals?: readonly RefusalRule[];
  /** Called when a client has authenticated, at any endpoint. `method` is a value of `token_endpoint_auth_method`, or undefined if it is not known. @throws OAuth2Error to refuse it */
  authenticated?(who: { readonly client: C; readonly method?: string | undefined }, ctx: Context): void;
  /** Finds a client that `createServer({ clients })` does not find, such as one whose identifier is the URL of its registration. */
  client?(id: string, lookup: ClientLookup): Awaitable<C | undefined>;
  /** Whether an identifier is one of the clients that it alone finds: `createServer({ clients })` is not asked for them. */
  ownsClientID?(id: string): boolean;
  /** The members of a client's registration that it reads. What no list has is not kept. @see RFC 7591 §2 */
  readonly registers?: readonly string[];
  /** Judges its members of a registration, and gives the registration as it is to be kept. @throws OAuth2Error with a code of RFC 7591 §3.2.2 */
  register?(metadata: ClientMetadata): Awaitable<ClientMetadata>;
  /** Judges a client that wrote its own registration, as the application keeps it: in place of `earlier`, or from a `document`. @throws OAuth2Error with a code of RFC 7591 §3.2.2 */
  judgeClient?(client: C, origin: { readonly earlier?: C | undefined; readonly document?: URL | undefined }): void;
  /** What a client knows a user by, where that is not the user's subject: at most one extension says something. */
  outwardSubject?(subject: string, client: C): Awaitable<string | undefined>;
  /** What it says of the access tokens for these APIs: at most one extension says something. @throws OAuth2Error where one token cannot be for all of them */
  accessTokenTerms?(audience: readonly string[]): AccessTokenTerms | undefined;
  /** The terms for all codes and tokens that a client is given. Of several lifetimes the shortest one counts. */
  clientTerms?(client: C): ClientTerms | undefined;
  /** What is wrong with a client assertion whose signature and claims are valid; undefined if nothing is wrong. */
  faultOfAssertion?(assertion: ClientAssertion<C>): string | undefined;
  /** What of the answer about a token a client is told because it is an API; undefined if the token is not for it. @see RFC 7662 §4 */
  disclose?(answer: Claims, clientID: string): Claims | undefined;
  /** What of its own members is left in an answer that `disclose` of an extension gives to an API: what is for the APIs of its `aud`. @see RFC 9396 §9.2 */
  narrowDisclosed?(told: Claims): Claims;
  /** What it adds to the metadata document. Called when the document is asked for, and once when the extension is plugged in. */
  metadata?(): Partial<ServerMetadata>;
  /** Sees the whole configuration, once: before the first request, or at `server.check()`. @throws Error if something is missing or contradicts something else */
  ready?(core: Core<C, U>): void;
  /** What it finds in the whole configuration, after `ready`: an `error` is thrown at start, a `warning` is told the operator once, and `server.check()` reports a `relaxation`. */
  findings?(core: Core<C, U>): readonly Finding[];
}

/** An extension, or a function that makes it. The core is live: its steps read what is plugged in; the function itself sees only what was plugged in before. */
export type Plug<C = Client, U = unknown> = Extension<C, U> | ((core: Core<C, U>) => Extension<C, U>);

/** Where endpoints are: paths below the issuer and `prefix`, or URLs. Each specification declares its own. */
export interface EndpointURLs {
  /** Usually `/authorize`. */
  readonly authorization?: string;
  /** Usually `/token`. */
  readonly token?: string;
  /** There is no usual place. @see RFC 7591 §3 */
  readonly registration?: string;
}

/** Where the server is, and where its endpoints are. */
export interface Locations {
  /** What `createServer({ endpoints })` says. */
  readonly endpoints: EndpointURLs;
  /** Where an endpoint is: a path below the issuer and `prefix`, or a URL. @param usual where it is when nobody says anything */
  of(name: string, usual: string): string;
  /** A location as a URL. @param issuer whose path, and the prefix, it is under. @throws TypeError when it is none */
  url(location: unknown, what: string, issuer: string): string;
}

/** Who may call the endpoints that clients authenticate at, from scripts in browsers: every origin, or these. */
export type AllowedOrigins = '*' | readonly string[];

/** What is plugged into a server, read-only: what an endpoint or a middleware is made from. */
export interface Core<C = Client, U = unknown> {
  /** Tells it from the other servers of the application. */
  readonly name: string;
  readonly extensions: readonly Extension<C, U>[];
  /** Endpoints of extensions, by name. */
  readonly routes: ReadonlyMap<string, Route>;
  readonly grants: ReadonlyMap<string, Grant<C, U>>;
  readonly exchanges: ReadonlyMap<string, Exchange<C>>;
  readonly responseModes: ReadonlyMap<string, ResponseMode>;
  readonly requestParsers: readonly Layer<RequestParser>[];
  readonly responders: readonly Layer<Grant<C, U> | Middleware>[];
  readonly errorResponders: readonly Layer<ErrorResponder>[];
  readonly exchangers: readonly Layer<Exchange<C> | Middleware>[];
  readonly transactions: TransactionStore;
  /** The statuses of error codes that extensions declare. */
  readonly statuses: ReadonlyMap<string, number>;
  /** The rules by which requests are refused: those of extensions, and then those of the toolkit. */
  readonly refusals: readonly RefusalRule[];
  /** The issuer identifier, once somebody has said it: `createServer({ issuer })`, or `issuer()`. */
  readonly issuer: string | undefined;
  /** Where the endpoints are. */
  readonly locations: Locations;
  readonly allowOrigins: AllowedOrigins | undefined;
  readonly answered: AnsweredDialogs;
  /** The client's identifier, if the application's clients say it. */
  clientID(client: C): string | undefined;
  /** The client's registered redirect URIs, if the application's clients say them. */
  redirectURIs(client: C): readonly string[] | undefined;
  /** Whether redirect URIs of `http://localhost` may differ from the client's registration in their port. */
  anyPortForLocalhost(client: C): boolean;
  /** What stands for a user, if anything does. */
  subject(user: U): string | undefined;
  /** How and when a user logged in, if anything says. */
  authenticationEvent(user: U): AuthenticationEvent | undefined;
  /** Whether the application says how users log in: `createServer({ authenticationEvent })`. */
  readonly knowsLogins: boolean;
  /** The keys of `createServer({ keys })`. */
  readonly keys: SigningKeys | undefined;
  /** The token service of `createServer({ tokens })`. */
  readonly tokens: ConnectedTokens<C, U> | undefined;
  /** Whether `findClient` asks anything. */
  readonly findsClients: boolean;
  /** The client of an identifier: what `createServer({ clients })` finds, or else an extension. @param lookup default `must-be-known` */
  findClient(clientID: string, lookup?: ClientLookup): Promise<C | undefined>;
  /** What a client knows a user by: what an extension says, or else the user's subject. Nothing that clients can read has the subject itself. */
  outwardSubject(subject: string, client: C): Promise<string>;
  /** The extension of that name. */
  extension(name: string): Extension<C, U> | undefined;
  /** Which parameters the server reads, and which of them may come several times. */
  readonly parameters: KnownParameters;
  /** How the authorization endpoint reads requests. */
  readonly reading: Reading;
  /** Calls `ready` of every extension and looks at what is found, once. @throws Error where something is missing, or does not go together */
  start(): void;
  /** Keeps the findings of a part that is not an extension, such as `bearer()` or an endpoint, for the report. */
  report(findings: readonly Finding[]): void;
  /** The time in epoch seconds. */
  now(): number;
  /** An unguessable ID of so many characters, of 6 bits each. */
  uid(length: number): string;
  serializeClient(client: C): Promise<unknown>;
  /** @returns `undefined` when the client is gone */
  deserializeClient(serialized: unknown): Promise<C | undefined>;
}
