/** The parts that all pages share: layout, style sheet and content security policy. Change PLACE to the name of your service. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { html, Markup, render } from './html.js';
import type { UserModel } from './models.js';

/** The name of the service. Users must see whose page asks for their password. */
export const PLACE = 'Example Accounts';

const STYLE = readFileSync(new URL('style.css', import.meta.url), 'utf8');

/**
 * Only scripts that security.ts allows can run, no site can show a page in a frame, and nothing is loaded from other servers. There is no `form-action`:
 * browsers apply it also to the redirect after a form, and after the dialog and the login this redirect may lead to any client.
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
  /** The name of the service, if the page belongs to another one. */
  readonly place?: string;
  /** The width: narrow for a question (the default), `wide` for lists and for pages with a menu, the whole window for two columns. */
  readonly width?: 'narrow' | 'wide' | 'full';
  /** Links to other pages. A page that asks a question has none. */
  readonly menu?: Markup;
  /** Links on a page of another service. */
  readonly ways?: readonly (readonly [path: string, name: string])[];
  /** A script, which its policy has to name: `allowScript` of security.ts. Pages that ask a question have none. */
  readonly script?: string;
}

/** The icon of the service; that of other parties is round. It is part of the page, so that the browser sends no request for it. */
const icon = (isOther: 'other' | 'ours'): string => {
  const shape =
    isOther === 'other'
      ? "<circle cx='8' cy='8' r='7'/>"
      : "<path d='M5 1h6a4 4 0 0 1 4 4v6a4 4 0 0 1-4 4H1V5a4 4 0 0 1 4-4z'/>";
  const svg = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16' fill='#5b6ee1'>${shape}</svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
};

const navigation = (
  name: string,
  ways: NonNullable<Page['ways']>,
  here?: string,
): Markup => html`<nav aria-label="${name}">
<ul class="links" role="list">${ways.map(
  ([path, text]) => html`<li><a href="${path}"${here === path && html` aria-current="page"`}>${text}</a></li>`,
)}</ul>
</nav>`;

export function page(shown: Page): string {
  const { title, content, place = PLACE, menu, ways, script } = shown;
  const { width = menu || ways ? 'wide' : 'narrow' } = shown;
  const isOther = place !== PLACE;
  const mark = isOther ? html`<p class="place">${place}</p>` : html`<p class="place"><a href="/">${place}</a></p>`;
  const links = ways ? navigation(place, ways) : menu;
  return render(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="${icon(isOther ? 'other' : 'ours')}">
<title>${title} · ${place}</title>
${new Markup(`<style>${STYLE}</style>`)}
</head>
<body class="${width}${isOther && html` other`}">
${(ways ?? menu) && html`<a class="skip" href="#content">Skip to the content</a>`}
<header>${mark}${links}</header>
<main id="content" tabindex="-1">
<h1>${title}</h1>
${content}
</main>
${script !== undefined && new Markup(`<script>${script}</script>`)}
</body>
</html>
`);
}

/** The CSRF token, as a hidden field: other sites do not know it, so they cannot send the form. */
export const csrfField = (csrf: string): Markup => html`<input type="hidden" name="csrf" value="${csrf}">`;

/** The links of the menu. The link to the account has the name of the user, so that every page shows who is logged in. */
const linksOf = ({ name }: UserModel): NonNullable<Page['ways']> => [
  ['/', 'Home'],
  ['/account', name],
  ['/connected', 'Connected apps'],
  ['/sessions', 'Sessions'],
  ['/clients', 'Your clients'],
];

const login = html`<p class="session"><a class="button quiet" href="/login">Log in</a></p>`;

const logout = (csrf: string): Markup => html`<form class="session" method="post" action="/logout">
${csrfField(csrf)}
<button class="quiet">Log out</button>
</form>`;

/** @param here the path of the present page */
export const menu = (here: string, user: UserModel | undefined, csrf: string | undefined): Markup =>
  user && csrf ? html`${logout(csrf)}${navigation('Account', linksOf(user), here)}` : login;

/** The problem with a form that was sent. Screen readers announce it, and the fields with the problem refer to it. */
export const alert = (problem: string | undefined): Markup | undefined =>
  problem === undefined ? undefined : html`<p class="alert" role="alert" id="problem">${problem}</p>`;
