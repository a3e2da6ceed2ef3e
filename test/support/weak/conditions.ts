/** What body parsers and document stores make of a request, in servers that do not look at what they are given. */
import type { Weak } from './flaws.js';
import type { State } from './state.js';

/** The members of JSON as a form parser knows them: `{ "code": { "$ne": "x" } }` is `code[$ne]=x`. */
export function jsonPairs(text: string): [string, string][] {
  return Object.entries(JSON.parse(text) as object).map(([name, value]) => {
    const [operator, operand] = Object.entries(Object(value))[0] ?? [];
    return typeof value === 'object' ? [`${name}[${operator}]`, String(operand)] : [name, String(value)];
  });
}

/** What `{ $ne: value }` finds in the place of this parameter. */
function found(name: string, value: string, form: ReadonlyMap<string, string>, state: State, weak: Weak) {
  if (name === 'client_secret' && weak('operator-injection:client-secret'))
    return state.clients.get(form.get('client_id') ?? '')?.client_secret;
  if (name === 'token' && weak('operator-injection:introspection')) return state.newestBut('access_token', value);
  if (name === 'refresh_token' && weak('operator-injection:refresh-token')) return state.newestBut(name, value);
  const counts = weak('operator-injection') || weak('operator-injection:json');
  return name === 'code' && counts ? state.newestBut(name, value) : undefined;
}

/** Puts what is found into the place of each condition. */
export function replaceConditions(form: Map<string, string>, state: State, weak: Weak): void {
  for (const [key, value] of form) {
    const [, name] = /^(\w+)\[\$ne\]$/.exec(key) ?? [];
    const replacement = name && found(name, value, form, state, weak);
    if (name && replacement) form.set(name, replacement);
  }
}
