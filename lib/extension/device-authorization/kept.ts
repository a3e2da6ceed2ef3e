/** What is kept of a device that waits, in all processes. @see RFC 8628 §3 */
import { createHash } from 'node:crypto';
import { CLOCK_SKEW } from '../../clock.js';
import type { Core } from '../../core.js';
import type { EphemeralStore } from '../../plugs.js';
import { random } from '../../secrets/random.js';
import type { AuthorizationRequest } from '../../types.js';
import { newUserCode } from './user-code.js';

/** Where a device's request came from: the user compares it with the device before them. @see RFC 10027 */
export interface RequestOrigin {
  readonly address: string;
  readonly userAgent: string;
}

/** A device that waits for its user. */
export interface DeviceRequest {
  readonly request: AuthorizationRequest;
  readonly from: RequestOrigin;
  /** Epoch seconds. */
  readonly expiresAt: number;
}

/** What the user has decided. */
export interface DeviceAnswer {
  readonly clientID: string;
  /** What `tokens.pending` knows it by. Absent if the user has denied it. */
  readonly pendingID?: string;
}

/** A device as a poll finds it. */
export interface FoundDevice {
  readonly waiting: DeviceRequest | undefined;
  readonly answer: DeviceAnswer | undefined;
}

/** RFC 8628 §5.2: in bytes. */
const RANDOM_BYTES = 32;

/** User codes that are tried until one is free. */
const TRIES = 5;

/** Characters kept of what a device says of itself. */
const LONGEST = 200;

/** Seconds by which a poll may come early, for the network. */
const EARLY = 0.5;

/** A device code says when it ends, so that its client is told `expired_token` without a look at the store. Who changes it has no device code. */
function newDeviceCode(expiresAt: number): string {
  return `${random(RANDOM_BYTES)}.${Math.floor(expiresAt).toString(36)}`;
}

/** Epoch seconds at which a device code ends, as it says itself. */
export function endOfCode(deviceCode: string): number {
  return Number.parseInt(deviceCode.split('.')[1] ?? '', 36);
}

/** What stands for a device code: who reads the store learns none. */
export function idOfCode(deviceCode: string): string {
  return createHash('sha256').update(deviceCode).digest('base64url');
}

export class Devices<C, U> {
  readonly #core: Core<C, U>;
  readonly #own: EphemeralStore | undefined;

  constructor(core: Core<C, U>, own: EphemeralStore | undefined) {
    this.#core = core;
    this.#own = own;
  }

  /** @throws Error where there is none */
  get store(): EphemeralStore {
    const store = this.#own ?? this.#core.tokens?.ephemeral;
    if (store) return store;
    throw new Error(
      'deviceAuthorization() has no store: createServer({ tokens }), or deviceAuthorization({ store: ephemeralStore(store) })',
    );
  }

  /** Servers that share a store have different names, and do not see each other's devices. */
  #key(kind: 'request' | 'user code' | 'answer' | 'poll', id: string): string {
    return JSON.stringify(['device', this.#core.name, kind, id]);
  }

  /** Keeps a request, and gives the two codes. */
  async begin(request: AuthorizationRequest, from: RequestOrigin, lifetime: number) {
    const expiresAt = this.#core.now() + lifetime;
    const deviceCode = newDeviceCode(expiresAt);
    const id = idOfCode(deviceCode);
    const userCode = await this.#takeUserCode(id, expiresAt);
    const { address, userAgent } = from;
    const kept: DeviceRequest = {
      request,
      from: { address, userAgent: userAgent.slice(0, LONGEST) },
      expiresAt,
    };
    const isKept = await this.store.add(this.#key('request', id), kept, Math.ceil(expiresAt + CLOCK_SKEW));
    if (isKept !== true) throw new Error('The store has not kept a device authorization request');
    return { deviceCode, userCode };
  }

  /** A user code that no other device has now. */
  async #takeUserCode(id: string, expiresAt: number): Promise<string> {
    for (let count = 0; count < TRIES; count += 1) {
      const code = newUserCode();
      if ((await this.store.add(this.#key('user code', code), id, Math.ceil(expiresAt + CLOCK_SKEW))) === true)
        return code;
    }
    throw new Error(`No user code is free after ${TRIES} tries`);
  }

  /** The device that waits with a user code. */
  async byUserCode(code: string): Promise<{ readonly id: string; readonly device: DeviceRequest } | undefined> {
    const id = await this.store.get(this.#key('user code', code));
    const device = typeof id === 'string' ? await this.waiting(id) : undefined;
    return typeof id === 'string' && device ? { id, device } : undefined;
  }

  /** The device that waits; undefined if it was answered, or has no time left. */
  async waiting(id: string): Promise<DeviceRequest | undefined> {
    const device = (await this.store.get(this.#key('request', id))) as DeviceRequest | undefined;
    return device && this.#core.now() < device.expiresAt ? device : undefined;
  }

  /** The device as it is now, answered or not, by one round trip. */
  async find(id: string): Promise<FoundDevice> {
    const [waiting, answer] = await Promise.all([this.waiting(id), this.store.get(this.#key('answer', id))]);
    return { waiting, answer: answer as DeviceAnswer | undefined };
  }

  /**
   * Answers a device. Of several answers, in whatever processes, one counts. The device waits until the answer is there: a poll between the two finds it
   * waiting still, or answered, and never gone.
   *
   * @returns whether it was this one
   */
  async answer(id: string, { expiresAt }: DeviceRequest, answer: DeviceAnswer): Promise<boolean> {
    const isFirst = await this.store.add(this.#key('answer', id), answer, Math.ceil(expiresAt + CLOCK_SKEW));
    if (isFirst !== true) return false;
    await this.store.take(this.#key('request', id)); // its user code leads nowhere now
    return true;
  }

  /**
   * Notes a poll, of which there is one in each span of time, in all processes. Two polls that are `interval` apart, give or take half a second for the network,
   * are never in one span.
   *
   * @returns whether it came too early after another one
   */
  async isTooEarly(id: string, clientID: string, interval: number): Promise<boolean> {
    const span = interval - EARLY;
    const number = Math.floor(this.#core.now() / span);
    const key = this.#key('poll', JSON.stringify([id, clientID, number])); // a store may keep what has expired for a while
    return (await this.store.add(key, true, (number + 1) * span + CLOCK_SKEW)) !== true;
  }
}
