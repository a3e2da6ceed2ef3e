/** Which applications may act for the user, what each may do, and the button that ends it. */
import { html, type Markup } from './html.js';
import { csrfField, menu, page } from './layout.js';
import type { ConnectedApp, ConnectedModel } from './models.js';

const date = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' });

const card = (app: ConnectedApp, csrf: string): Markup => html`<li>
<h2><bdi>${app.name}</bdi></h2>
<p class="soft">Connected since <time datetime="${app.since.toISOString()}">${date.format(app.since)}</time></p>
<p>It can:</p>
<ul>${app.scopes.map((scope) => html`<li>${scope}</li>`)}</ul>
<form method="post" action="/connected/revoke">
${csrfField(csrf)}
<input type="hidden" name="client_id" value="${app.clientID}">
<button class="danger" aria-label="Disconnect ${app.name}">Disconnect</button>
</form>
</li>`;

export function connected({ user, csrf, apps, notice }: ConnectedModel): string {
  return page({
    title: 'Connected apps',
    width: 'wide',
    menu: menu('/connected', user, csrf),
    content: html`${notice && html`<p class="notice" role="status">${notice}</p>`}
${
  apps.length > 0
    ? html`<p>These applications may act for you. Disconnecting one ends its access at once; it has to ask you again.</p>
<ul class="cards" role="list">${apps.map((app) => card(app, csrf))}</ul>`
    : html`<p>No application may act for you. When you allow one, it appears here.</p>
<p><a class="button" href="/demo">Try it with the demo application</a></p>`
}`,
  });
}
