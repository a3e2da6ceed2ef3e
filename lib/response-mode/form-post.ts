import { sendPostingPage } from '../http/posting-page.js';
import type { ResponseMode } from '../plugs.js';
import { entries } from './encode.js';

/** What a source of a Content-Security-Policy can name: no IPv6 address, for example. */
const HOST_SOURCE = /^https?:\/\/[a-z0-9.-]+(?::\d+)?$/;

/**
 * Who may show the page in a frame: the origin that it sends the response to, as for `prompt=none` in a hidden frame, and nobody else. This gives clickjacking
 * nothing to gain: the page sends its form without a click, and its only button, for browsers without scripts, sends the same form to the same URI.
 */
function ancestorsFor(redirectURI: string): string {
  const { origin } = new URL(redirectURI);
  return HOST_SOURCE.test(origin) ? origin : "'none'";
}

/** Sends the parameters in a form that the browser posts to the redirect URI. @see OAuth 2.0 Form Post Response Mode §2 */
export const formPost: ResponseMode = {
  name: 'form_post',
  send(ctx, { redirectURI }, params) {
    sendPostingPage(ctx, { action: redirectURI, fields: entries(params), ancestors: ancestorsFor(redirectURI) });
  },
};
