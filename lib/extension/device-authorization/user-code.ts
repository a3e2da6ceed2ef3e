/** The code that a user types. @see RFC 8628 §6.1 */
import { randomInt } from 'node:crypto';

/** Consonants, so that no word comes of it, without letters that look alike. */
const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ';

/** 20^8: 34.5 bits, for 10 minutes and 10 guesses of one user. @see RFC 8628 §5.1, §6.1 */
const LENGTH = 8;

/** Each letter is as likely as any other: `randomInt` has no modulo bias. */
export function newUserCode(): string {
  return Array.from({ length: LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join('');
}

/** As the device shows it. */
export function showUserCode(code: string): string {
  return `${code.slice(0, LENGTH / 2)}-${code.slice(LENGTH / 2)}`;
}

/** Characters that a user may type. */
const MOST_TYPED = 64;

/** What a user has typed: letter case, dashes and spaces do not matter. Undefined for what cannot be a code. */
export function readUserCode(typed: string): string | undefined {
  if (typed.length > MOST_TYPED) return undefined;
  const code = typed.toUpperCase().replace(/[\s-]/g, '');
  return code.length === LENGTH && [...code].every((letter) => LETTERS.includes(letter)) ? code : undefined;
}
