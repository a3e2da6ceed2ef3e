/** What all pages share: the frame, the style sheet and the policy. Change PLACE to the name people know you by. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { html, Markup, render } from './html.js';
import type { UserModel } from './models.js';

/** Whose pages these are, which someone who is asked for a password wants to know. */
export const PLACE = 'Example Accounts';

const STYLE = readFileSync(new URL('style.css', import.meta.url), 'utf8');

/**
 * No script can run, nobody can frame a page, and nothing is loaded. There is no `form-action`: browsers hold the redirect that
 * follows a form against it, and after the dialog and after login that redirect may lead to any client.
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
  /** Whose page it is, when not ours. */
  readonly place?: string;
  /** A sheet for a question, a wide one for lists, and all there is for what has two columns. */
  readonly width?: 'narrow' | 'wide' | 'full';
  /** The ways to other pages; a question has none. */
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

/** A hidden field that only pages of ours can know, so that no other site can send the form. */
export const csrfField = (csrf: string): Markup => html`<input type="hidden" name="csrf" value="${csrf}">`;

const LINKS = [
  ['/', 'Home'],
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

/** What is wrong with what was sent: announced, and named by the fields it is about. */
export const alert = (problem: string | undefined): Markup | undefined =>
  problem === undefined ? undefined : html`<p class="alert" role="alert" id="problem">${problem}</p>`;
