/** Names the server at which a dialog began, because an application may have several. */
import { hash } from 'node:crypto';
import type { Core } from '../core.js';

type Plugged<C, U> = Pick<Core<C, U>, 'extensions' | 'grants' | 'issuer'>;

/**
 * The name of a server in its waiting transactions: the option `name`, or the issuer. Without either, the name is made from the
 * grants and extensions of the server and from its number in this process. It is the same in all processes of an application that make their
 * servers in the same order.
 *
 * @param place the number of the server, counted in the order in which the process made them
 */
export function serverNameOf<C, U>(plugged: Plugged<C, U>, name: string | undefined, place: number): string {
  const given = name ?? plugged.issuer;
  if (given !== undefined) return given;
  const parts = [...plugged.grants.keys(), ...plugged.extensions.map((extension) => extension.name)].sort();
  return `#${place} ${hash('sha256', parts.join(), 'base64url').slice(0, 8)}`;
}
