/** The page that shows a user a waiting request, and the endpoint that takes their decision from it. @see CIBA §8 */
import type { Context, Middleware } from 'koa';
import { toDecision } from '../../authorization/decide.js';
import { parsed } from '../../authorization/decision.js';
import { promptsOf } from '../../authorization/prompts.js';
import type { Core } from '../../core.js';
import { noStore, protectDialog } from '../../http/headers.js';
import { readForm, readQuery, wasSent } from '../../http/params.js';
import { transactionFor } from '../../polling/decide.js';
import { answering, keepRecord, type SessionRecord, takeRecord } from '../../transaction/session-records.js';
import { type DecideWith, openFor, unable } from './decide.js';
import type { BackchannelRequests } from './kept.js';
import type { BackchannelAuthenticationOptions } from './options.js';
import { leave } from './state.js';

/** Member of the session. */
const DIALOGS = 'backchannel';

/** A dialog that is open in a browser. */
interface Dialog extends SessionRecord {
  /** The ID of its request. */
  readonly request: string;
}

async function show<C, U>(core: Core<C, U>, requests: BackchannelRequests<C, U>, ctx: Context, user: U): Promise<void> {
  const id = readQuery(ctx).params.get('id') ?? '';
  const open = await openFor(core, requests, id, user);
  if (!open) return leave(ctx, { page: 'gone' });
  const { client, waiting } = open;
  const due = await promptsOf(core, transactionFor(client, user, waiting, waiting.at));
  const prompts = due.filter((one) => one !== 'consent');
  const more = { client, req: waiting.request };
  if (prompts.length > 0) return leave(ctx, { page: 'login', prompts, ...more });
  const dialogID = core.uid(22);
  const dialog: Dialog = { at: core.now(), subject: waiting.subject, request: id };
  keepRecord(ctx, DIALOGS, dialogID, dialog);
  leave(ctx, { page: 'consent', dialogID, ...more });
}

export function dialogEndpoint<C, U>(
  core: Core<C, U>,
  requests: BackchannelRequests<C, U>,
  { userProperty = 'user' }: BackchannelAuthenticationOptions<C, U>,
): Middleware {
  return async function backchannelDialog(ctx, next) {
    protectDialog(ctx);
    const user: U | undefined = ctx.state[userProperty] ?? undefined;
    if (user === undefined || core.subject(user) === undefined) leave(ctx, { page: 'login', prompts: ['login'] });
    else await show(core, requests, ctx, user);
    await next();
  };
}

export function decisionEndpoint<C, U>(
  core: Core<C, U>,
  decide: DecideWith<U>,
  { userProperty = 'user', decision: parse }: BackchannelAuthenticationOptions<C, U>,
): Middleware {
  return async function backchannelDecision(ctx, next) {
    noStore(ctx);
    const form = await readForm(ctx);
    const [input, locals] = await parsed(ctx, parse); // if it throws, nothing is decided
    const dialogID = form.params.get('dialog_id') ?? '';
    const dialog = takeRecord<Dialog>(ctx, DIALOGS, dialogID, core.now());
    // CSRF: only a page that was shown in this session has this ID
    if (!dialog) throw unable('dialog_id names no dialog that waits in this session: unknown, answered, or too old');
    const user: U | undefined = ctx.state[userProperty] ?? undefined;
    if (user === undefined) throw unable('Nobody is logged in');
    const made = toDecision(input, !wasSent(form, 'cancel')); // a button without a value sends `cancel=`, which is a denial, too
    const work = () => decide(ctx, dialog.request, { ...made, user }, locals);
    leave(ctx, { page: await answering(ctx, DIALOGS, [dialogID, dialog], work) });
    return next();
  };
}
