/** The consent dialog: which client asks, for which account, for what, and where the answer is sent. The security of users depends on its clarity. */
import { claimRows } from './account.js';
import { html, type Markup } from './html.js';
import { page } from './layout.js';
import type { ConsentModel, ScopeModel } from './models.js';

/** The checkbox of a scope. `openid` cannot be unticked, since there is no login without it. */
const tick = (name: string): Markup =>
  name === 'openid'
    ? html`<input type="hidden" name="scope" value="openid"><input type="checkbox" checked disabled>`
    : html`<input type="checkbox" name="scope" value="${name}" checked>`;

/** What a client asks for. */
type Asked = Pick<ConsentModel, 'scopes' | 'claims' | 'payments'> & { readonly client: { readonly name: string } };

const told = (summary: string, claims: ScopeModel['claims']): Markup => html`<details>
<summary>${summary}</summary>
${claimRows(claims)}
</details>`;

const scopeRow = (
  { name, meaning, isNew, claims }: ScopeModel,
  marksNew: 'marked' | 'plain',
): Markup => html`<li><label>
${tick(name)}
<span>${meaning}${isNew && marksNew === 'marked' && html` <strong class="tag">New</strong>`}</span>
</label>${claims.length > 1 && told('What it sees', claims)}</li>`;

const beside = ({ client, claims, payments }: Asked): Markup => html`${
  payments.length > 0 &&
  html`<fieldset>
<legend>Once, and only this:</legend>
<ul class="payments">${payments.map((one) => html`<li><strong>${one}</strong></li>`)}</ul>
</fieldset>`
}
${
  claims.length > 0 &&
  html`<p><bdi>${client.name}</bdi> also asks to be told:</p>
${claimRows(claims)}`
}`;

/** The form fields for the requested scopes, claims and payments. */
export const scopeFields = (model: Asked, marksNew: 'marked' | 'plain' = 'plain'): Markup => html`${
  model.scopes.length > 0 &&
  html`<fieldset>
<legend><bdi>${model.client.name}</bdi> will be able to:</legend>
<ul class="scopes" role="list">${model.scopes.map((scope) => scopeRow(scope, marksNew))}</ul>
</fieldset>`
}
${model.scopes.length === 0 && html`<input type="hidden" name="scopes" value="none">`}
${beside(model)}
<p class="soft">Untick what you do not want to allow. You can disconnect it at any time under Connected apps.</p>`;

export function consent(model: ConsentModel): string {
  const { transactionID, client, user, scopes, changeUser } = model;
  const known = scopes.filter(({ isNew }) => !isNew);
  const asksMore = known.length > 0 && known.length < scopes.length;
  return page({
    title: asksMore ? `${client.name} asks for more` : `Connect ${client.name}?`,
    // the ID of the transaction is also the CSRF token
    content: html`<dl class="parties">
<dt>Application</dt>
<dd><strong><bdi>${client.name}</bdi></strong> ${client.uri && html`<a href="${client.uri}" rel="noreferrer">${client.uri}</a>`}</dd>
${client.documentHost && html`<dt>It comes from</dt>\n<dd><strong>${client.documentHost}</strong>, which has chosen the name above</dd>`}
<dt>Your account</dt>
<dd><strong>${user.name}</strong> ${changeUser && html`<a href="${changeUser}">Not you?</a>`}</dd>
</dl>
${
  client.isLocalOnly &&
  html`<p class="alert" role="alert">The answer goes to a program on this device, and any program here can pretend to be <bdi>${client.name}</bdi>.
Allow this only if you have just started it yourself.</p>`
}
<form method="post" action="/authorize/decision">
<input type="hidden" name="transaction_id" value="${transactionID}">
${scopeFields(model, asksMore ? 'marked' : 'plain')}
<div class="row">
<button name="cancel" value="yes">Deny</button>
<button>Allow</button>
</div>
<p class="soft next">Either way you go on to <strong>${client.host}</strong>. Allow this only if you have just come from there.</p>
</form>`,
  });
}
