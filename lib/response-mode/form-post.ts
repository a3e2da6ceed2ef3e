import { hash } from 'node:crypto';
import { noStore, setHeader } from '../http/headers.js';
import type { ResponseMode } from '../plugs.js';
import { entries } from './encode.js';

const SCRIPT = 'document.forms[0].submit()';
const SCRIPT_HASH = hash('sha256', SCRIPT, 'base64');

const REFERENCES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHTML(text: string): string {
  return text.replace(/[&<>"']/g, (character) => REFERENCES[character] ?? '');
}

function page(action: string, params: Parameters<ResponseMode['send']>[2]): string {
  const inputs = entries(params).map(
    ([name, value]) => `<input type="hidden" name="${escapeHTML(name)}" value="${escapeHTML(value)}">`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Continue</title></head>
<body><form method="post" action="${escapeHTML(action)}">${inputs.join('')}<noscript><button>Continue</button></noscript></form>
<script>${SCRIPT}</script></body></html>`;
}

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
    noStore(ctx);
    setHeader(ctx, 'x-frame-options', 'DENY'); // read only by browsers that do not know frame-ancestors: CSP Level 3 §6.4.2
    // with `same-origin` or `no-referrer` the form would come with `Origin: null` (Fetch §3.1): a client that checks where responses come from would refuse it
    setHeader(ctx, 'referrer-policy', 'origin');
    ctx.set(
      'Content-Security-Policy',
      `default-src 'none'; script-src 'sha256-${SCRIPT_HASH}'; frame-ancestors ${ancestorsFor(redirectURI)}`,
    );
    ctx.status = 200;
    ctx.type = 'html';
    ctx.body = page(redirectURI, params);
  },
};
