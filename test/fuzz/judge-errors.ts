/** The forms of errors. */
import type { Answer } from './answer.js';

export interface ErrorForm {
  readonly code: string;
  readonly faults: readonly string[];
}

/** RFC 6749 §4.1.2.1, §5.2: %x20-21 / %x23-5B / %x5D-7E */
const DESCRIPTION = /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/;

export function describedFaults(description: unknown): string[] {
  if (description === undefined) return [];
  const isGood = typeof description === 'string' && DESCRIPTION.test(description) && description.length <= 256;
  return isGood ? [] : [`error_description is ${JSON.stringify(description)}`];
}

/** RFC 6749 §5.1 */
export function storeFaults({ get }: Answer): string[] {
  return get('cache-control') === 'no-store' && get('pragma') === 'no-cache' ? [] : ['it may be stored'];
}

export function parseJSON({ text, get }: Answer): Readonly<Record<string, unknown>> | undefined {
  if (!get('content-type')?.startsWith('application/json')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** The claims of a JWT. That its signature is good is not judged here. */
export function claimsIn(token: string): Readonly<Record<string, unknown>> | undefined {
  const [, payload] = /^[\w-]+\.([\w-]+)\.[\w-]+$/.exec(token) ?? [];
  return payload === undefined ? undefined : JSON.parse(Buffer.from(payload, 'base64url').toString());
}

/** An error as JSON, in the words of RFC 6749 §5.2. */
export function errorIn(answer: Answer, codes: readonly string[]): ErrorForm {
  const body = parseJSON(answer);
  if (!body) return { code: '?', faults: [`the error is no JSON: ${answer.text.slice(0, 100)}`] };
  const code = String(body['error']);
  const further = Object.keys(body).filter((name) => name !== 'error' && name !== 'error_description');
  return {
    code,
    faults: [
      ...(codes.includes(code) ? [] : [`error is ${code}`]),
      ...describedFaults(body['error_description']),
      ...further.map((name) => `the error has a member ${name}`),
      ...storeFaults(answer),
      ...statusFaults(answer, code),
    ],
  };
}

/** RFC 6749 §5.2, RFC 9110 §15.5 */
function statusFaults({ status, get }: Answer, code: string): string[] {
  const faults: string[] = [];
  const isFor = status === 401 ? code === 'invalid_client' : status === 400 || code !== 'invalid_client';
  if (!isFor) faults.push(`${status} for ${code}`);
  if ((status === 401) !== (get('www-authenticate') !== undefined)) faults.push(`${status} and its challenge`);
  if ((status === 405) !== (get('allow') !== undefined)) faults.push(`${status} and Allow`);
  if (get('location') !== undefined) faults.push('an error that goes elsewhere');
  return faults;
}
