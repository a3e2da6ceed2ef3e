/** Attacks that try to use a token for one API at another. */
import { succeeded, withstood } from '../attack.js';
import type { Page } from '../http.js';
import {
  type Asking,
  audienceIn,
  codeFor,
  exchangeFor,
  honestCodeFor,
  refreshFor,
  refreshTokenFor,
  resourceAttack,
} from './audience.js';

/** An API that the server does not know. */
const UNKNOWN = 'https://attacker.example/api';

/** Whether the answer has a token for this API. */
async function isFor(asking: Asking, page: Page, resource: string): Promise<boolean> {
  return (await audienceIn(asking, page))?.includes(resource) ?? false;
}

/** By which request the server gave a token for another API; undefined if by none. */
async function swapped(asking: Asking, own: string, other: string): Promise<string | undefined> {
  const exchanged = await exchangeFor(asking, await honestCodeFor(asking, [own]), [other]);
  if (await isFor(asking, exchanged, other)) return `a code for ${own} gave a token for ${other}`;
  const both = await exchangeFor(asking, await honestCodeFor(asking, [own]), [own, other]);
  if (await isFor(asking, both, other)) return `a code for ${own} gave a token for ${other}, too`;
  const token = await refreshTokenFor(asking, [own]);
  if (token !== undefined && (await isFor(asking, await refreshFor(asking, token, [other]), other)))
    return `a refresh token for ${own} gave a token for ${other}`;
  return undefined;
}

export const resourceSwap = resourceAttack(
  {
    name: 'resource-swap',
    title: 'a code or a refresh token that was allowed for one API gives a token for another',
    clause: 'RFC 8707 §2, §2.2',
  },
  1,
  async (asking, own, second) => {
    for (const other of second === undefined ? [UNKNOWN] : [second, UNKNOWN]) {
      const how = await swapped(asking, own, other);
      if (how !== undefined) return succeeded(how);
    }
    const code = await codeFor(asking, [UNKNOWN]);
    return code && (await isFor(asking, await exchangeFor(asking, code, []), UNKNOWN))
      ? succeeded(`a token was given for ${UNKNOWN}`)
      : withstood;
  },
);

export const audienceWidening = resourceAttack(
  {
    name: 'audience-widening',
    title: 'a token that was requested for one API is also for a second, so that the first API can use it there',
    clause: 'RFC 8707 §2.2, §3',
  },
  2,
  async (asking, own, other = '') => {
    const usual = await exchangeFor(asking, await honestCodeFor(asking, [own]), []);
    if (await isFor(asking, usual, other)) return succeeded(`a code for ${own} gave a token for ${other}, too`);
    const narrowed = await exchangeFor(asking, await honestCodeFor(asking, [own, other]), [own]);
    if (!(await isFor(asking, narrowed, own))) throw new Error(`An honest exchange for ${own} of both gives no token`);
    if (await isFor(asking, narrowed, other))
      return succeeded(`a code for both gave a token for both, where ${own} was asked for`);
    const token = await refreshTokenFor(asking, [own, other]);
    if (token === undefined) return withstood;
    return (await isFor(asking, await refreshFor(asking, token, [own]), other))
      ? succeeded(`a refresh token for both gave a token for both, where ${own} was asked for`)
      : withstood;
  },
);
