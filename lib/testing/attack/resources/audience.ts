/** Reads the audience of tokens, and sends requests with resources. */
import { decodeJwt } from 'jose';
import { type Attack, type AttackOutcome, skipped } from '../attack.js';
import type { AttackContext, Obtained } from '../context.js';
import { answerIn, membersOf, type Page } from '../http.js';
import { describePage } from '../request.js';
import { honest, memberOf, tokenIn } from '../token/answer.js';
import type { Visitor } from '../visitor.js';

/** The client that asks for tokens, and its logged-in user. */
export interface Asking {
  readonly context: AttackContext;
  readonly visitor: Visitor;
}

const named = (resources: readonly string[]) => resources.map((resource) => ['resource', resource] as const);

/** @throws Error if neither the token nor introspection has an audience */
async function audienceOf({ target, endpoints, post }: AttackContext, token: string): Promise<readonly string[]> {
  const told =
    endpoints.introspection && membersOf(await post(target.client, { token }, endpoints.introspection))['aud'];
  const [, payload = ''] = token.split('.');
  const said = /^[\w-]+\.[\w-]+\.[\w-]+$/.test(token) && payload ? decodeJwt(token).aud : told;
  if (said === undefined) throw new Error('Neither the access token nor introspection says for which API the token is');
  return [said].flat().map(String);
}

/** The audience of the token in an answer; undefined if the request was refused. */
export async function audienceIn({ context }: Asking, page: Page): Promise<readonly string[] | undefined> {
  const token = tokenIn(page);
  return token === undefined ? undefined : audienceOf(context, token);
}

/** A code for tokens for these APIs; undefined if the request is refused. */
export async function codeFor(
  { context, visitor }: Asking,
  resources: readonly string[],
): Promise<Obtained | undefined> {
  const { url, ...request } = context.request(context.target.client);
  const whole = new URL(url);
  for (const [name, value] of named(resources)) whole.searchParams.append(name, value);
  const answer = await context.allow(visitor, await visitor.get(whole.href));
  if (answer.status >= 500) throw new Error(`The server failed: ${describePage(answer)}`);
  const code = answerIn(answer).get('code');
  return code === null ? undefined : { ...request, code, location: answer.location ?? '' };
}

/** The code of an honest request. @throws Error if there is none */
export async function honestCodeFor(asking: Asking, resources: readonly string[]): Promise<Obtained> {
  const obtained = await codeFor(asking, resources);
  if (obtained) return obtained;
  throw new Error(`An honest request for ${resources.join(' and ')} gives no code`);
}

export function exchangeFor({ context }: Asking, obtained: Obtained, resources: readonly string[]): Promise<Page> {
  const { code, redirect_uri, verifier } = obtained;
  const fields = { grant_type: 'authorization_code', code, redirect_uri, code_verifier: verifier };
  return context.post(context.target.client, [...Object.entries(fields), ...named(resources)]);
}

export function refreshFor({ context }: Asking, refresh_token: string, resources: readonly string[]): Promise<Page> {
  const fields = { grant_type: 'refresh_token', refresh_token };
  return context.post(context.target.client, [...Object.entries(fields), ...named(resources)]);
}

/** A new refresh token for these APIs; undefined if the server issues none. */
export async function refreshTokenFor(asking: Asking, resources: readonly string[]): Promise<string | undefined> {
  const page = await exchangeFor(asking, await honestCodeFor(asking, resources), []);
  return memberOf(honest(page, 'An honest exchange for a resource'), 'refresh_token');
}

/** @throws Error if an honest token is not for its API */
async function requireAudience(asking: Asking, resource: string): Promise<void> {
  const page = await exchangeFor(asking, await honestCodeFor(asking, [resource]), []);
  const audience = await audienceIn(asking, page);
  if (!audience?.includes(resource))
    throw new Error(`An honest token for ${resource} is for ${audience?.join(' and ') ?? 'nobody'}`);
}

/** An attack on a target with resource indicators. @param count how many resources the attack needs */
export function resourceAttack(
  about: Omit<Attack, 'run'>,
  count: 1 | 2,
  attempt: (asking: Asking, own: string, other: string | undefined) => Promise<AttackOutcome>,
): Attack {
  return {
    ...about,
    async run(context) {
      const [own, other] = context.target.resources ?? [];
      if (own === undefined) return skipped('the target has no resources');
      if (other === undefined && count === 2) return skipped('the target has only one of resources');
      const asking = { context, visitor: await context.visitor() };
      await requireAudience(asking, own);
      return attempt(asking, own, other);
    },
  };
}
