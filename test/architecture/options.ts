/** Reads from lib/ which options objects are taken, and which are compared with the names that there are. */
import { dirname, join } from 'node:path';
import { parseSync, Visitor } from 'oxc-parser';
import type { Source } from './source.js';

/** What compares an options object: its first type argument is the interface. */
const COMPARING: ReadonlySet<string> = new Set(['requireKnown', 'splitOptions', 'splitIssueArguments']);

interface Span {
  readonly start: number;
  readonly end: number;
}

/** A function, and the names of the types that its parameters have. */
interface Taking {
  readonly name: string;
  readonly types: readonly string[];
}

interface Read {
  readonly path: string;
  /** Interfaces and type aliases, with the names of the types that they are made of. */
  readonly declared: ReadonlyMap<string, readonly string[]>;
  readonly interfaces: ReadonlySet<string>;
  readonly compared: readonly string[];
  readonly taking: readonly Taking[];
  /** Exported names with the specifier of the module they are from, `*` for all of it. */
  readonly passedOn: readonly (readonly [name: string, specifier: string])[];
}

/** The names of types in a piece of source. */
function namesIn(text: string): string[] {
  return text.match(/\b[A-Z]\w+/g) ?? [];
}

function read({ path, text }: Pick<Source, 'path' | 'text'>): Read {
  const of = (node: Span | null | undefined): string => (node ? text.slice(node.start, node.end) : '');
  const declared = new Map<string, readonly string[]>();
  const interfaces = new Set<string>();
  const compared: string[] = [];
  const taking: Taking[] = [];
  const passedOn: (readonly [string, string])[] = [];
  const take = (name: string, params: readonly Span[]): void => {
    taking.push({
      name,
      types: params.flatMap((param) =>
        namesIn(
          of(param)
            .replace(/^[^:]*:/, '')
            .replace(/=>?[^>]*$/, ''),
        ),
      ),
    });
  };
  new Visitor({
    TSInterfaceDeclaration(node) {
      interfaces.add(node.id.name);
      declared.set(
        node.id.name,
        node.extends.flatMap((base) => namesIn(of(base))),
      );
    },
    TSTypeAliasDeclaration: (node) => {
      declared.set(node.id.name, namesIn(of(node.typeAnnotation)));
    },
    CallExpression(node) {
      const [first] = node.typeArguments?.params ?? [];
      if (node.callee.type === 'Identifier' && COMPARING.has(node.callee.name)) compared.push(...namesIn(of(first)));
    },
    FunctionDeclaration: (node) => take(node.id?.name ?? '', node.params),
    MethodDefinition: (node) => take(of(node.key), node.value.params),
    ExportNamedDeclaration(node) {
      if (node.source && node.exportKind !== 'type')
        for (const { local, exportKind } of node.specifiers)
          if (exportKind !== 'type') passedOn.push([of(local), node.source.value]);
    },
    ExportAllDeclaration: (node) => {
      passedOn.push(['*', node.source.value]);
    },
  }).visit(parseSync(path, text, { lang: 'ts', sourceType: 'module' }).program);
  return { path, declared, interfaces, compared, taking, passedOn };
}

/** The interfaces that are compared, and those that they are made of. */
function comparedIn(files: readonly Read[]): Set<string> {
  const found = new Set<string>();
  const add = (name: string): void => {
    if (found.has(name)) return;
    found.add(name);
    for (const { declared } of files) for (const base of declared.get(name) ?? []) add(base);
  };
  for (const { compared } of files) compared.forEach(add);
  return found;
}

/** The functions and classes that the public indexes export, with the types of their parameters. */
function publicFunctions(files: readonly Read[]): Taking[] {
  const all = new Map(files.map((file) => [file.path, file]));
  const follow = (file: Read | undefined, wanted: string): Taking[] => {
    if (!file) return [];
    const passed = file.passedOn.filter(([name]) => wanted === '*' || name === wanted || name === '*');
    if (passed.length > 0)
      return passed.flatMap(([name, specifier]) => {
        const next = all.get(join(dirname(file.path), specifier).replace(/\.js$/, '.ts'));
        return follow(next, name === '*' && wanted !== '*' ? wanted : name);
      });
    // a class is its methods
    const isClass = /^[A-Z]/.test(wanted);
    return file.taking.filter(({ name }) => isClass || name === wanted || wanted === '*');
  };
  const indexes = files.filter(
    ({ path }) => /^(?:(?:[\w-]+\/)?index|extending)\.ts$/.test(path) && !/^(?:grant|exchange)\//.test(path),
  );
  // a server is made by a function, and its class is exported as a type
  const server = files.filter(({ path }) => path.startsWith('server/')).flatMap(({ taking }) => taking);
  return [...server, ...indexes.flatMap((file) => follow(file, '*'))];
}

/** A type whose members an application writes down, and nothing compares their names. */
export interface Unchecked {
  readonly type: string;
  readonly takenBy: string;
}

/** Interfaces called options, and interfaces that public functions take, which no call compares with the names that there are. */
export function uncheckedOptions(sources: readonly Pick<Source, 'path' | 'text'>[]): Unchecked[] {
  const files = sources.map(read);
  const compared = comparedIn(files);
  const interfaces = new Set(files.flatMap((file) => [...file.interfaces]));
  const named = files.flatMap(({ path, declared }) =>
    [...declared.keys()].filter((name) => name.endsWith('Options')).map((type) => ({ type, takenBy: path })),
  );
  const taken = publicFunctions(files).flatMap(({ name, types }) =>
    types.filter((type) => interfaces.has(type)).map((type) => ({ type, takenBy: name })),
  );
  const found = new Map<string, Unchecked>();
  for (const each of [...named, ...taken]) if (!compared.has(each.type)) found.set(each.type, each);
  return [...found.values()].sort((a, b) => (a.type < b.type ? -1 : 1));
}
