/** The decision of the user. @see RFC 8628 §3.3 */
import type { Middleware } from 'koa';
import { toDecision } from '../../authorization/decide.js';
import { parsed } from '../../authorization/decision.js';
import { authorizationOf, requireAllowable } from '../../authorization/issue.js';
import { requirePrompted } from '../../authorization/prompts.js';
import type { Core } from '../../core.js';
import { ForbiddenError } from '../../errors/forbidden-error.js';
import { reasoned } from '../../errors/reason.js';
import { noStore } from '../../http/headers.js';
import { readForm, wasSent } from '../../http/params.js';
import { scopeOf } from '../../syntax/scope.js';
import { takeRecord } from '../../transaction/session-records.js';
import type { Transaction } from '../../types.js';
import { DIALOGS, type Dialog, isAccepted, transactionFor } from './dialog.js';
import { pendingOf } from './exchange.js';
import type { DeviceRequest, Devices } from './kept.js';
import type { DeviceAuthorizationOptions } from './options.js';
import { leave } from './state.js';

function unable(why: string): ForbiddenError {
  return reasoned(new ForbiddenError('Unable to load the device from the session'), why);
}

/** Whether a decision gives nothing, of a request that asks for something: that is no. */
function isNothing({ req, res }: Transaction<unknown, unknown>): boolean {
  return scopeOf(res)?.length === 0 && (scopeOf(req)?.length ?? 0) > 0;
}

/** A device whose dialog was answered. */
interface Answered<C, U> {
  /** What stands for its code. */
  readonly id: string;
  readonly device: DeviceRequest;
  readonly user: U;
  readonly txn: Transaction<C, U>;
}

/** @throws ForbiddenError where another tab was first */
async function answer<C, U>(
  devices: Devices<C, U>,
  { id, device }: Answered<C, U>,
  pendingID: string | undefined,
): Promise<void> {
  const { clientID } = device.request;
  if (!(await devices.answer(id, device, pendingID === undefined ? { clientID } : { clientID, pendingID })))
    throw unable('The device was answered at the same moment');
}

/** @throws OAuth2Error where the user may not allow it. The device still waits then */
async function allow<C, U>(core: Core<C, U>, devices: Devices<C, U>, answered: Answered<C, U>): Promise<void> {
  const { txn, user, device } = answered;
  await requirePrompted(core, txn);
  await requireAllowable(core, txn);
  const pending = pendingOf(core);
  const id = await pending.keep(await authorizationOf(core, txn), user, device.expiresAt);
  try {
    await answer(devices, answered, id);
  } catch (error) {
    await pending.remove(id); // nobody can fetch it
    throw error;
  }
}

export function decisionEndpoint<C, U>(
  core: Core<C, U>,
  devices: Devices<C, U>,
  options: DeviceAuthorizationOptions<C, U>,
): Middleware {
  const { userProperty = 'user', decision: parse } = options;
  return async function deviceDecision(ctx, next) {
    noStore(ctx);
    const form = await readForm(ctx);
    const [input] = await parsed(ctx, parse); // what it throws is no decision
    const dialog = takeRecord<Dialog>(ctx, DIALOGS, form.params.get('device_id') ?? '', core.now());
    if (!dialog) throw unable('device_id names no dialog that waits in this session: unknown, answered, or too old');
    const user: U | undefined = ctx.state[userProperty] ?? undefined;
    if (user === undefined || core.subject(user) !== dialog.subject) throw unable('It was shown to another user');
    const device = await devices.waiting(dialog.device);
    const client = device && (await core.findClient(device.request.clientID));
    if (!device || !client) throw unable('The device was answered elsewhere, or has no time left');
    const txn = transactionFor(client, user, device, dialog.at);
    txn.res = toDecision(input, !wasSent(form, 'cancel')); // a button without a value sends `cancel=`: that is a denial, too
    const answered = { id: dialog.device, device, user, txn };
    const isAllowed = txn.res.allow && !isNothing(txn);
    if (isAllowed && !(await isAccepted(options, ctx, client, user, device)))
      throw unable('deviceAuthorization({ mayConnect }) refused it');
    if (isAllowed) await allow(core, devices, answered);
    else await answer(devices, answered, undefined);
    leave(ctx, { page: isAllowed ? 'allowed' : 'denied', client });
    return next();
  };
}
