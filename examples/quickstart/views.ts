/** The pages: functions that make HTML from data. No page has a script. */
import { createHash } from 'node:crypto';
import type { Middleware } from 'koa';
import { ForbiddenError, type Transaction } from 'koauthorize';
import type { App, User } from './data.js';
import { scopes } from './scopes.js';

class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Part = Markup | string | number | false | undefined | readonly Part[];

const REFERENCES = new Map([...'&<>"\''].map((character) => [character, `&#${character.charCodeAt(0)};`]));

function render(part: Part): string {
  if (part instanceof Markup) return part.text;
  if (typeof part === 'object') return part.map(render).join('');
  if (part === false || part === undefined) return '';
  return String(part).replace(/[&<>"']/g, (character) => REFERENCES.get(character) ?? '');
}

/** Makes HTML. Values are escaped, except those that `html` has made. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(strings.reduce((text, string, index) => text + render(parts[index - 1]) + string));
}

const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #f3f4f7; --sheet: #fff; --ink: #1a1d29; --soft: #585e70; --line: #d9dce5;
  --accent: #3245c9; --on-accent: #fff; --code: #eef0f6; --bad: #a3192b; --bad-ground: #fdecee; --good: #17663a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #12141c; --sheet: #1c1f2b; --ink: #eceef6; --soft: #a4aabd; --line: #343949;
    --accent: #a3b1ff; --on-accent: #10143a; --code: #14171f; --bad: #ffb1ba; --bad-ground: #3a1a20; --good: #86dba6;
  }
}
* { box-sizing: border-box; }
html { font: 100%/1.55 system-ui, sans-serif; background: var(--ground); color: var(--ink); }
body { margin: 0; padding: max(1rem, 7vh) 1rem 3rem; }
main { max-width: 27rem; margin: 0 auto; padding: 1.75rem; background: var(--sheet); border: 1px solid var(--line); border-radius: .9rem; }
main.wide { max-width: 46rem; }
.place { max-width: 27rem; margin: 0 auto .75rem; padding: 0 .25rem; color: var(--soft); font-size: .9rem; }
.place.wide { max-width: 46rem; }
h1 { margin: 0 0 .75rem; font-size: 1.45rem; line-height: 1.25; text-wrap: balance; }
h2 { margin: 0 0 .25rem; font-size: 1.05rem; }
p, ul, dl { margin: 0 0 1rem; }
.soft { color: var(--soft); font-size: .92rem; }
.alert { padding: .65rem .85rem; border-radius: .5rem; background: var(--bad-ground); color: var(--bad); }
main > :last-child, form > :last-child { margin-bottom: 0; }
a { color: var(--accent); }
label { display: block; margin-bottom: .25rem; font-weight: 600; }
input { width: 100%; margin-bottom: 1rem; padding: .65rem .75rem; font: inherit; color: inherit; background: var(--ground); border: 1px solid var(--soft); border-radius: .5rem; }
button, .button { display: inline-block; padding: .7rem 1.25rem; font: inherit; font-weight: 600; text-align: center; text-decoration: none; color: var(--accent); background: none; border: 1px solid currentcolor; border-radius: .5rem; cursor: pointer; }
button.main, .button.main { color: var(--on-accent); background: var(--accent); border-color: var(--accent); }
:is(button, .button, input, a):focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.row { display: flex; flex-wrap: wrap; gap: .75rem; margin-top: 1.25rem; }
.row > * { flex: 1 1 8rem; margin: 0; }
.row.start > * { flex: 0 1 auto; }
.scopes { padding: 0; list-style: none; border-block: 1px solid var(--line); }
.scopes li { display: flex; gap: .6rem; padding: .7rem 0; }
.scopes li + li { border-top: 1px solid var(--line); }
.scopes li::before { content: "\\2713"; color: var(--good); font-weight: 700; }
button.link { padding: 0; border: 0; font-weight: inherit; text-decoration: underline; }
form.inline { display: inline; }
code { font: .88em/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
pre { margin: 0; padding: .75rem .9rem; font: .8rem/1.5 ui-monospace, monospace; white-space: pre-wrap; word-break: break-all; background: var(--code); border: 1px solid var(--line); border-radius: .5rem; }
.says { margin: .6rem 0 .2rem; color: var(--soft); font-size: .8rem; font-weight: 600; }
.steps { padding: 0; margin: 1.5rem 0 0; list-style: none; counter-reset: step; }
.steps > li { position: relative; padding: 0 0 1.75rem 2.75rem; counter-increment: step; }
.steps > li::before { content: counter(step); position: absolute; left: 0; top: -.15rem; width: 1.8rem; height: 1.8rem; font-weight: 700; font-size: .9rem; line-height: 1.8rem; text-align: center; color: var(--on-accent); background: var(--accent); border-radius: 50%; }
.steps > li:last-child { padding-bottom: 0; }
@media (max-width: 30rem) { main { padding: 1.25rem; } .steps > li { padding-left: 0; } .steps > li::before { position: static; display: inline-block; margin-bottom: .35rem; } }
`;

/**
 * No script can run, no site can show a page in a frame, and no page loads anything. There is no `form-action`: browsers apply it to the redirect
 * after a form, and after the dialog and the login that redirect may lead to any client.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  'img-src data:',
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** @param place the name of the site, which is on each page, so that users see who asks for their password */
export function page(place: string, title: string, content: Markup, width: 'narrow' | 'wide' = 'narrow'): string {
  return render(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>${title} · ${place}</title>
${new Markup(`<style>${STYLE}</style>`)}
</head>
<body>
<p class="place ${width}">${place}</p>
<main class="${width}">
<h1>${title}</h1>
${content}
</main>
</body>
</html>
`);
}

const PLACE = 'Quickstart authorization server';

/** A hidden field whose value only pages of this server have, so that no other site can send the form (CSRF). */
const csrfField = (csrf: string): Markup => html`<input type="hidden" name="csrf" value="${csrf}">`;

export function home(user: User | undefined, csrf: string): string {
  return page(
    PLACE,
    'It runs',
    html`<p>This server lets applications act for its users, with their consent. The demo application shows the whole way
from the first request to the API, step by step.</p>
<p><a class="button main" href="/demo">Open the demo application</a></p>
<p class="soft">For clients: <a href="/.well-known/oauth-authorization-server">the metadata of this server</a></p>
${
  user
    ? html`<form method="post" action="/logout">${csrfField(csrf)}<p class="soft">You are logged in as ${user.name}.
<button class="link">Log out</button></p></form>`
    : html`<p class="soft">You are not logged in. <a href="/login">Log in</a></p>`
}`,
  );
}

export function login(csrf: string, returnTo: string, username = '', problem?: string): string {
  return page(
    PLACE,
    'Log in',
    html`${problem && html`<p class="alert" role="alert" id="problem">${problem}</p>`}
<form method="post" action="/login">
${csrfField(csrf)}
<input type="hidden" name="return_to" value="${returnTo}">
<label for="username">User name</label>
<input id="username" name="username" value="${username}" autocomplete="username" autocapitalize="none" spellcheck="false" required>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<p><button class="main">Log in</button></p>
<p class="soft">This server knows one user: <code>alice</code>, with the password <code>wonderland</code>.</p>
</form>`,
  );
}

/** The consent dialog: which client asks for what, and where the response is sent. The ID of the transaction is also the CSRF token of the form. */
export function consent({ transactionID, client, redirectURI, req, user }: Transaction<App, User>): string {
  const { host, protocol } = new URL(redirectURI); // a URI with a scheme of an app has no host
  return page(
    PLACE,
    `Connect ${client.client_name}?`,
    html`<p><strong>${client.client_name}</strong> asks for access to the account of <strong>${user?.name}</strong>. It will be able to:</p>
<ul class="scopes">${req.scope?.map((scope) => html`<li>${scopes.get(scope)}</li>`)}</ul>
<p class="soft">Whatever you choose, you then go on to <strong>${host || protocol}</strong>. Allow this only if you have just come from there.</p>
<form class="row" method="post" action="/authorize/decision">
<input type="hidden" name="transaction_id" value="${transactionID}">
<button class="main">Allow</button>
<button name="cancel" value="yes">Deny</button>
</form>`,
  );
}

function problem(error: Error & { readonly status?: number; readonly code?: unknown }): string {
  const back = html`<p>Please go back to the application that you came from, and start again there.</p>`;
  if (error instanceof ForbiddenError) {
    const why = html`<p>It was answered already, or it waited too long, or you have logged out since.</p>`;
    return page(PLACE, 'This request is no longer open', html`${why}${back}`);
  }
  if ((error.status ?? 500) >= 500) {
    return page(PLACE, 'Something went wrong', html`<p>That was our fault. Please try again in a minute.</p>`);
  }
  const developers = html`<p class="soft">For its developers: <code>${String(error.code ?? '')}: ${error.message}</code></p>`;
  const what = html`<p>The application that sent you here asked for something that we cannot answer.</p>`;
  return page(PLACE, 'This link does not work', html`${what}${developers}`);
}

/** Header fields of every response. Endpoints whose responses may be cached replace `Cache-Control`. */
export const headers: Middleware = async (ctx, next) => {
  ctx.set('Content-Security-Policy', contentSecurityPolicy);
  ctx.set('X-Content-Type-Options', 'nosniff');
  ctx.set('Referrer-Policy', 'same-origin');
  ctx.set('Cache-Control', 'no-store');
  await next();
};

/** Shows an error that cannot be sent to a client as a page. */
export const errorPage: Middleware = async (ctx, next) => {
  try {
    await next();
  } catch (error) {
    const { status = 500 } = error as { status?: number };
    ctx.status = status;
    ctx.type = 'html';
    ctx.body = problem(error as Error);
    ctx.app.emit('error', error, ctx); // for the operator
  }
};

/** One step of the demo application, as its page shows it. */
export interface Step {
  readonly title: string;
  readonly why: string;
  readonly request: string;
  readonly response: string;
}

/** The answer of the API to the demo application. */
export interface Account {
  readonly name?: string;
  readonly email?: string;
}

const step = ({ title, why, request, response }: Step): Markup => html`<li>
<h2>${title}</h2>
<p class="soft">${why}</p>
<p class="says">Request</p>
<pre>${request}</pre>
<p class="says">Response</p>
<pre>${response}</pre>
</li>`;

const button = (action: string, text: string, kind: 'main' | 'other'): Markup =>
  html`<form method="post" action="/demo/${action}"><button class="${kind}">${text}</button></form>`;

/** The page of the demo application. */
export function demoPage(steps: readonly Step[], account?: Account, problem?: string): string {
  const content = html`${problem && html`<p class="alert" role="alert">${problem}</p>`}
${
  account
    ? html`<p>Postcards may act for you now. It knows you as <strong>${account.name}</strong>, ${account.email}. Below is
what was said on the way, by whom to whom.</p>`
    : html`<p>Postcards would like to know your name and your e-mail address. It asks the authorization server, the server
asks you, and every step is shown here.</p>`
}
<div class="row start">
${account && button('refresh', 'Refresh the token', 'main')}
${button('start', steps.length > 0 ? 'Start again' : 'Connect', account ? 'other' : 'main')}
</div>
${steps.length > 0 && html`<ol class="steps">${steps.map(step)}</ol>`}`;
  return page('Postcards, a demo application', account ? 'Connected' : 'Connect your account', content, 'wide');
}
