/** Reads what the sources say of themselves: head comments, doc comments of functions and of members of interfaces. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync, Visitor } from 'oxc-parser';
import { root } from '../run.js';

export interface Member {
  readonly name: string;
  readonly isOptional: boolean;
  /** The text of the doc comment, without its tags. */
  readonly doc: string;
}

export interface Declarations {
  /** The comment that the file begins with. */
  readonly head: string;
  /** Exported functions by name, with the text of their doc comments. */
  readonly functions: ReadonlyMap<string, string>;
  /** Interfaces by name. */
  readonly interfaces: ReadonlyMap<string, readonly Member[]>;
}

/** The text of a doc comment on one line, up to the first tag. */
function textOf(comment: string): string {
  const lines = comment.split('\n').map((line) => line.replace(/^\s*\*+ ?/, '').trim());
  const [text = ''] = lines.join(' ').split(/(?:^|\s)@(?=(?:see|throws|param|returns|example|deprecated)\b)/);
  return text.trim();
}

function nameOfParameter(parameter: { readonly type: string; readonly name?: unknown }): string {
  return typeof parameter.name === 'string' ? parameter.name : '...';
}

/** @param path below the root of the project */
export function readDeclarations(path: string): Declarations {
  const text = readFileSync(join(root, path), 'utf8');
  const { program, comments } = parseSync(path, text, { lang: 'ts', sourceType: 'module' });
  const docs = comments.filter(({ type, value }) => type === 'Block' && value.startsWith('*'));
  const docOf = (start: number): string => {
    const doc = docs.findLast(({ end }) => end <= start && /^(?:\s|\/\/.*)*$/.test(text.slice(end, start)));
    return textOf(doc?.value ?? '');
  };
  const functions = new Map<string, string>();
  const interfaces = new Map<string, readonly Member[]>();
  new Visitor({
    ExportNamedDeclaration: ({ start, declaration }) => {
      const isFunction = declaration?.type === 'FunctionDeclaration' || declaration?.type === 'TSDeclareFunction';
      if (isFunction && declaration.id) {
        const { name } = declaration.id;
        functions.set(name, functions.get(name) || docOf(start)); // the first overload is the one with the comment
      }
    },
    TSInterfaceDeclaration: ({ id, body }) => {
      const members = body.body.flatMap((member) => {
        const isMember = member.type === 'TSPropertySignature' || member.type === 'TSMethodSignature';
        if (!isMember || member.key.type !== 'Identifier') return [];
        const params = member.type === 'TSMethodSignature' ? `(${member.params.map(nameOfParameter).join(', ')})` : '';
        return [
          { name: `${member.key.name}${params}`, isOptional: member.optional === true, doc: docOf(member.start) },
        ];
      });
      interfaces.set(id.name, members);
    },
  }).visit(program);
  return { head: textOf(docs[0]?.start === 0 ? docs[0].value : ''), functions, interfaces };
}
