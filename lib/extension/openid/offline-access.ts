/** The scope `offline_access`: the client keeps its access while the user is away. @see OpenID Connect Core §11 */
import type { AskedRequest } from '../../steps.js';
import { responseTypeWords } from '../../syntax/response-type.js';
import { scopeOf } from '../../syntax/scope.js';
import type { OpenIDOptions } from './options.js';
import { OPENID } from './token.js';

const OFFLINE_ACCESS = 'offline_access';

/** Whether a scope word is ignored: `offline_access` without consent, or with a response type without a code. */
export function ignoresOffline<C, U>(
  { allowOfflineWithoutConsent }: OpenIDOptions<C, U>,
  word: string,
  asked: AskedRequest<C> | undefined,
): boolean {
  if (word !== OFFLINE_ACCESS || !asked) return false;
  const { request, params, client, isWithoutBrowser } = asked;
  if (!scopeOf(request)?.includes(OPENID)) return false;
  // §11, "other conditions": with the device grant and CIBA, the user decides on each request, and tokens come from the token endpoint
  if (isWithoutBrowser) return false;
  // §11: MUST ignore it unless the response type issues a code
  if (!responseTypeWords(request.type).includes('code')) return true;
  // §11: MUST ensure that prompt contains consent, unless other conditions permit it
  const isAskedForConsent = params.get('prompt')?.split(' ').includes('consent') === true;
  return !isAskedForConsent && allowOfflineWithoutConsent?.(client) !== true;
}
