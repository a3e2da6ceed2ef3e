import { isUtf8 } from 'node:buffer';
import { isClientSecret } from '../syntax/parameters.js';

/** The content of an `Authorization: Basic` header. */
export interface BasicCredentials {
  readonly clientID: string;
  readonly secret: string;
}

export function isBasic(header: string): boolean {
  return /^basic(?: |$)/i.test(header); // RFC 9110 §11.1: the scheme is case-insensitive
}

/** RFC 7617 §2: neither part may contain control characters. */
const CONTROL = /\p{Cc}/u;

/** RFC 6749 appendix B: application/x-www-form-urlencoded. @throws URIError */
function formDecode(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}

function decoded({ clientID, secret }: BasicCredentials): BasicCredentials | undefined {
  try {
    return { clientID: formDecode(clientID), secret: formDecode(secret) };
  } catch {
    return undefined;
  }
}

/** The text of the header: UTF-8 in base64. */
function textOf(token: string): string | undefined {
  const bytes = Buffer.from(token, 'base64');
  return isUtf8(bytes) ? bytes.toString('utf8') : undefined;
}

/** RFC 6749 appendix A.1, A.2, RFC 7617 §2: no control characters, not even encoded ones. Clients without a secret may send an empty one. */
function isPossible({ clientID, secret }: BasicCredentials): boolean {
  return !CONTROL.test(clientID) && (secret === '' || isClientSecret(secret));
}

/**
 * Reads the header in the two ways that clients write it: form-encoded, which RFC 6749 requires, and not encoded, which many clients
 * send. The list is empty if the header is not Basic or is malformed. Only the first colon separates: a secret may contain more.
 *
 * @see RFC 6749 §2.3.1, RFC 7617 §2
 */
export function basicCredentials(header: string): readonly BasicCredentials[] {
  const token = /^basic +([\w+/-]+={0,2}) *$/i.exec(header)?.[1];
  const text = token === undefined ? undefined : textOf(token);
  const colon = text?.indexOf(':') ?? -1;
  if (text === undefined || colon < 1) return [];
  const raw = { clientID: text.slice(0, colon), secret: text.slice(colon + 1) };
  const other = /[%+]/.test(text) ? decoded(raw) : undefined; // without % and + both readings are the same
  return (other ? [other, raw] : [raw]).filter(isPossible);
}

/** The client identifiers of all readings of a header. */
export function basicUserIDs(header: string): readonly string[] {
  return [...new Set(basicCredentials(header).map(({ clientID }) => clientID))];
}
