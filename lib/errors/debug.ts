import createDebug from 'debug';
import { visible } from './one-line.js';

/** Texts and errors in a form that is safe to log: they may repeat what a stranger sent. The stack of an error is left out. */
function shown(value: unknown): unknown {
  return typeof value === 'string' || value instanceof Error ? visible(String(value)) : value;
}

/** Makes a function that writes debug output if `DEBUG=koauthorize:<topic>` is set. */
export function debugAbout(topic: string): (format: string, ...values: readonly unknown[]) => void {
  const debug = createDebug(`koauthorize:${topic}`);
  return (format, ...values) => {
    if (debug.enabled) debug(format, ...values.map(shown));
  };
}
