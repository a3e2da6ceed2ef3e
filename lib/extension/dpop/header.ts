/** The header of a DPoP proof, with its key and its algorithm. All proofs of a client have the same header. @see RFC 9449 §4.2 */
import type { KeyObject } from 'node:crypto';
import type { ProtectedHeaderParameters } from 'jose';
import { debugAbout } from '../../errors/debug.js';
import type { ReasonValues } from '../../errors/reason.js';
import { identifiedKeyOf } from '../../keys/jwk.js';
import { headerFrom } from '../../keys/jws.js';
import { OldestFirst } from '../../oldest-first.js';
import { secretMemberOf } from '../../syntax/jwk.js';

const debug = debugAbout('keys');

/** The values of a valid header that are used. */
export interface ProofHeader {
  readonly alg: string;
  readonly key: KeyObject;
  /** @see RFC 7638 */
  readonly thumbprint: string;
}

/** What is wrong with a proof: a text for the client's developer, and values for the operator. */
export interface ProofFault {
  readonly fault: string;
  readonly values?: ReasonValues;
}

/** Also for a malformed key, which cannot have signed anything. */
export const NOT_SIGNED: ProofFault = { fault: 'it is not signed by the key in its header' };

/** The `alg` in the key is not compared (RFC 7517 §4.4): Web Crypto writes Ed25519 there, and the header may have EdDSA. */
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
    return { fault: 'alg is not accepted here', values: { alg, taken: algorithms } }; // §4.3 item 5
  if (typeof jwk !== 'object' || jwk === null || Array.isArray(jwk)) return { fault: 'jwk is missing' }; // §4.2
  if (secretMemberOf(jwk) !== undefined) return { fault: 'jwk is a private key' }; // §4.3 item 7
  return withKey(jwk, alg);
}

/** The most headers that are kept. */
const MOST = 1000;

/**
 * Reads the headers of proofs, and keeps the most recently used ones by their base64url text: reading a header and importing its key costs as much as verifying
 * a signature.
 */
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
      return { fault: 'it is no JWT' }; // §4.3 item 2: a stranger may send any text
    }
  }

  /** Keeps a header. Call it only if its key has signed the proof: otherwise unsigned headers of a stranger would push out those of clients. */
  keep(text: string, header: ProofHeader): void {
    this.#kept.set(text, header);
    this.#kept.deleteWhile(() => this.#kept.size > MOST);
  }
}
