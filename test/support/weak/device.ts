/** Devices without a browser of their own. @see RFC 8628 */
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from 'koa';
import { authenticate } from './client.js';
import type { Weak } from './flaws.js';
import { type Form, readForm, readPage } from './form.js';
import { showCodeForm, showDeviceDialog, showDone } from './pages.js';
import { Refusal } from './refusal.js';
import { type Authorization, type Device, random, type State, type WeakClient } from './state.js';

export const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';
const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ';

/** Seconds. */
const INTERVAL = 1;
const GUESSES = 20;

export async function deviceEndpoint(ctx: Context, state: State, weak: Weak): Promise<void> {
  const form = await readForm(ctx, state, weak);
  const client = await authenticate(ctx, form, state, weak);
  const code = random();
  const userCode = Array.from({ length: 8 }, () => LETTERS[randomInt(LETTERS.length)]).join('');
  state.devices.set(code, { client, userCode, isSpent: false, askedAt: Number.NEGATIVE_INFINITY });
  const uri = `${state.issuer}/device`;
  const complete = `${uri}?user_code=${userCode}`;
  ctx.body = {
    ...{ device_code: code, user_code: userCode, verification_uri: uri, verification_uri_complete: complete },
    ...{ expires_in: 600, interval: INTERVAL },
  };
}

function authorize({ client }: Device, user: string): Authorization {
  const about = { redirectURI: '', challenge: undefined, method: '', jkt: undefined, isRevoked: false };
  return { ...about, client, user, scope: client.scope, resources: [] };
}

/** Whether a link alone lets the device in. */
function isLetIn({ client }: Device, state: State, weak: Weak): boolean {
  return (
    weak('device-without-confirmation') ||
    (weak('device-without-confirmation:known') && state.agreed.has(client.client_id))
  );
}

/** The device of a code that a user has typed. */
function findDevice(userCode: string, user: string, state: State, weak: Weak): Device | undefined {
  const count = state.wrongCodes.get(user) ?? 0;
  if (count >= GUESSES && !weak('device-user-code-guessing')) return undefined;
  const found = [...state.devices.values()].find((device) => device.userCode === userCode);
  if (!found) state.wrongCodes.set(user, count + 1);
  return found;
}

export async function verificationPage(ctx: Context, state: State, weak: Weak): Promise<void> {
  const session = ctx.cookies.get('session') ?? '';
  const user = state.sessions.get(session)?.user;
  const form = await readPage(ctx, weak);
  const typed = form.get('user_code') ?? '';
  if (user === undefined) throw new Refusal('login_required', 'Log in first', 403);
  if (ctx.method === 'GET') {
    const device = typed ? findDevice(typed, user, state, weak) : undefined;
    if (device && isLetIn(device, state, weak)) device.authorization = authorize(device, user);
    return showCodeForm(ctx, weak, typed);
  }
  const device = findDevice(typed, user, state, weak);
  if (!device || device.authorization !== undefined) return showCodeForm(ctx, weak, '');
  const id = random();
  state.deviceDialogs.set(id, { device, session });
  showDeviceDialog(ctx, weak, id, device.client.client_id);
}

/** The dialog that is answered. @throws Refusal */
function take(ctx: Context, form: Form, state: State, weak: Weak): Device {
  const id = form.get('device_id') ?? '';
  const dialog = state.deviceDialogs.get(id);
  const session = ctx.cookies.get('session');
  const isOwn =
    dialog?.session === session ||
    (session === undefined && weak('device-decision-from-another-session:without-cookie')) ||
    (state.sessions.has(session ?? '') && weak('device-decision-from-another-session'));
  if (!dialog || !isOwn) throw new Refusal('access_denied', 'There is no such dialog', 403);
  state.deviceDialogs.delete(id);
  const { device } = dialog;
  const isAgain = device.authorization === null ? weak('device-two-decisions') : weak('device-two-decisions:again');
  if (device.authorization !== undefined && !isAgain) throw new Refusal('access_denied', 'It was answered', 403);
  return device;
}

export async function deviceDecision(ctx: Context, state: State, weak: Weak): Promise<void> {
  const form = await readPage(ctx, weak);
  const device = take(ctx, form, state, weak);
  const user = state.sessions.get(ctx.cookies.get('session') ?? '')?.user ?? 'nobody';
  const isAllowed = form.get('decision') === 'allow';
  if (isAllowed) state.agreed.add(device.client.client_id);
  device.authorization = isAllowed ? authorize(device, user) : null;
  device.isSpent = false;
  showDone(ctx, weak);
}

function mayTake(client: WeakClient, weak: Weak): boolean {
  if (weak('device-code-of-another-client:public')) return client.client_secret === undefined;
  return weak('device-code-of-another-client') && client.client_secret !== undefined;
}

/** What a device was allowed. @throws Refusal */
export async function redeemDevice(form: Form, client: WeakClient, state: State, weak: Weak): Promise<Authorization> {
  const device = state.devices.get(form.get('device_code') ?? '');
  if (!device) throw new Refusal('invalid_grant');
  if (device.client !== client && !mayTake(client, weak)) {
    if (weak('device-code-of-another-client:spent')) device.isSpent = true;
    throw new Refusal('invalid_grant');
  }
  const [now, last] = [state.now, device.askedAt];
  device.askedAt = now;
  if (now - last < INTERVAL && device.authorization === undefined && !weak('device-fast-polling'))
    throw new Refusal('slow_down');
  if (device.authorization === undefined) throw new Refusal('authorization_pending');
  if (device.authorization === null) throw new Refusal('access_denied');
  if (device.isSpent && !weak('device-code-replay')) throw new Refusal('invalid_grant');
  const { authorization } = device;
  if (weak('device-code-replay:race')) await sleep(200);
  device.isSpent = true;
  return authorization;
}
