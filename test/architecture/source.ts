import { parseSync, Visitor } from 'oxc-parser';

/** One mention of another module in a source file. A type mention leaves nothing behind in the JavaScript. */
export interface Mention {
  readonly specifier: string;
  readonly kind: 'type' | 'value' | 'dynamic';
  readonly line: number;
}

export interface Found {
  readonly line: number;
  readonly what: string;
}

export interface Source {
  /** Relative to lib/, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly mentions: readonly Mention[];
  readonly functions: readonly { readonly line: number; readonly length: number }[];
  readonly anyTypes: readonly Found[];
  readonly defaultExports: readonly Found[];
  readonly abstractClasses: readonly Found[];
  readonly lines: number;
  /** Lines that hold something besides comments and white space. */
  readonly codeLines: number;
  readonly syntaxErrors: readonly string[];
}

interface Span {
  readonly start: number;
  readonly end: number;
}

type Parsed = ReturnType<typeof parseSync>;
type Line = (node: Span) => number;

/** What the rules need to know of a file; nothing here judges. */
export function readSource(path: string, text: string): Source {
  const parsed = parseSync(path, text, { lang: 'ts', sourceType: 'module', showSemanticErrors: true });
  const line: Line = (node) => text.slice(0, node.start).split('\n').length;
  return {
    path,
    text,
    mentions: mentions(parsed, line),
    ...shapes(parsed, line, text),
    lines: text.replace(/\n$/, '').split('\n').length,
    codeLines: codeLines(parsed, text),
    syntaxErrors: parsed.errors.map((error) => error.message),
  };
}

function mentions(parsed: Parsed, line: Line): readonly Mention[] {
  const found: Mention[] = [];
  const note = (node: Span, specifier: string, kind: Mention['kind']) => {
    found.push({ specifier, kind, line: line(node) });
  };
  new Visitor({
    // `import { type A } from` still imports the module when the program runs: only `import type` is a type import.
    ImportDeclaration: (node) => note(node, node.source.value, node.importKind === 'type' ? 'type' : 'value'),
    ExportAllDeclaration: (node) => note(node, node.source.value, node.exportKind === 'type' ? 'type' : 'value'),
    ExportNamedDeclaration: (node) => {
      if (node.source) {
        note(node, node.source.value, node.exportKind === 'type' ? 'type' : 'value');
      }
    },
    ImportExpression: (node) => {
      const { source } = node;
      const known = source.type === 'Literal' && typeof source.value === 'string';
      note(node, known ? String(source.value) : '(computed)', 'dynamic');
    },
    CallExpression: (node) => {
      const [first] = node.arguments;
      if (node.callee.type === 'Identifier' && node.callee.name === 'require') {
        note(node, first?.type === 'Literal' ? String(first.value) : '(computed)', 'dynamic');
      }
    },
    TSImportType: (node) => note(node, node.source.value, 'type'),
    TSImportEqualsDeclaration: (node) => {
      if (node.moduleReference.type === 'TSExternalModuleReference') {
        note(node, node.moduleReference.expression.value, node.importKind === 'type' ? 'type' : 'value');
      }
    },
    TSModuleDeclaration: (node) => {
      if (node.id.type === 'Literal') {
        note(node, node.id.value, 'type');
      }
    },
  }).visit(parsed.program);
  return found;
}

function shapes(parsed: Parsed, line: Line, text: string) {
  const functions: { line: number; length: number }[] = [];
  const anyTypes: Found[] = [];
  const defaultExports: Found[] = [];
  const abstractClasses: Found[] = [];
  const measure = (node: Span) => {
    functions.push({ line: line(node), length: text.slice(node.start, node.end).split('\n').length });
  };
  new Visitor({
    FunctionDeclaration: measure,
    FunctionExpression: measure,
    ArrowFunctionExpression: measure,
    TSAnyKeyword: (node) => anyTypes.push({ line: line(node), what: 'any' }),
    ExportDefaultDeclaration: (node) => defaultExports.push({ line: line(node), what: 'export default' }),
    TSExportAssignment: (node) => defaultExports.push({ line: line(node), what: 'export =' }),
    ExportSpecifier: (node) => {
      const name = node.exported.type === 'Literal' ? node.exported.value : node.exported.name;
      if (name === 'default') {
        defaultExports.push({ line: line(node), what: 'as default' });
      }
    },
    ClassDeclaration: (node) => {
      if (node.abstract) {
        abstractClasses.push({ line: line(node), what: `abstract class ${node.id?.name}` });
      }
    },
  }).visit(parsed.program);
  return { functions, anyTypes, defaultExports, abstractClasses };
}

function codeLines(parsed: Parsed, text: string): number {
  let code = text;
  for (const { start, end } of parsed.comments) {
    code = code.slice(0, start) + code.slice(start, end).replace(/[^\n]/g, ' ') + code.slice(end);
  }
  return code.split('\n').filter((line) => line.trim() !== '').length;
}
