/** Limits how many user codes may be typed. @see RFC 8628 §5.1 */
import { isIPv6 } from 'node:net';
import { slots } from '../../limits/slots.js';
import type { EphemeralStore } from '../../plugs.js';
import type { DeviceAuthorizationOptions } from './options.js';

/** Seconds within which codes are counted. */
const WINDOW = 15 * 60;

/** Who types a code. */
export interface Guesser {
  readonly subject: string;
  readonly address: string;
}

/** The network of an IP address. For IPv6, the first 64 bits, since somebody who has one address of such a network usually has all of them. */
function networkOf(address: string): string {
  if (!isIPv6(address) || address.includes('.')) return address;
  const [head = '', tail = ''] = address.split('::');
  const [first, last] = [head, tail].map((part) => part.split(':').filter(Boolean));
  const missing = address.includes('::') ? 8 - (first?.length ?? 0) - (last?.length ?? 0) : 0;
  const groups = [...(first ?? []), ...Array.from({ length: missing }, () => '0'), ...(last ?? [])];
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}

/**
 * Counts a code before it is looked up, so that concurrent guesses count, too. Right and wrong codes count alike.
 *
 * @returns a function that tells whether a code may be looked up
 */
export function guessing({
  guesses = 10,
  guessesPerAddress = 100,
}: Pick<DeviceAuthorizationOptions, 'guesses' | 'guessesPerAddress'>) {
  const ofUser = slots({ name: 'device guess', most: guesses, window: WINDOW });
  const ofAddress = slots({ name: 'device guess from', most: guessesPerAddress, window: WINDOW });
  return async (store: EphemeralStore, { subject, address }: Guesser, now: number): Promise<boolean> => {
    // first, so that a user who is over the limit does not use up the guesses of others at this address
    if ((await ofUser(store, subject, now)) !== undefined) return false;
    return (await ofAddress(store, networkOf(address), now)) === undefined;
  };
}
