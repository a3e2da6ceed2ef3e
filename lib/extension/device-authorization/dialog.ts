/** The dialog of a device, which is open in a browser. It is kept in the session of that browser. */
import type { Context } from 'koa';
import type { SessionRecord } from '../../transaction/session-records.js';
import type { Transaction } from '../../types.js';
import type { DeviceRequest } from './kept.js';
import type { DeviceAuthorizationOptions } from './options.js';

/** Member of the session. */
export const DIALOGS = 'devices';

export interface Dialog extends SessionRecord {
  /** What stands for the device code. */
  readonly device: string;
}

/** The transaction of a device, which the steps of extensions judge. There is nowhere to send a browser to. */
export function transactionFor<C, U>(client: C, user: U, { request }: DeviceRequest, at: number): Transaction<C, U> {
  return { client, redirectURI: '' as Transaction<C, U>['redirectURI'], webOrigin: undefined, req: request, user, at };
}

/** Whether the application lets this user connect this device. */
export async function isAccepted<C, U>(
  { mayConnect }: DeviceAuthorizationOptions<C, U>,
  ctx: Context,
  client: C,
  user: U,
  { request: req, from }: DeviceRequest,
): Promise<boolean> {
  return !mayConnect || (await mayConnect(ctx, { client, user, req, from })) === true;
}
