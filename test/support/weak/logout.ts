/** Logouts that clients ask for. @see OpenID Connect RP-Initiated Logout §2 */
import type { JWTPayload } from 'jose';
import type { Context } from 'koa';
import type { Weak } from './flaws.js';
import { type Form, readPage, readQuery } from './form.js';
import { readHint } from './openid.js';
import { showLoggedOut, showLogout } from './pages.js';
import { Refusal } from './refusal.js';
import { type Login, random, type State } from './state.js';

/** Where a client has registered that the browser goes. */
export const returnAddress = (clientID: string): string => `https://${clientID}.example/goodbye`;

/** Whether nobody has to be asked. */
function isKnown(ctx: Context, login: Login | undefined, hint: JWTPayload | undefined, weak: Weak): boolean {
  if (weak('logout-csrf') || (weak('logout-csrf:post') && ctx.method === 'POST')) return true;
  if (hint && weak('logout-csrf:other-user')) return true;
  const isOfSession = hint?.['sid'] === login?.session || weak('access-token-as-id-token:logout');
  return hint !== undefined && hint.sub === login?.user && isOfSession;
}

/** RP-Initiated Logout §2: exactly as registered, by the client that the ID token was issued to. */
function addressFor(form: Form, hint: JWTPayload | undefined, { clients }: State, weak: Weak) {
  const uri = form.get('post_logout_redirect_uri');
  if (uri === undefined || !hint) return undefined;
  const claimed = weak('logout-open-redirect:client-id') ? form.get('client_id') : undefined;
  const own = returnAddress(claimed ?? String(hint.aud));
  const ofOthers = [...clients.keys()].map(returnAddress);
  const isNear = weak('logout-open-redirect:prefix') && uri.startsWith(own);
  const isOfOther = weak('logout-open-redirect:other-client') && ofOthers.includes(uri);
  return uri === own || isNear || isOfOther || weak('logout-open-redirect') ? uri : undefined;
}

function end(ctx: Context, weak: Weak, login: Login | undefined, uri: string | undefined, state: State): void {
  if (login) state.sessions.delete(login.session);
  if (uri === undefined) {
    showLoggedOut(ctx, weak);
    return;
  }
  ctx.status = 303;
  ctx.redirect(uri);
}

export async function logoutEndpoint(ctx: Context, state: State, weak: Weak): Promise<void> {
  const form = ctx.method === 'POST' ? await readPage(ctx, weak) : readQuery(ctx, weak);
  const login = state.sessions.get(ctx.cookies.get('session') ?? '');
  const hint = await readHint(form.get('id_token_hint'), 'logout', state, weak);
  const asked = form.get('post_logout_redirect_uri');
  const uri = addressFor(form, hint, state, weak);
  if (!login || isKnown(ctx, login, hint, weak)) {
    end(ctx, weak, login, uri, state);
    if (login && asked !== undefined && weak('logout-open-redirect:confirmed')) ctx.redirect(asked);
    return;
  }
  const id = random();
  state.logouts.set(id, { session: login.session, uri });
  showLogout(ctx, weak, id);
}

/** @throws Refusal for an answer that does not come from the page that was shown in this session */
export async function logoutDecisionEndpoint(ctx: Context, state: State, weak: Weak): Promise<void> {
  const form = await readPage(ctx, weak);
  const login = state.sessions.get(ctx.cookies.get('session') ?? '');
  const waiting = state.logouts.get(form.get('logout_id') ?? '');
  const isOwn = waiting?.session === login?.session || (waiting && weak('logout-csrf:another-page'));
  if (!login || (!isOwn && !weak('logout-csrf:guessed'))) throw new Refusal('access_denied', 'Not asked', 403);
  if (!form.has('cancel')) end(ctx, weak, login, waiting?.uri, state);
  else showLoggedOut(ctx, weak);
}
