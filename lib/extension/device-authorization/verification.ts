/** The page on which a user types the code. @see RFC 8628 §3.3 */
import type { Context, Middleware } from 'koa';
import { promptsOf } from '../../authorization/prompts.js';
import type { Core } from '../../core.js';
import { noStore, protectDialog } from '../../http/headers.js';
import { readForm, readQuery } from '../../http/params.js';
import { transactionFor } from '../../polling/decide.js';
import { keepRecord } from '../../transaction/session-records.js';
import { DIALOGS, type Dialog, isAccepted } from './dialog.js';
import { guessing } from './guesses.js';
import type { Devices } from './kept.js';
import type { DeviceAuthorizationOptions } from './options.js';
import { leave } from './state.js';
import { readUserCode, showUserCode } from './user-code.js';

/** The typed code, if the form has it once and as text. */
async function typedIn(ctx: Context): Promise<string> {
  const { params } = ctx.method === 'POST' ? await readForm(ctx) : readQuery(ctx);
  return params.get('user_code') ?? '';
}

/** A typed code, and the user who typed it. */
interface Typed<C, U> {
  readonly user: U;
  readonly subject: string;
  readonly code: string;
  readonly options: DeviceAuthorizationOptions<C, U>;
}

/** Shows the dialog of a device, or what the user must do first, or why there is no dialog. */
async function show<C, U>(
  core: Core<C, U>,
  devices: Devices<C, U>,
  ctx: Context,
  { user, subject, code, options }: Typed<C, U>,
): Promise<void> {
  const found = await devices.byUserCode(code);
  const client = found && (await core.findClient(found.device.request.clientID));
  if (!found || !client) return leave(ctx, { page: 'code', problem: 'unknown' });
  const { id: device, device: request } = found;
  if (!(await isAccepted(options, ctx, client, user, request)))
    return leave(ctx, { page: 'code', problem: 'not here' });
  const at = core.now();
  const due = await promptsOf(core, transactionFor(client, user, request, request.at ?? at));
  const prompts = due.filter((one) => one !== 'consent');
  const more = { userCode: showUserCode(code), client, req: request.request, from: request.from };
  if (prompts.length > 0) return leave(ctx, { page: 'login', prompts, ...more });
  const id = core.uid(22);
  const dialog: Dialog = { at, subject, device };
  keepRecord(ctx, DIALOGS, id, dialog);
  leave(ctx, { page: 'consent', id, ...more });
}

export function verificationEndpoint<C, U>(
  core: Core<C, U>,
  devices: Devices<C, U>,
  options: DeviceAuthorizationOptions<C, U>,
): Middleware {
  const { userProperty = 'user' } = options;
  const mayTry = guessing(options);
  return async function deviceVerification(ctx, next) {
    noStore(ctx);
    protectDialog(ctx);
    const typed = await typedIn(ctx);
    const code = readUserCode(typed);
    const userCode = code && showUserCode(code);
    const user: U | undefined = ctx.state[userProperty] ?? undefined;
    const subject = user === undefined ? undefined : core.subject(user);
    // RFC 8628 §3.3.1: the user must confirm a code that is in the URL, too; so a link alone cannot use up guesses
    if (ctx.method !== 'POST' || typed === '') leave(ctx, { page: 'code', userCode });
    else if (user === undefined || subject === undefined) leave(ctx, { page: 'login', prompts: ['login'], userCode });
    else if (!code) leave(ctx, { page: 'code', problem: 'unknown' });
    else if (!(await mayTry(devices.store, { subject, address: ctx.ip }, core.now())))
      leave(ctx, { page: 'code', problem: 'too many' });
    else await show(core, devices, ctx, { user, subject, code, options });
    await next();
  };
}
