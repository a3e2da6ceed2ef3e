/** An authenticator in software: makes passkeys, and shows them, as a browser sends it. WebAuthn Level 2 §6.1, §6.5. */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

const sha256 = (data: string | Buffer): Buffer => createHash('sha256').update(data).digest();
const base64url = (data: Buffer): string => data.toString('base64url');

/** RFC 8949 §3, §4.2.1: a byte string of 24 to 65,535 bytes. */
function bytes(data: Buffer): Buffer {
  const length = data.length < 256 ? [0x58, data.length] : [0x59, data.length >> 8, data.length & 0xff];
  return Buffer.concat([Buffer.from(length), data]);
}

/** A text of less than 24 characters. */
const text = (words: string): Buffer => Buffer.concat([Buffer.from([0x60 + words.length]), Buffer.from(words)]);

/** RFC 9052 §7: an EC key for ES256. */
function coseKey(key: KeyObject): Buffer {
  const { x = '', y = '' } = key.export({ format: 'jwk' });
  const [first, second] = [x, y].map((each) => bytes(Buffer.from(each, 'base64url'))) as [Buffer, Buffer];
  const head = Buffer.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01]);
  return Buffer.concat([head, Buffer.from([0x21]), first, Buffer.from([0x22]), second]);
}

/** What differs from an honest answer. */
export interface Dishonest {
  readonly origin?: string;
  /** How often the passkey was shown, as it says. Default: one more each time. */
  readonly counter?: number;
  /** Default: as the authenticator was made. */
  readonly verifiesUser?: boolean;
}

export interface AuthenticatorOptions {
  /** Verifies its user, by PIN, finger or face, each time. Default false. */
  readonly verifiesUser?: boolean;
}

/** WebAuthn Level 2 §6.1: user present, user verified, attested credential data included. */
const [PRESENT, VERIFIED, ATTESTED] = [0x01, 0x04, 0x40];

export class Authenticator {
  readonly #id = randomBytes(16);
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  readonly #origin: string;
  readonly #verifiesUser: boolean;
  #counter = 0;

  constructor(origin: string, { verifiesUser = false }: AuthenticatorOptions = {}) {
    this.#origin = origin;
    this.#verifiesUser = verifiesUser;
  }

  #data(more: number, counter: number, verifiesUser = this.#verifiesUser): Buffer {
    const flags = PRESENT | more | (verifiesUser ? VERIFIED : 0);
    const rest = Buffer.alloc(5);
    rest.writeUInt8(flags);
    rest.writeUInt32BE(counter, 1);
    return Buffer.concat([sha256(new URL(this.#origin).hostname), rest]);
  }

  #answer(type: string, challenge: string, origin: string, response: (clientData: Buffer) => object): string {
    const clientData = Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
    const [id, clientDataJSON] = [base64url(this.#id), base64url(clientData)];
    const all = { clientDataJSON, ...response(clientData) };
    return JSON.stringify({ id, rawId: id, type: 'public-key', clientExtensionResults: {}, response: all });
  }

  /** Makes the passkey. */
  make({ challenge }: { readonly challenge: string }, { origin = this.#origin }: Dishonest = {}): string {
    return this.#answer('webauthn.create', challenge, origin, () => {
      const head = this.#data(ATTESTED, 0);
      const credential = Buffer.concat([Buffer.alloc(16), Buffer.from([0, this.#id.length]), this.#id]);
      const authData = bytes(Buffer.concat([head, credential, coseKey(this.#keys.publicKey)]));
      const members = [text('fmt'), text('none'), text('attStmt'), Buffer.from([0xa0]), text('authData'), authData];
      return { attestationObject: base64url(Buffer.concat([Buffer.from([0xa3]), ...members])) };
    });
  }

  /** Shows the passkey. */
  show(
    { challenge }: { readonly challenge: string },
    { origin = this.#origin, counter, verifiesUser }: Dishonest = {},
  ): string {
    this.#counter += 1;
    return this.#answer('webauthn.get', challenge, origin, (clientData) => {
      const authenticatorData = this.#data(0, counter ?? this.#counter, verifiesUser);
      const signature = sign('sha256', Buffer.concat([authenticatorData, sha256(clientData)]), this.#keys.privateKey);
      return { authenticatorData: base64url(authenticatorData), signature: base64url(signature) };
    });
  }
}
