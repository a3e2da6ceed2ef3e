import { hasCommand } from '../../lib/command/run.js';

/** A fenced code block of a Markdown file, and the words after its opening fence. */
export interface Block {
  readonly language: string;
  /** `name=server`, `continues=server`, `run`, `of=server` and `file=server.ts`. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly text: string;
  /** The line of its first line of text, counted from 1. */
  readonly line: number;
}

/** A block that is compiled, together with the blocks it continues: each at the line where the Markdown has it. */
export interface Module {
  readonly line: number;
  readonly text: string;
  readonly name: string | undefined;
  /** Whether it is enough by itself, and is run. */
  readonly runs: boolean;
}

const compiled: ReadonlySet<string> = new Set(['ts', 'js']);

/**
 * The words that may stand after a language. An `http` block is of the module that answers it. What the reader is to type into a file says its name;
 * test/newcomer.check.ts types the tutorials, test/readme/programs.ts the programs of other pages.
 */
const words: ReadonlyMap<string, readonly string[]> = new Map([
  ['ts', ['name', 'continues', 'run', 'file']],
  ['js', ['name', 'continues', 'run', 'file']],
  ['http', ['of']],
  ['sh', []],
  ['json', ['file']],
  ['text', []],
  ['nginx', []], // test/recipes-nginx.test.ts starts nginx with it
  ['diff', ['of']], // test/examples/quickstart-openid.test.ts applies it
]);

export function blocksOf(markdown: string): Block[] {
  const lines = markdown.split('\n');
  const blocks: Block[] = [];
  for (let index = 0; index < lines.length; index++) {
    const [, indent, fence, info] = /^(\s*)(`{3,}|~{3,})(.*)$/.exec(lines[index] ?? '') ?? [];
    if (indent === undefined || fence === undefined || info === undefined) {
      continue;
    }
    const start = index + 1;
    const end = lines.findIndex((line, at) => at >= start && line.trim().startsWith(fence) && !/[^`~\s]/.test(line));
    if (end === -1) {
      throw new Error(`line ${start}: the code block that begins here has no end`);
    }
    const [language = '', ...words] = info.trim().split(/\s+/);
    const attributes = new Map(words.map((word): [string, string] => pair(word)));
    const text = lines.slice(start, end).map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line));
    blocks.push({ language, attributes, text: text.join('\n'), line: start + 1 });
    index = end;
  }
  return blocks;
}

function pair(word: string): [string, string] {
  const at = word.indexOf('=');
  return at === -1 ? [word, ''] : [word.slice(0, at), word.slice(at + 1)];
}

/** Blocks that nothing checks: a language without a rule, words after the fence that no rule knows, and answers of nobody. */
export function uncheckedBlocks(blocks: readonly Block[]): string[] {
  const named = new Set(blocks.map(({ attributes }) => attributes.get('name')));
  return blocks.flatMap(({ language, attributes, line }) => {
    const known = words.get(language);
    if (!known) {
      return [`line ${line}: nothing checks a block in '${language}'`];
    }
    if (language === 'http' && !named.has(attributes.get('of') ?? '')) {
      return [`line ${line}: no block is named as what answers`];
    }
    return [...attributes.keys()]
      .filter((attribute) => !known.includes(attribute))
      .map((attribute) => `line ${line}: a ${language} block has no '${attribute}'`);
  });
}

export function unreadableJSON(blocks: readonly Block[]): string[] {
  return blocks
    .filter(({ language }) => language === 'json')
    .flatMap(({ text, line }) => {
      try {
        JSON.parse(text);
        return [];
      } catch (error) {
        return [`line ${line}: ${error instanceof Error ? error.message : error}`];
      }
    });
}

/** The files that a page has its reader type, by name: blocks of one file stand one after the other. */
export function filesOf(blocks: readonly Block[]): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const { attributes, text } of blocks) {
    const name = attributes.get('file');
    if (name === undefined) continue;
    const before = files.get(name);
    files.set(name, before === undefined ? `${text}\n` : `${before}\n${text}\n`);
  }
  return files;
}

