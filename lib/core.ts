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
import type { AllowedOrigins, Route } from './route.js';
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
export type { AllowedOrigins, Route } from './route.js';

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
  /** Those of its parameters that ask for access as `scope` does. A request that has one of them, and no `scope`, gets no default scope. */
  readonly asksBy?: readonly string[];
  /** Whether a word of a requested scope is ignored, as if it had not been sent. @param asked absent at the token endpoint. @see RFC 6749 §3.3 */
  ignoresScope?(word: string, asked?: AskedRequest<C>): boolean;
  /** How a request proves possession of the key to which this extension has bound its token. Two extensions with a proof for one member of `cnf` are an error. */
  readonly proof?: Proof;
  /** The members that its steps add to requests, authorizations and responses. Two extensions that add the same one are an error at start. */
  readonly adds?: readonly string[];
  /** Members of a client's registration that restrict the client, and that its steps enforce. If no extension enforces one, the client is refused. */
  readonly obeys?: readonly string[];
  /** Attacks that it prevents, in the words of `Grant.exposedTo`. */
  readonly prevents?: readonly string[];
  /** Its error codes and their HTTP statuses, for errors that are made without a status: `{ not_yet: 403 }`. `TokenErrorCodes` is for the compiler. */
  readonly errors?: Readonly<Record<string, number>>;
  /** The rules by which it refuses, for the operator. The first rule that matches the code and the message of an error counts. */
  readonly refusals?: readonly RefusalRule[];
  /** Called when a client has authenticated, at any endpoint. `method` is a value of `token_endpoint_auth_method`, or undefined if it is not known. Not async. @throws OAuth2Error to refuse it */
  authenticated?(who: { readonly client: C; readonly method?: string | undefined }, ctx: Context): void;
  /** Finds a client that `createServer({ clients })` does not find, such as one whose identifier is the URL of its registration. */
  client?(id: string, lookup: ClientLookup): Awaitable<C | undefined>;
  /** Whether an identifier is one of the clients that it alone finds: `createServer({ clients })` is never called for such a client. */
  ownsClientID?(id: string): boolean;
  /** The members of a client's registration that it reads. A member that is in no extension's list is not stored. @see RFC 7591 §2 */
  readonly registers?: readonly string[];
  /** Judges its members of a registration, and gives the registration to store. Anybody can send one, unless `byStranger` is false. @throws OAuth2Error with a code of RFC 7591 §3.2.2 */
  register?(metadata: ClientMetadata, origin?: { readonly byStranger: boolean }): Awaitable<ClientMetadata>;
  /** Judges a client that registered itself: it replaces `earlier`, or was read from `document`. Not async. @throws OAuth2Error with a code of RFC 7591 §3.2.2 */
  judgeClient?(client: C, origin: { readonly earlier?: C | undefined; readonly document?: URL | undefined }): void;
  /** The subject identifier that a client is given for a user, if it is not the user's subject. At most one extension gives one. */
  outwardSubject?(subject: string, client: C): Awaitable<string | undefined>;
  /** The terms that it sets for the access tokens for these APIs. At most one extension sets any. @throws OAuth2Error if one token cannot be for all of them */
  accessTokenTerms?(audience: readonly string[]): AccessTokenTerms | undefined;
  /** The terms for all codes and tokens of a client. If several extensions set a lifetime, the shortest one counts. Every `confirm` is called. */
  clientTerms?(client: C): ClientTerms | undefined;
  /** What is wrong with a client assertion whose signature and claims are valid; undefined if nothing is wrong. */
  faultOfAssertion?(assertion: ClientAssertion<C>): string | undefined;
  /** The part of the answer about a token that a client may read because it is an API; undefined if the token is not for this API. @see RFC 7662 §4 */
  disclose?(answer: Claims, clientID: string): Claims | undefined;
  /** Narrows its own members of a response that `disclose` of an extension gives to an API: to what concerns the APIs in `aud`. @see RFC 9396 §9.2 */
  narrowDisclosed?(told: Claims): Claims;
  /** What it adds to the metadata document. Called when the document is asked for, and once when the extension is plugged in. */
  metadata?(): Partial<ServerMetadata>;
  /** Sees the whole configuration, once: before the first request, or at `server.check()`. Not async. @throws Error for a missing or contradictory part */
  ready?(core: Core<C, U>): void;
  /** Called after `ready`. Gives the problems it finds: an `error` is thrown at start, a `warning` is given once, a `relaxation` is for `server.check()`. */
  findings?(core: Core<C, U>): readonly Finding[];
}

