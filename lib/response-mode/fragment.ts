import type { ResponseMode } from '../plugs.js';
import { encode } from './encode.js';
import { redirect } from './redirect.js';

/** Sends the parameters in the fragment of the redirect URI. @see RFC 6749 §4.2.2 */
export const fragment: ResponseMode = {
  name: 'fragment',
  send(ctx, { redirectURI }, params) {
    redirect(ctx, `${redirectURI}#${encode(params)}`);
  },
};
