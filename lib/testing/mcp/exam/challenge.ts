/** Reads the challenges of an API. */
import type { Page } from '../../attack/http.js';

/** The parameters of a challenge, in their order. */
export type Challenge = readonly (readonly [name: string, value: string])[];

/** A scheme, or a parameter with its value. RFC 9110 §11.6.1: commas separate both challenges and parameters. */
const PART = /([\w!#$%&'*+.^`|~-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+)))?/g;

/** The parameters of the first Bearer challenge; undefined if there is none. */
export function bearerChallenge({ headers }: Pick<Page, 'headers'>): Challenge | undefined {
  let scheme = '';
  let found: (readonly [string, string])[] | undefined;
  for (const [, name = '', quoted, plain] of (headers.get('www-authenticate') ?? '').matchAll(PART)) {
    const value = quoted?.replace(/\\(.)/g, '$1') ?? plain;
    if (value === undefined) scheme = name.toLowerCase();
    if (value === undefined && scheme === 'bearer') found ??= [];
    else if (value !== undefined && scheme === 'bearer') found?.push([name.toLowerCase(), value]);
  }
  return found;
}

/** The value of a parameter of the Bearer challenge. */
export function challengeParam(page: Pick<Page, 'headers'>, name: string): string | undefined {
  return bearerChallenge(page)?.find(([each]) => each === name)?.[1];
}
