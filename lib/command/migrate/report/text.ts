/** The report for people: Markdown, which a terminal shows as well. */
import { oneLine } from '../../../errors/one-line.js';
import type { Examination, Found, Place, Use } from '../examine.js';
import { stepsFor } from '../steps.js';
import type { NotRead } from '../walk.js';

/** The most lines of a list that are shown. `--json` shows all. */
const MOST_LINES = 30;

const FENCE = '```';

const fenced = (language: string, text: string): string => `${FENCE}${language}\n${text.trimEnd()}\n${FENCE}`;

/** A block of lines. Names of files and texts of sources are untrusted: they must neither contain control characters for the terminal nor end the block. */
function listed(lines: readonly string[]): string {
  const shown = lines.slice(0, MOST_LINES).map((line) => `  ${oneLine(line).trim()}`);
  const more = lines.length > MOST_LINES ? [`  ... and ${lines.length - MOST_LINES} more, which --json has`] : [];
  return fenced('text', [...shown, ...more].join('\n'));
}

const placeLine = ({ file, line, text }: Place): string => `${file}:${line}  ${text}`;

function part({ rule, places }: Found): string {
  const { name, found, write, changes, relaxation, docs } = rule;
  return [
    `### ${name}: ${found}`,
    listed(places.map(placeLine)),
    'Instead:',
    fenced('ts', write),
    `For clients: ${changes ?? 'nothing changes.'}`,
    ...(relaxation
      ? [`To keep it for a while, which gives up ${relaxation.givesUp}:`, fenced('ts', relaxation.write)]
      : []),
    `More: docs/${docs}`,
  ].join('\n\n');
}

function searches({ library, alike }: Use): string {
  const lines = library.searches.map(({ text, why }) => `- \`${text}\`: ${why}.`);
  const places = alike.flatMap(({ rule, places }) =>
    places.map((place) => `${placeLine(place)}  (${rule.name}: ${rule.found}?)`),
  );
  const found = ['These lines look alike, in files that show no other sign of the library:', listed(places)];
  return ['### Search your code for', lines.join('\n'), ...(places.length > 0 ? found : [])].join('\n\n');
}

function unknown(places: readonly Place[]): string {
  const found =
    places.length === 0
      ? ['Nothing: each line that uses the library by its name was recognized.']
      : ['These lines use the library, and no rule recognizes them:', listed(places.map(placeLine))];
  return ['### Not understood', ...found].join('\n\n');
}

function use(each: Use): string {
  const { library, packages, found } = each;
  const declared = packages.map(({ name, range, file }) => `${file}  ${name} ${range}`);
  return [
    `## ${library.name}`,
    ...(declared.length > 0 ? [listed(declared)] : ['It is imported, and no package.json names it.']),
    '### Steps',
    stepsFor(each)
      .map((step, index) => `${index + 1}. ${step}`)
      .join('\n'),
    '### The new server',
    FRAME_COMES_FIRST,
    fenced('ts', library.frame),
    ...found.map(part),
    ...(found.length === 0 ? ['No part of it was found.'] : []),
    searches(each),
    unknown(each.unknown),
  ].join('\n\n');
}

const notReadPart = (notRead: readonly NotRead[]): string[] =>
  notRead.length === 0 ? [] : ['## Not read', listed(notRead.map(({ path, why }) => `${path}: ${why}`))];

const HOW = `Parts are recognized line by line, by the names of calls, without a parser. So a line that is named here may be a text, or a call of something else;
and calls through a name of your own, or through a computed name, are not found. No file of the project was changed. Pages of docs/ are in node_modules/koauthorize/docs, where koauthorize is installed.`;

const FRAME_COMES_FIRST = `The code of the parts below comes after this code. Import each name once, even if several parts need it; and replace each \`declare const\` by your own code, or by that of another part. There is one token service, one server, and one of each extension, such as \`pkce()\`: if a part shows another one, add its options to the first.
Write \`server.check()\`, which throws if something is missing, and \`koa.listen(3000)\` at the end: nothing can be plugged in after them. It is TypeScript: for JavaScript, leave out the types.`;

const NONE = 'None of the libraries that migrate knows was found, neither in package.json nor in an import.';

/** @param libraries the names of the libraries that `migrate` knows */
export function reportAsText({ filesRead, uses, notRead }: Examination, libraries: readonly string[]): string {
  const none = `${NONE} It knows ${libraries.join(', ')}.`;
  return `${[
    '# Coming over to koauthorize',
    `${filesRead} file${filesRead === 1 ? ' was' : 's were'} read. ${uses.length === 0 ? none : `Found: ${uses.map(({ library }) => library.name).join(', ')}.`}`,
    ...(uses.length === 0 ? [] : [HOW]),
    ...uses.map(use),
    ...notReadPart(notRead),
  ].join('\n\n')}\n`;
}
