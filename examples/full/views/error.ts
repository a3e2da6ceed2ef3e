/** The error page. It tells a user what happened and what to do. The log has the details, under the trace ID. */
import type { Refusal } from 'koauthorize';
import { html, type Markup } from './html.js';
import { page } from './layout.js';
import type { ErrorModel } from './models.js';

const ADVICE: Readonly<Record<number, string>> = {
  403: 'Please go back to the application that you came from, and start again there.',
  404: 'Please check the address, or start from the first page.',
  429: 'Please wait a few minutes, then try again.',
};
const ours = 'Please try again in a minute.';
const theirs = 'If an application sent you here, please report this to its developers.';

/** Details for developers. They are never shown in production. */
function forDevelopers({ rule, error, description, clientID, redirectURI, section, remedy, reason }: Refusal): Markup {
  const rows = { rule, error, description, client: clientID, URI: redirectURI, section, reason, remedy };
  return html`<details>
<summary>For developers</summary>
<dl class="facts">
${Object.entries(rows).flatMap(([name, value]) => (value ? [html`<dt>${name}</dt><dd>${value}</dd>`] : []))}
</dl>
</details>`;
}

export function error({ status, title, message, traceID, refusal }: ErrorModel): string {
  return page({
    title,
    content: html`<p>${message}</p>
<p>${ADVICE[status] ?? (status >= 500 ? ours : theirs)}</p>
<p><a class="button" href="/">Go to the first page</a></p>
<p class="soft">If you ask for help, give this number: <code>${traceID}</code></p>
${refusal && forDevelopers(refusal)}`,
  });
}
