/** The members of an extension. A misspelt one would never be called, and the check that it makes would be missing. */
import type { Extension, Route } from '../core.js';
import { type OptionNames, requireKnown, requireNoNearMiss } from '../options.js';
import type { AuthorizationSteps, TokenSteps } from '../steps.js';
import { requireTexts } from '../syntax/texts.js';

/** The members that are lists of texts. A text also has `includes`, which compares parts of it. */
const LISTS = ['parameters', 'repeatable', 'asksBy', 'adds', 'obeys', 'prevents', 'registers'] as const;

/** The members that no extension has declared. Any extension may declare others, and read them of all extensions. */
export const MEMBERS: readonly (keyof Extension)[] = [
  ...(['name', 'spec', 'grants', 'exchanges', 'responseModes', 'authorization', 'token', 'inquiry'] as const),
  ...LISTS,
  ...(['routes', 'ignoresScope', 'proof', 'errors', 'refusals', 'authenticated', 'client', 'ownsClientID'] as const),
  ...(['register', 'judgeClient', 'outwardSubject', 'accessTokenTerms', 'clientTerms', 'faultOfAssertion'] as const),
  ...(['disclose', 'narrowDisclosed', 'metadata', 'ready', 'findings'] as const),
];

/** A strategy for passport, such as `clientStrategy()`, is an extension and has this function: it is no misspelt `authenticated`. */
const OF_STRATEGY = 'authenticate';

const AUTHORIZATION: OptionNames<AuthorizationSteps> = {
  resolve: true,
  recall: true,
  parse: true,
  prompt: true,
  interact: true,
  decide: true,
  authorize: true,
  respond: true,
  take: true,
};

const TOKEN: OptionNames<TokenSteps> = { grantTypes: true, parse: true, scope: true, check: true, respond: true };

const ROUTE: OptionNames<Route> = {
  path: true,
  url: true,
  alsoAt: true,
  methods: true,
  clientAuthenticated: true,
  takesRequests: true,
  hasPage: true,
  cors: true,
  listedAs: true,
  handler: true,
};

/** Methods are case-sensitive: no request has the method `post`. RFC 9110 §9.1. @throws TypeError for such a method, and for a misspelt member of the route */
function requireRoute(route: Route, what: string): void {
  requireKnown<Route>(route, ROUTE, what);
  requireTexts(route.methods, `${what}: methods`);
  const wrong = route.methods.find((method) => method !== method.toUpperCase());
  if (wrong !== undefined) throw new TypeError(`${what}: the method ${wrong} is written ${wrong.toUpperCase()}`);
}

/** @throws TypeError for a misspelt member or step, and for a text in place of a list of texts */
export function requireMembers<C, U>(extension: Extension<C, U>): void {
  const what = `The extension ${extension.name}`;
  requireNoNearMiss(extension, [...MEMBERS, OF_STRATEGY], what);
  requireKnown<AuthorizationSteps<C, U>>(extension.authorization, AUTHORIZATION, `${what}: authorization`);
  requireKnown<TokenSteps<C>>(extension.token, TOKEN, `${what}: token`);
  requireTexts(extension.token?.grantTypes, `${what}: token.grantTypes`);
  for (const name of LISTS) requireTexts(extension[name], `${what}: ${name}`);
  for (const [name, route] of Object.entries(extension.routes ?? {})) requireRoute(route, `${what}: routes.${name}`);
}
