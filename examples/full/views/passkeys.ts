/** The pages for passkeys: the list, and the question for one. Each runs one script, since WebAuthn needs a script. */
import { readFileSync } from 'node:fs';
import { html, type Markup } from './html.js';
import { alert, csrfField, menu, page } from './layout.js';
import type { PasskeyQuestionModel, PasskeysModel } from './models.js';

export const PASSKEY_SCRIPT = readFileSync(new URL('passkey.js', import.meta.url), 'utf8');

const date = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' });

/** @param what the browser does */
const question = (
  what: 'make' | 'show',
  options: object,
  action: string,
  fields: Markup,
  text: string,
): Markup => html`<noscript><p class="alert">Passkeys need JavaScript.</p></noscript>
<p class="alert" role="alert" id="failed" hidden>Your browser has given no passkey. Please try again.</p>
<form method="post" action="${action}" data-passkey="${what}" data-options="${JSON.stringify(options)}">
${fields}
<input type="hidden" name="answer">
<button class="main">${text}</button>
</form>`;

const removal = (
  csrf: string,
  id: string,
  since: Date,
): Markup => html`<form method="post" action="/account/passkeys/remove">
${csrfField(csrf)}
<input type="hidden" name="id" value="${id}">
<button class="danger" aria-label="Remove the passkey of ${date.format(since)}">Remove</button>
</form>`;

export function passkeys({ user, csrf, passkeys, due, options, problem }: PasskeysModel): string {
  return page({
    title: 'Passkeys',
    width: 'wide',
    menu: menu('/account', user, csrf),
    script: PASSKEY_SCRIPT,
    content: html`${alert(problem)}
<p>With a passkey, your password alone is not enough for what matters most: an application that needs more sends you here to use it.</p>
<ul class="cards" role="list">${passkeys.map(
      ({ id, since }) => html`<li>
<h2>Passkey of ${date.format(since)}</h2>
${due === 'make' ? removal(csrf, id, since) : ''}
</li>`,
    )}</ul>
${
  due === 'make'
    ? question('make', options, '/account/passkeys', csrfField(csrf), 'Add a passkey')
    : html`<p>Use one of these before you add or remove one.</p>
${question('show', options, '/account/passkeys/show', csrfField(csrf), 'Use my passkey')}`
}`,
  });
}

export function passkeyQuestion({ transactionID, clientName, user, options, problem }: PasskeyQuestionModel): string {
  return page({
    title: 'Use your passkey',
    ...(options && { script: PASSKEY_SCRIPT }),
    content: html`${alert(problem)}
<p>For what it wants to do now, <strong><bdi>${clientName}</bdi></strong> needs more than the password of <strong>${user.name}</strong>.</p>
${
  options
    ? question(
        'show',
        options,
        '/authorize/passkey',
        html`<input type="hidden" name="transaction_id" value="${transactionID}">`,
        'Use my passkey',
      )
    : html`<p>You have none yet. Add one, and come back to this page.</p>
<p><a class="button main" href="/account/passkeys" target="_blank">Add a passkey</a></p>
<form method="get" action="/authorize/resume"><input type="hidden" name="transaction_id" value="${transactionID}"><button>Go on</button></form>`
}`,
  });
}
