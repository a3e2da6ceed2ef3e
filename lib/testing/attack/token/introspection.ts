/** Attacks on introspection. */
import { type Attack, skipped, succeeded, withstood } from '../attack.js';
import type { AttackContext } from '../context.js';
import { membersOf, type Page, send } from '../http.js';
import { describePage } from '../request.js';
import { proveAuthentication } from './answer.js';

export const isActive = (page: Page): boolean => membersOf(page)['active'] === true;

/** An access token that its own client may introspect; undefined if it may not, since a refusal to others would then prove nothing. */
async function visibleToken({ target, ...context }: AttackContext, url: string): Promise<string | undefined> {
  const { access_token } = await context.obtainTokens(target.client);
  const token = String(access_token);
  return isActive(await context.post(target.client, { token }, url)) ? token : undefined;
}

const INVISIBLE = skipped('the client may not introspect its own token');
const NO_INTROSPECTION = skipped('there is no introspection endpoint');

export const introspectionWithoutAuthentication: Attack = {
  name: 'introspection-without-authentication',
  title: 'a stranger without credentials is told what a token is valid for',
  clause: 'RFC 7662 §2.1',
  async run(context) {
    const { introspection } = context.endpoints;
    if (introspection === undefined) return NO_INTROSPECTION;
    const token = await visibleToken(context, introspection);
    if (token === undefined) return INVISIBLE;
    const { client_id } = context.target.client;
    for (const fields of [{ token }, { token, client_id }]) {
      const page = await send(introspection, { method: 'POST', body: new URLSearchParams(fields) });
      if (isActive(page)) return succeeded(`without credentials: ${describePage(page)}`);
    }
    return withstood;
  },
};

export const introspectionOfAnothersToken: Attack = {
  name: 'introspection-of-anothers-token',
  title: "a client that is no API is told what another client's token is valid for",
  clause: 'RFC 7662 §4',
  async run(context) {
    const { introspection } = context.endpoints;
    const { otherClient } = context.target;
    if (introspection === undefined) return NO_INTROSPECTION;
    if (!otherClient) return skipped('there is no otherClient');
    await proveAuthentication(context, otherClient);
    const token = await visibleToken(context, introspection);
    if (token === undefined) return INVISIBLE;
    const page = await context.post(otherClient, { token }, introspection);
    return isActive(page) ? succeeded(`to ${otherClient.client_id}: ${describePage(page)}`) : withstood;
  },
};
