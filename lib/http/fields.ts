/** Bounds the number of fields, so that the work for a request grows with what a request of the protocol needs. */
import { BadRequestError } from '../errors/bad-request-error.js';

/** A request of the protocol has a few dozen at most; this many is for dialogs of the application's own, with a field for each choice. */
const MOST_FIELDS = 1000;

function tooMany(): BadRequestError {
  return new BadRequestError('The request has too many parameters');
}

/** Looks at the text before it is parsed. @throws BadRequestError for a form or a query of more than 1,000 fields */
export function requireFew(text: string): void {
  let count = 1;
  for (let at = text.indexOf('&'); at >= 0; at = text.indexOf('&', at + 1)) {
    count += 1;
    if (count > MOST_FIELDS) throw tooMany();
  }
}

/** The fields that a body parser made. @throws BadRequestError for more than 1,000, those of one name included */
export function fieldsOf(body: object): readonly (readonly [string, unknown])[] {
  const fields = Object.entries(body);
  let count = 0;
  for (const [, value] of fields) count += Array.isArray(value) ? Math.max(value.length, 1) : 1;
  if (count > MOST_FIELDS) throw tooMany();
  return fields;
}
