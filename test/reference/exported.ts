/** Follows every public name to its declaration, and reads the doc comment there. */
import { readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { type Comment, type Program, parseSync, type StaticExportEntry } from 'oxc-parser';
import { readEntries } from '../../build/entries.js';
import { root } from '../run.js';

/** A name that an entry of the package exports, or that stands in a namespace that it exports: `exchange.password`. */
export interface Exported {
  readonly entry: string;
  readonly name: string;
  /** Of the declaration, below the root of the project. */
  readonly file: string;
  /** Whether users call it, or make it with `new`. */
  readonly isCallable: boolean;
  /** The doc comment without its stars; '' where there is none. */
  readonly doc: string;
}

interface Source {
  readonly program: Program;
  readonly exports: readonly StaticExportEntry[];
  /** The doc comment that ends where a declaration starts. */
  docBefore(start: number): string;
}

const sources = new Map<string, Source>();

function withoutStars(comment: string): string {
  return comment
    .replace(/^\*+ ?/, '')
    .replace(/\n\s*\*+ ?/g, '\n')
    .trim();
}

function read(file: string): Source {
  const known = sources.get(file);
  if (known !== undefined) return known;
  const text = readFileSync(file, 'utf8');
  const { program, module, comments } = parseSync(file, text, { lang: 'ts', sourceType: 'module' });
  const docs = comments.filter(({ type, value }: Comment) => type === 'Block' && value.startsWith('*'));
  const docBefore = (start: number): string => {
    const doc = docs.findLast(({ end }) => end <= start && /^(?:\s|\/\/.*)*$/.test(text.slice(end, start)));
    return withoutStars(doc?.value ?? '');
  };
  const source = { program, exports: module.staticExports.flatMap(({ entries }) => entries), docBefore };
  sources.set(file, source);
  return source;
}

type Statement = Program['body'][number];

/** What a statement declares by that name, or nothing. */
function declares(statement: Statement, name: string): { readonly isCallable: boolean } | undefined {
  const declaration = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement;
  switch (declaration?.type) {
    case 'FunctionDeclaration':
    case 'TSDeclareFunction':
    case 'ClassDeclaration':
      return declaration.id?.name === name
        ? { isCallable: !(declaration.type === 'ClassDeclaration' && declaration.abstract) }
        : undefined;
    case 'TSInterfaceDeclaration':
    case 'TSTypeAliasDeclaration':
      return declaration.id.name === name ? { isCallable: false } : undefined;
    case 'VariableDeclaration': {
      const found = declaration.declarations.find(({ id }) => id.type === 'Identifier' && id.name === name);
      return found && { isCallable: found.init?.type === 'ArrowFunctionExpression' };
    }
    default:
      return undefined;
  }
}

function besides(file: string, specifier: string): string {
  return resolve(dirname(file), specifier.replace(/\.js$/, '.ts'));
}

/** The declarations behind what a file exports: one, or one for each name in a namespace. */
function follow(entry: string, file: string, exported: StaticExportEntry, prefix = ''): readonly Exported[] {
  const name = `${prefix}${exported.exportName.name}`;
  const from = exported.moduleRequest && besides(file, exported.moduleRequest.value);
  if (from && exported.importName.kind === 'All') {
    return read(from).exports.flatMap((inside) => follow(entry, from, inside, `${name}.`));
  }
  if (from) {
    const inside = read(from).exports.find((one) => one.exportName.name === exported.importName.name);
    if (!inside) throw new Error(`${from} does not export ${exported.importName.name}`);
    return follow(entry, from, inside, prefix).map((found) => ({ ...found, name }));
  }
  const { program, docBefore } = read(file);
  const local = exported.localName.name ?? '';
  const found = program.body.flatMap((statement) => {
    const declared = declares(statement, local);
    return declared ? [{ ...declared, doc: docBefore(statement.start) }] : [];
  });
  if (found.length === 0) throw new Error(`${file} does not declare ${local}`);
  const doc = found.map((one) => one.doc).join('\n');
  return [
    {
      entry,
      name,
      file: relative(root, file),
      isCallable: found.some(({ isCallable }) => isCallable),
      doc: doc.trim(),
    },
  ];
}

/** @param file the source of the entry, an absolute path */
export function exportedBy(entry: string, file: string): readonly Exported[] {
  return read(file).exports.flatMap((exported) => follow(entry, file, exported));
}

/** Every public name, once: several entries may export what one file declares. */
export function allExported(): readonly Exported[] {
  const found = new Map<string, Exported>();
  for (const { specifier, path } of readEntries())
    for (const exported of exportedBy(specifier, resolve(root, 'lib', `${path}.ts`))) {
      const key = `${exported.file} ${exported.name}`;
      if (!found.has(key)) found.set(key, exported);
    }
  return [...found.values()];
}
