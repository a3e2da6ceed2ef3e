import type { EventEmitter } from 'node:events';
import { toError } from '../errors/to-oauth2-error.js';
import type { OldestFirst } from '../oldest-first.js';
import type { TokenRequest } from '../types.js';
import type { TokenEvent, TokenEventEmitter, TokenEvents } from './events.js';
import type { GivenUp } from './given-up.js';
import { authorizedAtOf, type Refreshes } from './granted.js';
import type { Settings } from './settings.js';
import type { Consumed, Consumption, StoredRecord } from './store.js';

/** The parts of a token service, which all its functions get. */
export interface Service<C, U> {
  readonly settings: Settings<C, U>;
  readonly events: TokenEventEmitter;
  /** Records that the store may or may not have consumed: it failed before it answered. */
  readonly givenUp: GivenUp;
  /** Refresh tokens whose request failed before it was answered, spent or not. */
  readonly interrupted: GivenUp;
  /** By authorization: the number of access tokens that were issued without a new refresh token, in whose record they would be counted. */
  readonly countedHere: OldestFirst<Refreshes>;
  /** Gives the trace ID of the current token request. */
  readonly traceID?: (() => string) | undefined;
}

/** The service for one token request: its events about refusals have the trace ID of the request. */
export function serving<C, U>(service: Service<C, U>, { traceID }: TokenRequest<C>): Service<C, U> {
  const { settings, events, givenUp, interrupted, countedHere } = service;
  return { settings, events, givenUp, interrupted, countedHere, traceID };
}

/** The events about a refusal. Only these make a trace ID. */
const REFUSALS: ReadonlySet<keyof TokenEvents> = new Set(['denied', 'replayDetected', 'familyRevoked']);

/** The client, user and authorization that an event is about. */
export type Whose = Omit<TokenEvent, 'at'>;

function warn(thrown: unknown): void {
  process.emitWarning(toError(thrown));
}

/** Emits an event. A listener that throws does not keep others from being called. @param whose may be a whole record: only the members of an event are read */
export function report<C, U, Name extends keyof TokenEvents>(
  { settings, events, traceID }: Service<C, U>,
  name: Name,
  { clientID, subject, authorizationID }: Whose,
  more: Omit<TokenEvents[Name], keyof TokenEvent>,
): void {
  if (events.listenerCount(name) === 0) return;
  const trace = REFUSALS.has(name) && traceID ? { traceID: traceID() } : {};
  const event = { at: settings.now(), clientID, subject, authorizationID, ...trace, ...more };
  for (const listener of (events as EventEmitter).rawListeners(name)) {
    try {
      Promise.resolve(listener.call(events, event)).catch(warn);
    } catch (error) {
      warn(error);
    }
  }
}

/**
 * Epoch seconds after which no token of an authorization can be valid, including those that a concurrent request is issuing. Its revocation is remembered until
 * then.
 */
function endOf<C, U>(settings: Settings<C, U>, client: C | undefined, record: StoredRecord): number {
  const { kind, expiresAt } = record;
  const now = settings.now();
  const { accessToken, refreshToken, authorization } = settings.longest(client);
  if (kind === 'access_token') return Math.max(expiresAt, now + accessToken);
  const authorizedAt = authorizedAtOf(record) ?? now;
  return Math.max(expiresAt, Math.min(authorizedAt + authorization, now + Math.max(accessToken, refreshToken)));
}

/** Consumes a record. If the store fails, remembers that the record may have been consumed. @throws StoreUnavailableError */
export function consumeOrGiveUp<C, U>(
  { settings, givenUp }: Service<C, U>,
  id: string,
  consumption: Consumption,
): Promise<Consumed | undefined> {
  return givenUp.during(
    () => settings.store.consume(id, consumption),
    () => id,
    settings.now,
  );
}

/** Revokes the whole authorization that a record belongs to. */
export async function revokeFamily<C, U>(
  service: Service<C, U>,
  client: C | undefined,
  record: StoredRecord,
): Promise<void> {
  const { settings } = service;
  const now = settings.now();
  await settings.store.revoke(record.authorizationID, endOf(settings, client, record), now);
  report(service, 'familyRevoked', record, {});
}

/** Revokes the authorization of a spent code or refresh token that was presented again: somebody may have stolen it. @see RFC 9700 §2.1.1, §4.14.2 */
export async function answerReplay<C, U>(
  service: Service<C, U>,
  client: C,
  record: StoredRecord,
  kind: 'code' | 'refresh_token',
): Promise<void> {
  report(service, 'replayDetected', record, { kind });
  await revokeFamily(service, client, record);
}
