/** The encryption of private keys in the store. */
import { type Finding, type Relaxations, relaxationsOf } from '../../findings.js';
import { seal, unseal } from '../../secrets/seal.js';
import type { Awaitable } from '../../types.js';

/** Encrypts private keys for the store, such as with a key of a key management service. */
export interface KeyEncryption {
  encrypt(text: string): Awaitable<string>;
  /** @throws for a text that it did not encrypt, or that was changed */
  decrypt(text: string): Awaitable<string>;
}

/** How private keys are encrypted: exactly one of these options is required. */
export interface EncryptionOptions {
  /**
   * The secret that encrypts private keys in the store: at least 32 characters that nobody can guess. To change it, give `[old, next]` to all processes, then
   * `[next, old]`, and `next` alone when the keys encrypted with `old` have expired: the first secret encrypts, and all of them decrypt.
   */
  readonly secret?: string | readonly string[];
  /**
   * Encrypts private keys in the store in place of `secret`. `none` gives up the encryption: an attacker who can read the store, or a copy of it, can sign
   * tokens.
   */
  readonly encryption?: KeyEncryption | 'none';
}

const RELAXATIONS: Relaxations<EncryptionOptions> = {
  encryption: {
    why: 'An attacker who can read the store, or a copy of it, can sign tokens and ID tokens',
    remedy: 'Give rotatingKeys a secret, or an encryption by a key management service',
  },
};

/** The relaxations: only `none` is one, an encryption of the application's own is not. */
export function findingsOfEncryption({ encryption }: EncryptionOptions): readonly Finding[] {
  return encryption === 'none' ? relaxationsOf<EncryptionOptions>('rotatingKeys', { encryption }, RELAXATIONS) : [];
}

const SHORTEST = 32;

/** The secret with its purpose, so that the same secret can be used for something else, too. */
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
        } catch {} // it was sealed with another secret
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