/** An extension, or a function that makes one. The function sees only what was plugged in before it; the extension's steps later see the whole core. */
export type Plug<C = Client, U = unknown> = Extension<C, U> | ((core: Core<C, U>) => Extension<C, U>);

/** Where endpoints are: paths below the issuer and `prefix`, or URLs. Each specification declares its own. */
export interface EndpointURLs {
  /** Usually `/authorize`. */
  readonly authorization?: string;
  /** Usually `/token`. */
  readonly token?: string;
  /** It has no default path. @see RFC 7591 §3 */
  readonly registration?: string;
}

/** Where the server is, and where its endpoints are. */
export interface Locations {
  /** Whether `createServer({ allowPlainHTTP })` accepts an issuer of http on every host. */
  readonly allowsPlainHTTP: boolean;
  /** What `createServer({ endpoints })` says. */
  readonly endpoints: EndpointURLs;
  /** Where an endpoint is: a path below the issuer and `prefix`, or a URL. @param usual the location if none is configured */
  of(name: string, usual: string): string;
  /** A location as a URL. @param what names it in messages. @param issuer a path is below this one, and the prefix. @throws TypeError for anything else */
  url(location: unknown, what: string, issuer: string): string;
}

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
  /** The issuer identifier, once it is configured: by `createServer({ issuer })`, or by `issuer()`. */
  readonly issuer: string | undefined;
  /** Where the endpoints are. */
  readonly locations: Locations;
  readonly allowOrigins: AllowedOrigins | undefined;
  readonly answered: AnsweredDialogs;
  /** The client's identifier, if the application's clients have one. */
  clientID(client: C): string | undefined;
  /** The client's registered redirect URIs, if the application's clients have any. */
  redirectURIs(client: C): readonly string[] | undefined;
  /** Whether redirect URIs of `http://localhost` may differ from the client's registration in their port. */
  anyPortForLocalhost(client: C): boolean;
  /** The subject that identifies a user, if the user has one. */
  subject(user: U): string | undefined;
  /** How and when a user logged in, if the application tells it. */
  authenticationEvent(user: U): AuthenticationEvent | undefined;
  /** Whether the application tells how users log in: `createServer({ authenticationEvent })`. */
  readonly knowsLogins: boolean;
  /** The keys of `createServer({ keys })`. */
  readonly keys: SigningKeys | undefined;
  /** The token service of `createServer({ tokens })`. */
  readonly tokens: ConnectedTokens<C, U> | undefined;
  /** Tells the clients of one server from those of another: the object of `createServer({ clients })`; or this server, if only extensions find clients. */
  readonly clientRegistry: object | undefined;
  /** Whether `findClient` can find clients: `createServer({ clients })` was given, or an extension finds clients. */
  readonly findsClients: boolean;
  /** The client of an identifier: what `createServer({ clients })` finds, or else an extension. @param lookup default `must-be-known` */
  findClient(clientID: string, lookup?: ClientLookup): Promise<C | undefined>;
  /** The identifier of a user for a client: that of an extension, such as a pairwise one, or the subject. Clients never read another one. */
  outwardSubject(subject: string, client: C): Promise<string>;
  /** The extension of that name. */
  extension(name: string): Extension<C, U> | undefined;
  /** Which parameters the server reads, and which of them may come several times. */
  readonly parameters: KnownParameters;
  /** How the authorization endpoint reads requests. */
  readonly reading: Reading;
  /** Calls `ready` and `findings` of every extension, once. @throws Error if something is missing or contradicts something else */
  start(): void;
  /** Keeps the findings of a part that is not an extension, such as `bearer()` or an endpoint, for the report. */
  report(findings: readonly Finding[]): void;
  /** The time in epoch seconds. */
  now(): number;
  /** An unguessable ID. @param length its characters, of 6 bits each */
  uid(length: number): string;
  serializeClient(client: C): Promise<unknown>;
  /** @returns `undefined` when the client is gone */
  deserializeClient(serialized: unknown): Promise<C | undefined>;
}
