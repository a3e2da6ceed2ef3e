/** The form that registers a client. To support more members of RFC 7591, add fields here and in pages/registration.ts. */
import { html, type Markup } from './html.js';
import { alert, csrfField, menu, page } from './layout.js';
import type { RegistrationModel } from './models.js';

const KINDS = [
  ['confidential', 'A web application with a server', 'It gets a secret, which it keeps on its server.'],
  ['public', 'An app on a phone, a desktop or in a browser', 'It gets no secret, since it could not keep one.'],
] as const;

const METHODS = [
  ['', 'In the Authorization header or in the form'],
  ['client_secret_basic', 'In the Authorization header only (client_secret_basic)'],
  ['client_secret_post', 'In the form only (client_secret_post)'],
] as const;

/** The protection that a client without PKCE gives up. */
export const WITHOUT_PKCE =
  'an attacker can make your users’ browsers use a code of another account, and can use a stolen code if your secret is stolen too.';

const kindRow = ([kind, name, means]: (typeof KINDS)[number], chosen: string): Markup => html`<label class="choice">
<input type="radio" name="type" value="${kind}" required${kind === chosen && html` checked`}>
<span>${name}<small>${means}</small></span>
</label>`;

const kinds = (chosen: string): Markup => html`<fieldset>
<legend>What is it?</legend>
${KINDS.map((kind) => kindRow(kind, chosen))}
</fieldset>`;

export function registration({ csrf, user, changed, values, problem, field }: RegistrationModel): string {
  const { name = '', uris = '', type = 'confidential', method = '', pkce = '' } = values ?? {};
  const wrong = (which: typeof field): Markup | false =>
    problem !== undefined && field === which && html` aria-invalid="true"`;
  const isDescribed = problem === undefined ? '' : 'problem ';
  return page({
    title: changed ? `Change ${changed.client_name}` : 'Register a client',
    width: 'wide',
    menu: menu('/clients', user, csrf),
    content: html`${alert(problem)}
<form method="post" action="/clients/${changed ? 'change' : 'new'}">
${csrfField(csrf)}${changed && html`<input type="hidden" name="client_id" value="${changed.client_id}">`}
<label for="client_name">Name</label>
<p class="help" id="name-help">People see it when they are asked to allow your application.</p>
<input id="client_name" name="client_name" value="${name}" autocomplete="off" maxlength="100" required aria-describedby="${isDescribed}name-help"${wrong('name')}>
<label for="redirect_uris">Redirect URIs</label>
<p class="help" id="uris-help">The addresses that responses are sent to, one in each line: <code>https://app.example/callback</code>. They must match exactly.</p>
<textarea id="redirect_uris" name="redirect_uris" rows="3" autocomplete="off" autocapitalize="none" spellcheck="false" required aria-describedby="${isDescribed}uris-help"${wrong('uris')}>${uris}</textarea>
${!changed && kinds(type)}
<details${(method || pkce) && html` open`}>
<summary>For libraries with limitations</summary>
<label for="method">How the secret is sent</label>
<select id="method" name="method"${wrong('method')}>${METHODS.map(
      ([value, says]) => html`<option value="${value}"${value === method && html` selected`}>${says}</option>`,
    )}</select>
<label class="choice">
<input type="checkbox" name="pkce" value="may be missing"${pkce !== '' && html` checked`}${wrong('pkce')}>
<span>It does not support PKCE<small>Only with a secret. Without it, ${WITHOUT_PKCE}</small></span>
</label>
</details>
<div class="row start">
<button class="main">${changed ? 'Change it' : 'Register'}</button>
<a class="button" href="/clients${changed && html`/client?client_id=${changed.client_id}`}">Cancel</a>
</div>
</form>`,
  });
}
