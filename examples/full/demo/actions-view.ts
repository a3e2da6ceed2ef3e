/** The buttons for what one can do with the tokens of Postcards, and for attacks. */
import { html, type Markup } from '../views/html.js';
import { csrfField } from '../views/layout.js';
import { OPERATIONS } from './client.js';
import type { Visit, Wish } from './visit.js';

interface Button {
  /** The path that the button posts to, under /demo. */
  readonly action: string;
  readonly text: string;
  /** The purpose of the action; for an attack, what it proves. */
  readonly help: string;
  readonly fields?: Markup | undefined;
  readonly look?: 'danger' | undefined;
}

/** The ID of a button's help text. */
const idOf = (text: string): string => `${text.toLowerCase().replace(/\W+/g, '-')}-help`;

const button = (
  csrf: string,
  { action, text, help, fields, look }: Button,
): Markup => html`<form method="post" action="/demo/${action}">
${csrfField(csrf)}${fields}
<button${look && html` class="${look}"`} aria-describedby="${idOf(text)}">${text}</button>
<p class="help" id="${idOf(text)}">${help}</p>
</form>`;

const hidden = (name: string, value: string): Markup => html`<input type="hidden" name="${name}" value="${value}">`;

/** Hidden fields that repeat the same request. */
const wishFields = ({ scope, details, via, tokens }: Wish): Markup =>
  html`${scope.split(' ').map((one) => hidden('scope', one))}${
    details.length > 0 && hidden('payment', 'stamp')
  }${via === 'push' && hidden('push', 'yes')}${tokens === 'bound' && hidden('dpop', 'yes')}`;

/** For users who were not asked, because they had allowed the request before. `prompt` is a parameter of OpenID Connect, so it needs that scope. */
export const askAgain = (csrf: string, wish: Wish): Markup | false =>
  wish.scope.split(' ').includes('openid') &&
  button(csrf, {
    action: 'start',
    text: 'Ask me again',
    help: 'Starts again with prompt=consent: the server must then ask you.',
    fields: html`${wishFields(wish)}${hidden('prompt', 'consent')}`,
  });

const OPERATION = html`
<label for="operation">What to call</label>
<select id="operation" name="operation">${Object.entries(OPERATIONS).map(
  ([name, { method, path, says }]) => html`<option value="${name}">${says}: ${method} ${path}</option>`,
)}</select>`;

/** `acr_values` is read with the scope openid. @see RFC 9470 §4 */
const stepUp = (wish: Wish, acr: string): Button => ({
  action: 'start',
  text: 'Log in as the API wants',
  help: 'Starts again, and asks the server for a login with a passkey (acr_values).',
  fields: html`${wishFields({ ...wish, scope: [...new Set(['openid', ...wish.scope.split(' ')])].join(' ') })}${hidden('acr', acr)}`,
});

/** For a visitor with tokens. */
function uses({ tokens, idToken, key, wish, wanted }: Visit): readonly Button[] {
  const help = 'Also try one that you have not allowed.';
  return [
    ...(wish && wanted !== undefined ? [stepUp(wish, wanted)] : []),
    { action: 'api', text: 'Call the API', help, fields: OPERATION },
    ...(tokens?.refresh ? [{ action: 'refresh', text: 'Refresh', help: 'Gets the next access token.' }] : []),
    ...(key
      ? []
      : [
          {
            action: 'print',
            text: 'Have it printed',
            help: 'The Printer, another service, exchanges the token and calls the API for you.',
          },
        ]),
    { action: 'introspect', text: 'Introspect', help: 'Asks the server whether the token is good.' },
    { action: 'revoke', text: 'Revoke', help: 'Ends all tokens of your consent.' },
    ...(idToken
      ? [
          {
            action: 'logout',
            text: 'Log out at the server',
            help: 'Sends you there with the ID token, and it tells the other applications.',
          },
        ]
      : []),
  ];
}

const REPLAY: Button = {
  action: 'replay',
  text: 'Replay the code',
  help: 'As a thief who copied it. Proves that a code can be used once, and that a second use ends the tokens of the first.',
};
const REUSE: Button = {
  action: 'reuse',
  text: 'Reuse the old refresh token',
  help: 'As a thief who copied it. Within ten seconds the server takes it for a lost answer. After that, it proves that a copy ends all tokens.',
};
const STEAL: Button = {
  action: 'steal',
  text: 'Use a stolen token',
  help: 'With another key. Proves that a bound token is worth nothing without its key.',
};
const WRONG_VERIFIER: Button = {
  action: 'start',
  text: 'Use a wrong verifier',
  help: 'Starts again, and then tries the code as a thief would. Proves that a stolen code is worth nothing without the verifier.',
  fields: html`${hidden('verifier', 'wrong')}${hidden('scope', 'profile')}`,
};

function attacks({ tokens, key, spentCode, spentRefreshToken }: Visit): readonly Button[] {
  return [
    ...(tokens && spentCode ? [REPLAY] : []),
    ...(spentRefreshToken ? [REUSE] : []),
    ...(tokens && key ? [STEAL] : []),
    WRONG_VERIFIER,
  ].map((attack) => ({ ...attack, look: 'danger' }));
}

export const actions = (csrf: string, visit: Visit): Markup => html`<div class="actions">
${
  visit.tokens &&
  html`<section aria-labelledby="use">
<h2 id="use">Use the tokens</h2>
${uses(visit).map((one) => button(csrf, one))}
</section>`
}
<section class="attacks" aria-labelledby="attack">
<h2 id="attack">Attack it</h2>
${attacks(visit).map((one) => button(csrf, one))}
</section>
<section aria-labelledby="again">
<h2 id="again">Once more</h2>
${button(csrf, { action: 'reset', text: 'Start over', help: 'Forgets all of this, and lets you ask for something else.' })}
<p class="help">What the server shows you of it: <a href="/connected">connected apps</a>, <a href="/sessions">sessions</a></p>
<p class="help">Another application: <a href="/demo/second">Teapots</a> logs you in without a question</p>
</section>
</div>`;
