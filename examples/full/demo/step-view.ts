/** Shows the recorded steps. */
import { html, type Markup } from '../views/html.js';
import type { Step, Visit } from './visit.js';

/** Which steps are open: the last one, or all of them. */
export type Open = 'last' | 'all';

export const REFUSAL = html`<strong>Refused, as it should be.</strong> `;

/** Wraps each line in an element, so that the continuation of a long line is indented. */
const lines = (text: string): Markup =>
  html`<pre>${text.split('\n').map((line) => html`<span class="text">${line}\n</span>`)}</pre>`;

const step = (
  { number, title, why, says, rule, outcome, by }: Step,
  open: Open,
  last: number,
): Markup => html`<li class="${outcome}">
<details${(open === 'all' || number === last) && html` open`}>
<summary><h3><span class="number">${number}</span> <span>${title}${by === 'attacker' && html` <strong class="tag attack">Attack</strong>`}</span></h3></summary>
<p class="soft" id="step-${number}">${why}</p>
${says.map(({ label, text }) => html`<p class="says">${label}</p>${lines(text)}`)}
${rule && html`<p class="rule">${outcome === 'refused' && REFUSAL}${rule.says} <a href="${rule.url}">${rule.name}</a></p>`}
</details>
</li>`;

export function log({ steps }: Visit, open: Open): Markup {
  const last = steps.at(-1)?.number ?? 0;
  return html`<section class="log" aria-labelledby="log">
<h2 id="log">Step by step: who said what to whom</h2>
<p>${open === 'all' ? html`<a class="link" href="/demo#log">Close all but the last</a>` : html`<a class="link" href="/demo?open=all#log">Open all ${steps.length} steps</a>`}</p>
<ol class="steps" role="list">${steps.map((each) => step(each, open, last))}</ol>
</section>`;
}
