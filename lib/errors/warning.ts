import { visible } from './one-line.js';

const given = new Set<string>();

/** Bounds the warnings that differ in `about` only: a stranger who registers many clients must not fill the log or the memory. */
const MAX_WARNINGS = 1000;

/**
 * Gives the operator a process warning, once per process.
 *
 * @param code `KOAUTHORIZE_...`, by which the warning can be found and disabled
 * @param about names a subject, such as a client: the warning is then given once for each subject
 */
export function warnOnce(code: string, message: string, about = ''): void {
  const key = `${code} ${about}`;
  if (given.has(key) || (about !== '' && given.size >= MAX_WARNINGS)) return;
  given.add(key);
  process.emitWarning(visible(message), { type: 'KoauthorizeWarning', code });
}
