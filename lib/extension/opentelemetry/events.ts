/** Reports the events of the token service as metrics, and on the spans of their requests. */

import type { TokenEventEmitter, TokenEvents } from '../../token-service/events.js';
import type { Attributes, Counter, OpenTelemetryAPI } from './module.js';
import { ATTRIBUTES as A } from './names.js';

const NAMES: Readonly<Record<keyof TokenEvents, true>> = {
  issued: true,
  refreshed: true,
  denied: true,
  replayDetected: true,
  familyRevoked: true,
  introspected: true,
  revoked: true,
};

function kindsOf(event: TokenEvents[keyof TokenEvents]): string | undefined {
  if ('kinds' in event) return event.kinds.join(' ');
  return 'kind' in event ? event.kind : undefined;
}

/** Counts every event, and adds it to the active span. The user is left out, since traces must not contain personal data. */
export function listen({ trace }: OpenTelemetryAPI, events: TokenEventEmitter, counter: Counter): void {
  for (const name of Object.keys(NAMES) as (keyof TokenEvents)[])
    events.on(name, (event: TokenEvents[keyof TokenEvents]) => {
      const shared: Attributes = { [A.event.name]: name, [A.kinds.name]: kindsOf(event) };
      counter.add(1, shared);
      const { authorizationID, clientID } = event;
      const span = trace.getActiveSpan();
      span?.addEvent('oauth.token', {
        ...shared,
        [A.authorizationID.name]: authorizationID,
        [A.clientID.name]: clientID,
      });
      if (authorizationID !== undefined) span?.setAttribute(A.authorizationID.name, authorizationID);
    });
}
