/** The polls of a device. @see RFC 8628 §3.4, §3.5 */
import type { Core } from '../../core.js';
import type { Exchange } from '../../plugs.js';
import { pollExchange } from '../../polling/exchange.js';
import type { Devices } from './kept.js';
import { DEVICE_CODE } from './names.js';
import type { DeviceAuthorizationOptions } from './options.js';

export function deviceExchange<C, U>(
  core: Core<C, U>,
  devices: Devices<C, U>,
  { interval = 5 }: DeviceAuthorizationOptions<C, U>,
): Exchange<C> {
  return pollExchange(core, devices, {
    grantType: DEVICE_CODE,
    parameter: 'device_code',
    what: 'device code',
    interval,
  });
}
