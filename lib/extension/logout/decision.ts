/** The endpoint that takes the user's answer from the page that asks them. */
import type { Middleware } from 'koa';
import type { Core } from '../../core.js';
import { ForbiddenError } from '../../errors/forbidden-error.js';
import { reasoned } from '../../errors/reason.js';
import { noStore } from '../../http/headers.js';
import { readForm } from '../../http/params.js';
import { answering, takeRecord } from '../../transaction/session-records.js';
import type { Ending, Finish } from './finish.js';
import type { LogoutOptions } from './options.js';
import { type Present, presentOf } from './present.js';
import { isRegistered } from './return.js';
import { leave } from './state.js';
import { WAITING, type Waiting } from './waiting.js';

/** The field of the form by which the user says no. */
const NO = 'cancel';

function unable(why: string): ForbiddenError {
  return reasoned(new ForbiddenError('Unable to load the logout request from the session'), why);
}

/** The logout that the user has agreed to. The client is looked up again, since its registration may have changed while the user was asked. */
async function agreed<C, U>(core: Core<C, U>, present: Present | undefined, waiting: Waiting): Promise<Ending<C>> {
  const { clientID, redirectURI, state } = waiting;
  const client = clientID === undefined ? undefined : await core.findClient(clientID);
  const isStillRegistered = client && redirectURI !== undefined && isRegistered(client, redirectURI);
  return { present, client, ...(isStillRegistered && { redirectURI, state }) };
}

export function decisionEndpoint<C, U>(core: Core<C, U>, options: LogoutOptions, finish: Finish<C>): Middleware {
  const { userProperty = 'user' } = options;
  return async function logoutDecision(ctx, next) {
    noStore(ctx);
    const { params } = await readForm(ctx);
    const present = presentOf(core, ctx, userProperty);
    const id = params.get('logout_id') ?? '';
    const waiting = takeRecord<Waiting>(ctx, WAITING, id, core.now());
    // CSRF: only a page that was shown in this session has this ID
    if (!waiting) throw unable('logout_id names no request that waits in this session: unknown, answered, or too old');
    if (present && present.subject !== waiting.subject) throw unable('Another user was asked');
    if (params.has(NO)) {
      leave(ctx, { isOver: false, isRefused: true, frontChannel: [] });
      return next();
    }
    const ending = await answering(ctx, WAITING, [id, waiting], () => agreed(core, present, waiting));
    return finish(ctx, ending, next);
  };
}
