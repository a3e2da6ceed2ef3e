import type { EventEmitter } from 'node:events';
import { toError } from '../errors/to-oauth2-error.js';
import type { OldestFirst } from '../oldest-first.js';
import type { TokenRequest } from '../types.js';
import type { TokenEvent, TokenEventEmitter, TokenEvents } from './events.js';
import type { GivenUp } from './given-up.js';
import { authorizedAtOf, type Refreshes } from './granted.js';
import type { Settings } from './settings.js';
import type { Consumed, Consumption, StoredRecord } from './store.js';

/** What every part of the service works with. */
export interface Service<C, U> {
  readonly settings: Settings<C, U>;
  readonly events: TokenEventEmitter;
  /** What may have been spent, and nobody knows. */
  readonly givenUp: GivenUp;
  /** Refresh tokens whose request was not answered, whether it would have spent them or not. */
  readonly interrupted: GivenUp;
  /** By authorization: access tokens that came without a new refresh token, whose record would have their number. */
  readonly countedHere: OldestFirst<Refreshes>;
  /** Gives the trace ID of the token request that it works for. */
  readonly traceID?: (() => string) | undefined;
}

/** The service as it works for one token request: what it then tells of a refusal has the trace ID of the request. */
export function serving<C, U>(service: Service<C, U>, { traceID }: TokenRequest<C>): Service<C, U> {
  const { settings, events, givenUp, interrupted, countedHere } = service;
  return { settings, events, givenUp, interrupted, countedHere, traceID };
}

/** The events that are about a refusal. A trace ID is made for these alone. */
const REFUSALS: ReadonlySet<keyof TokenEvents> = new Set(['denied', 'replayDetected', 'familyRevoked']);

/** Whom and what an event is about. */
export type Whose = Omit<TokenEvent, 'at'>;

function warn(thrown: unknown): void {
  process.emitWarning(toError(thrown));
}

/** Tells whoever listens, each whatever the others do. Of `whose` only the members of every event are told. */
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
 * Epoch seconds after which nothing of an authorization can be live: neither what is stored now, nor what is on its way at this moment. For
 * so long its revocation is remembered, and no longer.
 */
function endOf<C, U>(settings: Settings<C, U>, client: C | undefined, record: StoredRecord): number {
  const { kind, expiresAt } = record;
  const now = settings.now();
  const { accessToken, refreshToken, authorization } = settings.longest(client);
  if (kind === 'access_token') return Math.max(expiresAt, now + accessToken);
  const authorizedAt = authorizedAtOf(record) ?? now;
  return Math.max(expiresAt, Math.min(authorizedAt + authorization, now + Math.max(accessToken, refreshToken)));
}

/** Consumes a record, and remembers where nobody knows whether that was done. @throws StoreUnavailableError */
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

/** Ends all that came from an authorization, of which this is a part. */
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

/** A spent code or refresh token came again: someone has it who should not. @see RFC 9700 §2.1.1, §4.14.2 */
export async function answerReplay<C, U>(
  service: Service<C, U>,
  client: C,
  record: StoredRecord,
  kind: 'code' | 'refresh_token',
): Promise<void> {
  report(service, 'replayDetected', record, { kind });
  await revokeFamily(service, client, record);
}
