import { isClientSecret } from '../syntax/parameters.js';

/** What a `Authorization: Basic` header says. */
export interface BasicCredentials {
  readonly clientID: string;
  readonly secret: string;
}

export function isBasic(header: string): boolean {
  return /^basic(?: |$)/i.test(header); // RFC 9110 §11.1: the scheme is case-insensitive
}

/** RFC 7617 §2: control characters are in neither part. */
const CONTROL = /\p{Cc}/u;

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Whatever throws on what it cannot decode, giving undefined instead. */
function attempt(decode: () => string): string | undefined {
  try {
    return decode();
  } catch {
    return undefined;
  }
}

/** RFC 6749 appendix B: application/x-www-form-urlencoded. */
function formDecode(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}

function decoded({ clientID, secret }: BasicCredentials): BasicCredentials | undefined {
  const id = attempt(() => formDecode(clientID));
  const password = attempt(() => formDecode(secret));
  return id === undefined || password === undefined ? undefined : { clientID: id, secret: password };
}

/** RFC 6749 appendix A.1, A.2, RFC 7617 §2: without control characters, however they were encoded. An empty secret is one, too. */
function isPossible({ clientID, secret }: BasicCredentials): boolean {
  return !CONTROL.test(clientID) && (secret === '' || isClientSecret(secret));
}

/**
 * What a header may mean: form-decoded, as RFC 6749 has it, and then as it stands, for clients that do not encode. None when it is
 * not Basic, or malformed. Only the first colon separates: secrets may have more.
 *
 * @see RFC 6749 §2.3.1, RFC 7617 §2
 */
export function basicCredentials(header: string): readonly BasicCredentials[] {
  const token = /^basic +([\w+/-]+={0,2}) *$/i.exec(header)?.[1];
  const text = token === undefined ? undefined : attempt(() => UTF8.decode(Buffer.from(token, 'base64')));
  const colon = text?.indexOf(':') ?? -1;
  if (text === undefined || colon < 1) return [];
  const raw = { clientID: text.slice(0, colon), secret: text.slice(colon + 1) };
  const other = /[%+]/.test(text) ? decoded(raw) : undefined; // without these it means the same either way
  return (other ? [other, raw] : [raw]).filter(isPossible);
}

/** The client identifiers that a header may mean. */
export function basicUserIDs(header: string): readonly string[] {
  return [...new Set(basicCredentials(header).map(({ clientID }) => clientID))];
}
