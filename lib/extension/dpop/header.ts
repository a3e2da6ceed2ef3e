/** The header of a DPoP proof: who has signed it, and how. All proofs of a client have the same. @see RFC 9449 §4.2 */
import type { KeyObject } from 'node:crypto';
import type { ProtectedHeaderParameters } from 'jose';
import { debugAbout } from '../../errors/debug.js';
import type { ReasonValues } from '../../errors/reason.js';
import { identifiedKeyOf } from '../../keys/jwk.js';
import { headerFrom } from '../../keys/jws.js';
import { OldestFirst } from '../../oldest-first.js';
import { secretMemberOf } from '../../syntax/jwk.js';

const debug = debugAbout('keys');

/** What is used of a good header. */
export interface ProofHeader {
  readonly alg: string;
  readonly key: KeyObject;
  /** @see RFC 7638 */
  readonly thumbprint: string;
}

/** What is wrong with a proof, in words for the client's developer, and the values for the operator. */
export interface ProofFault {
  readonly fault: string;
  readonly values?: ReasonValues;
}

/** For a key that is none, too: it has signed nothing. */
export const NOT_SIGNED: ProofFault = { fault: 'it is not signed by the key in its header' };

/** RFC 7517 §4.4: the key's own alg is not compared. Web Crypto names Ed25519 there, where the header may say EdDSA. */
function withKey(jwk: object, alg: string): ProofHeader | ProofFault {
  try {
    const { key, thumbprint } = identifiedKeyOf({ ...jwk, alg }, alg);
    return { alg, key, thumbprint };
  } catch (error) {
    debug('a key cannot verify by %s: %s', alg, error);
    return NOT_SIGNED;
  }
}

function judge({ typ, alg, jwk }: ProtectedHeaderParameters, algorithms: readonly string[]): ProofHeader | ProofFault {
  if (typ !== 'dpop+jwt') return { fault: 'typ is not dpop+jwt', values: { typ } }; // §4.3 item 4
  if (typeof alg !== 'string' || !algorithms.includes(alg))
    return { fault: 'alg is not taken here', values: { alg, taken: algorithms } }; // §4.3 item 5
  if (typeof jwk !== 'object' || jwk === null || Array.isArray(jwk)) return { fault: 'jwk is missing' }; // §4.2
  if (secretMemberOf(jwk) !== undefined) return { fault: 'jwk is a private key' }; // §4.3 item 7
  return withKey(jwk, alg);
}

/** How many headers are kept. */
const MOST = 1000;

/** Reads the headers of proofs, as they are written in base64url, and keeps those that were used last: to read one, and to make its key, costs as much as to verify by it. */
export class ProofHeaders {
  readonly #algorithms: readonly string[];
  readonly #kept = new OldestFirst<ProofHeader>();

  constructor(algorithms: readonly string[]) {
    this.#algorithms = algorithms;
  }

  read(text: string): ProofHeader | ProofFault {
    const kept = this.#kept.get(text);
    if (kept) return kept;
    try {
      return judge(headerFrom(text), this.#algorithms);
    } catch {
      return { fault: 'it is no JWT' }; // §4.3 item 2: it is what a stranger wrote
    }
  }

  /** Keeps a header whose key has signed the proof, and no other: what a stranger wrote without a signature must not push out the headers of the clients. */
  keep(text: string, header: ProofHeader): void {
    this.#kept.set(text, header);
    this.#kept.deleteWhile(() => this.#kept.size > MOST);
  }
}
