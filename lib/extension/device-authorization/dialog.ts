/** The open dialog of a device, in the session of a browser. */
import type { Context } from 'koa';
import type { SessionRecord } from '../../transaction/session-records.js';
import type { DeviceRequest } from './kept.js';
import type { DeviceAuthorizationOptions } from './options.js';

/** Member of the session. */
export const DIALOGS = 'devices';

export interface Dialog extends SessionRecord {
  /** The key of the device's record: a hash of its device code. */
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
