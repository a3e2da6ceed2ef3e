/** Reads the JSON of the parameter, which is untrusted input. The time is linear in its length. @see RFC 9396 §2 */
import { parseJSON } from '../../http/depth.js';
import { isPlainText } from '../../syntax/plain-text.js';
import { type AuthorizationDetails, isTyped } from './detail.js';
import { invalidDetails } from './invalid.js';

/** In characters. A form has at most 64 kB, and a request object 32 kB: this leaves room for all other parameters. */
const MAX_CHARACTERS = 16 * 1024;

/** A limit, since each requested element is compared with each granted one. */
const MAX_DETAILS = 32;

/** The tokens of JSON that the check needs: a text, with the colon after it if it is a name; a number; a bracket. */
const TOKEN = /("[^"\\]*(?:\\.[^"\\]*)*")\s*(:?)|-?\d[\d.eE+-]*|[{}[\]]/g;

function faultOfText(text: string, names: Set<string> | undefined): string | undefined {
  if (!isPlainText(text)) return 'a text has NUL, or half of a surrogate pair';
  if (!names) return undefined;
  // code that copies the fields by assignment would set the prototype of its copy
  if (text === '__proto__') return 'a field has a name that no field can have';
  // RFC 8259 §4: of two fields with one name, some parsers take the first and others the last: the user could be shown another value than the API obeys
  if (names.has(text)) return 'a field is there twice';
  names.add(text);
  return undefined;
}

/**
 * What makes a valid JSON text ambiguous, if anything does: `JSON.parse` takes the last of two fields of one name, and rounds large numbers.
 */
export function faultOfJSON(json: string): string | undefined {
  const open: (Set<string> | undefined)[] = []; // the names of each open object; undefined for an open array
  for (const [token, text, colon] of json.matchAll(TOKEN)) {
    let fault: string | undefined;
    if (text !== undefined) fault = faultOfText(JSON.parse(text), colon ? open.at(-1) : undefined);
    else if (token === '{' || token === '[') open.push(token === '{' ? new Set() : undefined);
    else if (token === '}' || token === ']') open.pop();
    // RFC 8259 §6: a number beyond 2^53 is rounded, so that it could name another account
    else if (!(Math.abs(Number(token)) <= Number.MAX_SAFE_INTEGER)) fault = 'a number is too large';
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function parsed(json: string): unknown {
  try {
    return parseJSON(json);
  } catch {
    throw invalidDetails(
      'authorization_details is not JSON, or nested too deep',
      'JSON.parse refuses it, or more than 32 levels',
    );
  }
}

/**
 * The elements of the parameter. `DetailTypes` checks them against their types.
 *
 * @throws OAuth2Error `invalid_authorization_details`
 */
export function readDetails(json: string): AuthorizationDetails {
  if (json.length > MAX_CHARACTERS)
    throw invalidDetails('authorization_details is too long', `More than ${MAX_CHARACTERS} characters`, {
      came: json.length,
    });
  const value = parsed(json);
  const fault = faultOfJSON(json);
  if (fault !== undefined) throw invalidDetails(`authorization_details: ${fault}`, 'Its JSON can be read in two ways');
  if (!Array.isArray(value)) throw invalidDetails('authorization_details is not an array of objects', 'It is no array'); // §2
  if (value.length === 0)
    throw invalidDetails('authorization_details is an empty array', 'An array without elements requests nothing');
  if (value.length > MAX_DETAILS)
    throw invalidDetails('authorization_details has too many elements', `More than ${MAX_DETAILS}`, {
      came: value.length,
    });
  const untyped = value.findIndex((one) => !isTyped(one));
  if (untyped >= 0)
    throw invalidDetails(`authorization_details[${untyped}] has no type`, 'It is no object, or its type is no text'); // §2: REQUIRED
  return value;
}
