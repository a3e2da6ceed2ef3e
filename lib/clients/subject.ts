import { visible } from '../errors/one-line.js';
import { identifierIn, memberOf } from './member.js';

/** The subject of a user, if the application has no `subject` function: the user's `id`, or else its `sub`. */
export function subjectOf(user: unknown): string | undefined {
  return identifierIn(memberOf(user, 'id') ?? memberOf(user, 'sub'));
}

const CONTROL = /\p{Cc}/u;

/**
 * Whether a text is allowed as the subject of a user. The token service stores its own records, such as signing keys, under subjects that begin with a control
 * character. A user with such a subject could delete these records.
 */
export function isSubject(text: string): boolean {
  return !CONTROL.test(text);
}

/**
 * @param by the option that gave the text, for the message
 * @throws TypeError for a text with control characters
 */
export function requireSubject(text: string, by: string): string {
  if (isSubject(text)) return text;
  throw new TypeError(
    `${by}: ${visible(JSON.stringify(text.slice(0, 100)))} has control characters, and cannot stand for a user, since records that are no user's are kept under such texts. Give another identifier, such as the key of the user's row`,
  );
}
