/** A page whose form the browser posts by itself. */
import { hash } from 'node:crypto';
import type { Context } from 'koa';
import { noStore, setHeader } from './headers.js';

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

function page(action: string, fields: Iterable<readonly [string, string]>): string {
  const inputs = Array.from(
    fields,
    ([name, value]) => `<input type="hidden" name="${escapeHTML(name)}" value="${escapeHTML(value)}">`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Continue</title></head>
<body><form method="post" action="${escapeHTML(action)}">${inputs.join('')}<noscript><button>Continue</button></noscript></form>
<script>${SCRIPT}</script></body></html>`;
}

interface PostingPage {
  /** Where the form is posted to. An empty text is the URL of the page. */
  readonly action: string;
  readonly fields: Iterable<readonly [string, string]>;
  /** The source of the Content-Security-Policy that names who may show the page in a frame. */
  readonly ancestors: string;
}

/** Sends the page. Its policy allows its one script, by its hash. */
export function sendPostingPage(ctx: Context, { action, fields, ancestors }: PostingPage): void {
  noStore(ctx);
  setHeader(ctx, 'x-frame-options', 'DENY'); // read only by browsers that do not know frame-ancestors: CSP Level 3 §6.4.2
  // with `same-origin` or `no-referrer` the form would come with `Origin: null` (Fetch §3.1): a receiver that checks where forms come from would refuse it
  setHeader(ctx, 'referrer-policy', 'origin');
  const policy = `default-src 'none'; script-src 'sha256-${SCRIPT_HASH}'; frame-ancestors ${ancestors}`;
  ctx.set('Content-Security-Policy', policy);
  ctx.status = 200;
  ctx.type = 'html';
  ctx.body = page(action, fields);
}
