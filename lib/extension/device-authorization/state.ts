/** The value of `ctx.state.device`, for the application's pages. */
import type { Context } from 'koa';
import type { AuthorizationRequest } from '../../types.js';
import type { RequestOrigin } from './kept.js';

/** One of the pages on which a user connects a device. */
export interface DeviceVerification<C = unknown> {
  /**
   * `code`: the user types the code. `login`: `prompts` says what the user must do first, such as logging in. `consent`: the user has to decide. `allowed`,
   * `denied`: the user has decided, and goes back to the device.
   */
  readonly page: 'code' | 'login' | 'consent' | 'allowed' | 'denied';
  /** The user code: the value for the form of the page `code`, and for `consent` the code as the device shows it, so that the user compares both. */
  readonly userCode?: string | undefined;
  /** Why the typed code leads to no dialog. `not here`: `mayConnect` refused it. */
  readonly problem?: 'unknown' | 'too many' | 'not here' | undefined;
  /** What the user must do first. */
  readonly prompts?: readonly string[] | undefined;
  /** The value of the field `device_id` of the dialog, which is also its CSRF token. */
  readonly id?: string | undefined;
  readonly client?: C | undefined;
  /** What is asked for. */
  readonly req?: AuthorizationRequest | undefined;
  /** Where the request came from. Show it: it tells a user whom an attacker has sent a code that the code belongs to another device. @see RFC 10027 */
  readonly from?: RequestOrigin | undefined;
}

/** The state of a Koa context after the middleware of these pages. @example new Router<DeviceState<App>>() */
export interface DeviceState<C = unknown> {
  readonly device: DeviceVerification<C>;
}

export function leave<C>(ctx: Context, device: DeviceVerification<C>): void {
  ctx.state['device'] = device;
}
