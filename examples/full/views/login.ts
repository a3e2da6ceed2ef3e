/** The login form. It names the client that waits for the login, and keeps the user name that was typed. */
import { html } from './html.js';
import { alert, csrfField, page } from './layout.js';
import type { LoginModel } from './models.js';

export function login({
  csrf,
  returnTo,
  transactionID,
  clientID,
  username = '',
  problem,
  clientName,
  hint,
}: LoginModel): string {
  const described = problem !== undefined && html` aria-describedby="problem" aria-invalid="true"`;
  return page({
    title: 'Log in',
    content: html`${clientName && html`<p>to continue to <strong><bdi>${clientName}</bdi></strong></p>`}
${alert(problem)}
<form method="post" action="/login">
${csrfField(csrf)}
<input type="hidden" name="return_to" value="${returnTo}">
${transactionID && html`<input type="hidden" name="transaction_id" value="${transactionID}">`}
${clientID && html`<input type="hidden" name="client_id" value="${clientID}">`}
<label for="username">User name</label>
<input id="username" name="username" value="${username}" autocomplete="username" autocapitalize="none" autocorrect="off" spellcheck="false" required${described}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required${described}>
<button class="main">Log in</button>
</form>
${hint && html`<p class="soft">${hint}</p>`}
${clientName && html`<p class="soft">Your password stays here: <bdi>${clientName}</bdi> never sees it.</p>`}`,
  });
}
