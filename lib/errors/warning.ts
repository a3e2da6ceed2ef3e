const said = new Set<string>();

/** Different things that are said of one code at most: whoever registers clients must not fill the log, or the memory. */
const MOST = 1000;

/**
 * Says something to the operator once per process, as a process warning with a code of its own.
 *
 * @param code `KOAUTHORIZE_...`, to look for and to switch off by
 * @param about what it is about, where it is said once for each such thing and not once for all
 */
export function warnOnce(code: string, message: string, about = ''): void {
  const key = `${code} ${about}`;
  if (said.has(key) || (about !== '' && said.size >= MOST)) return;
  said.add(key);
  process.emitWarning(message, { type: 'KoauthorizeWarning', code });
}
