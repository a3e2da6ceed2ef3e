/** The dialog of a device, which is open in a browser. It is kept in the session of that browser. */
import type { Context } from 'koa';
import type { SessionRecord } from '../../transaction/session-records.js';
import type { DeviceRequest } from './kept.js';
import type { DeviceAuthorizationOptions } from './options.js';

/** Member of the session. */
export const DIALOGS = 'devices';

export interface Dialog extends SessionRecord {
  /** What stands for the device code. */
  readonly device: string;
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
