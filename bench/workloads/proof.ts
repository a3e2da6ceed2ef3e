/** Proofs of possession of a virtual user: a key of its own, and a JWT for each request. @see RFC 9449 §4.2 */
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { ISSUER } from '../servers/clients.js';

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Signs proofs by ES256. */
export class Prover {
  readonly #key: KeyObject;
  readonly #header: string;

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.#key = privateKey;
    this.#header = encode({ typ: 'dpop+jwt', alg: 'ES256', jwk: publicKey.export({ format: 'jwk' }) });
  }

  /** The header of a request that is POSTed to that path. */
  proofFor(path: string): Record<string, string> {
    const iat = Math.floor(Date.now() / 1000);
    const claims = encode({ jti: randomBytes(16).toString('base64url'), htm: 'POST', htu: `${ISSUER}${path}`, iat });
    const input = `${this.#header}.${claims}`;
    const signature = sign('sha256', Buffer.from(input), { key: this.#key, dsaEncoding: 'ieee-p1363' });
    return { dpop: `${input}.${signature.toString('base64url')}` };
  }
}
