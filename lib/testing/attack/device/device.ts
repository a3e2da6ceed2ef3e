/** The honest flow of a device and its user, in steps that attacks replace one by one. @see RFC 8628 */
import { type Attack, type AttackOutcome, skipped } from '../attack.js';
import type { AttackContext } from '../context.js';
import { type FormSubmission, formsIn } from '../form.js';
import { membersOf, type Page } from '../http.js';
import { changed, describePage } from '../request.js';
import type { AttackClient } from '../target.js';
import { honest, memberOf } from '../token/answer.js';
import type { Visitor } from '../visitor.js';

/** The response to a device authorization request. */
export interface Begun {
  readonly device_code: string;
  readonly user_code: string;
  readonly verification_uri: string;
  readonly verification_uri_complete: string | undefined;
  /** Seconds between two polls. */
  readonly interval: number;
}

/** The client of the devices. */
export const clientOf = ({ target }: AttackContext): AttackClient => target.deviceClient ?? target.client;

/** An attack on a server with the device grant. */
export function deviceAttack(
  about: Omit<Attack, 'run'>,
  attempt: (context: AttackContext) => Promise<AttackOutcome>,
): Attack {
  const none = skipped('there is no device_authorization endpoint');
  return {
    ...about,
    run: async (context) => (context.endpoints.device_authorization === undefined ? none : attempt(context)),
  };
}

/** Sends a device authorization request. @throws Error if the server refuses it */
export async function begin({ post, endpoints }: AttackContext, client: AttackClient): Promise<Begun> {
  const page = await post(client, changed({ scope: client.scope }, {}), endpoints.device_authorization);
  const member = (name: string): string => {
    const value = memberOf(page, name);
    if (value !== undefined) return value;
    throw new Error(`A device of ${client.client_id} is given no ${name}: ${describePage(page)}`);
  };
  const { interval } = membersOf(page);
  return {
    device_code: member('device_code'),
    user_code: member('user_code'),
    verification_uri: member('verification_uri'),
    verification_uri_complete: memberOf(page, 'verification_uri_complete'),
    interval: typeof interval === 'number' ? interval : 5, // RFC 8628 §3.2
  };
}

const hasField = (form: FormSubmission): boolean => form.fields.some(([name]) => name === 'user_code');

/** The user types a code. @returns undefined if there is no form for it, or no longer one */
export async function type(visitor: Visitor, { verification_uri }: Begun, userCode: string): Promise<Page | undefined> {
  const page = await visitor.get(verification_uri);
  return formsIn(page).some(hasField) ? visitor.submit(page, { user_code: userCode }) : undefined;
}

/** The form of the dialog of a device; undefined if the page is no dialog, such as the page on which a code is typed. */
export function dialogIn(
  { formOf }: AttackContext,
  page: Page,
  decision: 'allow' | 'deny' = 'allow',
): FormSubmission | undefined {
  const form = formOf(page, decision);
  return form && !hasField(form) ? form : undefined;
}

/** The user types the code of a device, and sees the dialog. @throws Error if there is no dialog */
export async function dialogOf(
  context: AttackContext,
  visitor: Visitor,
  begun: Begun,
  decision: 'allow' | 'deny' = 'allow',
): Promise<FormSubmission> {
  const page = await type(visitor, begun, begun.user_code);
  const form = page && dialogIn(context, page, decision);
  if (form) return form;
  throw new Error(`The code of a device shows no dialog: ${page ? describePage(page) : 'there is no form for it'}`);
}

/** The device polls for its tokens, without waiting. */
export function ask({ post }: AttackContext, client: AttackClient, { device_code }: Begun): Promise<Page> {
  return post(client, { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', device_code });
}

/** The device polls for its tokens, after its polling interval. */
export async function poll(context: AttackContext, client: AttackClient, begun: Begun): Promise<Page> {
  await context.wait(begun.interval);
  return ask(context, client, begun);
}

/** The honest flow of a device up to its tokens. @throws Error if the flow fails */
export async function connect(context: AttackContext, client: AttackClient, visitor: Visitor) {
  const begun = await begin(context, client);
  const { action, fields } = await dialogOf(context, visitor, begun);
  await visitor.post(action, fields);
  return { begun, page: honest(await poll(context, client, begun), 'A device that was allowed') };
}
