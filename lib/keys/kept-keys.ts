/**
 * The part of a stranger's key set that is cached: of each key, the members of RFC 7517 and RFC 7518. A set of 64 KiB whose keys have lists of empty
 * objects would take 3 MB of memory.
 */
import type { JSONWebKeySet, JWK } from 'jose';
import { secretMemberOf } from '../syntax/jwk.js';

/** @see RFC 7517 §4, RFC 7518 §6.2.1, §6.3.1, RFC 8037 §2; `ext` of Web Crypto */
const MEMBERS: readonly string[] = [
  ...['kty', 'crv', 'x', 'y', 'n', 'e', 'kid', 'alg', 'use', 'key_ops', 'ext', 'x5u', 'x5c', 'x5t', 'x5t#S256'],
];

/** The most operations of a key, or certificates in its chain. */
const LONGEST_LIST = 16;

/** A value that a member can have. Any other value becomes null: a key whose `use` cannot be read must not count as a key without `use`. */
function readable(value: unknown): unknown {
  if (typeof value !== 'object') return value;
  const isList =
    Array.isArray(value) && value.length <= LONGEST_LIST && value.every((item) => typeof item === 'string');
  return isList ? value : null;
}

function keptKey(jwk: object): JWK {
  const kept: Record<string, unknown> = {};
  for (const name of MEMBERS) if (Object.hasOwn(jwk, name)) kept[name] = readable(Reflect.get(jwk, name));
  const secret = secretMemberOf(jwk);
  if (secret !== undefined && secret !== 'oct') kept[secret] = null; // its name suffices to refuse the key later; the secret itself is not kept
  return kept as JWK;
}

/** @param keys the member `keys` of the set. @throws TypeError for an item that is not an object */
export function keptKeys(keys: readonly unknown[]): JSONWebKeySet {
  return {
    keys: keys.map((jwk) => {
      if (typeof jwk !== 'object' || jwk === null || Array.isArray(jwk))
        throw new TypeError('A key set needs an array of keys');
      return keptKey(jwk);
    }),
  };
}
