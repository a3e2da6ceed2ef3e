/** The page for a dialog that was answered before. Users get here by Back in a browser. */
import { html } from './html.js';
import { page } from './layout.js';
import type { AnsweredModel } from './models.js';

export function answered({ isAllowed, clientName, clientURI }: AnsweredModel): string {
  const name = html`<strong><bdi>${clientName}</bdi></strong>`;
  return page({
    title: isAllowed ? 'You have allowed this' : 'You have denied this',
    content: html`<p>${name} has your answer${isAllowed ? ', and goes on there.' : ', and got no access.'}</p>
<div class="row start">
${clientURI && html`<a class="button main" href="${clientURI}" rel="noreferrer">Go on to <bdi>${clientName}</bdi></a>`}
<a class="button" href="/connected">Connected apps</a>
</div>`,
  });
}
