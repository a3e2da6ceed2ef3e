/** The machine's clock, as the protocol tells time: in epoch seconds. @see RFC 7519 §2 */
export function epoch(): number {
  return Math.floor(Date.now() / 1000);
}

/**
 * Seconds by which the clocks of two machines may differ: the one tolerance of this package. Whatever must be remembered so that it cannot be
 * used again is remembered for longer than this. @see RFC 7519 §4.1.4
 */
export const CLOCK_SKEW = 30;

/** Seconds of the year 5138: a greater number is a time in milliseconds. */
const LATEST = 1e11;

/** Whether a time is in milliseconds, by mistake: whatever it is the time of would be good for ever. */
export function isInMilliseconds(time: unknown): boolean {
  return typeof time === 'number' && time > LATEST;
}

/** Whether a value is a time in epoch seconds: no text, no Date, no milliseconds. */
export function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value <= LATEST;
}

/** The error for what has happened later than now, by more than clocks may differ, or at what is no time. */
export function notPast(what: string, time: number, now: number): TypeError {
  return typeof time === 'number' && time <= LATEST
    ? new TypeError(`${what} is ${time}, and it is ${now} here: the clocks differ by ${time - now} seconds`)
    : new TypeError(`${what} is in epoch seconds, not ${time}`);
}
