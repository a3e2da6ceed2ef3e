/** What is plugged in, as an endpoint or a middleware sees it. No code. */
import type { Middleware } from 'koa';
import type {
  ErrorResponder,
  Exchange,
  Extension,
  Grant,
  RequestParser,
  ResponseMode,
  TransactionStore,
} from './plugs.js';
import type { Client, ServerMetadata, TransactionRecord } from './types.js';

/** A route of its own: `router.get(path, server.endpoint(endpoint))`. */
export interface Endpoint<C = Client, U = unknown> {
  (core: Core<C, U>): Middleware;
  /** What it adds to the metadata document. */
  metadata?(core: Core<C, U>): Partial<ServerMetadata>;
}

/** Where endpoints are: paths below the issuer, or URLs. Each specification declares its own. */
export interface EndpointURLs {
  /** Usually `/authorize`. */
  readonly authorization?: string;
  /** Usually `/token`. */
  readonly token?: string;
  /** In no usual place: said by whoever has one. @see RFC 7591 §3 */
  readonly registration?: string;
}

/** What was said of the server's URLs, by whomever. */
export interface Locations {
  /** What `createServer({ endpoints })` says. */
  readonly endpoints: EndpointURLs;
  /**
   * Where an endpoint is: a path below the issuer, or a URL.
   *
   * @param said what the endpoint's own options say
   * @param usual where it is when nobody says anything
   * @throws Error when `createServer({ endpoints })` says something else
   */
  of(name: keyof EndpointURLs, said: string | undefined, usual: string): string;
  /** A location as a URL. @param issuer whose path, and the prefix, it is under. @throws TypeError when it is none */
  url(location: unknown, what: string, issuer: string): string;
}

/** Who may call the endpoints that clients authenticate at, from scripts in browsers: every origin, or these. */
export type AllowedOrigins = '*' | readonly string[];

/** What was registered for a response or grant type; no type means all of them. */
export interface Layer<H> {
  readonly type: string | undefined;
  readonly handle: H;
}

/** What this process knows of the dialogs that were answered in it, for as long as a copy of one could be shown again. */
export interface AnsweredDialogs {
  has(id: string): boolean;
  add(id: string): void;
  /** The dialog waits again. */
  forget(id: string): void;
  /** Keeps for a few seconds what it was answered with, sealed, and whether that has left this process. */
  keep(id: string, answer: { readonly record: TransactionRecord; isSent(): boolean }): void;
  answerTo(id: string): { readonly record: TransactionRecord; isSent(): boolean } | undefined;
  /** Resolves when those have finished who are answering the dialog now; undefined when nobody is. */
  settled(id: string): Promise<void> | undefined;
  /** Does what answers a dialog, after all others who began to answer the same dialog before have finished. */
  inTurn<T>(id: string, work: () => Promise<T>): Promise<T>;
}

/** What is plugged into a server, read-only: what an endpoint or a middleware is made from. */
export interface Core<C = Client, U = unknown> {
  /** Tells it from the other servers of the application. */
  readonly name: string;
  readonly extensions: readonly Extension<C, U>[];
  readonly endpoints: readonly Endpoint<C, U>[];
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
  /** The time in epoch seconds. */
  now(): number;
  /** An unguessable ID of so many characters, of 6 bits each. */
  uid(length: number): string;
  serializeClient(client: C): Promise<unknown>;
  /** @returns `undefined` when the client is gone */
  deserializeClient(serialized: unknown): Promise<C | undefined>;
}

/** Where the server is, as `createServer` is told. */
export interface LocationOptions {
  /**
   * The issuer identifier: an https URL (http for loopback hosts) in its normal form, without query, fragment and user information. It is
   * in every authorization response (RFC 9207) and in the metadata, and what is said of endpoints as a path is under it.
   *
   * @see RFC 8414 §2
   */
  readonly issuer?: string;
  /** The path below the issuer that the routes are mounted under, by koa-mount or a router's `prefix`: `/oauth`. Default: none. */
  readonly prefix?: string;
  /** Where endpoints are, if not where they usually are: paths below the issuer and `prefix`, or URLs. */
  readonly endpoints?: EndpointURLs;
}

/** What `createServer` takes. */
export interface ServerOptions<C = Client, U = unknown> extends LocationOptions {
  /** What identifies one of the application's clients. Default: its `client_id`. */
  readonly clientID?: (client: C) => string;
  /** The redirect URIs that one of the application's clients registered. Default: its `redirect_uris`. */
  readonly redirectURIs?: (client: C) => readonly string[] | undefined;
  /** What stands for one of the application's users. Default: its `id`, or else its `sub`. */
  readonly subject?: (user: U) => string;
  /**
   * Tells this server from the others of an application that keep dialogs in the same sessions: a dialog that began at one is never
   * answered by another. Default: the issuer, or else what is plugged in and the order in which the servers were made, so give a name,
   * or `issuer()`, where that order is not the same in all processes.
   */
  readonly name?: string;
  /** Where transactions wait. Default: in the session. */
  readonly transactions?: TransactionStore;
  /**
   * Lets redirect URIs of `http://localhost` differ from the registration in their port, as those of 127.0.0.1 and [::1] may: those of all
   * clients, or of native programs, say: `({ application_type }) => application_type === 'native'`. Gives up that no other program, by a name
   * server's or hosts file's leave, can be `localhost`. @see RFC 8252 §7.3, §8.3
   */
  readonly anyPortForLocalhost?: boolean | ((client: C) => boolean);
  /**
   * Origins whose scripts may call the endpoints that clients authenticate at (token, revocation, introspection), without cookies: `'*'`,
   * or a list. Their preflights are answered where the endpoints are mounted for OPTIONS, as by `router.all`. Default: none. The
   * authorization endpoint is never among them: browsers are sent there.
   */
  readonly allowOrigins?: AllowedOrigins;
  /** The time in epoch seconds. Default: the machine's clock. */
  readonly now?: () => number;
}
