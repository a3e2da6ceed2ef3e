/** The template function: it escapes all values (against XSS). */

export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type Part = Markup | string | number | false | undefined | readonly Part[];

const REFERENCES = new Map([...'&<>"\''].map((character) => [character, `&#${character.charCodeAt(0)};`]));

export function render(part: Part): string {
  if (part instanceof Markup) return part.text;
  if (typeof part === 'object') return part.map(render).join('');
  if (part === false || part === undefined) return '';
  return String(part).replace(/[&<>"']/g, (character) => REFERENCES.get(character) ?? '');
}

/** Makes HTML. Values are escaped, unless they were made by `html` too. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(strings.reduce((text, string, index) => text + render(parts[index - 1]) + string));
}
