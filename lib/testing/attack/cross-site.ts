/** What another site can make a browser send. */
import type { FormSubmission } from './form.js';

/** The headers that a browser sends with a form of another site. */
export const CROSS_SITE = {
  origin: 'https://attacker.example',
  'sec-fetch-site': 'cross-site',
  'sec-fetch-mode': 'navigate',
};

/** The fields that an attacker can send: fields that are the same in every dialog with their value, and all others with a guessed value. */
export function guessed(
  mine: FormSubmission,
  theirs: FormSubmission,
): readonly (readonly (readonly [string, string])[])[] {
  const isKnown = ([name, value]: readonly [string, string]): boolean =>
    theirs.fields.some(([other, same]) => other === name && same === value);
  const known = mine.fields.filter(isKnown);
  const fill = (value: string) =>
    mine.fields.map((field): readonly [string, string] => (isKnown(field) ? field : [field[0], value]));
  return [known, fill(''), fill('attacker')];
}
