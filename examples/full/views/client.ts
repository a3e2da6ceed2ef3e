/** The page of one client of a developer: its registration, a request to try it with, and the actions. */
import { clientFactRows } from './clients.js';
import { COPY_SCRIPT, copied } from './copy.js';
import { html, type Markup } from './html.js';
import { csrfField, menu, page } from './layout.js';
import type { ClientPageModel, RemovalModel } from './models.js';

const rotation = (id: string, csrf: string): Markup => html`<section aria-labelledby="rotation">
<h2 id="rotation">A new secret</h2>
<p>If the secret was lost, or others may have seen it. The old one ends at once; who has connected the client stays connected.</p>
<form method="post" action="/clients/rotate">
${csrfField(csrf)}
<input type="hidden" name="client_id" value="${id}">
<button class="danger">Make a new secret</button>
</form>
</section>`;

export function client({ client, user, csrf, attempt, notice }: ClientPageModel): string {
  const { client_id: id, client_name: name } = client;
  return page({
    title: name,
    width: 'wide',
    menu: menu('/clients', user, csrf),
    script: COPY_SCRIPT,
    content: html`${notice && html`<p class="notice" role="status">${notice}</p>`}
<dl class="facts">
<dt>Client ID</dt>
<dd>${copied('id', 'the client ID', id)}</dd>
${clientFactRows(client)}
</dl>
<div class="row start">
<a class="button" href="/clients/change?client_id=${id}">Change</a>
<a class="button danger" href="/clients/remove?client_id=${id}">Remove</a>
</div>
<section aria-labelledby="try">
<h2 id="try">Try it</h2>
<p>Open this address, and allow it. Your browser goes to ${attempt.redirectURI} with a <code>code</code>.</p>
${copied('url', 'the address', attempt.url)}
<p><a class="button" href="${attempt.url}">Open it</a></p>
<p>Within a minute, exchange the code for tokens:</p>
${copied('curl', 'the command', attempt.command)}
</section>
${client.token_endpoint_auth_method !== 'none' && rotation(id, csrf)}`,
  });
}

export function removal({ client, user, csrf }: RemovalModel): string {
  const { client_id: id, client_name: name } = client;
  return page({
    title: `Remove ${name}?`,
    menu: menu('/clients', user, csrf),
    content: html`<p>Whoever has connected <strong><bdi>${name}</bdi></strong> is disconnected: its tokens end at once. This cannot be undone, and another registration
has another client ID.</p>
<form method="post" action="/clients/remove">
${csrfField(csrf)}
<input type="hidden" name="client_id" value="${id}">
<div class="row start">
<a class="button" href="/clients/client?client_id=${id}">Keep it</a>
<button class="danger">Remove</button>
</div>
</form>`,
  });
}
