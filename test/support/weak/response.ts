/** Decisions, and answers to clients. */
import type { Context } from 'koa';
import type { Weak } from './flaws.js';
import { type Form, readPage } from './form.js';
import { idToken } from './openid.js';
import { takePushed } from './pushed.js';
import { Refusal } from './refusal.js';
import { signedResponse } from './signed-response.js';
import type { State, Transaction } from './state.js';

interface Addressee {
  readonly redirectURI: string;
  readonly state: string | undefined;
  readonly server: State;
  readonly mode?: string | undefined;
  readonly clientID?: string;
}

/** Headers and all, as they stand: Node would not let a line break through. */
function writeRaw(ctx: Context, location: string): void {
  ctx.respond = false;
  ctx.res.socket?.end(
    `HTTP/1.1 303 See Other\r\nLocation: ${location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
  );
}

function leavesOutIssuer({ error }: Readonly<Record<string, string>>, weak: Weak): boolean {
  if (error === undefined) return weak('mix-up');
  return weak(error === 'access_denied' ? 'mix-up:denial' : 'mix-up:error');
}

/** RFC 6749 §4.1.2, RFC 9207 §2 */
export function answer(
  ctx: Context,
  weak: Weak,
  { redirectURI, state, server, mode, clientID = '' }: Addressee,
  params: Readonly<Record<string, string>>,
): void {
  const url = new URL(redirectURI);
  const iss = leavesOutIssuer(params, weak) ? {} : { iss: server.issuer };
  const plain = { ...params, ...(state !== undefined && { state }), ...iss };
  const all = new URLSearchParams(mode === 'jwt' ? signedResponse(server, weak, plain, clientID) : plain);
  if ('access_token' in params || 'id_token' in params) url.hash = all.toString();
  else for (const [name, value] of all) url.searchParams.append(name, value);
  if (weak('header-injection') && /[\r\n]/.test(state ?? '')) {
    writeRaw(ctx, `${redirectURI}?state=${state}&code=none`);
    return;
  }
  ctx.status = weak('redirect-keeps-post') ? 307 : 303; // RFC 9700 §4.12
  ctx.redirect(url.href);
}

function addresseeOf({ authorization, state, responseMode: mode }: Transaction, server: State): Addressee {
  const { redirectURI, client } = authorization;
  return { redirectURI, state, server, mode, clientID: client.client_id };
}

/** The user has allowed it. */
export function allow(ctx: Context, state: State, weak: Weak, transaction: Transaction): void {
  const { authorization, responseType } = transaction;
  const types = responseType.split(' ');
  state.last = authorization;
  const code = types.includes('code') ? state.issue('code', authorization) : undefined;
  const accessToken = types.includes('token') ? state.issue('access_token', authorization) : undefined;
  const beside = { code, accessToken };
  const params: Record<string, string> = {
    ...(code && { code }),
    ...(accessToken && { access_token: accessToken, token_type: 'Bearer' }),
    ...(types.includes('id_token') && { id_token: idToken(authorization, beside, 'browser', state, weak) }),
  };
  answer(ctx, weak, addresseeOf(transaction, state), params);
}

/** The dialog that is answered, once. @throws Refusal */
function take(ctx: Context, form: Form, state: State, weak: Weak): Transaction {
  const session = ctx.cookies.get('session');
  const id = form.get('transaction_id');
  const latest = weak('csrf-decision') && !id ? [...state.transactions.keys()].at(-1) : undefined;
  const transaction = state.transactions.get(id ?? latest ?? '');
  const isOwn =
    transaction?.session === session ||
    (session === undefined && weak('csrf-decision:without-cookie')) ||
    (state.sessions.has(session ?? '') && weak('decision-from-another-session')) ||
    (transaction?.browser === ctx.cookies.get('browser') && weak('decision-after-user-switch'));
  const isAnswered = transaction && ctx.cookies.get('answered') === transaction.id;
  const isDue = transaction?.needsLogin && !weak('login-skipped:posted');
  if (!transaction || !isOwn || isAnswered || isDue) throw new Refusal('access_denied', 'There is no such dialog', 403);
  if (weak('transaction-replay:old-cookie')) ctx.cookies.set('answered', transaction.id);
  else if (!isKept(form, weak)) state.transactions.delete(transaction.id);
  takePushed(transaction, state, weak);
  return transaction;
}

/** Whether a dialog may be answered again. */
function isKept(form: Form, weak: Weak): boolean {
  return weak('transaction-replay') || (weak('transaction-replay:denied') && form.get('decision') === 'deny');
}

export async function decisionEndpoint(ctx: Context, state: State, weak: Weak): Promise<void> {
  if (ctx.method === 'GET' && !weak('consent-skipped:get'))
    throw new Refusal('invalid_request', 'POST is expected', 405);
  const form = await readPage(ctx, weak);
  const transaction = take(ctx, form, state, weak);
  if (form.get('decision') === 'allow' || weak('consent-skipped:denial')) {
    state.agreed.add(transaction.authorization.client.client_id);
    allow(ctx, state, weak, transaction);
    return;
  }
  answer(ctx, weak, addresseeOf(transaction, state), { error: 'access_denied' });
}
