/** The account page: what this server knows about the user, with links to the pages that change it. */
import { html, type Markup } from './html.js';
import { menu, page } from './layout.js';
import type { AccountModel, ClaimModel } from './models.js';

export const claimRows = (claims: readonly ClaimModel[]): Markup =>
  html`<dl class="facts">${claims.map(
    ({ name, value }) => html`<dt>${name}</dt>
<dd>${value}</dd>`,
  )}</dl>`;

/** @param many the text for several, in which # stands for the number */
const counted = (count: number, none: string, one: string, many: string): string =>
  count === 0 ? none : count === 1 ? one : many.replace('#', String(count));

type Way = readonly [path: string, text: string];

const part = (
  id: string,
  title: string,
  says: Markup | string,
  ways: readonly Way[],
): Markup => html`<section class="part" aria-labelledby="${id}">
<div>
<h2 id="${id}">${title}</h2>
<p>${says}</p>
</div>
<div class="row">${ways.map(([path, text]) => html`<a class="button" href="${path}">${text}</a>`)}</div>
</section>`;

const identity = ({ user, claims }: AccountModel): Markup => html`<section aria-labelledby="you">
<h2 id="you">Who you are</h2>
<p><strong>${user.name}</strong>, ${user.email}. An application sees of this only what you allow it to: it asks for your name, your e-mail address, your postal address and your phone number separately.</p>
<details>
<summary>Everything that we know of you</summary>
${claimRows(claims)}
</details>
</section>`;

export function account(model: AccountModel): string {
  const { user, csrf, apps, sessions, passkeys, requests, clients } = model;
  return page({
    title: 'Your account',
    width: 'wide',
    menu: menu('/account', user, csrf),
    content: html`${identity(model)}
${part(
  'apps',
  'Apps that have access',
  html`${counted(apps, 'No application may act for you.', 'One application may act for you.', '# applications may act for you.')} ${counted(requests, '', 'One request waits for your answer.', '# requests wait for your answer.')}`,
  [
    ['/connected', 'Connected apps'],
    ['/requests', 'Requests'],
  ],
)}
${part(
  'sessions',
  'Sessions and devices',
  counted(
    sessions,
    '',
    'Only this browser is logged in to your account.',
    '# browsers are logged in to your account. You can sign out in each of them from here.',
  ),
  [
    ['/sessions', sessions > 1 ? 'Sign out there' : 'Sessions'],
    ['/device', 'Connect a device'],
  ],
)}
${part(
  'factor',
  'Second factor',
  counted(
    passkeys,
    'You log in with your password alone. With a passkey, your password alone is not enough for what matters most.',
    'You have one passkey beside your password.',
    'You have # passkeys beside your password.',
  ),
  [['/account/passkeys', 'Passkeys']],
)}
${part(
  'clients',
  'Your own clients',
  counted(
    clients,
    'You have registered no application that others can connect to their accounts.',
    'You have registered one application that others can connect to their accounts.',
    'You have registered # applications that others can connect to their accounts.',
  ),
  [['/clients', 'Your clients']],
)}`,
  });
}
