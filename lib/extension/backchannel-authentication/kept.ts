/** What is kept of a request that waits for its user, in all processes. */
import { idOfCode, newCode } from '../../polling/code.js';
import { type WaitingRequest, WaitingRequests } from '../../polling/waiting.js';
import { random } from '../../secrets/random.js';
import { seal, unseal } from '../../secrets/seal.js';

/** What the client is told by once its user has decided. @see CIBA §10.2 */
export interface Notification {
  readonly authReqID: string;
  /** The client's bearer token. */
  readonly token: string;
}

/** A request that waits for its user. */
export interface KeptRequest extends WaitingRequest {
  /** The user who was asked: nobody else decides. */
  readonly subject: string;
  /** When it came, in epoch seconds. */
  readonly at: number;
  /**
   * What is for the application alone, encrypted by a key that is in no store: it is in the ID that the application holds. Who cannot open it has no such ID. The
   * client knows what the request is kept under, a hash of its code.
   */
  readonly sealed: string;
}

/** What is sealed: nothing for a client that polls. */
interface Sealed {
  readonly notification?: Notification | undefined;
}

/** A request that was found by the ID that the application holds. */
export interface OpenRequest {
  /** What stands for its code. */
  readonly key: string;
  readonly waiting: KeptRequest;
  readonly notification: Notification | undefined;
}

/** Of the key in an ID. */
const KEY_BYTES = 16;

/** Characters of an ID: a hash and a key in base64url, and a dot. */
const LONGEST = 100;

/** @returns undefined for a key that is not that of the request */
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
   * @param token by which the client is told of the decision, if it is
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

  /** The request that waits by the ID that the application holds. */
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
