/** Reads forms in HTML, and returns what a browser would send. It is no full parser, but enough for a server's own pages. */
import type { Page } from './http.js';

/** What a browser sends when a form's button is pressed. */
export interface FormSubmission {
  /** An absolute URL. */
  readonly action: string;
  readonly fields: readonly (readonly [string, string])[];
}

export interface Form extends FormSubmission {
  readonly method: string;
  /** Whether the form asks for a password: then it is a login, and no dialog. */
  readonly asksPassword: boolean;
  /** The buttons in the order of the page. A button without a name sends nothing. */
  readonly buttons: readonly { readonly name: string; readonly value: string; readonly text: string }[];
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

export function unescapeHTML(html: string): string {
  return html.replace(/&(?:#(\d+)|#x([\da-f]+)|(amp|lt|gt|quot|apos));/gi, (_, decimal, hex, name) => {
    if (name) return NAMED[String(name).toLowerCase()] ?? '';
    return String.fromCodePoint(Math.min(decimal ? Number(decimal) : Number.parseInt(hex, 16), 0x10ffff));
  });
}

/** A tag up to its `>`, which does not end inside a quoted value. As in browsers, only a quote after `=` begins such a value. */
const TAG = `(?:=\\s*(?:"[^"]*"|'[^']*'|(?!["'\\s]))|[^>=])*`;

type Attributes = ReadonlyMap<string, string>;

function attributesOf(tag: string): Attributes {
  const found = tag.matchAll(/([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g);
  return new Map(
    [...found].map(([, name = '', a, b, c]): [string, string] => [name.toLowerCase(), unescapeHTML(a ?? b ?? c ?? '')]),
  );
}

/** The attributes of all tags of this name (a pattern). */
export function tagsIn(html: string, name: string): readonly Attributes[] {
  return [...html.matchAll(new RegExp(`<${name}(?=[\\s>/])(${TAG})>`, 'gi'))].map(([, tag = '']) => attributesOf(tag));
}

const BUTTONS = new Set(['submit', 'image']);
const UNSENT = new Set([...BUTTONS, 'button', 'reset', 'file']);

function fieldsIn(html: string): (readonly [string, string])[] {
  return tagsIn(html, 'input')
    .filter((input) => input.get('name') && !input.has('disabled'))
    .filter((input) => !UNSENT.has(input.get('type')?.toLowerCase() ?? ''))
    .filter((input) => !/^(checkbox|radio)$/i.test(input.get('type') ?? '') || input.has('checked'))
    .map((input) => [input.get('name') ?? '', input.get('value') ?? (input.has('checked') ? 'on' : '')] as const);
}

function buttonsIn(html: string): Form['buttons'] {
  const found = html.matchAll(new RegExp(`<button(?=[\\s>])(${TAG})>(.*?)</button>|<input(?=[\\s])(${TAG})>`, 'gis'));
  return [...found].flatMap(([, button, text = '', input]) => {
    const attributes = attributesOf(button ?? input ?? '');
    const type = attributes.get('type')?.toLowerCase() ?? (button === undefined ? 'text' : 'submit');
    if (!BUTTONS.has(type)) return [];
    const [name = '', value = ''] = [attributes.get('name'), attributes.get('value')];
    return [{ name, value, text: button === undefined ? value : unescapeHTML(text.replace(/<[^>]*>/g, '')).trim() }];
  });
}

export function formsIn({ text, url }: Page): readonly Form[] {
  const found = text.matchAll(new RegExp(`<form(?=[\\s>])(${TAG})>(.*?)</form>`, 'gis'));
  return [...found].map(([, tag = '', body = '']) => {
    const attributes = attributesOf(tag);
    return {
      action: new URL(attributes.get('action') || url, url).href,
      method: attributes.get('method')?.toLowerCase() ?? 'get',
      asksPassword: tagsIn(body, 'input').some((input) => input.get('type')?.toLowerCase() === 'password'),
      fields: fieldsIn(body),
      buttons: buttonsIn(body),
    };
  });
}

const DENY = /cancel|deny|decline|reject|refuse/i;

/** What the form of a dialog sends for this decision; undefined if the page has no such form. */
export function decisionForm(page: Page, decision: 'allow' | 'deny'): FormSubmission | undefined {
  const posted = formsIn(page).filter(({ method, asksPassword }) => method === 'post' && !asksPassword);
  const form =
    posted.find(({ fields }) => fields.some(([name]) => name === 'transaction_id')) ??
    posted.find(({ buttons }) => buttons.length > 1 && buttons.some(denies));
  if (!form) return undefined;
  const button = form.buttons.find((one) => denies(one) === (decision === 'deny'));
  const pressed = button?.name ? [[button.name, button.value] as const] : [];
  return { action: form.action, fields: [...form.fields, ...pressed] };
}

function denies({ name, value, text }: Form['buttons'][number]): boolean {
  return DENY.test(name) || DENY.test(value) || DENY.test(text) || /^no$/i.test(value);
}
