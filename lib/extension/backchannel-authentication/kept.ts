/** Stores requests that wait for their users, for all processes. */
import { idOfCode, newCode } from '../../polling/code.js';
import { type WaitingRequest, WaitingRequests } from '../../polling/waiting.js';
import { random } from '../../secrets/random.js';
import { seal, unseal } from '../../secrets/seal.js';

/** How the client is notified when its user has decided. @see CIBA §10.2 */
export interface Notification {
  readonly authReqID: string;
  /** The client's bearer token. */
  readonly token: string;
}

/** A request that waits for its user. */
export interface KeptRequest extends WaitingRequest {
  /** The user who was asked: nobody else may decide. */
  readonly subject: string;
  /** When the request came, in epoch seconds. */
  readonly at: number;
  /**
   * What only the application may use, encrypted with a key that is in no store, but in the ID that the application holds. The client can compute the key of
   * the record, which is a hash of its code: without the encryption, it could make an ID itself and decide the request.
   */
  readonly sealed: string;
}

/** The content of `sealed`. It is empty for a client that polls. */
interface Sealed {
  readonly notification?: Notification | undefined;
}

/** A request that was found by the ID that the application holds. */
export interface OpenRequest {
  /** The key of the record: a hash of its code. */
  readonly key: string;
  readonly waiting: KeptRequest;
  readonly notification: Notification | undefined;
}

/** Length of the encryption key in an ID. */
const KEY_BYTES = 16;

/** The most characters that an ID can have: a hash and a key in base64url, and a dot. */
const LONGEST = 100;

/** @returns undefined if the key is not the one of this request */
function opened(sealed: string, secret: string): Sealed | undefined {
  try {
    return unseal(sealed, secret) as Sealed;
  } catch {
    return undefined;
  }
}

export class BackchannelRequests<C, U> extends WaitingRequests<KeptRequest, C, U> {
  /**
   * Keeps a request.
   *
   * @param token the bearer token for the ping to the client; undefined for a client that polls
   * @returns its code for the client, and its ID for the application
   */
  async begin(
    request: Omit<KeptRequest, 'sealed'>,
    token: string | undefined,
  ): Promise<{ readonly authReqID: string; readonly id: string }> {
    const authReqID = newCode(request.expiresAt);
    const key = idOfCode(authReqID);
    const secret = random(KEY_BYTES);
    const notification = token === undefined ? undefined : { authReqID, token };
    await this.keep(key, { ...request, sealed: seal({ notification } satisfies Sealed, secret) });
    return { authReqID, id: `${key}.${secret}` };
  }

  /** The waiting request with this ID of the application. */
  async open(id: string): Promise<OpenRequest | undefined> {
    const [key = '', secret = ''] = id.length <= LONGEST ? id.split('.') : [];
    const waiting = key === '' ? undefined : await this.waiting(key);
    const found = waiting && opened(waiting.sealed, secret);
    return found && { key, waiting, notification: found.notification };
  }

  /** Takes back a request whose user could not be asked. */
  async takeBack(id: string): Promise<void> {
    await this.withdraw(id.split('.')[0] ?? '');
  }
}
