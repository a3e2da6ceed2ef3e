/** The parts that all pages share: layout, style sheet and content security policy. Change PLACE to the name of your service. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { html, Markup, render } from './html.js';
import type { UserModel } from './models.js';

/** The name of the service. A user who is asked for a password must see whose page it is. */
export const PLACE = 'Example Accounts';

const STYLE = readFileSync(new URL('style.css', import.meta.url), 'utf8');

/**
 * No script runs, no site can frame a page, and nothing is loaded from elsewhere. There is no `form-action`: browsers apply it also to the
 * redirect after a form, and after the dialog and the login this redirect may lead to any client.
 */
export const contentSecurityPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  'img-src data:',
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

export interface Page {
  readonly title: string;
  readonly content: Markup;
  /** The name of the service, if the page is not of this one. */
  readonly place?: string;
  /** The width: narrow for a question (the default), `wide` for lists, the whole window for two columns. */
  readonly width?: 'narrow' | 'wide' | 'full';
  /** Links to other pages. A page that asks a question has none. */
  readonly menu?: Markup;
}

export function page({ title, content, place = PLACE, width = 'narrow', menu }: Page): string {
  return render(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${title} · ${place}</title>
${new Markup(`<style>${STYLE}</style>`)}
</head>
<body class="${width}${place !== PLACE && html` other`}">
${menu && html`<a class="skip" href="#content">Skip to the content</a>`}
<header><p class="place">${place}</p>${menu}</header>
<main id="content" tabindex="-1">
<h1>${title}</h1>
${content}
</main>
</body>
</html>
`);
}

/** The CSRF token, as a hidden field: other sites do not know it, so they cannot send the form. */
export const csrfField = (csrf: string): Markup => html`<input type="hidden" name="csrf" value="${csrf}">`;

const LINKS = [
  ['/', 'Home'],
  ['/account', 'Account'],
  ['/sessions', 'Sessions'],
  ['/connected', 'Connected apps'],
  ['/clients', 'Your clients'],
] as const;

const logout = (user: UserModel, csrf: string): Markup => html`<form class="session" method="post" action="/logout">
${csrfField(csrf)}<span>${user.name}</span>
<button class="quiet">Log out</button>
</form>`;

/** @param here the path of the page that shows it */
export const menu = (
  here: string,
  user: UserModel | undefined,
  csrf: string | undefined,
): Markup => html`${user && csrf && logout(user, csrf)}
<nav aria-label="Account">
<ul class="links" role="list">${LINKS.map(
  ([path, name]) => html`<li><a href="${path}"${here === path && html` aria-current="page"`}>${name}</a></li>`,
)}</ul>
</nav>`;

/** The problem with the form that was sent. Screen readers announce it, and the fields that it is about refer to it. */
export const alert = (problem: string | undefined): Markup | undefined =>
  problem === undefined ? undefined : html`<p class="alert" role="alert" id="problem">${problem}</p>`;
