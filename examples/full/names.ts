/** Names of clients: which are allowed, and which look the same. Users decide by the name whether they trust a client. */
import unhomoglyph from 'unhomoglyph'; // the table of confusable characters that Unicode publishes with UTS 39

/** Letters, digits and punctuation: no invisible characters, which could reverse the text of the dialog, and no long series of combining marks. */
const NAME = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}\p{P}\p{S} ]{0,59}$/u;
const ODD = /[\p{Default_Ignorable_Code_Point}\u2800]|\p{M}{3}/u;

export const isName = (name: string): boolean => NAME.test(name) && !ODD.test(name);

/** Texts that look alike have the same skeleton. @see UTS 39 §4 */
const skeleton = (text: string): string =>
  unhomoglyph(text.normalize('NFKD'))
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');

/** Names are also compared in lower case: a capital letter may look like another letter than its small form does. */
const looks = (name: string): readonly string[] => [skeleton(name), skeleton(name.toLowerCase())];

/** Whether two names look the same at a glance: letter case, spaces, accents and punctuation are ignored. */
export const looksLike = (one: string, other: string): boolean =>
  looks(one).some((look) => looks(other).includes(look));
