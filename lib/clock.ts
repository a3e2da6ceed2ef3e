/** The time of the machine's clock in epoch seconds, the unit of the protocol. @see RFC 7519 §2 */
export function epoch(): number {
  return Math.floor(Date.now() / 1000);
}

/**
 * Seconds by which the clocks of two machines may differ: the only tolerance in this package. A value that may be used once, such as a `jti`, is
 * remembered for longer than this: otherwise it could be replayed within the tolerance. @see RFC 7519 §4.1.4
 */
export const CLOCK_SKEW = 30;

/** Epoch seconds in the year 5138: a greater number must be a time in milliseconds. */
const LATEST = 1e11;

/** Whether a time was given in milliseconds by mistake: a token that expires at such a time would never expire. */
export function isInMilliseconds(time: unknown): boolean {
  return typeof time === 'number' && time > LATEST;
}

/** Whether a value is a time in epoch seconds, and not a text, a Date, or a time in milliseconds. */
export function isEpochSeconds(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value <= LATEST;
}

/** The error for a past event whose time is later than now by more than `CLOCK_SKEW`, or is not in epoch seconds. */
export function notPast(what: string, time: number, now: number): TypeError {
  return typeof time === 'number' && time <= LATEST
    ? new TypeError(`${what} is ${time}, and it is ${now} here: the clocks differ by ${time - now} seconds`)
    : new TypeError(`${what} is in epoch seconds, not ${time}`);
}
