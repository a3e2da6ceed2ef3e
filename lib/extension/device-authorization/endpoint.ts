/** The device authorization endpoint, which issues device codes and user codes. @see RFC 8628 §3.1, §3.2 */
import type { Context, Middleware } from 'koa';
import { judgeRequestWithoutBrowser } from '../../authorization/judge.js';
import { requireGrantType } from '../../clients/permitted.js';
import { isOpenToStrangers } from '../../clients/stranger.js';
import type { Core } from '../../core.js';
import { forProgram } from '../../errors/for-program.js';
import { noStore } from '../../http/headers.js';
import { answerJSON } from '../../http/json.js';
import { readPostedParams } from '../../http/params.js';
import { publicSlots } from '../../limits/slots.js';
import { clientOf } from '../../token/client.js';
import type { Devices } from './kept.js';
import { DEVICE_CODE } from './names.js';
import type { DeviceAuthorizationOptions } from './options.js';
import { showUserCode } from './user-code.js';

/** What extensions get instead of a response type. §3.1 has no signed requests. */
const KIND = { type: 'device_code', cannotBeSigned: true } as const;

/** The URL of the page on which users type the code. */
export function verificationURI<C, U>({ locations, issuer = '' }: Core<C, U>, url: string | undefined): string {
  return locations.url(
    url ?? locations.of('device_verification', '/device'),
    'deviceAuthorization({ verificationURL })',
    issuer,
  );
}

function originOf(ctx: Context): { readonly address: string; readonly userAgent: string } {
  return { address: ctx.ip, userAgent: ctx.get('user-agent') };
}

export function deviceEndpoint<C, U>(
  core: Core<C, U>,
  devices: Devices<C, U>,
  options: DeviceAuthorizationOptions<C, U>,
): Middleware {
  const { lifetime = 600, interval = 5, completeURI = true, publicPerMinute = 100, userProperty = 'user' } = options;
  const takeSlot = publicSlots(publicPerMinute, 'device', 'deviceAuthorization({ publicPerMinute })');
  return async function deviceAuthorization(ctx) {
    noStore(ctx);
    const params = await readPostedParams(ctx, core.parameters);
    const { client, method } = clientOf(core, ctx, params, userProperty); // §3.1: as at the token endpoint
    requireGrantType(client, DEVICE_CODE);
    const request = await judgeRequestWithoutBrowser(core, ctx, { client, params }, KIND).catch((error) => {
      throw forProgram(error);
    });
    if (isOpenToStrangers(core, { client, authMethod: method }))
      await takeSlot(devices.store, request.clientID, core.now());
    const { deviceCode, userCode } = await devices.begin(request, originOf(ctx), lifetime);
    const uri = verificationURI(core, options.verificationURL);
    const shown = showUserCode(userCode);
    answerJSON(ctx, {
      device_code: deviceCode,
      user_code: shown,
      verification_uri: uri,
      ...(completeURI && { verification_uri_complete: `${uri}${uri.includes('?') ? '&' : '?'}user_code=${shown}` }),
      expires_in: lifetime,
      interval,
    });
  };
}
