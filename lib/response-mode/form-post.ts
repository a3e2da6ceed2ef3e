import { hash } from 'node:crypto';
import { protectDialog } from '../http/headers.js';
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

/** Sends the parameters in a form that the browser posts to the redirect URI. @see OAuth 2.0 Form Post Response Mode §2 */
export const formPost: ResponseMode = {
  name: 'form_post',
  send(ctx, { redirectURI }, params) {
    protectDialog(ctx);
    ctx.set(
      'Content-Security-Policy',
      `default-src 'none'; script-src 'sha256-${SCRIPT_HASH}'; frame-ancestors 'none'`,
    );
    ctx.status = 200;
    ctx.type = 'html';
    ctx.body = page(redirectURI, params);
  },
};
