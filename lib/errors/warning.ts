const said = new Set<string>();

/**
 * Says something to the operator once per process, as a process warning with a code of its own.
 *
 * @param code `KOAUTHORIZE_...`, to look for and to switch off by
 */
export function warnOnce(code: string, message: string): void {
  if (said.has(code)) return;
  said.add(code);
  process.emitWarning(message, { type: 'KoauthorizeWarning', code });
}
