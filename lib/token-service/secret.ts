/** Credentials as they are handed out, and the IDs they are stored under. */
import { hash } from 'node:crypto';
import { random } from '../secrets/random.js';

/** Characters at the start that all of one authorization share: 18 bits, by which a store in parts finds the part. */
const TAG = 3;

/** What is handed out. */
type SecretKind = 'code' | 'access_token' | 'refresh_token';

const LETTERS: ReadonlyMap<SecretKind, string> = new Map([
  ['code', 'c'],
  ['access_token', 'a'],
  ['refresh_token', 'r'],
]);

/** Tag, letter of the kind, and 256 bits. */
const FORM = /^[\w-]{3}[car][\w-]{43}$/;

/** A new authorization's ID, which begins a new tag. */
export function newAuthorizationID(): string {
  const id = random(18);
  return `${id.slice(0, TAG)}.${id.slice(TAG)}`;
}

/** A new code or token of 32 bytes in base64url. */
export function newSecretOf(kind: SecretKind, authorizationID: string, text: string): string {
  return `${authorizationID.slice(0, TAG)}${LETTERS.get(kind)}${text}`;
}

/** A new code or token: 256 random bits. */
export function newSecret(kind: SecretKind, authorizationID: string): string {
  return newSecretOf(kind, authorizationID, random(32));
}

/** A credential's tag, and what stands behind the letter of its kind. */
export function partsOf(secret: string): { readonly tag: string; readonly rest: string } {
  return { tag: secret.slice(0, TAG), rest: secret.slice(TAG + 1) };
}

/** Whether this may be a credential of that kind at all; nothing else is ever looked up. */
export function isOfKind(kind: SecretKind, secret: string): boolean {
  return secret[TAG] === LETTERS.get(kind) && FORM.test(secret);
}

/** What is stored under a hash, after the tag that it begins with. @param prefix keeps the IDs of one sort apart from all others */
export function idFrom(tagged: string, prefix: string): string {
  return `${tagged.slice(0, TAG)}.${hash('sha256', prefix + tagged, 'base64url')}`;
}

/** What a credential is stored under: its SHA-256, after its tag. */
export function idOf(secret: string): string {
  return idFrom(secret, '');
}

/** A new identifier of a JWT, which is no secret. */
export function newJTI(authorizationID: string): string {
  return authorizationID.slice(0, TAG) + random(18);
}

/** Whether this may be an identifier of one of our JWTs. */
export function isJTI(jti: string): boolean {
  return /^[\w-]{27}$/.test(jti);
}

/** By what a token is known again that is stored under a name that others can read. */
export function digestOf(token: string): string {
  return hash('sha256', token, 'base64url');
}

/** What a JWT is stored under. Its `jti` can be read by others: presented as if it were a token, it must mean nothing. */
export function idOfJTI(jti: string): string {
  return idFrom(jti, 'jti:');
}

/** What the use of a key is noted under, whatever the key looks like. Presented as if it were a token, it must mean nothing either. */
export function idOfUsed(key: string): string {
  return idFrom(hash('sha256', key, 'base64url'), 'used:');
}
