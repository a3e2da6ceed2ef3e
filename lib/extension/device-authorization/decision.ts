/** The decision of the user. @see RFC 8628 §3.3 */
import type { Middleware } from 'koa';
import { mergeLocals } from '../../authorization/ask.js';
import { toDecision } from '../../authorization/decide.js';
import { parsed } from '../../authorization/decision.js';
import type { Core } from '../../core.js';
import { ForbiddenError } from '../../errors/forbidden-error.js';
import { reasoned } from '../../errors/reason.js';
import { noStore } from '../../http/headers.js';
import { readForm, wasSent } from '../../http/params.js';
import { decide, isAllowed, transactionFor } from '../../polling/decide.js';
import { answering, takeRecord } from '../../transaction/session-records.js';
import { DIALOGS, type Dialog, isAccepted } from './dialog.js';
import type { Devices } from './kept.js';
import type { DeviceAuthorizationOptions } from './options.js';
import { leave } from './state.js';

function unable(why: string): ForbiddenError {
  return reasoned(new ForbiddenError('Unable to load the device from the session'), why);
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
    const [input, locals] = await parsed(ctx, parse); // if it throws, nothing is decided
    const id = form.params.get('device_id') ?? '';
    const dialog = takeRecord<Dialog>(ctx, DIALOGS, id, core.now());
    if (!dialog) throw unable('device_id names no dialog that waits in this session: unknown, answered, or too old');
    const user: U | undefined = ctx.state[userProperty] ?? undefined;
    if (user === undefined || core.subject(user) !== dialog.subject) throw unable('It was shown to another user');
    const told = await answering(ctx, DIALOGS, [id, dialog], async () => {
      const device = await devices.waiting(dialog.device);
      const client = device && (await core.findClient(device.request.clientID));
      if (!device || !client) throw unable('The device was answered elsewhere, or its request has expired');
      const txn = transactionFor(client, user, device, device.at ?? dialog.at);
      txn.locals = mergeLocals(ctx.state['locals'], locals);
      txn.res = toDecision(input, !wasSent(form, 'cancel')); // a button without a value sends `cancel=`, which is a denial, too
      if (isAllowed(txn) && !(await isAccepted(options, ctx, client, user, device)))
        throw unable('deviceAuthorization({ mayConnect }) refused it');
      const page = await decide(core, ctx, devices, { id: dialog.device, waiting: device, user, txn });
      if (!page) throw unable('The device was answered at the same moment');
      return { page, client };
    });
    leave(ctx, told);
    return next();
  };
}
