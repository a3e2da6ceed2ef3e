/**
 * What is kept of key sets that others wrote. Such sets are cached, and a set of 64 KiB can hold what takes 3 MB of memory: lists of empty objects. Of each key
 * the members of RFC 7517 and RFC 7518 are kept.
 */
import type { JSONWebKeySet, JWK } from 'jose';
import { secretMemberOf } from '../syntax/jwk.js';

/** @see RFC 7517 §4, RFC 7518 §6.2.1, §6.3.1, RFC 8037 §2; `ext` of Web Crypto */
const MEMBERS: readonly string[] = [
  ...['kty', 'crv', 'x', 'y', 'n', 'e', 'kid', 'alg', 'use', 'key_ops', 'ext', 'x5u', 'x5c', 'x5t', 'x5t#S256'],
];

/** Operations of a key, or certificates of its chain. */
const LONGEST_LIST = 16;

/** A value that a member can have; null stands for any other, so that a key whose `use` cannot be read is not taken for one without `use`. */
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
  if (secret !== undefined && secret !== 'oct') kept[secret] = null; // by which the key is refused; the secret itself is not kept
  return kept as JWK;
}

/** @param keys what a set has in place of keys. @throws Error for what is no object */
export function keptKeys(keys: readonly unknown[]): JSONWebKeySet {
  return {
    keys: keys.map((jwk) => {
      if (typeof jwk !== 'object' || jwk === null || Array.isArray(jwk))
        throw new TypeError('A key set needs an array of keys');
      return keptKey(jwk);
    }),
  };
}
