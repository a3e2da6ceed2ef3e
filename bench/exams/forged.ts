/** Access tokens that are JWTs, changed by somebody who has no key. */
import { createHmac } from 'node:crypto';
import type { Connection } from '../workloads/connection.js';
import { getTokens } from '../workloads/requests.js';
import type { ExamDialog } from './dialog.js';

export interface Forged {
  /** How many were tried; none where access tokens are no JWTs. */
  readonly tried: number;
  /** Those that the API took. */
  readonly accepted: readonly string[];
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const decode = (part: string): object => JSON.parse(Buffer.from(part, 'base64url').toString()) as object;

/** Forgeries, by what was done. */
function forgeries(header: string, claims: string, signature: string): Readonly<Record<string, string>> {
  const [head, said] = [decode(header), decode(claims)];
  const signed = (given: object, key: string): string => {
    const input = `${encode(given)}.${claims}`;
    return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`;
  };
  return {
    ...Object.fromEntries(
      ['none', 'None', 'NONE', ''].map((alg) => [`alg "${alg}"`, `${encode({ ...head, alg })}.${claims}.`]),
    ),
    'no signature': `${header}.${claims}.`,
    'the signature of other claims': `${header}.${encode({ ...said, sub: 'bob', exp: 4e9 })}.${signature}`,
    'an empty key': signed({ ...head, alg: 'HS256' }, ''),
    'a guessed key': signed({ ...head, alg: 'HS256' }, 'secret'),
    'a key in the header': signed({ ...head, alg: 'HS256', jwk: { kty: 'oct', k: 'c2VjcmV0' } }, 'secret'),
    'a key ID that is a path': signed({ ...head, alg: 'HS256', kid: '../../dev/null' }, ''),
  };
}

export async function presentForged(http: Connection, dialog: ExamDialog): Promise<Forged> {
  const { accessToken } = await getTokens(http, dialog);
  const [header = '', claims = '', signature] = accessToken.split('.');
  if (signature === undefined) return { tried: 0, accepted: [] };
  const accepted: string[] = [];
  const all = Object.entries(forgeries(header, claims, signature));
  for (const [what, token] of all)
    if ((await http.get('/me', { authorization: `Bearer ${token}` })).status === 200) accepted.push(what);
  return { tried: all.length, accepted };
}
