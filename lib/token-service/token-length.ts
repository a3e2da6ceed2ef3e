import { warnOnce } from '../errors/warning.js';
import { LONGEST_TOKEN } from '../syntax/token-type.js';

/**
 * Warns of a token that its APIs refuse. It is issued all the same: an API that is not protected by `bearer()` may take it. Only the operator can shorten the
 * tokens, so an error would help no client.
 */
export function warnOfLength({ length }: string, clientID: string): void {
  warnOnce(
    'KOAUTHORIZE_TOKEN_LENGTH',
    `An access token for ${clientID} has ${length} characters, and bearer() takes ${LONGEST_TOKEN}, as most proxies do: its APIs refuse it. Issue opaque tokens for these APIs, by tokenService({ accessTokens: opaque() }) or resourceIndicators(), and let them introspect; or grant shorter authorization_details and claims.`,
    clientID,
  );
}
