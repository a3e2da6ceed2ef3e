/** Reads the JSON of the parameter, which a stranger has written. The time is linear in its length. @see RFC 9396 §2 */
import { parseJSON } from '../../http/depth.js';
import { isPlainText } from '../../syntax/plain-text.js';
import { type AuthorizationDetails, isTyped } from './detail.js';
import { invalidDetails } from './invalid.js';

/** In characters: of a form of 64 kB, and of a request object of 32 kB, it is the larger part of what a client needs. */
const MAX_CHARACTERS = 16 * 1024;

/** Each is compared with each that was granted. */
const MAX_DETAILS = 32;

/** The tokens of JSON that are looked at: a text, with the colon after it if it is a name; a number; a bracket. */
const TOKEN = /("[^"\\]*(?:\\.[^"\\]*)*")\s*(:?)|-?\d[\d.eE+-]*|[{}[\]]/g;

function faultOfText(text: string, names: Set<string> | undefined): string | undefined {
  if (!isPlainText(text)) return 'a text has NUL, or half of a surrogate pair';
  if (!names) return undefined;
  // whoever copies the object by assignment would set its prototype
  if (text === '__proto__') return 'a field has a name that no field can have';
  // RFC 8259 §4: with a name twice, some readers see the first value, and others the last: what is shown to the user need not be what counts
  if (names.has(text)) return 'a field is there twice';
  names.add(text);
  return undefined;
}

/**
 * What is wrong with a text that is JSON, besides what it says. `JSON.parse` takes the last of two fields of one name, and rounds large numbers.
 */
export function faultOfJSON(json: string): string | undefined {
  const open: (Set<string> | undefined)[] = []; // for each object that is open, its names; for an array nothing
  for (const [token, text, colon] of json.matchAll(TOKEN)) {
    let fault: string | undefined;
    if (text !== undefined) fault = faultOfText(JSON.parse(text), colon ? open.at(-1) : undefined);
    else if (token === '{' || token === '[') open.push(token === '{' ? new Set() : undefined);
    else if (token === '}' || token === ']') open.pop();
    // RFC 8259 §6: beyond 2^53 another number would be read than was written: that of another account, say
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
 * The elements of the parameter. Whether they are what their types say is judged elsewhere.
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
  if (!Array.isArray(value) || value.length === 0)
    throw invalidDetails('authorization_details is not an array of objects', 'It is no array, or an empty one'); // §2
  if (value.length > MAX_DETAILS)
    throw invalidDetails('authorization_details has too many elements', `More than ${MAX_DETAILS}`, {
      came: value.length,
    });
  const untyped = value.findIndex((one) => !isTyped(one));
  if (untyped >= 0)
    throw invalidDetails(`authorization_details[${untyped}] has no type`, 'It is no object, or its type is no text'); // §2: REQUIRED
  return value;
}
