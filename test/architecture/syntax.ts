/** What the rule about words reads of a file. Nothing here judges. */
import { parseSync, Visitor } from 'oxc-parser';

export interface File {
  readonly path: string;
  readonly text: string;
}

export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Word extends Span {
  readonly word: string;
}

/** A word, and the part of the file that it is the name of. */
export interface Named extends Word {
  readonly of: Span;
}

/** The key of an object literal. */
export interface Key extends Named {
  /** The object. */
  readonly within: Span;
}

export interface Syntax {
  readonly strings: readonly Word[];
  /** Keys of object literals that have a value of their own: of `{ a: 1, b }`, `a`. */
  readonly keys: readonly Key[];
  /** Members that are read: `a` of `x.a`, and of `const { a } = x`. */
  readonly reads: readonly Word[];
  /** Members of interfaces and of types. */
  readonly members: readonly Word[];
  readonly interfaces: readonly Named[];
  /** `declare module '...' { ... }` */
  readonly merged: readonly Span[];
  /** What is asked of `params`, by `params.get('...')`. */
  readonly asked: readonly string[];
  /** Codes of errors that are made: `new TokenError(message, code)`. */
  readonly codes: readonly string[];
}

interface Node extends Span {
  readonly type: string;
}

function stringOf(node: Node | undefined): string | undefined {
  return node?.type === 'Literal' && 'value' in node && typeof node.value === 'string' ? node.value : undefined;
}

/** `a` of `a`, and of `'a'`. */
function nameOf(node: Node): string | undefined {
  return node.type === 'Identifier' && 'name' in node && typeof node.name === 'string' ? node.name : stringOf(node);
}

const READERS: ReadonlySet<string | undefined> = new Set(['get', 'has', 'all']);

/** Appends the word of a node, if it has one. */
function noting(to: Word[]): (node: Node) => void {
  return (node) => {
    const word = nameOf(node);
    if (word !== undefined) to.push({ start: node.start, end: node.end, word });
  };
}

export function readSyntax({ path, text }: File): Syntax {
  const strings: Word[] = [];
  const keys: Key[] = [];
  const reads: Word[] = [];
  const members: Word[] = [];
  const interfaces: Named[] = [];
  const merged: Span[] = [];
  const asked: string[] = [];
  const codes: string[] = [];
  const [read, member] = [noting(reads), noting(members)];
  new Visitor({
    Literal: (node) => noting(strings)(node),
    ObjectExpression: (object) => {
      for (const property of object.properties) {
        if (property.type !== 'Property' || property.shorthand) continue;
        const { key, value: of } = property;
        keys.push({ start: key.start, end: key.end, word: nameOf(key) ?? '', of, within: object });
      }
    },
    ObjectPattern: ({ properties }) => {
      for (const property of properties) if (property.type === 'Property') read(property.key);
    },
    MemberExpression: ({ property }) => read(property),
    TSPropertySignature: ({ key }) => member(key),
    TSMethodSignature: ({ key }) => member(key),
    TSInterfaceDeclaration: ({ start, end, id, body }) => interfaces.push({ start, end, word: id.name, of: body }),
    TSModuleDeclaration: (node) => {
      if (node.id.type === 'Literal') merged.push(node);
    },
    CallExpression: ({ callee, arguments: [first] }) => {
      const isRead = callee.type === 'MemberExpression' && nameOf(callee.object) === 'params';
      if (isRead && READERS.has(nameOf(callee.property))) asked.push(stringOf(first) ?? '');
    },
    NewExpression: ({ callee, arguments: [, code] }) => {
      if (nameOf(callee)?.endsWith('Error')) codes.push(stringOf(code) ?? '');
    },
  }).visit(parseSync(path, text, { lang: 'ts', sourceType: 'module' }).program);
  return { strings, keys, reads, members, interfaces, merged, asked, codes };
}

/** The words that stand in one of the spans. */
export function within(words: readonly Word[], spans: readonly Span[]): string[] {
  const isWithin = (word: Span): boolean => spans.some(({ start, end }) => start <= word.start && word.end <= end);
  return words.filter(isWithin).map(({ word }) => word);
}
