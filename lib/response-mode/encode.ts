import type { ResponseParams } from '../types.js';

/** Form-encodes the parameters that have a value. @see RFC 6749 appendix B */
export function encode(params: ResponseParams): string {
  const form = new URLSearchParams();
  for (const [name, value] of entries(params)) form.append(name, value);
  return form.toString();
}

export function entries(params: ResponseParams): [string, string][] {
  const pairs: [string, string][] = [];
  for (const [name, value] of Object.entries(params)) if (value !== undefined) pairs.push([name, String(value)]);
  return pairs;
}
