/** Attacks that use ID tokens as access tokens, access tokens as ID tokens, or tokens for the claims of another user. */
import { decodeProtectedHeader } from 'jose';
import { BEARER } from '../../../syntax/token-type.js';
import { type AttackOutcome, skipped, succeeded, withstood } from '../attack.js';
import type { AttackContext } from '../context.js';
import { membersOf, type Page, send } from '../http.js';
import { honestRefused } from '../token/answer.js';
import { logsIn } from './hint-forgery.js';
import { type LoggedIn, openidAttack, openidScope, type Provider } from './provider.js';

const present = (url: string, token: string): Promise<Page> =>
  send(url, { headers: { authorization: `${BEARER} ${token}` } });

/** Where an ID token is accepted as an access token. @throws Error if an access token is not accepted there */
async function countsAt({ endpoints, target, post }: AttackContext, { idToken, accessToken }: LoggedIn) {
  const { resource, introspecting_resource: second, userinfo, introspection } = endpoints;
  for (const url of [resource, second, userinfo]) {
    if (url === undefined) continue;
    const { status } = await present(url, accessToken);
    if (status !== 200) throw honestRefused(url, status);
    if ((await present(url, idToken)).status === 200) return url;
  }
  if (introspection === undefined) return undefined;
  const answer = membersOf(await post(target.client, { token: idToken }, introspection));
  return answer['active'] === true ? introspection : undefined;
}

export const idTokenAsAccessToken = openidAttack(
  {
    name: 'id-token-as-access-token',
    title: 'an ID token, which any client may pass on, is accepted as an access token',
    clause: 'RFC 8725 §3.11, RFC 9068 §4',
  },
  async ({ logIn }, context) => {
    const { resource, userinfo, introspection } = context.endpoints;
    if ([resource, userinfo, introspection].every((url) => url === undefined))
      return skipped('there is no resource, no userinfo and no introspection endpoint');
    const place = await countsAt(context, await logIn(await context.visitor(), context.target.client));
    return place === undefined ? withstood : succeeded(`it counted at ${place}`);
  },
);

const isJWT = (token: string): boolean => /^[\w-]+\.[\w-]+\.[\w-]+$/.test(token);

/** Whether a client that verifies ID tokens would accept this token. @see OpenID Connect Core §3.1.3.7 */
async function passes({ verify }: Provider, token: string, clientID: string): Promise<boolean> {
  const claims = await verify(token);
  const { typ = '' } = decodeProtectedHeader(token);
  const isTyped = /^(application\/)?at\+jwt$/i.test(typ); // RFC 9068 §2.1
  return claims !== undefined && [claims.aud].flat().includes(clientID) && !isTyped;
}

/** Tries an access token as `id_token_hint`. */
async function asHint(provider: Provider, context: AttackContext, token: string): Promise<AttackOutcome> {
  const { target, endpoints } = context;
  if (await logsIn(provider, context, token)) return succeeded('as id_token_hint, an access token logged the user in');
  if (endpoints.end_session === undefined) return withstood;
  const visitor = await context.visitor();
  const { accessToken } = await provider.logIn(visitor, target.client);
  await visitor.get(`${endpoints.end_session}?${new URLSearchParams({ id_token_hint: accessToken })}`);
  return (await provider.isLoggedIn(visitor))
    ? withstood
    : succeeded('as id_token_hint, an access token logged the user out');
}

export const accessTokenAsIDToken = openidAttack(
  {
    name: 'access-token-as-id-token',
    title: 'an API uses an access token that it received as an ID token',
    clause: 'RFC 9068 §2.1, RFC 8725 §3.11',
  },
  async (provider, context) => {
    const { client } = context.target;
    const { accessToken } = await provider.logIn(await context.visitor(), client);
    if (!isJWT(accessToken)) return skipped('access tokens are no JWTs');
    if (await passes(provider, accessToken, client.client_id))
      return succeeded('a client that verifies it takes it for an ID token');
    return asHint(provider, context, accessToken);
  },
);

/** The subject of the claims that UserInfo returns. */
async function subjectAt(url: string, token: string): Promise<unknown> {
  const page = await present(url, token);
  if (page.status === 200) return membersOf(page)['sub'];
  throw honestRefused(url, page.status);
}

/** RFC 6749 §3.3: whether UserInfo accepts a token without the scope `openid`. */
async function tellsWithoutScope(context: AttackContext, userinfo: string): Promise<boolean> {
  const { client } = context.target;
  const words = openidScope(client).split(' ').slice(1);
  const { access_token, scope } = await context.obtainTokens(client, { scope: words.join(' ') || undefined });
  const isOpenID = String(scope ?? '')
    .split(' ')
    .includes('openid'); // the server may add it by default
  return !isOpenID && (await present(userinfo, String(access_token))).status === 200;
}

export const userinfoSubstitution = openidAttack(
  {
    name: 'userinfo-substitution',
    title: 'UserInfo returns claims of another user than the ID token, or answers without a valid token',
    clause: 'OpenID Connect Core §5.3.1, §5.3.2',
  },
  async ({ logIn }, context) => {
    const { target, endpoints } = context;
    const { userinfo } = endpoints;
    if (userinfo === undefined) return skipped('there is no userinfo endpoint');
    const visitor = await context.visitor();
    const own = await logIn(visitor, target.client);
    const others = target.loginOther ? [await logIn(await context.otherVisitor(), target.client)] : [];
    for (const { accessToken, claims } of [own, ...others, own]) {
      const sub = await subjectAt(userinfo, accessToken);
      if (sub !== claims.sub) return succeeded(`UserInfo says ${sub} where the ID token says ${claims.sub}`);
    }
    if ((await visitor.get(userinfo)).status === 200) return succeeded('the cookie of a session was enough');
    return (await tellsWithoutScope(context, userinfo))
      ? succeeded('a token without the scope openid was enough')
      : withstood;
  },
);
