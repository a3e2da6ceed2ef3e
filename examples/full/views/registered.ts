/** The page after a registration: the client's ID, and its secret, which is shown only this time. */
import { COPY_SCRIPT, copied } from './copy.js';
import { html } from './html.js';
import { menu, page } from './layout.js';
import type { RegisteredModel } from './models.js';

export function registered({ client, was, secret, user, csrf }: RegisteredModel): string {
  const facts = html`<dl class="facts">
<dt>Client ID</dt>
<dd>${copied('id', 'the client ID', client.client_id)}</dd>
${secret && html`<dt>Client secret</dt><dd>${copied('secret', 'the secret', secret)}</dd>`}
</dl>`;
  return page({
    title: was === 'registered' ? `${client.client_name} is registered` : `${client.client_name} has a new secret`,
    script: COPY_SCRIPT,
    width: 'wide',
    menu: menu('/clients', user, csrf),
    content: html`${
      secret
        ? html`<p class="warning" role="status"><strong>Copy the secret now.</strong> We store only its hash, so we cannot show it to you again. Keep it on
your server, and out of your source code.</p>`
        : html`<p>It has no secret. With PKCE it proves that a code was issued to it.</p>`
    }
${facts}
<p><a class="button" href="/clients/client?client_id=${client.client_id}">${secret ? 'I have copied it' : 'Go on'}</a></p>`,
  });
}
