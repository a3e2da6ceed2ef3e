/** A text that developers copy, and its button. A page with such a button is let run one script: security.ts. */
import { readFileSync } from 'node:fs';
import { html, type Markup } from './html.js';

/** The script behind the buttons, as it stands in the page. */
export const COPY_SCRIPT = readFileSync(new URL('copying.js', import.meta.url), 'utf8');

/** @param what the text is, for users who do not see it beside the button */
export const copied = (id: string, what: string, text: string): Markup => html`<div class="copied">
<code id="${id}">${text}</code>
<button type="button" class="quiet" data-copies="${id}" aria-label="Copy ${what}" hidden>Copy</button>
</div>`;
