/**
 * Codes that another library issued and that were not exchanged yet. When one is first presented, the authorization that the application gives for it is
 * stored. From then on it is treated like a code of this service: it is compared with the token request, spent, and recognized if it is used again.
 */
import type { AuthorizationRequest } from '../types.js';
import type { Service } from './audit.js';
import { type Adopted, type Foreign, keep, knownOf, note, requireSaid, spanOf, standInFor } from './foreign.js';
import { idOf } from './secret.js';
import type { StoredRecord } from './store.js';

/** The authorization of a code of another library. Further members of an Authorization, such as `authentication`, are kept. */
export interface AdoptedCode<U = never> extends Adopted<U> {
  /** Where the code was sent. The token request must name it, unless `request` says that the authorization request named none. */
  readonly redirectURI: string;
  /**
   * Members of the authorization request, with the names of an AuthorizationRequest: values that extensions compare with the token request, or send to the
   * client, such as the challenge of `pkce()` and the nonce of `openid()`. `redirectURI: undefined` means that the request had no redirect URI. Default: a
   * request with nothing but the redirect URI, which `pkce()` refuses.
   */
  readonly request?: Partial<AuthorizationRequest> | undefined;
  /** When the code expires, in epoch seconds. */
  readonly expiresAt: number;
  /**
   * The identifier of the code in your tables, if several texts can mean the same code: a JWT has several spellings, and a column may ignore case. If a second
   * text of a code is presented, it is refused, and the authorization ends. Default: each text is a code of its own.
   */
  readonly codeID?: string | undefined;
}

const WHAT = 'tokenService({ adoptCode })';

export function foreignCode(text: string): Foreign {
  return { kind: 'code', text };
}

function requireRedirectURI<U>({ redirectURI }: AdoptedCode<U>): void {
  if (typeof redirectURI === 'string' && redirectURI) return;
  throw new TypeError(`${WHAT} gives redirectURI, the text to which the code was sent`); // RFC 6749 §4.1.3: the token request must have the same one
}

/** When a code expires, in epoch seconds. If an extension limits the lifetime of codes, this also applies to codes of another library. */
function endOf<C, U>(service: Service<C, U>, client: C, adopted: AdoptedCode<U>): number {
  const { authorizedAt, end } = spanOf(service, client, adopted);
  return authorizedAt + service.settings.codeLifetime(client, end - authorizedAt);
}

/** Stores the authorization of a foreign code of this client. */
async function take<C, U>(service: Service<C, U>, foreign: Foreign, client: C, adopted: AdoptedCode<U>): Promise<void> {
  const { codeID: name, expiresAt: _, authorizedAt: __, user: ___, request: asked, ...said } = adopted;
  const { settings } = service;
  const { clientID, redirectURI } = said;
  // RFC 6749 §4.1.3: unless the application says otherwise, the authorization request named this redirect URI
  const request = Object.assign({ type: 'code', redirectURI }, asked, { clientID });
  const { accessToken } = settings.lifetimes(client);
  const keepUntil = Math.max(endOf(service, client, adopted), settings.now() + accessToken); // a second use is recognized for as long as tokens from the code may be valid
  const authorization = Object.assign(said, { request });
  await keep(service, Object.assign({}, foreign, { name }), client, adopted, { authorization, keepUntil });
}

/**
 * The record of a code of another library, if the code belongs to this client and was spent or is still valid.
 *
 * @throws TypeError if `adoptCode` gives a wrong value
 */
export async function findAdoptedCode<C, U>(
  service: Service<C, U>,
  text: string,
  client: C,
): Promise<StoredRecord | undefined> {
  const { adoptCode, store, now, clientID } = service.settings;
  if (!adoptCode) return undefined;
  const foreign = foreignCode(text);
  const { kept, isNoted } = await knownOf(service, foreign);
  if (kept?.consumedAt !== undefined) return kept;
  if (isNoted && !kept) return undefined; // its authorization has ended
  const adopted = (await adoptCode(text)) || undefined;
  if (!adopted) return undefined;
  requireSaid(WHAT, adopted);
  requireRedirectURI(adopted);
  if (adopted.clientID !== clientID(client) || endOf(service, client, adopted) <= now()) return undefined; // RFC 6749 §4.1.3
  if (!kept) await take(service, foreign, client, adopted);
  else if (!isNoted) await note(service, foreign, adopted.expiresAt); // the process that stored it failed before it wrote the note
  return kept ?? store.get(idOf(standInFor(foreign)), now());
}
