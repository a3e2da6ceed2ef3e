import type { EventEmitter } from 'node:events';
import type { Claims, Scope } from '../types.js';
import type { Further } from './granted.js';
import type { TokenKind } from './store.js';

/** The members of every event: the client, user and authorization that it is about. Never a code or a token. */
export interface TokenEvent {
  /** Epoch seconds. */
  readonly at: number;
  readonly clientID: string;
  readonly subject?: string | undefined;
  readonly authorizationID?: string | undefined;
  /** The trace ID of the request, in events about a refusal at the token endpoint. The event `refusal` of the same request has it, too. */
  readonly traceID?: string;
}

/** Codes or tokens were issued. For a code, the event has the members that extensions have added to the authorization. */
export interface IssuedEvent extends TokenEvent, Further {
  readonly kinds: readonly TokenKind[];
  readonly scope: Scope;
  /** Further claims of the access token. */
  readonly claims?: Claims;
  /** The APIs that the access token is for, if it names any. */
  readonly audience?: readonly string[] | undefined;
  /** Set if a spent refresh token was presented again within the grace period, and got the same response. */
  readonly again?: boolean;
}

/** A code, a refresh token, or a user's name and password was refused. */
export interface DeniedEvent extends TokenEvent {
  readonly kind: TokenKind;
  /** Why it was refused, as text for the log. */
  readonly reason: string;
}

/** A spent code or refresh token was presented again. Its whole authorization is revoked. */
export interface ReplayEvent extends TokenEvent {
  readonly kind: TokenKind;
}

/** A token was revoked; for a refresh token, its whole authorization. */
export interface RevokedEvent extends TokenEvent {
  readonly kind: TokenKind;
}

/** A token was introspected. `clientID` is the client of the token; empty if the token is unknown. */
export interface IntrospectedEvent extends TokenEvent {
  readonly active: boolean;
}

/** Every decision that is worth a line in an audit log. */
export interface TokenEvents {
  issued: IssuedEvent;
  refreshed: IssuedEvent;
  denied: DeniedEvent;
  /** A spent code or refresh token was presented again; `familyRevoked` follows. */
  replayDetected: ReplayEvent;
  familyRevoked: TokenEvent;
  introspected: IntrospectedEvent;
  revoked: RevokedEvent;
}

/** Subscribe with `on`. A listener that throws becomes a process warning, and does not affect the request. */
export type TokenEventEmitter = EventEmitter<{ [Name in keyof TokenEvents]: [event: TokenEvents[Name]] }>;
