/** The consent dialog: which client asks, for which account, for what, and where the answer is sent. The security of users depends on its clarity. */
import { html, type Markup } from './html.js';
import { page } from './layout.js';
import type { ConsentModel, ScopeModel } from './models.js';

const scopeRow = ({ name, meaning, isNew }: ScopeModel, marksNew: 'marked' | 'plain'): Markup => html`<li><label>
<input type="checkbox" name="scope" value="${name}" checked>
<span>${meaning}${isNew && marksNew === 'marked' && html` <strong class="tag">New</strong>`}</span>
</label></li>`;

export function consent({ transactionID, client, user, scopes, changeUser }: ConsentModel): string {
  const known = scopes.filter(({ isNew }) => !isNew);
  const asksMore = known.length > 0 && known.length < scopes.length;
  return page({
    title: asksMore ? `${client.name} asks for more` : `Connect ${client.name}?`,
    // no CSRF token is needed: the transaction's ID is one
    content: html`<dl class="parties">
<dt>Application</dt>
<dd><strong><bdi>${client.name}</bdi></strong> ${client.uri && html`<a href="${client.uri}" rel="noreferrer">${client.uri}</a>`}</dd>
<dt>Your account</dt>
<dd><strong>${user.name}</strong> ${changeUser && html`<a href="${changeUser}">Not you?</a>`}</dd>
</dl>
<form method="post" action="/authorize/decision">
<input type="hidden" name="transaction_id" value="${transactionID}">
<fieldset>
<legend><bdi>${client.name}</bdi> will be able to:</legend>
<ul class="scopes" role="list">${scopes.map((scope) => scopeRow(scope, asksMore ? 'marked' : 'plain'))}</ul>
</fieldset>
<p class="soft">Untick what you do not want to allow. You can disconnect it at any time under Connected apps.</p>
<div class="row">
<button name="cancel" value="yes">Deny</button>
<button>Allow</button>
</div>
<p class="soft next">Either way you go on to <strong>${client.host}</strong>. Allow this only if you have just come from there.</p>
</form>`,
  });
}
