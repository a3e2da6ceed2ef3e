/** A text for developers with a copy button. The content security policy of a page with such a button allows one script: see security.ts. */
import { readFileSync } from 'node:fs';
import { html, type Markup } from './html.js';

/** The script of the buttons, which is part of the page. */
export const COPY_SCRIPT = readFileSync(new URL('copying.js', import.meta.url), 'utf8');

/** @param what the name of the text, for screen readers */
export const copied = (id: string, what: string, text: string): Markup => html`<div class="copied">
<code id="${id}">${text}</code>
<button type="button" class="quiet" data-copies="${id}" aria-label="Copy ${what}" hidden>Copy</button>
</div>`;
