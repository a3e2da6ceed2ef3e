/** The page of Teapots, the second demo application. */
import { html } from '../views/html.js';
import { csrfField, page } from '../views/layout.js';
import { PLACES } from './places.js';
import type { Guest } from './second.js';
import { showJSON } from './show.js';

const form = (csrf: string, action: string, text: string) => html`<form method="post" action="/demo/second/${action}">
${csrfField(csrf)}
<button class="main">${text}</button>
</form>`;

export function secondPage({ name, claims, notice }: Guest, csrf: string): string {
  return page({
    place: 'Teapots, another demo application',
    ways: PLACES,
    title: name ? `Hello, ${name}` : 'Teapots',
    content: html`${notice && html`<p class="notice" role="status">${notice}</p>`}
${
  name
    ? html`<p>Teapots has no password of yours: the server says who you are. If you are logged in there already, it does not even ask.</p>
<details>
<summary>What the ID token says</summary>
<pre>${showJSON(claims ?? {})}</pre>
</details>
${form(csrf, 'logout', 'Log out everywhere')}
<p class="soft">The server ends your session, and tells Postcards, too.</p>`
    : html`<p>Whoever has an account at the server can log in here with it.</p>
${form(csrf, 'login', 'Log in with your account')}`
}`,
  });
}
