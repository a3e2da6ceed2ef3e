import { visible } from '../errors/one-line.js';
import { identifierIn, memberOf } from './member.js';

/** The subject of a user, if the application has no `subject` function: the user's `id`, or else its `sub`. */
export function subjectOf(user: unknown): string | undefined {
  return identifierIn(memberOf(user, 'id') ?? memberOf(user, 'sub'));
}

const CONTROL = /\p{Cc}/u;

/**
 * Whether a text can stand for a user. The token service lists its own records, such as signing keys, by texts that begin with a control character: a user
 * with such an identifier could end them.
 */
export function isSubject(text: string): boolean {
  return !CONTROL.test(text);
}

/**
 * @param by which option gave it
 * @throws TypeError for a text that cannot stand for a user
 */
export function requireSubject(text: string, by: string): string {
  if (isSubject(text)) return text;
  throw new TypeError(
    `${by}: ${visible(JSON.stringify(text.slice(0, 100)))} has control characters, and cannot stand for a user, since records that are no user's are kept under such texts. Give another identifier, such as the key of the user's row`,
  );
}
