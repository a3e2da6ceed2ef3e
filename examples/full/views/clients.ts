/** The clients a developer registered here, and the button that removes one. */
import { html, type Markup } from './html.js';
import { csrfField, menu, page } from './layout.js';
import type { ClientModel, ClientsModel } from './models.js';
import { WITHOUT_PKCE } from './registration.js';

/** The texts for the registered methods. */
const HOW: ReadonlyMap<string, string> = new Map([
  ['', 'In the Authorization header or in the form'],
  ['client_secret_basic', 'In the Authorization header only'],
  ['client_secret_post', 'In the form only'],
]);

const card = (client: ClientModel, csrf: string): Markup => html`<li>
<h2><bdi>${client.client_name}</bdi></h2>
<dl class="facts">
<dt>Client ID</dt>
<dd><code>${client.client_id}</code></dd>
<dt>Kind</dt>
<dd>${client.token_endpoint_auth_method === 'none' ? 'Public: has no secret' : 'Confidential: has a secret'}</dd>
${client.token_endpoint_auth_method !== 'none' && html`<dt>It sends its secret</dt><dd>${HOW.get(client.token_endpoint_auth_method ?? '') ?? client.token_endpoint_auth_method}</dd>`}
${client.pkce && html`<dt>PKCE</dt><dd>Not required: ${WITHOUT_PKCE}</dd>`}
<dt>Redirect URIs</dt>
<dd>${client.redirect_uris.map((uri) => html`<code class="line">${uri}</code>`)}</dd>
</dl>
<form method="post" action="/clients/remove">
${csrfField(csrf)}
<input type="hidden" name="client_id" value="${client.client_id}">
<button class="danger" aria-label="Remove ${client.client_name}">Remove</button>
</form>
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
    ? html`<ul class="cards" role="list">${registered.map((client) => card(client, csrf))}</ul>`
    : html`<p class="soft">You have not registered any yet.</p>`
}`,
  });
}
