/** The applications that may act for the user, what each may do, and a button that disconnects it. */
import { html, type Markup } from './html.js';
import { csrfField, menu, page } from './layout.js';
import type { ConnectedApp, ConnectedModel } from './models.js';

const date = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' });

const WORDS = {
  connected: { since: 'Connected since', can: 'It can:' },
  remembered: {
    since: 'It has no access now. You allowed it on',
    can: 'Without asking you again it can get access to:',
  },
} as const;

const card = ({ name, state, since, scopes, clientID }: ConnectedApp, csrf: string): Markup => html`<li>
<h2><bdi>${name}</bdi></h2>
<p class="soft">${WORDS[state].since} <time datetime="${since.toISOString()}">${date.format(since)}</time></p>
<p>${WORDS[state].can}</p>
<ul>${scopes.map((scope) => html`<li>${scope}</li>`)}</ul>
<form method="post" action="/connected/revoke">
${csrfField(csrf)}
<input type="hidden" name="client_id" value="${clientID}">
<button class="danger" aria-label="Disconnect ${name}">Disconnect</button>
</form>
</li>`;

const LEADS = {
  connected:
    'These applications may act for you. If you disconnect one, its access ends at once, and it must ask you again.',
  remembered: 'No application has access now. These can get it again without asking you, until you disconnect them.',
} as const;

function lead(apps: readonly ConnectedApp[]): string {
  return apps.some(({ state }) => state === 'connected') ? LEADS.connected : LEADS.remembered;
}

export function connected({ user, csrf, apps, notice }: ConnectedModel): string {
  return page({
    title: 'Connected apps',
    width: 'wide',
    menu: menu('/connected', user, csrf),
    content: html`${notice && html`<p class="notice" role="status">${notice}</p>`}
${
  apps.length > 0
    ? html`<p>${lead(apps)}</p>
<ul class="cards" role="list">${apps.map((app) => card(app, csrf))}</ul>`
    : html`<p>No application may act for you. When you allow one, it appears here.</p>
<p><a class="button" href="/demo">Try it with the demo application</a></p>`
}`,
  });
}
