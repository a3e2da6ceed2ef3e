/** The code that a user types. @see RFC 8628 §6.1 */
import { randomInt } from 'node:crypto';

/** Consonants only, so that codes spell no words, and no letters that look alike. */
const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ';

/** 20^8 codes: 34.5 bits, against 10 guesses of one user while a code is valid. @see RFC 8628 §5.1, §6.1 */
const LENGTH = 8;

/** All letters are equally likely: `randomInt` has no modulo bias. */
export function newUserCode(): string {
  return Array.from({ length: LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join('');
}

/** The code in the form that the device shows. */
export function showUserCode(code: string): string {
  return `${code.slice(0, LENGTH / 2)}-${code.slice(LENGTH / 2)}`;
}

/** The most characters that are read of a typed code. */
const MOST_TYPED = 64;

/** Everything else is left out of what users type: telephones put other dashes and full stops there, and pasted texts have invisible characters. RFC 8628 §6.1 */
const NO_LETTERS = new RegExp(`[^${LETTERS}]`, 'g');

/** The code that a user has typed: letter case, and characters that no code has, do not matter. Undefined for a text that cannot be a code. */
export function readUserCode(typed: string): string | undefined {
  if (typed.length > MOST_TYPED) return undefined;
  const code = typed.toUpperCase().replace(NO_LETTERS, '');
  return code.length === LENGTH ? code : undefined;
}
