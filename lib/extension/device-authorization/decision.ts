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
import type { Transaction } from '../../types.js';
import { takeDialog } from './dialogs.js';
import type { Devices } from './kept.js';
import type { DeviceAuthorizationOptions } from './options.js';
import { leave } from './state.js';
import { transactionFor } from './verification.js';

function unable(why: string): ForbiddenError {
  return reasoned(new ForbiddenError('Unable to load the device from the session'), why);
}

/** Whether a decision gives nothing, of a request that asks for something: that is no. */
function isNothing({ req, res }: Transaction<unknown, unknown>): boolean {
  return scopeOf(res)?.length === 0 && (scopeOf(req)?.length ?? 0) > 0;
}

export function decisionEndpoint<C, U>(
  core: Core<C, U>,
  devices: Devices<C, U>,
  { userProperty = 'user', decision: parse }: DeviceAuthorizationOptions,
): Middleware {
  return async function deviceDecision(ctx, next) {
    noStore(ctx);
    const form = await readForm(ctx);
    const [input] = await parsed(ctx, parse); // what it throws is no decision
    const dialog = takeDialog(ctx, form.params.get('device_id') ?? '', core.now());
    if (!dialog) throw unable('device_id names no dialog that waits in this session: unknown, answered, or too old');
    const user: U | undefined = ctx.state[userProperty] ?? undefined;
    if (user === undefined || core.subject(user) !== dialog.subject) throw unable('It was shown to another user');
    const device = await devices.find(dialog.device);
    const client = device && (await core.findClient(device.request.clientID));
    if (!device || !client) throw unable('The device was answered elsewhere, or has no time left');
    const { clientID } = device.request;
    const txn = transactionFor(client, user, device, dialog.at);
    txn.res = toDecision(input, !wasSent(form, 'cancel')); // a button without a value sends `cancel=`: that is a denial, too
    if (!txn.res.allow || isNothing(txn)) {
      if (!(await devices.answer(dialog.device, { clientID })))
        throw unable('The device was answered at the same moment');
      leave(ctx, { page: 'denied', client });
      return next();
    }
    await requirePrompted(core, txn);
    await requireAllowable(core, txn);
    const authorization = await authorizationOf(core, txn);
    if (!(await devices.answer(dialog.device, { clientID, authorization })))
      throw unable('The device was answered at the same moment');
    leave(ctx, { page: 'allowed', client });
    return next();
  };
}
