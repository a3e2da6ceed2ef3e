import type { JWK } from 'jose';
import { requireKnown } from '../options.js';
import type { SigningKey } from '../plugs.js';
import { newKeyPair } from './generate.js';
import { thumbprintOf } from './jwk.js';
import {
  type ExternalKey,
  identified,
  type LoadedKey,
  loadPublished,
  loadSigning,
  type SigningAlgorithm,
} from './loaded-key.js';

/** The argument of `keySet()`: the keys that sign, and further keys that are published. */
export interface Keys {
  /**
   * The key that signs from now on, with its `alg`: a private JWK, or an `ExternalKey`. Or several keys with different algorithms: the first one signs if
   * no algorithm is asked for.
   */
  readonly signing: JWK | ExternalKey | readonly (JWK | ExternalKey)[];
  /** Further keys that are published: earlier ones, whose tokens have not expired, and the next ones. Their public parts suffice. */
  readonly published?: readonly JWK[];
}

/** The keys that sign now, and all that are published. */
export interface KeySet {
  /** The key that signs with the named algorithm; without one, the first key. @throws Error if no key is for that algorithm */
  signing(alg?: string): SigningKey;
  /** The published key with this `kid`. */
  find(kid: string | undefined): SigningKey | undefined;
  /** The public keys, verbatim. @see RFC 7517 §5 */
  jwks(): { readonly keys: readonly JWK[] };
  /** Replaces the keys without a restart. Keep the earlier key published until its tokens have expired. */
  rotate(keys: Keys): Promise<void>;
}

function isSame(one: JWK, other: JWK): boolean {
  return one.alg === other.alg && thumbprintOf(one) === thumbprintOf(other);
}

/** The keys by their `kid`. @throws TypeError if two different keys have the same one. @see RFC 7517 §4.5 */
function byKid(keys: readonly LoadedKey[]): ReadonlyMap<string, LoadedKey> {
  const all = new Map<string, LoadedKey>();
  for (const key of keys) {
    const other = all.get(key.kid);
    if (other && !isSame(other.jwk, key.jwk)) throw new TypeError(`Two keys have the kid ${key.kid}`);
    all.set(key.kid, other ?? key);
  }
  return all;
}

/** The keys that sign, by their algorithms. @throws TypeError if there is no key, or if two keys are for one algorithm */
function byAlgorithm(keys: readonly SigningKey[]): ReadonlyMap<string, SigningKey> {
  const signing = new Map(keys.map((key) => [key.alg, key]));
  if (signing.size === 0) throw new TypeError('keySet({ signing }) needs a key');
  if (signing.size < keys.length)
    throw new TypeError('Two signing keys are for one algorithm: the one that is not to sign goes to `published`');
  return signing;
}

async function load(keys: Keys) {
  requireKnown<Keys>(keys, { signing: true, published: true }, 'keySet');
  const { signing, published = [] } = keys;
  const own = await Promise.all([signing].flat().map(loadSigning));
  const all = byKid([...own, ...published.map(loadPublished)]);
  return { signing: byAlgorithm(own.map((key) => key.signing)), all };
}

/**
 * Makes a key set: the keys that tokens and other JWTs are signed with, and the public keys that their recipients verify them with.
 *
 * @param keys in JWK form; a missing `kid` becomes the key's thumbprint
 * @throws TypeError for a signing key that is not private, a key with an unsupported algorithm, two keys with one `kid`, two signing keys with one
 * algorithm, and a key whose signature its public part does not verify
 * @example const keys = await keySet({ signing: JSON.parse(await readFile('signing-key.json', 'utf8')) });
 * @example const keys = await keySet({ signing: [await generateSigningKey('RS256'), { publicKey, sign: (data) => kms.sign(data) }] });
 * @see RFC 7517
 */
export async function keySet(keys: Keys): Promise<KeySet> {
  let current = await load(keys);
  return {
    signing(alg) {
      const [usual] = current.signing.values();
      const key = alg === undefined ? usual : current.signing.get(alg);
      if (!key) throw new Error(`No signing key is for ${alg}: there are ${[...current.signing.keys()].join(', ')}`);
      return key;
    },
    find: (kid) => (kid === undefined ? undefined : current.all.get(kid)?.verifying),
    jwks: () => ({ keys: [...current.all.values()].map(({ jwk }) => jwk) }),
    async rotate(next) {
      current = await load(next);
    },
  };
}

/** Makes a new private key, as a JWK to store. @example JSON.stringify(await generateSigningKey('ES256')) */
export async function generateSigningKey(alg: SigningAlgorithm): Promise<JWK> {
  const { privateKey } = await newKeyPair(alg);
  return identified({ ...privateKey.export({ format: 'jwk' }), alg } as JWK);
}
