/** Attacks on logouts. */

import { type AttackOutcome, skipped, succeeded, withstood } from '../attack.js';
import { variantsOf } from '../authorization/redirect-variants.js';
import type { AttackContext } from '../context.js';
import { CROSS_SITE, guessed } from '../cross-site.js';
import { decisionForm } from '../form.js';
import { type Page, paramsOf } from '../http.js';
import { describePage } from '../request.js';
import type { Visitor } from '../visitor.js';
import { openidAttack, type Provider } from './provider.js';

const NO_ENDPOINT = skipped('there is no end_session endpoint');

export type Params = Readonly<Record<string, string>>;

/** Opens the logout endpoint. */
export function openLogout(visitor: Visitor, url: string, params: Params): Promise<Page> {
  return visitor.get(`${url}?${new URLSearchParams(params)}`);
}

/** Answers the question whether to log out, if there is one. */
async function confirmed(visitor: Visitor, page: Page): Promise<Page> {
  const form = decisionForm(page, 'allow');
  return form ? visitor.post(form.action, form.fields) : page;
}

/** Logs a user out with their ID token, as their client does. @throws Error if they are still logged in */
async function logOut(provider: Provider, { target }: AttackContext, visitor: Visitor, url: string): Promise<void> {
  const { idToken } = await provider.logIn(visitor, target.client);
  const page = await confirmed(visitor, await openLogout(visitor, url, { id_token_hint: idToken }));
  if (await provider.isLoggedIn(visitor)) throw new Error(`An honest logout ends no session: ${describePage(page)}`);
}

/** The parameters that another site can send: none, publicly known identifiers, or the ID token of the attacker. */
async function forged(provider: Provider, context: AttackContext): Promise<readonly Params[]> {
  const { client, loginOther } = context.target;
  const { client_id, post_logout_redirect_uri: uri } = client;
  const known: readonly Params[] = [{}, { client_id }, ...(uri ? [{ client_id, post_logout_redirect_uri: uri }] : [])];
  if (!loginOther) return known;
  const { idToken } = await provider.logIn(await context.otherVisitor(), client);
  return [...known, { id_token_hint: idToken }, { id_token_hint: idToken, client_id }];
}

/** Whether another site can answer the question. */
async function answeredByOthers(provider: Provider, context: AttackContext, victim: Visitor, url: string) {
  const theirs = decisionForm(await openLogout(await context.otherVisitor(), url, {}), 'allow');
  const mine = decisionForm(await openLogout(victim, url, {}), 'allow');
  if (!mine || !theirs) return undefined;
  for (const fields of [...guessed(mine, theirs), theirs.fields]) {
    await victim.post(mine.action, fields, CROSS_SITE);
    if (!(await provider.isLoggedIn(victim))) return `"${paramsOf(fields)}" was enough to answer the question`;
  }
  return undefined;
}

export const logoutCSRF = openidAttack(
  {
    name: 'logout-csrf',
    title: 'another site logs the user out, and nobody asks them',
    clause: 'OpenID Connect RP-Initiated Logout §2, §6',
  },
  async (provider, context) => {
    const { end_session: url } = context.endpoints;
    if (url === undefined) return NO_ENDPOINT;
    await logOut(provider, context, await context.visitor(), url);
    const victim = await context.visitor();
    for (const params of await forged(provider, context))
      for (const send of [() => openLogout(victim, url, params), () => victim.post(url, params, CROSS_SITE)]) {
        await send();
        if (!(await provider.isLoggedIn(victim)))
          return succeeded(`${Object.keys(params).join(' and ') || 'a request without parameters'} was enough`);
      }
    const how = await answeredByOthers(provider, context, victim, url);
    return how === undefined ? withstood : succeeded(how);
  },
);

/** Whether the browser is sent to the requested URI, or to another server. */
function isSent({ location }: Page, wanted: string, { url, uri }: Place): boolean {
  if (location === undefined) return false;
  if (!URL.canParse(location)) return true;
  const { href, origin } = new URL(location);
  if (href === new URL(uri).href) return false; // the registered URI is no gain
  const isWanted = URL.canParse(wanted) && new URL(wanted).href === href;
  return isWanted || origin !== new URL(url).origin;
}

/** The endpoint, and the registered redirect URI. */
interface Place {
  readonly url: string;
  readonly uri: string;
}

/** Requests for redirect URIs that the client has not registered. Those of the attacker and of another client come first. */
function unregistered({ target }: AttackContext, uri: string): readonly Asked[] {
  const { client_id = '', post_logout_redirect_uri: others } = target.otherClient ?? {};
  const ofOthers: readonly Asked[] = others ? [{ place: others }, { place: others, more: { client_id } }] : [];
  return [{ place: 'https://attacker.example/' }, ...ofOthers, ...variantsOf(uri, []).map((place) => ({ place }))];
}

interface Asked {
  readonly place: string;
  /** Further parameters. */
  readonly more?: Params;
}

async function redirected(provider: Provider, context: AttackContext, to: Place): Promise<AttackOutcome> {
  const { client } = context.target;
  const { url, uri } = to;
  const wanted = unregistered(context, uri);
  const visitor = await context.visitor();
  const { idToken } = await provider.logIn(visitor, client);
  const open = (browser: Visitor, { place, more }: Asked): Promise<Page> =>
    openLogout(browser, url, { id_token_hint: idToken, post_logout_redirect_uri: place, ...more });
  for (const asked of wanted)
    if (isSent(await open(context.stranger(), asked), asked.place, to))
      return succeeded(`the browser is sent to ${asked.place}`);
  for (const asked of wanted.slice(0, 3)) {
    const page = await confirmed(visitor, await open(visitor, asked));
    if (isSent(page, asked.place, to)) return succeeded(`after the logout, the browser is sent to ${asked.place}`);
  }
  return { outcome: 'withstood', detail: `${wanted.length} addresses` };
}

export const logoutOpenRedirect = openidAttack(
  {
    name: 'logout-open-redirect',
    title: 'after a logout the browser is sent to an address that its client has not registered',
    clause: 'OpenID Connect RP-Initiated Logout §2, §3',
  },
  async (provider, context) => {
    const { end_session: url } = context.endpoints;
    const { client } = context.target;
    const { post_logout_redirect_uri: uri } = client;
    if (url === undefined) return NO_ENDPOINT;
    if (uri === undefined) return skipped('the client has no post_logout_redirect_uri');
    const visitor = await context.visitor();
    const { idToken } = await provider.logIn(visitor, client);
    const honest = { id_token_hint: idToken, post_logout_redirect_uri: uri };
    const page = await confirmed(visitor, await openLogout(visitor, url, honest));
    if (page.location === undefined || new URL(page.location).href !== new URL(uri).href)
      throw new Error(`An honest logout does not lead back to ${uri}: ${describePage(page)}`);
    return redirected(provider, context, { url, uri });
  },
);
