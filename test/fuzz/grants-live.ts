/** Devices that wait or were let in, users who are asked, and assertions of somebody who vouches. */
import { randomUUID } from 'node:crypto';
import { signed } from '../support/assertions.js';
import { ISSUER } from '../support/authorization-server.js';
import type { Answer } from './answer.js';
import { cibaMakers } from './ciba-live.js';
import { type FuzzClient, signingKey } from './clients.js';
import type { Draft } from './draft.js';
import { type Members, posting } from './drafting.js';
import { VOUCHER } from './extended-house.js';
import type { Makers } from './live.js';

type Some = Readonly<Record<string, unknown>>;

/** How a value is come by. */
export interface Ways {
  readonly now: number;
  send(draft: Draft): Promise<Pick<Answer, 'text' | 'all'>>;
  ask(path: string, client: FuzzClient, form: Members): Promise<Some>;
  /** What a mark says beside the client. */
  moreIn(name: string): Some;
}

interface Device {
  readonly deviceCode: string;
  readonly userCode: string;
}

/** A dialog that was opened in a browser of its own. */
interface Shown {
  readonly id: string;
  readonly cookie: string;
}

export function grantMakers({ now, send, ask, moreIn }: Ways): Makers {
  const begun = new Map<string, Promise<Device>>();
  const shown = new Map<string, Promise<Shown>>();
  const begin = async (client: FuzzClient): Promise<Device> => {
    const { device_code, user_code } = await ask('/device_authorization', client, { scope: 'openid read' });
    return { deviceCode: String(device_code), userCode: String(user_code) };
  };
  const show = async ({ userCode }: Device): Promise<Shown> => {
    const { text, all } = await send(posting('/device', { user_code: userCode }));
    const cookie = all('set-cookie').map((one) => one.split(';')[0]);
    return { id: String((JSON.parse(text) as Some)['id']), cookie: cookie.join('; ') };
  };
  const once = <T>(known: Map<string, Promise<T>>, name: string, make: () => Promise<T>): Promise<T> => {
    const made = known.get(name) ?? make();
    known.set(name, made);
    return made;
  };
  const deviceOf = (name: string, client: FuzzClient) => once(begun, name, () => begin(client));
  const dialogOf = (name: string, client: FuzzClient) =>
    once(shown, name, async () => show(await deviceOf(name, client)));
  return {
    ...cibaMakers({ send, ask }),
    async devicecode(name, client) {
      const { deviceCode } = await deviceOf(name, client);
      if (!name.endsWith('!allowed')) return deviceCode;
      const { id, cookie } = await dialogOf(name, client);
      await send(posting('/device/decision', { device_id: id }, { Cookie: cookie }));
      return deviceCode;
    },
    usercode: async (name, client) => (await deviceOf(name, client)).userCode,
    deviceid: async (name, client) => (await dialogOf(name, client)).id,
    devicecookie: async (name, client) => (await dialogOf(name, client)).cookie,
    async vouched(name) {
      const { header = {}, ...claims } = moreIn(name);
      const about = { iss: VOUCHER, sub: 'alice', aud: ISSUER, iat: now, exp: now + 60, jti: randomUUID() };
      return signed(signingKey, { alg: 'ES256', kid: 'one', ...(header as object) }, { ...about, ...claims });
    },
  };
}
