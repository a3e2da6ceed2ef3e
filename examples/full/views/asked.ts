/**
 * The pages of CIBA. The user must compare the message with the one that the client shows, since nothing else proves that the request comes from that client.
 */
import { scopeFields } from './consent.js';
import { html } from './html.js';
import { menu, page } from './layout.js';
import type { AskedDoneModel, AskedModel, RequestsModel } from './models.js';

export function requests({ user, csrf, waiting }: RequestsModel): string {
  return page({
    title: 'Requests',
    menu: menu('/requests', user, csrf),
    content: html`<p>What somebody asks of you elsewhere, such as at a till, waits here for your answer.</p>
${waiting.length === 0 && html`<p>Nothing waits for you.</p>`}
<ul class="ways" role="list">${waiting.map(
      ({ id, name, message }) =>
        html`<li><a href="/backchannel?id=${id}">${name}</a><span>It says: <bdi>${message}</bdi></span></li>`,
    )}</ul>`,
  });
}

export function asked(model: AskedModel): string {
  const { dialogID, message, client, user } = model;
  return page({
    title: `Allow ${client.name}?`,
    // the ID of the dialog is also the CSRF token
    content: html`<dl class="parties">
<dt>Message</dt>
<dd><strong><bdi>${message}</bdi></strong></dd>
<dt>Application</dt>
<dd><strong><bdi>${client.name}</bdi></strong> ${client.uri && html`<a href="${client.uri}" rel="noreferrer">${client.uri}</a>`}</dd>
<dt>Your account</dt>
<dd><strong>${user.name}</strong></dd>
</dl>
<form method="post" action="/backchannel/decision">
<input type="hidden" name="dialog_id" value="${dialogID}">
${scopeFields(model)}
<p>Have you begun this yourself, and does the other screen show <strong><bdi>${message}</bdi></strong>? If not, deny it.</p>
<div class="row">
<button name="cancel" value="yes">Deny</button>
<button>Allow</button>
</div>
</form>`,
  });
}

const DONE = {
  allowed: [
    'You have allowed it',
    'It goes on there in a few seconds. You can disconnect it at any time under Connected apps.',
  ],
  denied: ['You have denied it', 'Nothing is given.'],
  gone: ['Nothing waits for you here', 'It was answered, has no time left, or is for somebody else.'],
} as const;

export function askedDone({ became }: AskedDoneModel): string {
  const [title, text] = DONE[became];
  return page({
    title,
    content: html`<p>${text}</p><p><a class="button" href="/requests">See what else waits</a></p>`,
  });
}
