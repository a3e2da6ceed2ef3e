/** What a request says, read from its bytes by those who judge the answer. */
import type { Sent } from './render.js';
import { EXTENDED } from './vocabulary.js';

export interface Said {
  /** Without empty ones. */
  readonly values: readonly string[];
  /** Whether it is certain that the toolkit reads just these; else it depends on who parsed what before. */
  readonly isExact: boolean;
}

const FORM = /^application\/x-www-form-urlencoded *(;|$)/i;

function queryOf({ target }: Sent): URLSearchParams {
  const mark = target.indexOf('?');
  return new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1));
}

function everything(sent: Sent): readonly (readonly [string, string])[] {
  const { query, form } = sent.draft;
  return [...queryOf(sent), ...new URLSearchParams(sent.body.toString('utf8')), ...query, ...form];
}

/** What an authorization request says under a name. RFC 6749 §3.1: in its query, or in its form when it is a POST */
export function said(sent: Sent, house: string, name: string): Said {
  const { method, headers } = sent.draft;
  const isParsed =
    (house !== 'no body parser' && house !== EXTENDED) || headers.some(([header]) => /^content-/i.test(header));
  const isForm = FORM.test(sent.type ?? '') && !isParsed;
  const isExact = !sent.isOdd && !sent.target.includes('#') && (method === 'POST' ? isForm : true);
  const source = method === 'POST' ? new URLSearchParams(sent.body.toString('utf8')) : queryOf(sent);
  const values = isExact
    ? source.getAll(name)
    : everything(sent).flatMap(([one, value]) => (one.startsWith(name) ? [value] : []));
  return { values: values.filter(Boolean), isExact };
}

/** Parameters whose values errors and redirects may tell. */
const TOLD = /^(state|scope|grant_type|response_type|response_mode|code_challenge_method)/i;

/** What answers may say again of a request, in one text: the values of such parameters, and all names. */
export function repeatable(sent: Sent): string {
  return everything(sent)
    .map(([name, value]) => (TOLD.test(name.trim()) ? `${name} ${value}` : name))
    .join('\n');
}
