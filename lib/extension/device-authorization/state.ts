/** What is left in `ctx.state.device` for the application's pages. */
import type { Context } from 'koa';
import type { AuthorizationRequest } from '../../types.js';
import type { RequestOrigin } from './kept.js';

/** A page of the verification. */
export interface DeviceVerification<C = unknown> {
  /**
   * `code`: the user types the code. `login`: `prompts` says what the user must do first, such as logging in. `consent`: the user decides. `allowed`, `denied`:
   * they have, and go back to the device.
   */
  readonly page: 'code' | 'login' | 'consent' | 'allowed' | 'denied';
  /** The code, for the form of the first page or as the device shows it. The user compares both. */
  readonly userCode?: string | undefined;
  /** Why there is no dialog for the code that was typed: `not here` is what `mayConnect` refused. */
  readonly problem?: 'unknown' | 'too many' | 'not here' | undefined;
  /** What the user must do first. */
  readonly prompts?: readonly string[] | undefined;
  /** The value of the field `device_id` of the dialog, which is also its CSRF token. */
  readonly id?: string | undefined;
  readonly client?: C | undefined;
  /** What is asked for. */
  readonly req?: AuthorizationRequest | undefined;
  /** Where the request came from. Show it: a user who was sent a code by somebody else sees that it is another device. @see RFC 10027 */
  readonly from?: RequestOrigin | undefined;
}

/** The state of a Koa context behind the endpoints of the verification. @example new Router<DeviceState<App>>() */
export interface DeviceState<C = unknown> {
  readonly device: DeviceVerification<C>;
}

export function leave<C>(ctx: Context, device: DeviceVerification<C>): void {
  ctx.state['device'] = device;
}
