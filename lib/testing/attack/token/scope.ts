/** Attacks that ask for more scope at the token endpoint than the user has allowed. */
import { type Attack, skipped, succeeded, withstood } from '../attack.js';
import type { AttackContext } from '../context.js';
import type { Page } from '../http.js';
import { honest, memberOf, refresh, tokenIn } from './answer.js';

interface Wish {
  /** The first scope of the client, which the user allows. */
  readonly first: string | undefined;
  /** All scopes of the client; one that no server has, if the client has only one. */
  readonly more: string;
}

function wishOf({ target: { client } }: AttackContext): Wish {
  const [first, ...others] = client.scope?.split(' ') ?? [];
  const allowed = first === undefined ? [] : [first];
  return { first, more: [...allowed, ...others, ...(others.length === 0 ? ['attack:everything'] : [])].join(' ') };
}

const beyond = (scope: string | undefined, allowed: readonly string[]): readonly string[] =>
  (scope?.split(' ') ?? []).filter((one) => !allowed.includes(one));

const neverAllowed = (more: readonly string[]) =>
  more.length === 0 ? withstood : succeeded(`${more.join(' ')} was never allowed`);

export const scopeWidening: Attack = {
  name: 'scope-widening',
  title: 'a client is given more for a refresh token than the user has allowed',
  clause: 'RFC 6749 §6',
  async run(context) {
    const { client } = context.target;
    const { first, more } = wishOf(context);
    const page = await context.exchange(client, await context.obtainCode(client, { scope: first }));
    const refreshing = memberOf(honest(page, 'An honest exchange'), 'refresh_token');
    if (refreshing === undefined) return skipped('the client is given no refresh token');
    const granted = memberOf(page, 'scope')?.split(' ') ?? (first === undefined ? [] : [first]);
    const refreshed = await refresh(context, client, refreshing, { scope: more });
    if (tokenIn(refreshed) === undefined) return withstood;
    // RFC 6749 §5.1: an answer without `scope` means the requested scope
    return neverAllowed(beyond(memberOf(refreshed, 'scope') ?? more, granted));
  },
};

/** The scope of an access token: of the answer, and, since a wrong server may be silent about it, of introspection too. */
async function scopesOf({ post, target, endpoints }: AttackContext, page: Page): Promise<string | undefined> {
  const said = memberOf(page, 'scope');
  if (said !== undefined || endpoints.introspection === undefined) return said;
  const token = memberOf(page, 'access_token') ?? '';
  return memberOf(await post(target.client, { token }, endpoints.introspection), 'scope');
}

export const scopeAtExchange: Attack = {
  name: 'scope-at-exchange',
  title: 'a client names a scope when it exchanges a code, and is given more than the user has allowed',
  clause: 'RFC 6749 §3.3, §4.1.3',
  async run(context) {
    const { client } = context.target;
    const { first, more } = wishOf(context);
    const honestly = await context.exchange(client, await context.obtainCode(client, { scope: first }));
    const granted = (await scopesOf(context, honest(honestly, 'An honest exchange')))?.split(' ');
    const page = await context.exchange(client, await context.obtainCode(client, { scope: first }), { scope: more });
    if (tokenIn(page) === undefined) return withstood;
    return neverAllowed(beyond(await scopesOf(context, page), granted ?? (first === undefined ? [] : [first])));
  },
};
