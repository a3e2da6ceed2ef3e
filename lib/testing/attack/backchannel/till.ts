/** The honest CIBA flow of a client and its user, in steps that attacks replace one by one. @see CIBA */
import { type Attack, type AttackOutcome, skipped } from '../attack.js';
import type { AttackContext } from '../context.js';
import type { FormSubmission } from '../form.js';
import { membersOf, type Page } from '../http.js';
import { describePage, random } from '../request.js';
import type { AttackClient } from '../target.js';
import { memberOf } from '../token/answer.js';
import type { Visitor } from '../visitor.js';
import type { AttackBackchannel } from './target.js';

/** The response to an authentication request. */
export interface Begun {
  readonly auth_req_id: string;
  /** The `binding_message` by which the user recognizes the request. */
  readonly message: string;
  /** Seconds between two polls. */
  readonly interval: number;
}

/** An attack on a server with CIBA. */
export function backchannelAttack(
  about: Omit<Attack, 'run'>,
  attempt: (context: AttackContext, backchannel: AttackBackchannel) => Promise<AttackOutcome>,
): Attack {
  return {
    ...about,
    async run(context) {
      if (context.endpoints.backchannel_authentication === undefined)
        return skipped('there is no backchannel_authentication endpoint');
      const { backchannel } = context.target;
      return backchannel ? attempt(context, backchannel) : skipped('the target has no backchannel');
    },
  };
}

/** The parameters of an honest request. */
export function requestFor(
  { loginHint }: AttackBackchannel,
  { scope = 'openid' }: AttackClient,
): Record<string, string> {
  return { scope, login_hint: loginHint, binding_message: `M${random().slice(0, 8)}` };
}

export function send(
  { post, endpoints }: AttackContext,
  client: AttackClient,
  params: Readonly<Record<string, string>>,
) {
  return post(client, params, endpoints.backchannel_authentication);
}

/** @throws Error if the server refuses the request */
export async function begin(context: AttackContext, backchannel: AttackBackchannel): Promise<Begun> {
  const { client } = backchannel;
  const params = requestFor(backchannel, client);
  const page = await send(context, client, params);
  const auth_req_id = memberOf(page, 'auth_req_id');
  if (auth_req_id === undefined) throw new Error(`${client.client_id} is given no auth_req_id: ${describePage(page)}`);
  const { interval } = membersOf(page);
  return {
    auth_req_id,
    message: params['binding_message'] ?? '',
    interval: typeof interval === 'number' ? interval : 5,
  };
}

/** The dialog that a user sees; undefined if they see none. */
export async function dialogFor(
  { formOf }: AttackContext,
  { open }: AttackBackchannel,
  visitor: Visitor,
  { message }: Begun,
): Promise<FormSubmission | undefined> {
  return formOf(await open(visitor, message));
}

/** @throws Error if the user sees no dialog */
export async function allow(
  context: AttackContext,
  backchannel: AttackBackchannel,
  visitor: Visitor,
  begun: Begun,
): Promise<void> {
  const form = await dialogFor(context, backchannel, visitor, begun);
  if (!form) throw new Error('The user who was asked is shown no dialog');
  await visitor.post(form.action, form.fields);
}

/** The client polls for its tokens, without waiting. */
export function ask({ post }: AttackContext, client: AttackClient, { auth_req_id }: Begun): Promise<Page> {
  return post(client, { grant_type: 'urn:openid:params:grant-type:ciba', auth_req_id });
}

/** The client polls for its tokens, after its polling interval. */
export async function poll(context: AttackContext, client: AttackClient, begun: Begun): Promise<Page> {
  await context.wait(begun.interval);
  return ask(context, client, begun);
}
