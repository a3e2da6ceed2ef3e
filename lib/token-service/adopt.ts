/**
 * Refresh tokens that another library issued. When one is first presented, what the application says of it is stored. From then on it is spent,
 * answered again, known as a replay, and ended, as ours are.
 */
import type { Authorization } from '../types.js';
import type { Service } from './audit.js';
import { type Adopted, type Foreign, keep, knownOf, note, requireSaid, spanOf, standInFor } from './foreign.js';
import { idOf } from './secret.js';
import type { StoredRecord } from './store.js';

/** What a refresh token of another library stands for. Further members of an Authorization, such as `audience` and `confirmation`, are kept. */
export interface AdoptedToken<U = never> extends Adopted<U>, Partial<Pick<Authorization, 'redirectURI' | 'request'>> {
  /**
   * Epoch seconds at which it ends, the same at each call: until then it is remembered that it was used. For tokens that never end, the day on which you
   * stop taking them over.
   */
  readonly expiresAt: number;
  /**
   * What your tables call the token, where another text could stand for the same one: a JWT has several spellings, and a column may ignore case. A second text
   * for a token that was taken over is refused, and ends all that came of it. Default: each text is a token.
   */
  readonly tokenID?: string | undefined;
}

export function foreignToken(text: string): Foreign {
  return { kind: 'refresh_token', text };
}

/** Stores what the application says of a foreign token of this client. Does nothing for a token that is no longer valid. */
async function take<C, U>(service: Service<C, U>, foreign: Foreign, client: C, adopted: AdoptedToken<U>) {
  const { tokenID: name, expiresAt: _, authorizedAt: __, user: ___, redirectURI = '', request, ...said } = adopted;
  const { end: keepUntil } = spanOf(service, client, adopted);
  if (keepUntil <= service.settings.now()) return;
  const { clientID } = said;
  const authorization = Object.assign(said, { redirectURI, request: request ?? { type: '', clientID } });
  await keep(service, Object.assign({}, foreign, { name }), client, adopted, { authorization, keepUntil });
}

/**
 * The record of a refresh token of another library, spent or not, if it is this client's.
 *
 * @throws TypeError if `adopt` gives something wrong
 */
export async function findAdopted<C, U>(
  service: Service<C, U>,
  text: string,
  client: C,
): Promise<StoredRecord | undefined> {
  const { adopt, store, now, clientID } = service.settings;
  if (!adopt) return undefined;
  const foreign = foreignToken(text);
  const { kept, isNoted } = await knownOf(service, foreign);
  if (isNoted) return kept;
  const adopted = (await adopt(text)) || undefined;
  if (!adopted) return kept;
  requireSaid('tokenService({ adopt })', adopted);
  if (kept) {
    await note(service, foreign, adopted.expiresAt); // the process that stored it could not
    return kept;
  }
  if (adopted.clientID !== clientID(client)) return undefined; // RFC 6749 §6: issued to another client
  await take(service, foreign, client, adopted);
  return store.get(idOf(standInFor(foreign)), now());
}
