/** The page of Postcards: what happened, step by step, and what one can do next. */
import { html, type Markup } from '../views/html.js';
import { alert, csrfField, page } from '../views/layout.js';
import { OPERATIONS, PAYMENT, SCOPES } from './client.js';
import type { Step, Visit } from './visit.js';

const PLACE = 'Postcards, a demo application';

const refusal = html`<strong>Refused, as it should be.</strong> `;

/** Open when it is of the last action; the others are still there to be opened. */
const step = (
  { number, title, why, says, rule, outcome }: Step,
  newest: number,
): Markup => html`<li class="${outcome}"${number === newest && html` id="new"`}>
<details${number >= newest && html` open`}>
<summary><h2><span>${number}</span> ${title}</h2></summary>
<p class="soft">${why}</p>
${says.map(({ label, text }) => html`<p class="says">${label}</p><pre>${text}</pre>`)}
${rule && html`<p class="rule">${outcome === 'refused' && refusal}${rule.says} <a href="${rule.url}">${rule.name}</a></p>`}
</details>
</li>`;

/** A form of one button, and what it is for. */
const button = (
  csrf: string,
  action: string,
  text: string,
  help: string,
  fields = html``,
): Markup => html`<form method="post" action="/demo/${action}">
${csrfField(csrf)}${fields}
<button aria-describedby="${action}-help">${text}</button>
<p class="help" id="${action}-help">${help}</p>
</form>`;

const startForm = (csrf: string): Markup => html`<form method="post" action="/demo/start">
${csrfField(csrf)}
<fieldset>
<legend>What shall Postcards ask for?</legend>
<ul class="scopes" role="list">${SCOPES.map(
  ([name, says], index) => html`<li><label>
<input type="checkbox" name="scope" value="${name}"${index < 3 && html` checked`}>
<span>${says} <small><code>${name}</code></small></span>
</label></li>`,
)}<li><label>
<input type="checkbox" name="payment" value="stamp">
<span>Paying ${PAYMENT.amount} ${PAYMENT.currency} for a stamp, once <small><code>authorization_details</code></small></span>
</label></li></ul>
</fieldset>
<button class="main">Start</button>
</form>`;

const apiForm = (csrf: string): Markup =>
  button(
    csrf,
    'api',
    'Call the API',
    'Try one that you did not allow, too.',
    html`
<label for="operation">What to call</label>
<select id="operation" name="operation">${Object.entries(OPERATIONS).map(
      ([name, { method, path, says }]) => html`<option value="${name}">${says}: ${method} ${path}</option>`,
    )}</select>`,
  );

const useActions = (csrf: string, { tokens, idToken }: Visit): Markup => html`<section aria-labelledby="use">
<h2 id="use">Use the tokens</h2>
${apiForm(csrf)}
${tokens?.refresh && button(csrf, 'refresh', 'Refresh', 'Gets the next access token.')}
${button(csrf, 'print', 'Have it printed', 'Another service calls the API for you.')}
${button(csrf, 'introspect', 'Introspect', 'Asks the server whether the token is good.')}
${button(csrf, 'revoke', 'Revoke', 'Ends all that came from your consent.')}
${idToken && button(csrf, 'logout', 'Log out at the server', 'Sends you there with the ID token, and it tells the other applications.')}
</section>`;

const attackActions = (
  csrf: string,
  { tokens, spentCode, spentRefreshToken }: Visit,
): Markup => html`<section aria-labelledby="attack">
<h2 id="attack">Try to break it</h2>
${tokens && spentCode && button(csrf, 'replay', 'Replay the code', 'As someone who copied it.')}
${spentRefreshToken && button(csrf, 'reuse', 'Reuse the old refresh token', 'At once, and again after ten seconds: it matters.')}
${button(csrf, 'start', 'Use a wrong verifier', 'A new flow, as someone who stole the code.', html`<input type="hidden" name="verifier" value="wrong"><input type="hidden" name="scope" value="profile">`)}
</section>`;

const actions = (csrf: string, visit: Visit): Markup => html`<div class="actions">
${visit.tokens && useActions(csrf, visit)}
${attackActions(csrf, visit)}
<section aria-labelledby="again">
<h2 id="again">Once more</h2>
${button(csrf, 'reset', 'Start over', 'Forgets all this, and asks for something else.')}
<p class="help">What the server shows you of it: <a href="/connected">connected apps</a>, <a href="/sessions">sessions</a></p>
<p class="help">Another application: <a href="/demo/second">Teapots</a> logs you in without a question</p>
</section>
</div>`;

function titleOf({ steps, tokens, asked }: Visit): string {
  if (tokens) return tokens.state === 'good' ? 'Postcards is connected' : 'Postcards is no longer connected';
  if (asked) return 'Postcards waits for your decision';
  return steps.length > 0 ? 'Postcards is not connected' : 'Connect your account to Postcards';
}

const lead = ({ tokens, account }: Visit): Markup =>
  tokens?.state === 'good'
    ? html`<p class="lead">It may act for ${account ? html`<strong>${account}</strong>` : 'you'} now. Below is what was said on the way, by whom to whom.</p>`
    : html`<p class="lead">What was said on the way, by whom to whom:</p>`;

const welcome = html`<p class="lead">Postcards would like to know you. It asks the authorization server, the server asks you, and each step is
shown here as it happens.</p>`;

export function demoPage(visit: Visit, csrf: string): string {
  const { steps, newest, problem } = visit;
  if (steps.length === 0) {
    return page({
      place: PLACE,
      title: titleOf(visit),
      width: 'wide',
      content: html`${alert(problem)}${welcome}${startForm(csrf)}`,
    });
  }
  return page({
    place: PLACE,
    title: titleOf(visit),
    width: 'full',
    content: html`${alert(problem)}
${lead(visit)}
<div class="columns">
<ol class="steps" role="list">${steps.map((each) => step(each, newest))}</ol>
${actions(csrf, visit)}
</div>`,
  });
}
