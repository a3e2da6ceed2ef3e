/** The few pages. Each says which process drew it. */
import type { Transaction } from 'koauthorize';
import { html, page } from '../quickstart/views.js';
import { type App, DEMO, type User } from './data.js';

const PLACE = `Process ${process.pid}`;

/** @param request the URL of an authorization request */
export function home(request: URL): string {
  const link = html`<p><a class="button main" href="${request.pathname}${request.search}">Begin an authorization</a></p>`;
  return page(PLACE, 'Many machines', html`<p>Above each page stands who drew it.</p>${link}`);
}

/** @param search the authorization request that waits for the login */
export function login(search: string): string {
  const form = html`<form method="post" action="/login${search}"><button class="main">Log in as Alice</button></form>`;
  return page(PLACE, 'Log in', form);
}

/** The transaction's ID is the form's CSRF token, too. */
export function consent({ transactionID, client, req, user }: Transaction<App, User>): string {
  return page(
    PLACE,
    `Connect ${client.client_name}?`,
    html`<p>${client.client_name} asks for the ${req.scope?.join(' and ')} of ${user?.name}.</p>
<form class="row" method="post" action="/authorize/decision">
<input type="hidden" name="transaction_id" value="${transactionID}">
<button class="main">Allow</button>
<button name="cancel" value="yes">Deny</button>
</form>`,
  );
}

/** Where the client would go on; here it is up to you. */
export function callback(url: string, answer: string): string {
  const [code = ''] = /^[\w.-]+$/.exec(answer) ?? []; // no link to this page shall put words into anybody's shell
  const { client_id, secret, verifier } = DEMO;
  const form = `grant_type=authorization_code&code=${code}&redirect_uri=${url}/callback&code_verifier=${verifier}`;
  return page(
    PLACE,
    'Back at the client',
    html`<p>Within a minute, exchange the code, at whichever process:</p>
<pre>curl -i -u ${client_id}:${secret} -d '${form}' ${url}/token</pre>
<p>Then use the token, at whichever process:</p>
<pre>curl -i -H 'Authorization: Bearer …' ${url}/me</pre>`,
    'wide',
  );
}
