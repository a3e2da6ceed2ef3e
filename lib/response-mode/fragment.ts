import { redirect } from '../http/redirect.js';
import type { ResponseMode } from '../plugs.js';
import { encode } from './encode.js';

/** Sends the parameters in the fragment of the redirect URI. @see RFC 6749 §4.2.2 */
export const fragment: ResponseMode = {
  name: 'fragment',
  send(ctx, { redirectURI }, params) {
    redirect(ctx, `${redirectURI}#${encode(params)}`);
  },
};
