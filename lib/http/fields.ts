/** Bounds the number of fields in a query or form: a request with a million of them must not occupy the process. */
import { BadRequestError } from '../errors/bad-request-error.js';

/** A request of the protocol has a few dozen at most. Dialogs of the application may have more, with a field for each choice. */
const MAX_FIELDS = 1000;

function tooMany(): BadRequestError {
  return new BadRequestError('The request has too many parameters');
}

/** Counts the fields of a query or form before it is parsed. @throws BadRequestError for more than 1,000 */
export function requireFew(text: string): void {
  let count = 1;
  for (let at = text.indexOf('&'); at >= 0; at = text.indexOf('&', at + 1)) {
    count += 1;
    if (count > MAX_FIELDS) throw tooMany();
  }
}

/** The fields of a parsed body. @throws BadRequestError for more than 1,000; each value of a repeated name counts */
export function fieldsOf(body: object): readonly (readonly [string, unknown])[] {
  const fields = Object.entries(body);
  let count = 0;
  for (const [, value] of fields) count += Array.isArray(value) ? Math.max(value.length, 1) : 1;
  if (count > MAX_FIELDS) throw tooMany();
  return fields;
}
