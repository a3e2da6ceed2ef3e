/** The list of sessions: where the user is logged in, which applications they use there, and buttons that log them out there. */
import { html, type Markup } from './html.js';
import { csrfField, menu, page } from './layout.js';
import type { SessionModel, SessionsModel } from './models.js';

const date = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });

const signOut = (isHere: SessionModel['isHere']): string => (isHere ? 'Sign out' : 'Sign out there');

const card = ({ id, since, browser, address, apps, isHere }: SessionModel, csrf: string): Markup => html`<li>
<h2>${browser}${isHere && html` <strong class="tag">This browser</strong>`}</h2>
<p class="soft">Logged in on <time datetime="${since.toISOString()}">${date.format(since)} UTC</time>, from ${address}</p>
${
  apps.length > 0
    ? html`<p>You use there:</p>
<ul>${apps.map((app) => html`<li><bdi>${app}</bdi></li>`)}</ul>`
    : html`<p>No application has logged you in from there.</p>`
}
<form method="post" action="/sessions/end">
${csrfField(csrf)}
<input type="hidden" name="id" value="${id}">
<button class="danger" aria-label="${signOut(isHere)}: ${browser}, since ${date.format(since)}">${signOut(isHere)}</button>
</form>
</li>`;

export function sessions({ user, csrf, sessions, notice }: SessionsModel): string {
  return page({
    title: 'Where you are logged in',
    width: 'wide',
    menu: menu('/sessions', user, csrf),
    content: html`${notice && html`<p class="notice" role="status">${notice}</p>`}
<p>If you sign out, the applications that you use there are told, and lose their access, unless you allowed them to go on while you are not here.</p>
<ul class="cards" role="list">${sessions.map((session) => card(session, csrf))}</ul>
<form method="post" action="/sessions/end">
${csrfField(csrf)}
<input type="hidden" name="id" value="all">
<button class="danger">Sign out everywhere</button>
</form>`,
  });
}
