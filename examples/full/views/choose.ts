/** The page on which a user chooses the account that a client gets to know. */
import { html } from './html.js';
import { page } from './layout.js';
import type { ChooseModel } from './models.js';

export function choose({ transactionID, clientName, user, other }: ChooseModel): string {
  return page({
    title: 'Choose an account',
    content: html`<p>to continue to <strong><bdi>${clientName}</bdi></strong></p>
<form method="post" action="/authorize/account">
<input type="hidden" name="transaction_id" value="${transactionID}">
<button class="main">Continue as ${user.name}</button>
</form>
<p><a class="button" href="${other}">Use another account</a></p>`,
  });
}
