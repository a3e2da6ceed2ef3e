/**
 * Refresh tokens that another library issued. When one is first presented, the authorization that the application gives for it is stored. From then on it is
 * treated like a refresh token of this service: it is spent, answered again, recognized if it is used again, and revoked.
 */
import type { Authorization } from '../types.js';
import type { Service } from './audit.js';
import { type Adopted, type Foreign, keep, knownOf, note, requireSaid, spanOf, standInFor } from './foreign.js';
import { idOf } from './secret.js';
import type { StoredRecord } from './store.js';

/** The authorization of a refresh token of another library. Further members of an Authorization, such as `audience` and `confirmation`, are kept. */
export interface AdoptedToken<U = never> extends Adopted<U>, Partial<Pick<Authorization, 'redirectURI' | 'request'>> {
  /**
   * When the token expires, in epoch seconds; the same at each call. Until then the service remembers that it was used. For tokens that never expire, give the
   * day on which you stop accepting them.
   */
  readonly expiresAt: number;
  /**
   * The identifier of the token in your tables, if several texts can mean the same token: a JWT has several spellings, and a column may ignore case. If a
   * second text of a token is presented, it is refused, and the authorization ends. Default: each text is a token of its own.
   */
  readonly tokenID?: string | undefined;
}

export function foreignToken(text: string): Foreign {
  return { kind: 'refresh_token', text };
}

/** Stores the authorization of a foreign token of this client. Does nothing for a token that is no longer valid. */
async function take<C, U>(service: Service<C, U>, foreign: Foreign, client: C, adopted: AdoptedToken<U>) {
  const { tokenID: name, expiresAt: _, authorizedAt: __, user: ___, redirectURI = '', request, ...said } = adopted;
  const { end: keepUntil } = spanOf(service, client, adopted);
  if (keepUntil <= service.settings.now()) return;
  const { clientID } = said;
  const authorization = Object.assign(said, { redirectURI, request: request ?? { type: '', clientID } });
  await keep(service, Object.assign({}, foreign, { name }), client, adopted, { authorization, keepUntil });
}

/**
 * The record of a refresh token of another library, spent or not, if the token belongs to this client.
 *
 * @throws TypeError if `adopt` gives a wrong value
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
    await note(service, foreign, adopted.expiresAt); // the process that stored it failed before it wrote the note
    return kept;
  }
  if (adopted.clientID !== clientID(client)) return undefined; // RFC 6749 §6: issued to another client
  await take(service, foreign, client, adopted);
  return store.get(idOf(standInFor(foreign)), now());
}
