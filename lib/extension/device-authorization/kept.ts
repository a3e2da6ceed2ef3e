/** Stores waiting devices, for all processes. @see RFC 8628 §3 */
import { CLOCK_SKEW } from '../../clock.js';
import { idOfCode, newCode } from '../../polling/code.js';
import { type WaitingRequest, WaitingRequests } from '../../polling/waiting.js';
import type { AuthorizationRequest } from '../../types.js';
import { newUserCode } from './user-code.js';

/** Where the request of a device came from. The user compares it with the device in front of them. @see RFC 10027 */
export interface RequestOrigin {
  readonly address: string;
  readonly userAgent: string;
}

/** A device that waits for its user. */
export interface DeviceRequest extends WaitingRequest {
  readonly from: RequestOrigin;
  /** When the request came, in epoch seconds. Absent if a process with an earlier version has stored it. */
  readonly at?: number;
}

/** How many random user codes are tried to find a free one. */
const TRIES = 5;

/** How many characters of a device's `User-Agent` are stored. */
const LONGEST = 200;

export class Devices<C, U> extends WaitingRequests<DeviceRequest, C, U> {
  /** Stores a request. @returns the device code and the user code */
  async begin(request: AuthorizationRequest, { address, userAgent }: RequestOrigin, lifetime: number) {
    const at = this.core.now();
    const expiresAt = at + lifetime;
    const deviceCode = newCode(expiresAt);
    const id = idOfCode(deviceCode);
    const userCode = await this.#takeUserCode(id, expiresAt);
    await this.keep(id, { request, from: { address, userAgent: userAgent.slice(0, LONGEST) }, at, expiresAt });
    return { deviceCode, userCode };
  }

  /** Takes a user code that no other waiting device has. */
  async #takeUserCode(id: string, expiresAt: number): Promise<string> {
    for (let count = 0; count < TRIES; count += 1) {
      const code = newUserCode();
      if ((await this.store.add(this.key('user code', code), id, Math.ceil(expiresAt + CLOCK_SKEW))) === true)
        return code;
    }
    throw new Error(`No user code is free after ${TRIES} tries`);
  }

  /** The waiting device with this user code. */
  async byUserCode(code: string): Promise<{ readonly id: string; readonly device: DeviceRequest } | undefined> {
    const id = await this.store.get(this.key('user code', code));
    const device = typeof id === 'string' ? await this.waiting(id) : undefined;
    return typeof id === 'string' && device ? { id, device } : undefined;
  }
}
