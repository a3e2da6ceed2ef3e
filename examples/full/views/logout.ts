/** The pages of a logout that an application asked for: the question, and the result. */
import { html } from './html.js';
import { page } from './layout.js';
import type { LogoutModel } from './models.js';

export function logout({ id, isOver, clientName, frames, returnTo }: LogoutModel): string {
  const name = clientName && html`<strong><bdi>${clientName}</bdi></strong>`;
  if (!isOver && id !== undefined)
    return page({
      title: 'Log out?',
      content: html`<p>${name ? html`${name} would like to log you out here, too.` : 'Do you want to log out here?'} The other applications that you use in this browser are told.</p>
<form method="post" action="/end-session/decision">
<input type="hidden" name="logout_id" value="${id}">
<div class="row">
<button name="cancel" value="yes">Stay</button>
<button name="logout" value="yes">Log out</button>
</div>
</form>`,
    });
  if (!isOver)
    return page({
      title: 'You are still logged in',
      content: html`<p><a class="button" href="/">Go to the first page</a></p>`,
    });
  return page({
    title: 'You are logged out',
    content: html`<p>The applications that you used in this browser have been told.${returnTo && ' You go back in a moment.'}</p>
${frames.map((src) => html`<iframe src="${src}" hidden title="Logs you out"></iframe>`)}
<p><a class="button" href="${returnTo ?? '/'}">${returnTo && name ? html`Back to ${name}` : 'Go to the first page'}</a></p>`,
  });
}
