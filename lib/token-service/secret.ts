/** Codes and tokens in the form that clients get, and the IDs under which they are stored. */
import { hash } from 'node:crypto';
import { random } from '../secrets/random.js';

/**
 * The length of the tag, the first characters that all credentials of one authorization share: 18 bits. A partitioned store, such as a Redis cluster, keeps
 * them together.
 */
const TAG = 3;

/** The kinds of credentials that clients get. */
type SecretKind = 'code' | 'access_token' | 'refresh_token';

const LETTERS: ReadonlyMap<SecretKind, string> = new Map([
  ['code', 'c'],
  ['access_token', 'a'],
  ['refresh_token', 'r'],
]);

/** A credential: the tag, the letter of its kind, and 256 bits. */
const FORM = /^[\w-]{3}[car][\w-]{43}$/;

/** Makes the ID of a new authorization, with a new tag. */
export function newAuthorizationID(): string {
  const id = random(18);
  return `${id.slice(0, TAG)}.${id.slice(TAG)}`;
}

/** Makes a code or token from a text: 32 bytes in base64url. */
export function newSecretOf(kind: SecretKind, authorizationID: string, text: string): string {
  return `${authorizationID.slice(0, TAG)}${LETTERS.get(kind)}${text}`;
}

/** Makes a code or token of 256 random bits. */
export function newSecret(kind: SecretKind, authorizationID: string): string {
  return newSecretOf(kind, authorizationID, random(32));
}

/** The tag of a credential, and the text after the letter of its kind. */
export function partsOf(secret: string): { readonly tag: string; readonly rest: string } {
  return { tag: secret.slice(0, TAG), rest: secret.slice(TAG + 1) };
}

/** Whether a text has the form of a credential of that kind. Other texts are never looked up in the store. */
export function isOfKind(kind: SecretKind, secret: string): boolean {
  return secret[TAG] === LETTERS.get(kind) && FORM.test(secret);
}

/** An ID: the tag that the text begins with, and the hash of the text. @param prefix is hashed too, so that IDs of different sorts never collide */
export function idFrom(tagged: string, prefix: string): string {
  return `${tagged.slice(0, TAG)}.${hash('sha256', prefix + tagged, 'base64url')}`;
}

/** The ID that a credential is stored under: its tag, and its SHA-256. */
export function idOf(secret: string): string {
  return idFrom(secret, '');
}

/** Makes a `jti`, which is not a secret. */
export function newJTI(authorizationID: string): string {
  return authorizationID.slice(0, TAG) + random(18);
}

/** Whether a text has the form of a `jti` that `newJTI` makes. */
export function isJTI(jti: string): boolean {
  return /^[\w-]{27}$/.test(jti);
}

/** The digest that identifies a token whose ID others can compute, because it is derived from its `jti`. */
export function digestOf(token: string): string {
  return hash('sha256', token, 'base64url');
}

/** The ID that a JWT is stored under. Others can read its `jti`, so the prefix makes sure that a `jti` presented as a token finds nothing. */
export function idOfJTI(jti: string): string {
  return idFrom(jti, 'jti:');
}

/** The ID under which a key of any form is stored, by `useOnce` and the ephemeral store. A key presented as a token finds nothing, either. */
export function idOfUsed(key: string): string {
  return idFrom(hash('sha256', key, 'base64url'), 'used:');
}

/** A token of a request, as the application gives it. A value that is not a text, such as a cookie that is missing, is not a token. */
export function asToken(token: unknown): string {
  return typeof token === 'string' ? token : '';
}
