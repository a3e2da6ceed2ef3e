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
  metadata?(): Partial<ServerMetadata>;
}

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
  readonly answered: AnsweredDialogs;
  /** The client's identifier, if the application's clients say it. */
  clientID(client: C): string | undefined;
  /** The client's registered redirect URIs, if the application's clients say them. */
  redirectURIs(client: C): readonly string[] | undefined;
  readonly anyPortForLocalhost: boolean;
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
