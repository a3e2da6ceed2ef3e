/** The clients that a developer registered, each with a link to its page. */
import { html, type Markup } from './html.js';
import { menu, page } from './layout.js';
import type { ClientModel, ClientsModel } from './models.js';
import { WITHOUT_PKCE } from './registration.js';

/** The texts for the registered methods. */
const HOW: ReadonlyMap<string, string> = new Map([
  ['', 'In the Authorization header or in the form'],
  ['client_secret_basic', 'In the Authorization header only'],
  ['client_secret_post', 'In the form only'],
]);

/** The registration, without the client ID. */
export const clientFactRows = (client: ClientModel): Markup => html`<dt>Kind</dt>
<dd>${client.token_endpoint_auth_method === 'none' ? 'Public: has no secret' : 'Confidential: has a secret'}</dd>
${client.token_endpoint_auth_method !== 'none' && html`<dt>It sends its secret</dt><dd>${HOW.get(client.token_endpoint_auth_method ?? '') ?? client.token_endpoint_auth_method}</dd>`}
${client.pkce && html`<dt>PKCE</dt><dd>Not required: ${WITHOUT_PKCE}</dd>`}
<dt>Redirect URIs</dt>
<dd>${client.redirect_uris.map((uri) => html`<code class="line">${uri}</code>`)}</dd>`;

const card = (client: ClientModel): Markup => html`<li>
<h2><bdi>${client.client_name}</bdi></h2>
<dl class="facts">
<dt>Client ID</dt>
<dd><code>${client.client_id}</code></dd>
${clientFactRows(client)}
</dl>
<p><a class="button" href="/clients/client?client_id=${client.client_id}" aria-label="Manage ${client.client_name}">Manage</a></p>
</li>`;
export function clients({ user, csrf, clients: registered }: ClientsModel): string {
  return page({
    title: 'Your clients',
    width: 'wide',
    menu: menu('/clients', user, csrf),
    content: html`<p>A client is an application that people can connect to their account here.</p>
<p><a class="button main" href="/clients/new">Register a client</a></p>
${
  registered.length > 0
    ? html`<ul class="cards" role="list">${registered.map((client) => card(client))}</ul>`
    : html`<p class="soft">You have not registered any yet.</p>`
}`,
  });
}
