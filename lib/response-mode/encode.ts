import type { ResponseParams } from '../types.js';

/** The parameters that have a value, form-encoded. @see RFC 6749 appendix B */
export function encode(params: ResponseParams): string {
  return new URLSearchParams(entries(params)).toString();
}

export function entries(params: ResponseParams): [string, string][] {
  return Object.entries(params).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
}
