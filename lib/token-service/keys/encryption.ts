/** Private keys at rest. */
import { type Finding, type Relaxations, relaxationsOf } from '../../findings.js';
import { seal, unseal } from '../../secrets/seal.js';
import type { Awaitable } from '../../types.js';

/** Encrypts private keys for the store, such as with a key of a key management service. */
export interface KeyEncryption {
  encrypt(text: string): Awaitable<string>;
  /** @throws for a text that it did not encrypt, or that was changed */
  decrypt(text: string): Awaitable<string>;
}

/** How private keys are encrypted. One of the two. */
export interface EncryptionOptions {
  /**
   * Encrypts private keys in the store: 32 characters or more that nobody can guess. To change it, give `[old, next]` to all processes, then
   * `[next, old]`, and `next` alone when the keys of `old` have ended: the first encrypts, and all decrypt.
   */
  readonly secret?: string | readonly string[];
  /**
   * Encrypts private keys in the store in place of `secret`. `none` gives up that whoever can read the store, or a copy of it, cannot sign
   * tokens.
   */
  readonly encryption?: KeyEncryption | 'none';
}

const RELAXATIONS: Relaxations<EncryptionOptions> = {
  encryption: {
    why: 'Whoever can read the store, or a copy of it, can sign tokens and ID tokens',
    remedy: 'Give rotatingKeys a secret, or an encryption by a key management service',
  },
};

/** What the options give up: to encrypt in a way of one's own gives up nothing. */
export function findingsOfEncryption({ encryption }: EncryptionOptions): readonly Finding[] {
  return encryption === 'none' ? relaxationsOf<EncryptionOptions>('rotatingKeys', { encryption }, RELAXATIONS) : [];
}

const SHORTEST = 32;

/** What a key derived from a secret is for, so that the same secret can be used for something else, too. */
const keyOf = (secret: string): string => `signing-keys:${secret}`;

function bySecrets(secrets: readonly string[]): KeyEncryption {
  const [first] = secrets;
  if (first === undefined || secrets.some((secret) => typeof secret !== 'string' || secret.length < SHORTEST))
    throw new TypeError(`rotatingKeys({ secret }) has ${SHORTEST} characters or more`);
  return {
    encrypt: (text) => seal(text, keyOf(first)),
    decrypt(sealed) {
      for (const secret of secrets) {
        try {
          return String(unseal(sealed, keyOf(secret)));
        } catch {} // it was sealed with another one
      }
      throw new Error('No secret of rotatingKeys({ secret }) decrypts it');
    },
  };
}

const PLAIN: KeyEncryption = { encrypt: (text) => text, decrypt: (text) => text };

/** @throws TypeError for no encryption, for two, and for a secret that is too short */
export function encryptionOf({ secret, encryption }: EncryptionOptions): KeyEncryption {
  if ((secret === undefined) === (encryption === undefined))
    throw new TypeError('rotatingKeys() needs a secret, or an encryption, for private keys in the store');
  if (secret !== undefined) return bySecrets([secret].flat());
  return encryption === 'none' || encryption === undefined ? PLAIN : encryption;
}
