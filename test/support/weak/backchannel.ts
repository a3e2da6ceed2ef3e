/** Users who are asked on their own device. @see OpenID Connect Client-Initiated Backchannel Authentication */
import { setTimeout as sleep } from 'node:timers/promises';
import { compactVerify, decodeJwt, decodeProtectedHeader, importJWK } from 'jose';
import type { Context } from 'koa';
import { authenticate } from './client.js';
import type { Weak } from './flaws.js';
import { type Form, readForm, readPage, readQuery } from './form.js';
import { publicHalf } from './jwt.js';
import { showAsked, showDone } from './pages.js';
import { Refusal } from './refusal.js';
import { type Asked, type Authorization, random, type State, type WeakClient } from './state.js';

export const CIBA = 'urn:openid:params:grant-type:ciba';

/** Registered to sign its requests. */
export const SIGNING = 'other-client';

/** Seconds. */
const INTERVAL = 1;

/** Whether the client has signed it. */
async function isSigned(request: string, { signing_key: key }: WeakClient, weak: Weak): Promise<boolean> {
  if (decodeProtectedHeader(request).alg === 'none') return weak('backchannel-request-unsigned:none');
  if (weak('backchannel-request-unsigned:key')) return true;
  const own = await importJWK(publicHalf(key ?? {}), 'ES256');
  return compactVerify(request, own, { algorithms: ['ES256'] }).then(Boolean, () => false);
}

/** The parameters of a request. @throws Refusal */
async function paramsOf(form: Form, client: WeakClient, weak: Weak): Promise<Form> {
  const request = form.get('request');
  if (client.client_id !== SIGNING) return form;
  if (request === undefined && weak('backchannel-request-unsigned')) return form;
  if (request === undefined || !(await isSigned(request, client, weak))) throw new Refusal('invalid_request');
  return new Map(Object.entries(decodeJwt(request)).map(([name, value]) => [name, String(value)]));
}

export async function backchannelEndpoint(ctx: Context, state: State, weak: Weak): Promise<void> {
  const form = await readForm(ctx, state, weak);
  const client = await authenticate(ctx, form, state, weak);
  const params = await paramsOf(form, client, weak);
  const code = random();
  const [user, message] = [params.get('login_hint') ?? '', params.get('binding_message') ?? ''];
  state.asked.set(code, { client, user, message, isSpent: false, askedAt: Number.NEGATIVE_INFINITY });
  ctx.body = { auth_req_id: code, expires_in: 300, interval: INTERVAL };
}

export async function askedPage(ctx: Context, state: State, weak: Weak): Promise<void> {
  const session = ctx.cookies.get('session') ?? '';
  const message = readQuery(ctx, weak).get('message');
  const asked = [...state.asked.values()].find((one) => one.message === message);
  const isShown = state.sessions.get(session)?.user === asked?.user || weak('backchannel-decision-of-another-user');
  if (!asked || asked.authorization !== undefined || !isShown) return showDone(ctx, weak);
  const id = random();
  state.askedDialogs.set(id, { asked, session });
  showAsked(ctx, weak, id, asked.client.client_id);
}

export async function askedDecision(ctx: Context, state: State, weak: Weak): Promise<void> {
  const form = await readPage(ctx, weak);
  const dialog = state.askedDialogs.get(form.get('asked_id') ?? '');
  const isOwn = dialog?.session === ctx.cookies.get('session');
  if (!dialog || !(isOwn || weak('backchannel-decision-of-another-user:session')))
    throw new Refusal('access_denied', 'There is no such dialog', 403);
  const { client, user } = dialog.asked;
  const about = { redirectURI: '', challenge: undefined, method: '', jkt: undefined, isRevoked: false };
  const allowed = { ...about, client, user, scope: client.scope, resources: [] };
  dialog.asked.authorization = form.get('decision') === 'allow' ? allowed : null;
  showDone(ctx, weak);
}

/** Whether a client other than its own may have it. */
function mayTake(client: WeakClient, weak: Weak): boolean {
  if (weak('backchannel-request-of-another-client:public')) return client.client_secret === undefined;
  return weak('backchannel-request-of-another-client') && client.client_secret !== undefined;
}

function requireWaited(asked: Asked, { now }: State, weak: Weak): void {
  const isEarly = now - asked.askedAt < INTERVAL;
  asked.askedAt = now;
  if (isEarly && asked.authorization === undefined && !weak('backchannel-fast-polling')) throw new Refusal('slow_down');
}

/** What a user has allowed. @throws Refusal */
export async function redeemAsked(form: Form, client: WeakClient, state: State, weak: Weak): Promise<Authorization> {
  const asked = state.asked.get(form.get('auth_req_id') ?? '');
  if (!asked) throw new Refusal('invalid_grant');
  if (asked.client !== client && !mayTake(client, weak)) {
    if (weak('backchannel-request-of-another-client:spent')) asked.isSpent = true;
    throw new Refusal('invalid_grant');
  }
  requireWaited(asked, state, weak);
  const { authorization } = asked;
  if (authorization === undefined) throw new Refusal('authorization_pending');
  if (authorization === null) throw new Refusal('access_denied');
  if (asked.isSpent && !weak('backchannel-request-replay')) throw new Refusal('invalid_grant');
  if (weak('backchannel-request-replay:race')) await sleep(200);
  asked.isSpent = true;
  return authorization;
}
