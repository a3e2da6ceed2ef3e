/** Which clients may use CIBA. @see CIBA §4, §7.1, §10.1 */
import { memberOf, textOf } from '../../clients/member.js';
import { isPublicClient } from '../../clients/registration.js';
import { reasoned } from '../../errors/reason.js';
import { TokenError } from '../../errors/token-error.js';
import { DELIVERY_MODES, MODE } from './names.js';

/** A client, and the method by which it authenticated. */
export interface Sender<C> {
  readonly client: C;
  readonly authMethod?: string | undefined;
}

/** How a client gets its tokens: it polls, or waits for a ping. @throws TokenError for a client that must not use CIBA here */
export function deliveryModeOf<C>({ client, authMethod }: Sender<C>): 'poll' | 'ping' {
  if (isPublicClient({ client, authMethod })) {
    const error = new TokenError('Client authentication failed', 'invalid_client'); // §7.1, §10.1: MUST authenticate
    throw reasoned(error, 'The client is public. By CIBA anybody could have any user asked in its name');
  }
  const registered = textOf(client, MODE);
  const mode = DELIVERY_MODES.find((one) => one === registered);
  if (mode) return mode;
  // §11: clients with push do not use the token endpoint. §4: a client without a mode has not registered for CIBA
  const error = new TokenError('This client is not registered for poll or ping', 'unauthorized_client');
  throw reasoned(error, `The client registered no ${MODE} that this server has`, {
    registered: memberOf(client, MODE),
  });
}
