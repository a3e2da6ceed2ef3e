import createDebug from 'debug';
import { visible } from './one-line.js';

/** Errors are told without their stack: their messages may repeat what a stranger sent. */
function shown(value: unknown): unknown {
  return typeof value === 'string' || value instanceof Error ? visible(String(value)) : value;
}

/** Writes for whoever sets `DEBUG=koauthorize:<topic>`. */
export function debugAbout(topic: string): (format: string, ...values: readonly unknown[]) => void {
  const debug = createDebug(`koauthorize:${topic}`);
  return (format, ...values) => {
    if (debug.enabled) debug(format, ...values.map(shown));
  };
}
