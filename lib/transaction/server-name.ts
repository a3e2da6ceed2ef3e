/** Which of several servers a dialog began at. */
import { hash } from 'node:crypto';
import type { Core } from '../core.js';

type Plugged<C, U> = Pick<Core<C, U>, 'extensions' | 'grants' | 'issuer'>;

/**
 * The name that waiting transactions carry: the one that the application gave, or the issuer. A server with neither is told from others by
 * what is plugged into it and by its place among the servers that the process made: processes of one application agree on that as long as
 * each makes its servers in the same order.
 *
 * @param place the how manieth server of this process it is
 */
export function serverNameOf<C, U>(plugged: Plugged<C, U>, name: string | undefined, place: number): string {
  const given = name ?? plugged.issuer;
  if (given !== undefined) return given;
  const parts = [...plugged.grants.keys(), ...plugged.extensions.map((extension) => extension.name)].sort();
  return `#${place} ${hash('sha256', parts.join(), 'base64url').slice(0, 8)}`;
}
