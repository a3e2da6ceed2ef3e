import type { Grant, RequestParser } from '../plugs.js';
import { add } from '../registry/add.js';
import { isByHand } from '../registry/shape.js';
import type { ResponseParams } from '../types.js';

/** Calls the application's own `request` function of each grant, and merges the results. */
function readAll(parsers: readonly RequestParser[]): RequestParser {
  return async (ctx) => {
    const all = {};
    for (const parse of parsers) Object.assign(all, await parse(ctx));
    return all;
  };
}

/** @throws Error if a grant has a `response` function of the application: a combination calls `issue` only, so that function would be ignored */
function requireIssuing<C, U>(name: string, grants: readonly Grant<C, U>[]): void {
  const other = grants.find(({ response }) => isByHand(response));
  if (other)
    throw new Error(`The ${other.name} grant has a response by hand: register what answers ${name} by hand, too`);
}

/** The grants in the order in which they issue: each after those that it says. */
function inOrder<C, U>(grants: readonly Grant<C, U>[]): Grant<C, U>[] {
  const left = [...grants];
  const ordered: Grant<C, U>[] = [];
  while (left.length > 0) {
    const isFree = ({ after = [] }: Grant<C, U>): boolean => !left.some(({ name }) => after.includes(name));
    ordered.push(...left.splice(Math.max(0, left.findIndex(isFree)), 1));
  }
  return ordered;
}

/**
 * Answers a response type of several words with the parameters that the grants of its words issue.
 *
 * @throws Error if one of them has a `response` function of the application
 * @see RFC 6749 §3.1.1
 */
export function combined<C, U>(name: string, words: readonly Grant<C, U>[]): Grant<C, U> {
  requireIssuing(name, words);
  const grants = inOrder(words);
  const parsers = grants.map(({ request }) => request).filter(isByHand);
  const exposedTo = grants.find((grant) => grant.exposedTo)?.exposedTo;
  return {
    name,
    // Multiple Response Type Encoding Practices §5: the fragment, if one of the grants uses it, so that tokens do not get into logs
    responseMode: grants.some(({ responseMode }) => responseMode === 'fragment') ? 'fragment' : 'query',
    ...(exposedTo && { exposedTo }),
    ...(parsers.length > 0 && { request: readAll(parsers) }),
    ...(grants.every(({ isSpent }) => isSpent) && {
      async isSpent(params) {
        for (const grant of grants) if (await grant.isSpent?.(params)) return true;
        return false;
      },
    }),
    async issue(txn, authorization) {
      let all: ResponseParams = {};
      for (const grant of grants) {
        all = add(all, await grant.issue(txn, authorization, all), grant.name);
        all = add(all, await grant.extend?.(txn), grant.name);
      }
      return all;
    },
  };
}
