/** What this server knows of the user, and can tell applications that the user allows it to. */
import { html, type Markup } from './html.js';
import { menu, page } from './layout.js';
import type { AccountModel, ClaimModel } from './models.js';

export const claimRows = (claims: readonly ClaimModel[]): Markup =>
  html`<dl class="facts">${claims.map(
    ({ name, value }) => html`<dt>${name}</dt>
<dd>${value}</dd>`,
  )}</dl>`;

export function account({ user, csrf, claims }: AccountModel): string {
  return page({
    title: 'Your account',
    width: 'wide',
    menu: menu('/account', user, csrf),
    content: html`<p>An application sees of this only what you allow it to: it asks for your name, your e-mail address, your postal address and your phone number apart.</p>
<p><a class="button" href="/account/passkeys">Passkeys</a></p>
${claimRows(claims)}`,
  });
}
