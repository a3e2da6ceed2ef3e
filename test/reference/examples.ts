/** The `@example` of doc comments as modules: what they leave out, the names of the package and of an application, is imported. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BindingPattern, type Program, parseSync, Visitor } from 'oxc-parser';
import { allEntries, exportedNames, specifier } from '../public-names.js';
import { type Outcome, root, tsc } from '../run.js';

export interface Example {
  /** Below the root of the project. */
  readonly path: string;
  /** Where it begins, counted from 1. */
  readonly line: number;
  readonly code: string;
}

/** Where to import a name from. */
interface Source {
  readonly from: string;
  readonly isType: boolean;
}

/** From `@example` to the next tag, or to the end of the comment. */
const EXAMPLE = /@example\b((?:(?!\*\/|(?<=[\s*])@(?:see|throws|param|returns|example|deprecated)\b)[\s\S])*)/g;

/** @param path is said in messages */
export function examplesIn(path: string, text: string): Example[] {
  return [...text.matchAll(/\/\*\*[\s\S]*?\*\//g)].flatMap(({ 0: comment, index }) =>
    [...comment.matchAll(EXAMPLE)].map(({ 1: code = '', index: within }) => ({
      path,
      line: text.slice(0, index + within).split('\n').length,
      code: code.replace(/\n\s*\* ?/g, '\n').trim(),
    })),
  );
}

export function allExamples(): Example[] {
  const names = readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  return names.sort().flatMap((name) => examplesIn(`lib/${name}`, readFileSync(join(root, 'lib', name), 'utf8')));
}

const WORLD = 'test/reference/world.ts';

/** Every name that an example may use without saying where it comes from. The first entry that exports a name has it. */
function importable(): ReadonlyMap<string, Source> {
  const found = new Map<string, Source>();
  const add = (from: string, { values, types }: { values: readonly string[]; types: readonly string[] }) => {
    for (const name of values) if (!found.has(name)) found.set(name, { from, isType: false });
    // `export declare const` is read as a type's: a name of the world in small letters is a value
    for (const name of types) if (!found.has(name)) found.set(name, { from, isType: /^[A-Z]/.test(name) });
  };
  for (const [entry, names] of Object.entries(allEntries())) add(specifier(entry), names);
  add('../../reference/world.js', exportedNames(join(root, WORLD)));
  return found;
}

/** The names that a pattern declares: `{ a, b: [c] }` declares a and c. */
function namesIn(pattern: BindingPattern): readonly string[] {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern.name];
    case 'AssignmentPattern':
      return namesIn(pattern.left);
    case 'ArrayPattern':
      return pattern.elements.flatMap((element) => (element && element.type !== 'RestElement' ? namesIn(element) : []));
    case 'ObjectPattern':
      return pattern.properties.flatMap((each) => (each.type === 'Property' ? namesIn(each.value) : []));
  }
}

function declaredBy(statement: Program['body'][number]): readonly string[] {
  const declaration = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement;
  switch (declaration?.type) {
    case 'ImportDeclaration':
      return declaration.specifiers.map(({ local }) => local.name);
    case 'FunctionDeclaration':
    case 'ClassDeclaration':
    case 'TSInterfaceDeclaration':
      return declaration.id ? [declaration.id.name] : [];
    case 'VariableDeclaration':
      return declaration.declarations.flatMap(({ id }) => namesIn(id));
    default:
      return [];
  }
}

/** The names in a program that it neither declares nor imports at its top. A member's name may be among them, to no harm. */
function freeNames(program: Program): ReadonlySet<string> {
  const names = new Set<string>();
  new Visitor({ Identifier: ({ name }) => void names.add(name) }).visit(program);
  for (const declared of program.body.flatMap(declaredBy)) names.delete(declared);
  return names;
}

/** @throws Error when the example is no TypeScript */
export function moduleOf({ path, line, code }: Example, names = importable()): string {
  const { program, errors } = parseSync('example.ts', code, { lang: 'ts', sourceType: 'module' });
  if (errors.length > 0) throw new Error(`${path}:${line}: ${errors[0]?.message}: ${code}`);
  const imports = [...freeNames(program)].flatMap((name) => {
    const source = names.get(name);
    return source ? [`import { ${source.isType ? 'type ' : ''}${name} } from '${source.from}';`] : [];
  });
  return `${imports.join('\n')}\n${code}\nexport {};\n`;
}

/** As strict as the repository, but for what an example leaves to its reader. */
const settings = {
  extends: '../../../tsconfig.json',
  compilerOptions: { noUnusedLocals: false, noUnusedParameters: false, noPropertyAccessFromIndexSignature: false },
  include: ['*.ts'],
  exclude: [],
};

/** Compiles examples, each a module of its own, in one run. A message names the source and the line of the example. */
export function compile(folder: string, examples: readonly Example[]): Promise<Outcome> {
  const directory = join(root, 'test', 'output', folder);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify(settings));
  const names = importable();
  for (const example of examples) {
    const file = `${example.path.replace(/\.ts$/, '').replaceAll('/', '-')}-line-${example.line}.ts`;
    writeFileSync(join(directory, file), moduleOf(example, names));
  }
  return tsc(['-p', directory], root);
}
