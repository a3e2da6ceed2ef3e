/** Pushes honest requests, and opens their request URIs. */
import { type Attack, type AttackOutcome, skipped } from '../attack.js';
import type { AttackContext, Request } from '../context.js';
import { answerIn, type Page } from '../http.js';
import { describePage } from '../request.js';
import type { AttackClient } from '../target.js';
import { memberOf } from '../token/answer.js';
import type { Visitor } from '../visitor.js';

/** A request that was pushed. */
export interface Pushed extends Request {
  readonly uri: string;
}

/** An attack on a server that accepts pushed requests. */
export function pushedAttack(
  about: Omit<Attack, 'run'>,
  attempt: (context: AttackContext) => Promise<AttackOutcome>,
): Attack {
  const none = skipped('there is no pushed_authorization_request endpoint');
  return {
    ...about,
    run: async (context) => (context.endpoints.pushed_authorization_request === undefined ? none : attempt(context)),
  };
}

/** A visitor for whom an honest pushed request was answered with a code. @throws Error if it was not */
export async function visitorOfHonest(context: AttackContext): Promise<Visitor> {
  const visitor = await context.visitor();
  const { client } = context.target;
  const answer = await open(context, visitor, urlOf(context, client, await push(context, client)));
  if (!answer.has('code')) throw new Error(`An honest request_uri of ${client.client_id} gives no code: ${answer}`);
  return visitor;
}

export function post(
  { endpoints, post }: AttackContext,
  client: AttackClient,
  { url }: Request,
  headers?: Readonly<Record<string, string>>,
): Promise<Page> {
  return post(client, new URL(url).searchParams, endpoints.pushed_authorization_request, headers);
}

/** Pushes a valid request. @throws Error if the server refuses it */
export async function push(
  context: AttackContext,
  client: AttackClient,
  headers?: Readonly<Record<string, string>>,
): Promise<Pushed> {
  const request = context.request(client);
  const page = await post(context, client, request, headers);
  const uri = memberOf(page, 'request_uri');
  if (page.status === 201 && uri !== undefined) return { ...request, uri };
  throw new Error(`An honest pushed request of ${client.client_id} is not taken: ${describePage(page)}`);
}

/** The URL for a browser with a request URI. @param beside further parameters */
export function urlOf(
  { endpoints }: AttackContext,
  { client_id }: Pick<AttackClient, 'client_id'>,
  { uri }: Pushed,
  beside: Readonly<Record<string, string>> = {},
): string {
  const url = new URL(endpoints.authorization);
  for (const [name, value] of Object.entries({ client_id, request_uri: uri, ...beside }))
    url.searchParams.append(name, value);
  return url.href;
}

/**
 * Opens a request URI, and allows the request if a dialog is shown.
 *
 * @returns the parameters of the answer, with the code if there is one.
 * @throws Error if the server failed
 */
export async function open(context: AttackContext, visitor: Visitor, url: string): Promise<URLSearchParams> {
  const page = await context.allow(visitor, await visitor.get(url));
  if (page.status >= 500) throw new Error(`The server failed: ${describePage(page)}`);
  return answerIn(page);
}
