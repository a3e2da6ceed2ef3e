/** Parameters for the application's pages. Invalid values are left out, and are not an error. */
import type { AuthorizationRequest, Params } from '../../types.js';

/** @see OpenID Connect Core §3.1.2.1 */
const DISPLAYS: ReadonlySet<string> = new Set(['page', 'popup', 'touch', 'wap']);

/** BCP 47: letters, digits and hyphens. */
const LANGUAGE_TAG = /^[A-Za-z0-9-]{1,35}$/;

const MAX_LOCALES = 20;

/** In characters. An email address has 254 at most. */
const MAX_HINT = 512;

function locales(text: string | undefined): readonly string[] {
  return (text?.split(' ') ?? []).filter((tag) => LANGUAGE_TAG.test(tag)).slice(0, MAX_LOCALES);
}

export function presentational(params: Params): Partial<AuthorizationRequest> {
  const [display = '', loginHint = ''] = [params.get('display'), params.get('login_hint')];
  const [uiLocales, claimsLocales] = [locales(params.get('ui_locales')), locales(params.get('claims_locales'))];
  return {
    ...(DISPLAYS.has(display) && { display }),
    ...(loginHint !== '' && loginHint.length <= MAX_HINT && { loginHint }),
    ...(uiLocales.length > 0 && { uiLocales }),
    ...(claimsLocales.length > 0 && { claimsLocales }),
  };
}
