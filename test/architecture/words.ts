/**
 * The words that belong to extensions, and where the spine names one. They are derived from what extensions declare, so that a new extension
 * needs no edit here.
 */
import { type File, readSyntax, type Span, type Syntax, within } from './syntax.js';

interface Words {
  /** Names of extensions and of their endpoints, such as `pkce`: also refused in comments and messages, however they are spelt. */
  readonly names: ReadonlySet<string>;
  /** Parameters, error codes and members that are recognized anywhere, such as `code_challenge` and `codeChallenge`. */
  readonly distinct: ReadonlySet<string>;
  /** Those that are also words of English, such as `resource`: refused as a string, and as a member that is read. */
  readonly plain: ReadonlySet<string>;
  /** Members of metadata, such as `tls_client_certificate_bound_access_tokens`. A client registers by these names, too. */
  readonly metadata: ReadonlySet<string>;
}

const LISTS: ReadonlySet<string> = new Set(['parameters', 'repeatable', 'adds']);

/** The values of the keys that are wanted. */
function valuesOf({ keys }: Syntax, isWanted: (key: string) => boolean): Span[] {
  return keys.filter(({ word }) => isWanted(word)).map(({ of }) => of);
}

/** The members that a file merges into the interfaces that are wanted. */
function mergedInto({ interfaces, merged, members }: Syntax, isWanted: (name: string) => boolean): string[] {
  const isMerged = ({ start }: Span): boolean => merged.some((module) => module.start <= start && start <= module.end);
  return within(
    members,
    interfaces.filter((each) => isWanted(each.word) && isMerged(each)).map(({ of }) => of),
  );
}

const isEndpoints = (name: string): boolean => name === 'EndpointURLs';

/** The names of the extensions: of the object literals with a `spec`. */
function namesIn(syntax: Syntax): string[] {
  const specs = syntax.keys.filter(({ word }) => word === 'spec');
  const names = syntax.keys.filter((key) => key.word === 'name' && specs.some(({ within }) => within === key.within));
  const values = names.map(({ of }) => of.start);
  const strings = syntax.strings.filter(({ start }) => values.includes(start));
  return [...strings.map(({ word }) => word), ...mergedInto(syntax, isEndpoints)];
}

function membersIn(syntax: Syntax): string[] {
  const lists = valuesOf(syntax, (key) => LISTS.has(key));
  const errors = valuesOf(syntax, (key) => key === 'errors');
  return [
    ...within(syntax.strings, lists).flatMap((path) => path.split('.')), // adds: ['confirmation.x5t#S256']
    ...within(syntax.keys, errors),
    ...mergedInto(syntax, (name) => !isEndpoints(name)),
    ...syntax.asked,
    ...syntax.codes,
  ];
}

/** The files in which the spine declares its own words: the nouns, the table of parameters, the registry of error codes. */
const NOUNS =
  /^(?:types|metadata|core|plugs|signing-keys|steps|callbacks|server-options|access-token|errors\/codes)\.ts$/;
const PARAMETERS = 'syntax/parameters.ts';

/** What the spine declares, and the plurals of it: `scopes` for `scope`. */
function isOfSpine(files: readonly File[]): (word: string) => boolean {
  const members = files.filter(({ path }) => NOUNS.test(path)).flatMap((file) => readSyntax(file).members);
  const parameters = files.filter(({ path }) => path === PARAMETERS).flatMap((file) => readSyntax(file).strings);
  const own = new Set([...members, ...parameters].map(({ word }) => word));
  return (word) => own.has(word) || own.has(word.replace(/s$/, ''));
}

const isDistinct = (word: string): boolean => /[^a-z]/.test(word);

/** `login/` declares what two extensions add, which do not import each other. */
const OF_EXTENSIONS = /^(?:extension|login)\//;

export function extensionWords(files: readonly File[]): Words {
  const isOwn = isOfSpine(files);
  const extensions = files.filter(({ path }) => OF_EXTENSIONS.test(path)).map(readSyntax);
  const of = (find: (syntax: Syntax) => string[]): string[] =>
    extensions.flatMap(find).filter((word) => word !== '' && !isOwn(word));
  const members = of(membersIn);
  return {
    names: new Set(of(namesIn)),
    distinct: new Set(members.filter(isDistinct)),
    plain: new Set(members.filter((word) => !isDistinct(word))),
    metadata: new Set(of((syntax) => mergedInto(syntax, (name) => name.endsWith('Metadata')))),
  };
}

/** A text of the same length without some of its parts. */
function without(text: string, spans: readonly Span[]): string {
  const blank = (left: string, { start, end }: Span): string =>
    left.slice(0, start) + left.slice(start, end).replace(/[^\n]/g, ' ') + left.slice(end);
  return spans.reduce(blank, text);
}

/** A citation, such as `OpenID Connect Core §6.1`, is no mention of the extension that implements it. */
function citationsIn(text: string): Span[] {
  return [...text.matchAll(/OpenID Connect/g)].map(({ 0: { length }, index }) => ({
    start: index,
    end: index + length,
  }));
}

/** Examples show what an application plugs in. */
function examplesIn(text: string): Span[] {
  const found = text.matchAll(/@example\b(?:(?!\*\/|@(?:see|throws|param|returns)\b)[\s\S])*/g);
  return [...found].map(({ 0: example, index }) => ({ start: index, end: index + example.length }));
}

function placesOf(words: ReadonlySet<string>, text: string, flags: string): (Span & { readonly word: string })[] {
  return [...words].flatMap((word) => {
    const pattern = new RegExp(`(?<![\\w-])${word.replace(/[^\w-]/g, '\\$&')}(?![\\w-])`, `g${flags}`);
    return [...text.matchAll(pattern)].map(({ index }) => ({ start: index, end: index + word.length, word }));
  });
}

/**
 * Where a file of the spine names what belongs to an extension. `clients/` reads registrations, whose members have the names of the metadata.
 * The key of an object literal may be that of another API, such as a cookie's `maxAge`: whoever copies a member reads it, too.
 */
export function namings(file: File, { names, distinct, plain, metadata }: Words): { line: number; word: string }[] {
  const syntax = readSyntax(file);
  const text = without(file.text, [...examplesIn(file.text), ...citationsIn(file.text)]);
  const isAllowed = (word: string): boolean => file.path.startsWith('clients/') && metadata.has(word);
  const refused = new Set([...distinct].filter((word) => !isAllowed(word)));
  const found = [
    ...placesOf(names, text, 'i'),
    ...placesOf(refused, without(text, syntax.keys), ''),
    ...[...syntax.strings, ...syntax.reads].filter(({ word }) => plain.has(word)),
  ];
  return found.map(({ start, word }) => ({ line: file.text.slice(0, start).split('\n').length, word }));
}
