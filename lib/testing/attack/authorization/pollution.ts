/** Attacks with parameters that are sent twice, or that are not strings. */
import { type Attack, succeeded, withstood } from '../attack.js';
import type { AttackContext } from '../context.js';
import { answerIn } from '../http.js';
import { challengeOf, random } from '../request.js';
import { leadsTo, type Visitor } from '../visitor.js';

const PLACE = 'https://attacker.example/callback';

type Pair = readonly [string, string];

/** RFC 6749 §3.1: no parameter may be sent twice. The wrong value is tried in both orders. */
const twice = (): readonly Pair[] => [
  ['redirect_uri', PLACE],
  ['client_id', 'attacker'],
  ['response_type', 'token'],
  ['scope', 'attacker'],
  ['state', 'attacker'],
  ['code_challenge', challengeOf(random())],
  ['code_challenge_method', 'plain'],
];

/** Replacements for client_id: names with brackets, which body parsers turn into objects that a database takes for operators. */
const OPERATORS = [
  'client_id[$ne]',
  'client_id[$regex]',
  'client_id[]',
  'client_id[0]',
  'client_id[constructor]',
] as const;

/** Parameters in addition to an honest redirect_uri. They are unknown parameters, so a server may ignore them. */
const NESTED = [
  'redirect_uri[]',
  'redirect_uri[0]',
  'redirect_uri[constructor]',
  '__proto__[redirect_uri]',
  'Redirect_URI',
];

/** Sends an honest request with a change. @returns whether a dialog is shown, and where the browser is sent */
type Tamper = (change: (params: URLSearchParams) => URLSearchParams) => Promise<{ dialog: boolean; location: string }>;

async function tamperer(context: AttackContext, visitor: Visitor): Promise<Tamper> {
  return async (change) => {
    const url = new URL(context.request(context.target.client).url);
    url.search = change(url.searchParams).toString();
    const page = await visitor.get(url.href);
    const answer = await context.allow(visitor, page);
    return { dialog: page !== answer || answerIn(page).has('code'), location: answer.location ?? '' };
  };
}

const append =
  (...pairs: readonly Pair[]) =>
  (params: URLSearchParams): URLSearchParams =>
    new URLSearchParams([...params, ...pairs].map(([name, value]): [string, string] => [name, value]));

const prepend =
  (pair: Pair) =>
  (params: URLSearchParams): URLSearchParams =>
    append(...params)(new URLSearchParams([[pair[0], pair[1]]]));

export const authorizationParameterPollution: Attack = {
  name: 'authorization-parameter-pollution',
  title: 'a parameter that is sent twice, as an array or as an object, is checked as one value and used as another',
  clause: 'RFC 6749 §3.1',
  async run(context) {
    const tamper = await tamperer(context, await context.visitor());
    const { searchParams } = new URL(context.request(context.target.client).url);
    for (const pair of twice().filter(([name]) => searchParams.has(name)))
      for (const change of [append(pair), prepend(pair)])
        if ((await tamper(change)).dialog) return succeeded(`a request with ${pair[0]} twice is accepted`);
    for (const name of OPERATORS) {
      const { dialog } = await tamper((params) => {
        params.delete('client_id');
        return append([name, 'nobody-by-this-name'])(params);
      });
      if (dialog) return succeeded(`a request with ${name} for a client_id is accepted`);
    }
    for (const name of NESTED)
      if (leadsTo((await tamper(append([name, PLACE]))).location, PLACE))
        return succeeded(`the answer goes where ${name} says`);
    return withstood;
  },
};
