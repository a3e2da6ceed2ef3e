/** How many user codes may be typed. @see RFC 8628 §5.1 */
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

/** The network of an address. Of IPv6 it is the first 64 bits: whoever has one address of it usually has all of them. */
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
 * Counts a code before it is looked up, so that those who send many at the same moment are counted, too. Right codes are counted as wrong ones are.
 *
 * @returns a function that tells whether this one may be looked up
 */
export function guessing({
  guesses = 10,
  guessesPerAddress = 100,
}: Pick<DeviceAuthorizationOptions, 'guesses' | 'guessesPerAddress'>) {
  const ofUser = slots({ name: 'device guess', most: guesses, window: WINDOW });
  const ofAddress = slots({ name: 'device guess from', most: guessesPerAddress, window: WINDOW });
  return async (store: EphemeralStore, { subject, address }: Guesser, now: number): Promise<boolean> => {
    if ((await ofUser(store, subject, now)) !== undefined) return false; // and takes no place of others at this address
    return (await ofAddress(store, networkOf(address), now)) === undefined;
  };
}
