import type { EventEmitter } from 'node:events';
import { toError } from '../errors/to-oauth2-error.js';
import type { TokenEvent, TokenEventEmitter, TokenEvents } from './events.js';
import type { Settings } from './options.js';
import type { StoredRecord } from './store.js';

/** What every part of the service works with. */
export interface Service<C, U> {
  readonly settings: Settings<C, U>;
  readonly events: TokenEventEmitter;
}

type Whose = Omit<TokenEvent, 'at'>;

function warn(thrown: unknown): void {
  process.emitWarning(toError(thrown));
}

/** Tells whoever listens, each whatever the others do. Of `whose` only the members of every event are told. */
export function report<C, U, Name extends keyof TokenEvents>(
  { settings, events }: Service<C, U>,
  name: Name,
  { clientID, subject, authorizationID }: Whose,
  more: Omit<TokenEvents[Name], keyof TokenEvent>,
): void {
  if (events.listenerCount(name) === 0) return;
  const event = { at: settings.now(), clientID, subject, authorizationID, ...more };
  for (const listener of (events as EventEmitter).rawListeners(name)) {
    try {
      Promise.resolve(listener.call(events, event)).catch(warn);
    } catch (error) {
      warn(error);
    }
  }
}

/** Ends all that came from an authorization, of which this is a part. */
export async function revokeFamily<C, U>(
  service: Service<C, U>,
  client: C | undefined,
  whose: Whose & Pick<StoredRecord, 'authorizationID' | 'expiresAt'>,
): Promise<void> {
  const { settings } = service;
  const until = Math.max(whose.expiresAt, settings.now() + settings.longest(client)); // lifetimes may have been longer
  await settings.store.revoke(whose.authorizationID, until);
  report(service, 'familyRevoked', whose, {});
}

/** A spent code or refresh token came again: someone has it who should not. @see RFC 9700 §2.1.1, §4.14.2 */
export async function answerReplay<C, U>(service: Service<C, U>, client: C, record: StoredRecord): Promise<void> {
  report(service, 'replayDetected', record, { kind: record.kind });
  await revokeFamily(service, client, record);
}
