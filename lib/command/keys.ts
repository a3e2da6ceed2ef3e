/** `koauthorize keys`: makes, rotates and shows the signing keys of a file. */

import { ALGORITHMS } from '../keys/loaded-key.js';
import { type Command, UsageError } from './command.js';
import { isAt, type KeyFile, makeKeys, readKeys, replaceKeys } from './keys/file.js';
import { newKey } from './keys/make.js';
import { nextStep } from './keys/rotate.js';
import { publicKeys, tableOf } from './keys/show.js';
import { oneOf, parseOptions } from './parse.js';

const OPTIONS = {
  file: { type: 'string' },
  alg: { type: 'string' },
  'longest-token': { type: 'string' },
  json: { type: 'boolean' },
} as const;

type Values = ReturnType<typeof parseOptions<typeof OPTIONS>>['values'];

/** The output of a subcommand, and the exit code. */
interface Told {
  readonly code: 0 | 1;
  readonly text: string;
  readonly json: unknown;
}

const kidsOf = ({ signing, published }: KeyFile) => ({
  signing: signing.map(({ kid }) => kid),
  published: published.map(({ kid }) => kid),
});

async function make({ alg = 'ES256' }: Values, file: string, now: number): Promise<Told> {
  const algorithms = alg.split(',').map((each) => oneOf(ALGORITHMS, each, '--alg'));
  const twice = algorithms.find((each, index) => algorithms.indexOf(each) !== index);
  if (twice) throw new UsageError(`--alg names ${twice} twice: one key signs by an algorithm`);
  const there: Told = { code: 1, text: `${file} is there already: rotate it`, json: { error: 'exists' } };
  if (isAt(file)) return there;
  const keys = { signing: await Promise.all(algorithms.map((each) => newKey(each, now))), published: [] };
  if (!makeKeys(file, keys)) return there; // another process has made the file in the meantime, and may sign with its keys
  return {
    code: 0,
    text: `${file} has ${algorithms.join(', ')}. It is secret: keep it where your secrets are.`,
    json: kidsOf(keys),
  };
}

/** In seconds. Without a limit, `Infinity` would be accepted: JSON stores it as null, and the old keys would be removed at once. */
const TEN_YEARS = 10 * 366 * 86_400;

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (!(Number.isInteger(seconds) && seconds > 0 && seconds <= TEN_YEARS))
    throw new UsageError(`--longest-token is a number of seconds, at most ten years, not ${text}`);
  return seconds;
}

async function rotate({ 'longest-token': longest = '3600' }: Values, file: string, now: number): Promise<Told> {
  const longestToken = secondsOf(longest);
  const step = await nextStep(await readKeys(file), { now, longestToken });
  if ('waitUntil' in step) {
    const until = new Date(step.waitUntil * 1000).toISOString();
    return { code: 1, text: `Nothing was changed: ${step.why} until ${until}`, json: { error: 'too early', until } };
  }
  replaceKeys(file, step.keys);
  return { code: 0, text: step.told, json: kidsOf(step.keys) };
}

async function show(_values: Values, file: string): Promise<Told> {
  const keys = await readKeys(file);
  return { code: 0, text: tableOf(keys), json: publicKeys(keys) };
}

const ACTIONS = { make, rotate, show } as const;

export const keys: Command = {
  summary: 'makes, rotates and shows signing keys in a file',
  usage: `Usage: koauthorize keys make [--alg ES256] [--file keys.json]
       koauthorize keys rotate [--longest-token 3600] [--file keys.json]
       koauthorize keys show [--file keys.json]

Keeps the keys that sign JWTs in a file, in the form of the argument of keySet():

  const keys = await keySet(JSON.parse(readFileSync('keys.json', 'utf8')));

  make     makes the file, with a new key for each algorithm: EdDSA, Ed25519, ES256, RS256, PS256, separated by commas
  rotate   does the next step. First it publishes new keys, which do not sign yet. A quarter of an hour later, when no cache has a key
           set without them, they sign. When the last token of the old keys has expired, these are removed, and new ones are published.
           Deploy the file at once after each step: the times count from the step, and not from the deployment. A step that would come too
           early changes nothing, and ends with 1.
  show     lists the keys

  --longest-token <seconds>  the longest time for which a token is valid. Default: 3600
  --json                     prints JSON: make and rotate print the identifiers of the keys, show the public key set (RFC 7517)

It ends with 2 if its arguments are wrong. For a server that rotates its keys by itself, use rotatingKeys().
`,
  async run(args, { out, err }) {
    const { values, positionals } = parseOptions(args, OPTIONS);
    const [name = '', ...more] = positionals;
    const action = oneOf(Object.keys(ACTIONS) as (keyof typeof ACTIONS)[], name, 'What to do');
    if (more.length > 0) throw new UsageError(`keys ${name} takes no further arguments`);
    const { code, text, json } = await ACTIONS[action](
      values,
      values.file ?? 'keys.json',
      Math.floor(Date.now() / 1000),
    );
    if (values.json) out(`${JSON.stringify(json, undefined, 2)}\n`);
    else (code === 0 ? out : err)(`${text}\n`);
    return code;
  },
};
