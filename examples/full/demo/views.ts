/** The page of Postcards: the result, the next actions, and what happened, step by step. */
import { html, type Markup } from '../views/html.js';
import { alert, csrfField, page } from '../views/layout.js';
import { actions, askAgain } from './actions-view.js';
import { PAYMENT, SCOPES } from './client.js';
import { PLACES } from './places.js';
import { log, type Open, REFUSAL } from './step-view.js';
import type { Step, Visit } from './visit.js';

const PLACE = 'Postcards, a demo application';

const choice = (
  name: string,
  value: string,
  says: string,
  code: string,
  isTicked: 'ticked' | 'open' = 'open',
): Markup => html`<li><label>
<input type="checkbox" name="${name}" value="${value}"${isTicked === 'ticked' && html` checked`}>
<span>${says} <small><code>${code}</code></small></span>
</label></li>`;

const startForm = (csrf: string): Markup => html`<form method="post" action="/demo/start">
${csrfField(csrf)}
<fieldset>
<legend>What shall Postcards ask for?</legend>
<ul class="scopes" role="list">${SCOPES.map(([name, says], index) =>
  choice('scope', name, says, name, index < 3 ? 'ticked' : 'open'),
)}${choice('payment', 'stamp', `Paying ${PAYMENT.amount} ${PAYMENT.currency} for a stamp, once`, 'authorization_details')}</ul>
</fieldset>
<fieldset>
<legend>How safely?</legend>
<ul class="scopes" role="list">${choice('push', 'yes', 'Send the request to the server directly: the browser then carries only a reference to it', 'PAR, RFC 9126')}${choice('dpop', 'yes', 'Bind the tokens to a key of Postcards: a stolen token is then worth nothing', 'DPoP, RFC 9449')}</ul>
</fieldset>
<button class="main">Start</button>
</form>`;

function titleOf({ steps, tokens, asked }: Visit): string {
  if (tokens) return tokens.state === 'good' ? 'Postcards is connected' : 'Postcards is no longer connected';
  if (asked) return 'Postcards waits for your decision';
  return steps.length > 0 ? 'Postcards is not connected' : 'Connect your account to Postcards';
}

const account = ({ account }: Visit): Markup => (account ? html`<strong>${account}</strong>` : html`you`);

const link = ({ number }: Step): Markup => html`<a href="#step-${number}">See step ${number}</a>`;

/** The result of an attack. */
function attacked(attack: Step): Markup {
  const says = attack.rule?.says;
  return attack.outcome === 'refused'
    ? html`<strong>The attack failed.</strong> ${says} ${link(attack)}`
    : html`<strong>Not refused, and here is why.</strong> ${says} ${link(attack)}`;
}

/** The result of the last action, in a sentence. */
function verdict(visit: Visit): Markup | undefined {
  const news = visit.steps.filter(({ number }) => number >= visit.newest);
  const attack = news.find(({ by }) => by === 'attacker');
  const last = news.at(-1);
  if (attack) return attacked(attack);
  if (!last || visit.problem !== undefined || visit.asked) return undefined;
  if (news.some(({ by }) => by === 'browser'))
    return html`<strong>It worked.</strong> Postcards may act for ${account(visit)} now, with this scope: ${visit.tokens?.scope.join(' ')}.`;
  return html`${last.outcome === 'refused' ? REFUSAL : html`<strong>Done.</strong> `}${last.rule?.says ?? last.title} ${link(last)}`;
}

const banner = (visit: Visit): Markup | undefined => {
  const says = verdict(visit);
  return says && html`<p class="notice" role="status">${says}</p>`;
};

/** Tells the user why there was no question. */
const notAsked = (csrf: string, { consent, wish, tokens }: Visit): Markup | undefined =>
  consent === 'remembered' && tokens && wish
    ? html`<div class="warning remembered">
<p><strong>Not asked: you allowed this before.</strong> The server remembers it, and asks again once you have disconnected Postcards under <a href="/connected">Connected apps</a>.</p>
${askAgain(csrf, wish)}
</div>`
    : undefined;

const welcome = html`<p class="lead">Postcards would like to know you. It asks the authorization server, the server asks you, and each step is
shown here as it happens. You log in at the server: Postcards never sees your password.</p>`;

/** @param open which steps are shown whole */
export function demoPage(visit: Visit, csrf: string, open: Open = 'last'): string {
  const shared = { place: PLACE, title: titleOf(visit), ways: PLACES };
  if (visit.steps.length === 0)
    return page({ ...shared, width: 'wide', content: html`${alert(visit.problem)}${welcome}${startForm(csrf)}` });
  return page({
    ...shared,
    width: 'full',
    content: html`${alert(visit.problem)}${banner(visit)}${notAsked(csrf, visit)}
<div class="columns">
${actions(csrf, visit)}
${log(visit, open)}
</div>`,
  });
}
