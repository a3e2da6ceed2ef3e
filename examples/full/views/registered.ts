/** The page after a registration: the client's ID, and its secret, which is shown only this time. */
import { html } from './html.js';
import { menu, page } from './layout.js';
import type { RegisteredModel } from './models.js';

export function registered({ client, secret, user, csrf }: RegisteredModel): string {
  const facts = html`<dl class="facts">
<dt>Client ID</dt>
<dd><code>${client.client_id}</code></dd>
${secret && html`<dt>Client secret</dt><dd><code>${secret}</code></dd>`}
</dl>`;
  return page({
    title: `${client.client_name} is registered`,
    width: 'wide',
    menu: menu('/clients', user, csrf),
    content: html`${
      secret
        ? html`<p class="warning" role="status"><strong>Copy the secret now.</strong> We store only its hash, so we cannot show it to you again. Keep it on
your server, and out of your source code.</p>`
        : html`<p>It has no secret. With PKCE it proves that a code was issued to it.</p>`
    }
${facts}
<p><a class="button" href="/clients">${secret ? 'I have copied it' : 'Go on'}</a></p>`,
  });
}
