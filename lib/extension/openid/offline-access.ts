/** The scope `offline_access`: the client may go on when the user is not there. @see OpenID Connect Core §11 */
import type { AskedRequest } from '../../steps.js';
import { responseTypeWords } from '../../syntax/response-type.js';
import { scopeOf } from '../../syntax/scope.js';
import type { OpenIDOptions } from './options.js';
import { OPENID } from './token.js';

const OFFLINE_ACCESS = 'offline_access';

/** Whether a word of a scope is ignored: `offline_access` without consent, or where the browser gets what results. */
export function ignoresOffline<C, U>(
  { allowOfflineWithoutConsent }: OpenIDOptions<C, U>,
  word: string,
  asked: AskedRequest<C> | undefined,
): boolean {
  if (word !== OFFLINE_ACCESS || !asked) return false;
  const { request, params, client, isWithoutBrowser } = asked;
  if (!scopeOf(request)?.includes(OPENID)) return false;
  // §11: other conditions permit it: the user of a device, and of CIBA, decides each request, and the token endpoint gives what results
  if (isWithoutBrowser) return false;
  // §11: MUST ignore it unless an authorization code results
  if (!responseTypeWords(request.type).includes('code')) return true;
  // §11: MUST ensure that prompt contains consent, unless other conditions permit it
  const isAskedForConsent = params.get('prompt')?.split(' ').includes('consent') === true;
  return !isAskedForConsent && allowOfflineWithoutConsent?.(client) !== true;
}
