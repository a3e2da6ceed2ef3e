/** Reads XML 1.0 as strictly as CI systems do: elements and attributes, without text, comments, CDATA and document types. */
import assert from 'node:assert/strict';

export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
}

/** XML 1.0 §2.2 */
const CHARACTERS = /^[\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]*$/u;
const NAME = '[A-Za-z_][\\w.-]*';
/** §2.3: an attribute has no < and no &, but for the five references of §4.6. */
const VALUE = '"((?:[^<&"]|&(?:amp|lt|gt|quot|apos);)*)"';
const TAG = new RegExp(`<(/?)(${NAME})((?:\\s+${NAME}=${VALUE})*)\\s*(/?)>|\\s+`, 'y');
const REFERENCES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function attributesIn(text: string): Readonly<Record<string, string>> {
  const pairs = [...text.matchAll(new RegExp(`(${NAME})=${VALUE}`, 'g'))].map(([, name = '', value = '']) => [
    name,
    value.replace(/&(\w+);/g, (_, reference: string) => REFERENCES[reference] ?? ''),
  ]);
  assert.equal(new Set(pairs.map(([name]) => name)).size, pairs.length, `an attribute comes twice: ${text}`); // §3.1
  return Object.fromEntries(pairs);
}

/** @throws AssertionError for what is not well-formed */
export function readXML(text: string): Element {
  assert.match(text, CHARACTERS, 'a character that XML does not have');
  const [declaration] = /^<\?xml version="1\.0" encoding="UTF-8"\?>/.exec(text) ?? [];
  assert.ok(declaration, 'no declaration');
  const document = { name: '', attributes: {}, children: [] as Element[] };
  const open: (Element & { children: Element[] })[] = [document];
  const tags = new RegExp(TAG);
  tags.lastIndex = declaration.length;
  while (tags.lastIndex < text.length) {
    const at = tags.lastIndex;
    const found = tags.exec(text);
    assert.ok(found, `not well-formed: ${text.slice(at, at + 80)}`);
    const [, closes, name, attributes = '', , isEmpty] = found;
    if (name === undefined) continue;
    if (closes) {
      assert.equal(open.pop()?.name, name, 'closes another element');
      continue;
    }
    const element = { name, attributes: attributesIn(attributes), children: [] as Element[] };
    open.at(-1)?.children.push(element);
    if (!isEmpty) open.push(element);
  }
  assert.equal(open.length, 1, 'an element is not closed');
  const [root, ...more] = document.children;
  assert.ok(root && more.length === 0, 'one root'); // §2.1
  return root;
}
