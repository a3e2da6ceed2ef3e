/** Names of clients, by which people decide whom they trust: what one may look like, and which look the same. */
import unhomoglyph from 'unhomoglyph'; // the table of confusable characters that Unicode publishes with UTS 39

/** Letters and such, as people write names: nothing invisible, which could turn the text of the dialog around, and no heap of marks. */
const NAME = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}\p{P}\p{S} ]{0,59}$/u;
const ODD = /[\p{Default_Ignorable_Code_Point}\u2800]|\p{M}{3}/u;

export const isName = (name: string): boolean => NAME.test(name) && !ODD.test(name);

/** Two texts that look alike have one skeleton. @see UTS 39 §4 */
const skeleton = (text: string): string =>
  unhomoglyph(text.normalize('NFKD'))
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');

/** Also with small letters first: a capital may look like another letter than its small one does. */
const looks = (name: string): readonly string[] => [skeleton(name), skeleton(name.toLowerCase())];

/** Whether two names look the same to somebody who is not suspicious: letter case, spaces, accents and punctuation do not count. */
export const looksLike = (one: string, other: string): boolean =>
  looks(one).some((look) => looks(other).includes(look));
