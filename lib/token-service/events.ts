import type { EventEmitter } from 'node:events';
import type { Claims, Scope } from '../types.js';
import type { Further } from './granted.js';
import type { TokenKind } from './store.js';

/** Whom and what an event is about. Never a code or a token. */
export interface TokenEvent {
  /** Epoch seconds. */
  readonly at: number;
  readonly clientID: string;
  readonly subject?: string | undefined;
  readonly authorizationID?: string | undefined;
  /** Of an event about a refusal at the token endpoint: the trace ID of the request. The event `refusal` of the same request has it, too. */
  readonly traceID?: string;
}

/** Of a code it has the members that extensions have added to the authorization. */
export interface IssuedEvent extends TokenEvent, Further {
  readonly kinds: readonly TokenKind[];
  readonly scope: Scope;
  /** Further claims of the access token. */
  readonly claims?: Claims;
  /** The APIs that the access token is for, if it says. */
  readonly audience?: readonly string[] | undefined;
  /** A spent refresh token came again within the grace window, and got the same answer. */
  readonly again?: boolean;
}

/** A code, a refresh token, or a user's name and password was refused. */
export interface DeniedEvent extends TokenEvent {
  readonly kind: TokenKind;
  /** In words, for the log. */
  readonly reason: string;
}

/** A code or refresh token that had been spent came again. Its whole authorization ends. */
export interface ReplayEvent extends TokenEvent {
  readonly kind: TokenKind;
}

/** A token was revoked, with all that came of its authorization where it is a refresh token. */
export interface RevokedEvent extends TokenEvent {
  readonly kind: TokenKind;
}

/** A token was introspected. `clientID` is whose token it is; empty when it is nobody's. */
export interface IntrospectedEvent extends TokenEvent {
  readonly active: boolean;
}

/** Every decision that is worth a line in an audit log. */
export interface TokenEvents {
  issued: IssuedEvent;
  refreshed: IssuedEvent;
  denied: DeniedEvent;
  /** A spent code or refresh token came again; `familyRevoked` follows. */
  replayDetected: ReplayEvent;
  familyRevoked: TokenEvent;
  introspected: IntrospectedEvent;
  revoked: RevokedEvent;
}

/** Subscribe with `on`; a listener that throws is the operator's to see, as a process warning, and stops no token. */
export type TokenEventEmitter = EventEmitter<{ [Name in keyof TokenEvents]: [event: TokenEvents[Name]] }>;
