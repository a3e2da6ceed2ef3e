/** The polls of a device. @see RFC 8628 §3.4, §3.5 */
import type { Core } from '../../core.js';
import { reasoned } from '../../errors/reason.js';
import { TokenError } from '../../errors/token-error.js';
import type { Exchange, PendingAuthorization, PendingAuthorizations } from '../../plugs.js';
import type { TokenRequest } from '../../types.js';
import { type Devices, endOfCode, idOfCode } from './kept.js';
import { DEVICE_CODE } from './names.js';
import type { DeviceAuthorizationOptions } from './options.js';

declare module '../../errors/codes.js' {
  interface TokenErrorCodes {
    authorization_pending: 400;
    slow_down: 400;
    expired_token: 400;
  }
}

/** Characters. */
const LONGEST = 200;

const invalid = (why: string) => reasoned(new TokenError('Invalid device code', 'invalid_grant'), why);

/** Where what users allow waits for their devices. @throws Error where there is no token service that has it */
export function pendingOf<C, U>({ tokens }: Core<C, U>): PendingAuthorizations<C, U> {
  if (tokens?.pending) return tokens.pending;
  throw new Error('deviceAuthorization() issues tokens: say createServer({ tokens: tokenService(...) })');
}

/** What stands for the device code that was sent. @throws TokenError for what is none, and for one that has expired */
function readCode<C>({ params }: TokenRequest<C>, now: number): string {
  const deviceCode = params.get('device_code');
  if (deviceCode === undefined) throw new TokenError('Missing required parameter: device_code', 'invalid_request');
  const end = endOfCode(deviceCode);
  if (deviceCode.length > LONGEST || !Number.isFinite(end)) throw invalid('It has not the form of a device code');
  if (end <= now) throw new TokenError('The device code has expired', 'expired_token'); // §3.5
  return idOfCode(deviceCode);
}

/** What the user has allowed. @throws TokenError while they have not, and where they have denied it */
async function allowedBy<C, U>(
  core: Core<C, U>,
  devices: Devices<C, U>,
  id: string,
  clientID: string,
): Promise<PendingAuthorization<C>> {
  const { waiting, answer } = await devices.find(id);
  const owner = answer?.clientID ?? waiting?.request.clientID;
  if (owner !== clientID) throw invalid('It is unknown, or of another client, for whom it stays good');
  if (!answer) throw new TokenError('The user has not decided yet', 'authorization_pending'); // §3.5
  if (answer.pendingID === undefined) throw new TokenError('The user has denied it', 'access_denied'); // §3.5
  const pending = await pendingOf(core).find(answer.pendingID);
  if (!pending) throw invalid('Its tokens were fetched before, or what the user had allowed was revoked');
  return pending;
}

export function deviceExchange<C, U>(
  core: Core<C, U>,
  devices: Devices<C, U>,
  { interval = 5 }: DeviceAuthorizationOptions<C, U>,
): Exchange<C> {
  return {
    name: DEVICE_CODE,
    async redeem(request) {
      const clientID = core.clientID(request.client) ?? '';
      const id = readCode(request, core.now());
      if (await devices.isTooEarly(id, clientID, interval)) throw new TokenError('Too many polls', 'slow_down'); // §3.5
      const { authorization, issue } = await allowedBy(core, devices, id, clientID);
      return { authorization, issue: (_check, respond) => issue(request, respond) };
    },
  };
}
