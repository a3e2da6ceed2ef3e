/** Sources of strangers that `koauthorize migrate` reads. */
import { recognize } from '../../lib/command/migrate/recognize.js';
import type { Input } from './inputs.js';

/** In characters: the largest source that is read. */
const LARGEST = 2 ** 20;

const IMPORT = "import oauth2orize from 'oauth2orize';\n";

const times = (text: string, size: number): string => text.repeat(Math.ceil(size / text.length)).slice(0, size);

/** What is hard about a source. */
const REPEATED: Readonly<Record<string, string>> = {
  'one line': 'x',
  'line ends': '\n',
  dots: '.',
  matches: 'server.decision();\n',
  'uses that no rule recognizes': 'oauth2orize.unknown();\n',
  'spaces after a name': `server.grant${' '.repeat(980)}\n`,
  'spaces after a parenthesis': `authenticate(${' '.repeat(980)}\n`,
  'words after new': `new ${'a'.repeat(990)}\n`,
  'spaces after from': `from${' '.repeat(4000)}\n`,
  imports: "import { a, b } from 'oauth2orize';\n",
  'imports without their beginning': " from 'oauth2orize'",
  'calls of require': "x = require('oauth2orize');",
  'braces before require': `${'{'.repeat(480)} = require('oauth2orize');\n`,
  'letters before require': `${'x'.repeat(480)}! = require('oauth2orize');\n`,
  'imports of another': "import { a, b } from 'another';\n",
};

/** What is hard about a source that has it once, before so many spaces. */
const BEFORE_SPACES = [
  'from',
  'require(',
  'import(',
  "x = require('oauth2orize')",
  'server.grant(',
  'authenticate(',
  'new ',
];

/** How much of an import is read is limited, and how many are: a name is as long as that. */
const LONG_NAME: Input = {
  name: 'migrate, imports of a long name',
  largest: 3900,
  work: async (size) => recognize(`import ${'a'.repeat(size)} from 'oauth2orize';\n`.repeat(20)),
};

export function ofSources(): Input[] {
  const repeated = Object.entries(REPEATED).map(([what, text]) => ({
    what,
    source: (size: number) => times(text, size),
  }));
  const before = BEFORE_SPACES.map((text) => ({
    what: `${text} and spaces`,
    source: (size: number) => text + times(' ', size),
  }));
  const sources = [...repeated, ...before].map(({ what, source }) => ({
    name: `migrate, a source of: ${what}`,
    largest: LARGEST,
    work: async (size: number) => recognize(IMPORT + source(size)),
  }));
  return [LONG_NAME, ...sources];
}
