/** The polls of a device. @see RFC 8628 §3.4, §3.5 */
import type { Core } from '../../core.js';
import { reasoned } from '../../errors/reason.js';
import { TokenError } from '../../errors/token-error.js';
import type { Exchange, Respond } from '../../plugs.js';
import type { Authorization, TokenRequest } from '../../types.js';
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

/** The token service. @throws Error where there is none that issues */
export function tokensOf<C, U>({ tokens }: Core<C, U>) {
  const issue = tokens?.issue?.bind(tokens);
  if (issue) return { issue };
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
): Promise<Authorization> {
  const waiting = await devices.find(id);
  if (waiting && waiting.request.clientID !== clientID) throw invalid('It is of another client'); // nothing is spent
  if (waiting) throw new TokenError('The user has not decided yet', 'authorization_pending'); // §3.5
  const answer = await devices.answerTo(id);
  if (!answer || answer.server !== core.name || answer.clientID !== clientID)
    throw invalid('It is unknown, was used, or is of another client');
  if (answer.authorization) return answer.authorization;
  throw new TokenError('The user has denied it', 'access_denied'); // §3.5
}

/** Spends the answer when the response is made: what fails before costs the device nothing. */
function spending<C, U>(devices: Devices<C, U>, id: string, respond: Respond): Respond {
  return async (issued) => {
    const response = await respond(issued);
    if (!(await devices.spend(id))) throw invalid('It was used before'); // as a code, once
    return response;
  };
}

export function deviceExchange<C, U>(
  core: Core<C, U>,
  devices: Devices<C, U>,
  { interval = 5 }: DeviceAuthorizationOptions,
): Exchange<C> {
  return {
    name: DEVICE_CODE,
    async redeem(request) {
      const clientID = core.clientID(request.client) ?? '';
      const id = readCode(request, core.now());
      if (await devices.isTooEarly(id, clientID, interval)) throw new TokenError('Too many polls', 'slow_down'); // §3.5
      const authorization = await allowedBy(core, devices, id, clientID);
      const { issue } = tokensOf(core);
      return {
        authorization,
        issue: (_check, respond) => issue(authorization, request, spending(devices, id, respond)),
      };
    },
  };
}