/**
 * What is wrong with the commands of the `sh` blocks: npm may install, or run a script that exists; node, npx and bash may run
 * a file that exists, or that the page has its reader type; curl talks to a server of the reader's; test/for-partners.test.ts runs openssl.
 */
export function wrongCommands(
  blocks: readonly Block[],
  scripts: ReadonlySet<string>,
  exists: (path: string) => boolean,
): string[] {
  const typed = filesOf(blocks);
  return blocks
    .filter(({ language }) => language === 'sh')
    .flatMap(({ text, line }) =>
      commandsOf(text).flatMap((command) => {
        const problem = wrong(command.split(/\s+/), scripts, (path) => typed.has(path) || exists(path));
        return problem === undefined ? [] : [`line ${line}: ${command}: ${problem}`];
      }),
    );
}

function commandsOf(text: string): string[] {
  return text
    .replace(/\\\n/g, ' ')
    .split('\n')
    .map((line) => line.replace(/^\s*\$\s/, '').replace(/(^|\s)#.*$/, ''))
    .flatMap((line) => line.split('&&'))
    .map((command) => command.trim().replace(/^([A-Z][A-Z0-9_]*=\S*\s+)+/, ''))
    .filter((command) => command !== '');
}

function wrong(
  [program = '', ...words]: readonly string[],
  scripts: ReadonlySet<string>,
  exists: (path: string) => boolean,
): string | undefined {
  const [first = '', second = ''] = words;
  switch (program) {
    case 'npm': {
      const script = first === 'run' ? second : first;
      const needsNoScript = ['install', 'ci', 'init', 'pkg'].includes(first);
      return needsNoScript || scripts.has(script) ? undefined : `package.json has no script '${script}'`;
    }
    case 'npx':
      if (first === 'tsc') return undefined;
      if (first === 'koauthorize') return hasCommand(second) ? undefined : `koauthorize has no command '${second}'`;
      return wrong(['node', ...words], scripts, exists);
    case 'node':
    case 'bash': {
      const file = words.find((word) => /\.[cm]?[jt]s$|^\.ci\//.test(word));
      return file !== undefined && exists(file) ? undefined : 'there is no such file';
    }
    case 'curl':
    case 'openssl':
    case 'mkdir':
    case 'cd':
      return undefined;
    default:
      return 'nothing checks such a command';
  }
}

/** JavaScript that the reader types into a file has no types to be compiled with: test/tutorial.test.ts, or the test of the page, runs it. */
const isTypedJavaScript = ({ language, attributes }: Block): boolean => language === 'js' && attributes.has('file');

/** Each `ts` or `js` block as a module of its own. A block that continues another has that one's lines before its own. */
export function modulesOf(blocks: readonly Block[]): Module[] {
  const named = new Map<string, ReadonlyMap<number, string>>();
  return blocks
    .filter((block) => compiled.has(block.language) && !isTypedJavaScript(block))
    .map(({ attributes, text, line }) => {
      const [name, continues] = [attributes.get('name'), attributes.get('continues')];
      const before = continues === undefined ? new Map<number, string>() : named.get(continues);
      if (before === undefined) {
        throw new Error(`line ${line}: no block before it is named '${continues}'`);
      }
      const lines = new Map([...before, ...text.split('\n').map((each, index) => [line + index, each] as const)]);
      if (name !== undefined) {
        if (named.has(name)) {
          throw new Error(`line ${line}: a block before it is named '${name}' too`);
        }
        named.set(name, lines);
      }
      const height = Math.max(...lines.keys());
      const whole = Array.from({ length: height }, (_, index) => lines.get(index + 1) ?? '');
      return { line, text: `${whole.join('\n')}\nexport {};\n`, name, runs: attributes.has('run') };
    });
}
