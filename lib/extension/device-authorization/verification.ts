/** The page on which a user types the code. @see RFC 8628 §3.3 */
import type { Context, Middleware } from 'koa';
import { promptsOf } from '../../authorization/prompts.js';
import type { Core } from '../../core.js';
import { noStore, protectDialog } from '../../http/headers.js';
import { readForm, readQuery } from '../../http/params.js';
import type { Transaction } from '../../types.js';
import { keepDialog } from './dialogs.js';
import type { DeviceRequest, Devices } from './kept.js';
import type { DeviceAuthorizationOptions } from './options.js';
import { leave } from './state.js';
import { readUserCode, showUserCode } from './user-code.js';

/** Seconds within which the guesses of one user are counted. */
const WINDOW = 15 * 60;

/** Counts a wrong code. @returns whether the user had guesses left. @see RFC 8628 §5.1 */
async function mayGuess<C, U>({ store }: Devices<C, U>, subject: string, now: number, most: number): Promise<boolean> {
  const window = Math.floor(now / WINDOW);
  for (let guess = 0; guess < most; guess += 1) {
    const key = JSON.stringify(['device guess', subject, window, guess]);
    if ((await store.add(key, true, (window + 1) * WINDOW)) === true) return true;
  }
  return false;
}

/** Whether the user has no guess left. */
async function hasGuessed<C, U>(
  { store }: Devices<C, U>,
  subject: string,
  now: number,
  most: number,
): Promise<boolean> {
  const key = JSON.stringify(['device guess', subject, Math.floor(now / WINDOW), most - 1]);
  return (await store.get(key)) !== undefined;
}

/** The transaction of a device, which the steps of extensions judge. There is nowhere to send a browser to. */
export function transactionFor<C, U>(client: C, user: U, { request }: DeviceRequest, at: number): Transaction<C, U> {
  return { client, redirectURI: '' as Transaction<C, U>['redirectURI'], webOrigin: undefined, req: request, user, at };
}

/** What the user has typed: once, and as text. */
async function typedIn(ctx: Context): Promise<string> {
  const { params } = ctx.method === 'POST' ? await readForm(ctx) : readQuery(ctx);
  return params.get('user_code') ?? '';
}

/** Whose page it is. */
interface Viewer<U> {
  readonly user: U;
  readonly subject: string;
}

/** Shows the dialog of a device, or what the user must do first. @returns whether there is such a device */
async function show<C, U>(
  core: Core<C, U>,
  devices: Devices<C, U>,
  ctx: Context,
  { user, subject }: Viewer<U>,
  code: string,
): Promise<boolean> {
  const found = await devices.byUserCode(code);
  const client = found && (await core.findClient(found.device.request.clientID));
  if (!found || !client) return false;
  const { id: device, device: request } = found;
  const now = core.now();
  const due = await promptsOf(core, transactionFor(client, user, request, now));
  const prompts = due.filter((one) => one !== 'consent');
  const more = { userCode: showUserCode(code), client, req: request.request, from: request.from };
  if (prompts.length > 0) leave(ctx, { page: 'login', prompts, ...more });
  else {
    const id = core.uid(22);
    keepDialog(ctx, id, { at: now, subject, device });
    leave(ctx, { page: 'consent', id, ...more });
  }
  return true;
}

export function verificationEndpoint<C, U>(
  core: Core<C, U>,
  devices: Devices<C, U>,
  { guesses = 10, userProperty = 'user' }: DeviceAuthorizationOptions,
): Middleware {
  return async function deviceVerification(ctx, next) {
    noStore(ctx);
    protectDialog(ctx);
    const typed = await typedIn(ctx);
    const code = readUserCode(typed);
    const user: U | undefined = ctx.state[userProperty] ?? undefined;
    const subject = user === undefined ? undefined : core.subject(user);
    // RFC 8628 §3.3.1: also where the code is in the address, the user confirms it; and a link alone tries no code
    if (ctx.method !== 'POST' || typed === '') leave(ctx, { page: 'code', userCode: code && showUserCode(code) });
    else if (user === undefined || subject === undefined)
      leave(ctx, { page: 'login', prompts: ['login'], userCode: code && showUserCode(code) });
    else if (await hasGuessed(devices, subject, core.now(), guesses)) leave(ctx, { page: 'code', problem: 'too many' });
    else if (!code || !(await show(core, devices, ctx, { user, subject }, code))) {
      const isLeft = await mayGuess(devices, subject, core.now(), guesses);
      leave(ctx, { page: 'code', problem: isLeft ? 'unknown' : 'too many' });
    }
    await next();
  };
}
