/** The page that clients load in a hidden frame, and ask whether the login has changed. @see OpenID Connect Session Management §3.2 */
import { hash } from 'node:crypto';
import type { Middleware } from 'koa';

/** Seconds for which caches may keep the page, which is the same for everybody. */
const MAX_AGE = 300;

/**
 * The script that answers the message `<client_id> <session_state>` of a client's page. It hashes the origin that the browser reports for the message: a page
 * of another origin gets `changed`, whatever it sends.
 *
 * If the browser blocks cookies in frames at other sites, the answer is `error`. After `changed`, the client would ask for a new session_state, which could not
 * be compared either, again and again (§5.1, §3.1).
 */
function scriptFor(cookie: string): string {
  return `'use strict';
const encoder = new TextEncoder();
async function hashed(text) {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', encoder.encode(text)));
  return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
async function compared(data, origin) {
  const [, client, state] = (typeof data === 'string' && /^(.+) ([^ ]+)$/s.exec(data)) || [];
  if (client === undefined) return 'error';
  const kept = document.cookie.split('; ').find((each) => each.startsWith('${cookie}='));
  if (kept === undefined) return (await document.hasStorageAccess()) ? 'changed' : 'error';
  const salt = state.slice(state.lastIndexOf('.') + 1);
  const now = await hashed([client, origin, kept.slice(${cookie.length + 1}), salt].join(' '));
  return state === now + '.' + salt ? 'unchanged' : 'changed';
}
addEventListener('message', async ({ data, origin, source }) => {
  if (source === null || origin === 'null') return;
  source.postMessage(await compared(data, origin).catch(() => 'error'), origin);
});`;
}

export function checkSessionPage(cookie: string): Middleware {
  const script = scriptFor(cookie);
  const policy = [
    "default-src 'none'",
    `script-src 'sha256-${hash('sha256', script, 'base64')}'`,
    "base-uri 'none'",
    "form-action 'none'",
    'frame-ancestors *', // clickjacking is no danger: the page shows nothing to click on
  ];
  const page = `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Session</title></head><body><script>${script}</script></body></html>`;
  return async function checkSession(ctx) {
    ctx.remove('X-Frame-Options'); // a middleware of the application may have set it for all pages
    ctx.set('Content-Security-Policy', policy.join('; '));
    ctx.set('Cache-Control', `private, max-age=${MAX_AGE}`);
    ctx.type = 'html';
    ctx.body = page;
  };
}
