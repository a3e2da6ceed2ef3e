/** Attacks on the headers of the server's pages, and on values of a request that pages repeat. */
import { type Attack, type AttackOutcome, succeeded, withstood } from '../attack.js';
import type { AttackContext } from '../context.js';
import { tagsIn } from '../form.js';
import type { Page } from '../http.js';
import type { Changes } from '../request.js';

async function dialogOf(context: AttackContext): Promise<Page> {
  return (await context.dialog(await context.visitor(), context.target.client)).page;
}

const directives = (policy: string): readonly string[][] =>
  policy.split(/[;,]/).map((directive) => directive.trim().toLowerCase().split(/\s+/));

/** CSP Level 3 §6.4.2: a browser ignores X-Frame-Options if there is a policy with frame-ancestors. */
function isFramed({ headers }: Page): boolean {
  const ancestors = directives(headers.get('content-security-policy') ?? '').filter(
    ([name]) => name === 'frame-ancestors',
  );
  if (ancestors.length === 0) return !/^\s*(deny|sameorigin)\b/i.test(headers.get('x-frame-options') ?? '');
  return !ancestors.some(([, ...sources]) => sources.every((source) => source === "'none'" || source === "'self'"));
}

export const clickjacking: Attack = {
  name: 'clickjacking',
  title: 'the dialog is put into a frame, under something that users want to click on',
  clause: 'RFC 9700 §4.16',
  async run(context) {
    if (!isFramed(await dialogOf(context))) return withstood;
    return succeeded("the dialog has neither X-Frame-Options nor a policy with frame-ancestors 'none' or 'self'");
  },
};

/** The referrer policies that disclose no more than the origin to another site. */
const QUIET = new Set([
  'no-referrer',
  'same-origin',
  'origin',
  'strict-origin',
  'origin-when-cross-origin',
  'strict-origin-when-cross-origin',
]);
const LOUD = new Set(['unsafe-url', 'no-referrer-when-downgrade']);

function referrerPolicy({ headers, text }: Page): string | undefined {
  const meta = tagsIn(text, 'meta').filter((tag) => tag.get('name')?.toLowerCase() === 'referrer');
  const said = [headers.get('referrer-policy') ?? '', ...meta.map((tag) => tag.get('content') ?? '')];
  const words = said.flatMap((value) => value.toLowerCase().split(/[\s,]+/));
  return words.filter((word) => QUIET.has(word) || LOUD.has(word)).at(-1); // a browser uses the last policy that it knows
}

export const referrerLeak: Attack = {
  name: 'referrer-leak',
  title: 'a site that the dialog links to learns the URL of the dialog, with the state and the request',
  clause: 'RFC 9700 §4.2.4',
  async run(context) {
    const policy = referrerPolicy(await dialogOf(context));
    if (policy !== undefined && QUIET.has(policy)) return withstood;
    return succeeded(`the dialog has ${policy ? `Referrer-Policy: ${policy}` : 'no Referrer-Policy'}`);
  },
};

export const dialogCached: Attack = {
  name: 'dialog-cached',
  title: 'the next user of the browser or the proxy finds the dialog in its cache',
  clause: 'RFC 9111 §5.2.2.5',
  async run(context) {
    const said = (await dialogOf(context)).headers.get('cache-control') ?? '';
    if (/(^|[\s,])no-store($|[\s,])/i.test(said)) return withstood;
    return succeeded(`the dialog has ${said ? `Cache-Control: ${said}` : 'no Cache-Control'}`);
  },
};

const PARAMETERS = [
  'state',
  'scope',
  'client_id',
  'redirect_uri',
  'response_type',
  'response_mode',
  'code_challenge',
  'code_challenge_method',
  'attacker',
] as const;

/** Puts a value into each parameter, and examines all answers, up to the one to the decision. */
async function attempt(
  context: AttackContext,
  value: string,
  gain: (page: Page) => string | undefined,
): Promise<AttackOutcome> {
  const visitor = await context.visitor();
  const { client } = context.target;
  const requests: readonly Changes[] = [
    ...PARAMETERS.map((name) => ({ [name]: value })),
    { state: value, response_mode: 'form_post' },
    { state: value, response_type: 'attacker' },
  ];
  for (const changes of requests) {
    await context.target.forget?.(visitor, client);
    const { page } = await context.authorize(visitor, client, changes);
    const gained = gain(page) ?? gain(await context.allow(visitor, page));
    if (gained !== undefined) return succeeded(`${gained}, by ${JSON.stringify(changes)}`);
  }
  return withstood;
}

/** Closes a text, an attribute, a script and a comment, and opens an element, or adds an attribute. */
const MARKUP = `--></script>"'><attacker-element attacker-attribute="1">`;
const SCRIPT = 'javascript:attacker()';

function markupGain({ headers, text }: Page): string | undefined {
  const type = headers.get('content-type') ?? 'text/html';
  if (!/html|xml/i.test(type)) return undefined;
  if (tagsIn(text, 'attacker-element').length > 0) return 'the page has an element of the attacker in it';
  const tags = tagsIn(text, '[a-z][a-z0-9-]*');
  if (tags.some((tag) => tag.has('attacker-attribute'))) return 'a tag of the page has an attribute of the attacker';
  const links = tags.flatMap((tag) => ['href', 'src', 'action', 'formaction'].map((name) => tag.get(name) ?? ''));
  return links.some((link) => link.trim().startsWith(SCRIPT))
    ? 'the page links to a script of the attacker'
    : undefined;
}

export const errorReflectsMarkup: Attack = {
  name: 'error-reflects-markup',
  title: 'a dialog or an error page shows markup from the request as markup',
  clause: 'RFC 6749 §10.14',
  async run(context) {
    const outcome = await attempt(context, MARKUP, markupGain);
    return outcome.outcome === 'succeeded' ? outcome : attempt(context, SCRIPT, markupGain);
  },
};

const LINES = 'attacker\r\nattacker-header: 1\r\nset-cookie: attacker=1\r\n\r\nattacker';

function headerGain({ headers }: Page): string | undefined {
  const isSet = headers.has('attacker-header') || headers.getSetCookie().some((line) => line.startsWith('attacker='));
  return isSet ? 'the answer has a header of the attacker' : undefined;
}

export const headerInjection: Attack = {
  name: 'header-injection',
  title: 'a line break in a parameter starts a header of the answer',
  clause: 'RFC 6749 §10.14, RFC 9110 §5.5',
  run: (context) => attempt(context, LINES, headerGain),
};
