/** What people see of the weak server, and the headers of it. */
import type { Context } from 'koa';
import type { Weak } from './flaws.js';
import { random } from './random.js';
import type { Transaction } from './state.js';

function escaping(weak: Weak, page: 'dialog' | 'error'): (text: string) => string {
  if (weak('error-reflects-markup') || weak(`error-reflects-markup:${page}`)) return (text) => text;
  return (text) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Whether scripts of this origin may read pages. */
function isTrusted(origin: string, ctx: Context, weak: Weak): boolean {
  if (weak('dialog-read-by-script:sandboxed')) return origin === 'null';
  if (weak('dialog-read-by-script:host')) return origin.startsWith(`http://${ctx.hostname}`);
  return weak('dialog-read-by-script');
}

function show(ctx: Context, weak: Weak, html: string): void {
  const origin = ctx.get('Origin');
  if (origin && isTrusted(origin, ctx, weak)) {
    ctx.set('Access-Control-Allow-Origin', origin);
    ctx.set('Access-Control-Allow-Credentials', 'true');
  }
  if (!weak('clickjacking')) {
    ctx.set('X-Frame-Options', 'DENY');
    const ancestors = weak('clickjacking:frame-ancestors') ? '*' : "'none'";
    ctx.set('Content-Security-Policy', `default-src 'none'; frame-ancestors ${ancestors}`);
  }
  const policy = weak('referrer-leak:unsafe-url') ? 'unsafe-url' : 'same-origin';
  if (!weak('referrer-leak')) ctx.set('Referrer-Policy', policy);
  if (weak('dialog-cached')) ctx.remove('Cache-Control');
  ctx.type = 'html';
  ctx.body = `<!doctype html><html lang="en"><title>Weak</title><body>${html}</body></html>`;
}

export function showLogin(ctx: Context, weak: Weak, returnTo: string): void {
  const isLater = weak('session-fixation:login-page') && returnTo !== '';
  if (!ctx.cookies.get('session') && !isLater) ctx.cookies.set('session', random(), { sameSite: 'lax' });
  const shown = escaping(weak, 'dialog');
  show(
    ctx,
    weak,
    `<form method="post" action="/login"><input type="hidden" name="return_to" value="${shown(returnTo)}">` +
      '<label>Name <input name="user"></label><button>Log in</button></form>',
  );
}

export function showDialog(ctx: Context, weak: Weak, { id, authorization, state }: Transaction): void {
  const shown = escaping(weak, 'dialog');
  const { client, scope } = authorization;
  show(
    ctx,
    weak,
    `<p>${shown(client.client_id)} asks for ${shown(scope.join(', '))} (${shown(state ?? '')})</p>` +
      `<form method="post" action="/decision"><input type="hidden" name="transaction_id" value="${id}">` +
      '<button name="decision" value="allow">Allow</button><button name="decision" value="deny">Deny</button></form>',
  );
}

export function showLogout(ctx: Context, weak: Weak, id: string): void {
  show(
    ctx,
    weak,
    `<p>Log out?</p><form method="post" action="/logout/decision"><input type="hidden" name="logout_id" value="${id}">` +
      '<button name="cancel" value="yes">Stay</button><button>Log out</button></form>',
  );
}

export function showLoggedOut(ctx: Context, weak: Weak): void {
  show(ctx, weak, '<p>Done</p>');
}

export function showCodeForm(ctx: Context, weak: Weak, userCode: string): void {
  const shown = escaping(weak, 'dialog')(userCode);
  show(
    ctx,
    weak,
    `<form method="post" action="/device"><label>Code <input name="user_code" value="${shown}"></label><button>Go on</button></form>`,
  );
}

export function showDeviceDialog(ctx: Context, weak: Weak, id: string, clientID: string): void {
  const shown = escaping(weak, 'dialog');
  show(
    ctx,
    weak,
    `<p>A device of ${shown(clientID)}</p><form method="post" action="/device/decision"><input type="hidden" name="device_id" value="${id}">` +
      '<button name="decision" value="allow">Allow</button><button name="decision" value="deny">Deny</button></form>',
  );
}

export function showAsked(ctx: Context, weak: Weak, id: string, clientID: string): void {
  const shown = escaping(weak, 'dialog');
  show(
    ctx,
    weak,
    `<p>${shown(clientID)} asks</p><form method="post" action="/backchannel/decision"><input type="hidden" name="asked_id" value="${id}">` +
      '<button name="decision" value="allow">Allow</button><button name="decision" value="deny">Deny</button></form>',
  );
}

export function showDone(ctx: Context, weak: Weak): void {
  show(ctx, weak, '<p>Go back to your device.</p>');
}

/** @param said a parameter of the request, to tell its developer which was wrong */
export function showError(ctx: Context, weak: Weak, message: string, said = ''): void {
  ctx.status = 400;
  show(ctx, weak, `<p>${message}: ${escaping(weak, 'error')(said)}</p>`);
}
