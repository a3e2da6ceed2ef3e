import type { TokenEvent, TokenEventEmitter, TokenEvents } from './events.js';
import type { Settings } from './options.js';
import type { StoredRecord } from './store.js';

/** What every part of the service works with. */
export interface Service<C, U> {
  readonly settings: Settings<C, U>;
  readonly events: TokenEventEmitter;
}

type Whose = Omit<TokenEvent, 'at'>;

/** Tells whoever listens. Of `whose` only the members of every event are told. */
export function report<C, U, Name extends keyof TokenEvents>(
  { settings, events }: Service<C, U>,
  name: Name,
  { clientID, subject, authorizationID }: Whose,
  more: Omit<TokenEvents[Name], keyof TokenEvent>,
): void {
  const event = { at: settings.now(), clientID, subject, authorizationID, ...more };
  try {
    (events as { emit(name: string, event: unknown): boolean }).emit(name, event);
  } catch (error) {
    process.emitWarning(error instanceof Error ? error : String(error));
  }
}

/** Ends all that came from an authorization. */
export async function revokeFamily<C, U>(
  service: Service<C, U>,
  client: C | undefined,
  whose: Whose & { readonly authorizationID: string },
): Promise<void> {
  const { settings } = service;
  await settings.store.revoke(whose.authorizationID, settings.now() + settings.longest(client));
  report(service, 'familyRevoked', whose, {});
}

/** A spent code or refresh token came again: someone has it who should not. @see RFC 9700 §2.1.1, §4.14.2 */
export async function answerReplay<C, U>(service: Service<C, U>, client: C, record: StoredRecord): Promise<void> {
  report(service, 'replayDetected', record, { kind: record.kind });
  await revokeFamily(service, client, record);
}
