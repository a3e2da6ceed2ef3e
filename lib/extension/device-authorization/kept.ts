/** What is kept of a device that waits, in all processes. @see RFC 8628 §3 */
import { CLOCK_SKEW } from '../../clock.js';
import { idOfCode, newCode } from '../../polling/code.js';
import { type WaitingRequest, WaitingRequests } from '../../polling/waiting.js';
import type { AuthorizationRequest } from '../../types.js';
import { newUserCode } from './user-code.js';

/** Where a device's request came from: the user compares it with the device before them. @see RFC 10027 */
export interface RequestOrigin {
  readonly address: string;
  readonly userAgent: string;
}

/** A device that waits for its user. */
export interface DeviceRequest extends WaitingRequest {
  readonly from: RequestOrigin;
  /** When it came, in epoch seconds. Absent where a process of an earlier version has stored it. */
  readonly at?: number;
}

/** User codes that are tried until one is free. */
const TRIES = 5;

/** Characters kept of what a device says of itself. */
const LONGEST = 200;

export class Devices<C, U> extends WaitingRequests<DeviceRequest, C, U> {
  /** Keeps a request, and gives the two codes. */
  async begin(request: AuthorizationRequest, { address, userAgent }: RequestOrigin, lifetime: number) {
    const at = this.core.now();
    const expiresAt = at + lifetime;
    const deviceCode = newCode(expiresAt);
    const id = idOfCode(deviceCode);
    const userCode = await this.#takeUserCode(id, expiresAt);
    await this.keep(id, { request, from: { address, userAgent: userAgent.slice(0, LONGEST) }, at, expiresAt });
    return { deviceCode, userCode };
  }

  /** A user code that no other device has now. */
  async #takeUserCode(id: string, expiresAt: number): Promise<string> {
    for (let count = 0; count < TRIES; count += 1) {
      const code = newUserCode();
      if ((await this.store.add(this.key('user code', code), id, Math.ceil(expiresAt + CLOCK_SKEW))) === true)
        return code;
    }
    throw new Error(`No user code is free after ${TRIES} tries`);
  }

  /** The device that waits with a user code. */
  async byUserCode(code: string): Promise<{ readonly id: string; readonly device: DeviceRequest } | undefined> {
    const id = await this.store.get(this.key('user code', code));
    const device = typeof id === 'string' ? await this.waiting(id) : undefined;
    return typeof id === 'string' && device ? { id, device } : undefined;
  }
}
