/** Reads and judges a logout request. @see OpenID Connect RP-Initiated Logout §2, §3, §4 */
import type { Context } from 'koa';
import type { Core } from '../../core.js';
import { readForm, readQuery, refuse } from '../../http/params.js';
import { type IDTokenHint, readIDTokenHint } from '../../id-token/hint.js';
import { AUTHORIZATION, malformed, sift } from '../../syntax/parameters.js';
import type { Params } from '../../types.js';
import { isRegistered } from './return.js';

const PARAMETERS = [
  'id_token_hint',
  'client_id',
  'post_logout_redirect_uri',
  'state',
  'logout_hint',
  'ui_locales',
] as const;

/** A client that has shown an ID token of ours, and where it wants the browser to be sent. */
export interface Asking<C> {
  readonly client: C;
  readonly clientID: string;
  readonly hint: IDTokenHint;
  /** Registered. */
  readonly redirectURI?: string | undefined;
  readonly state?: string | undefined;
}

/** What of a logout request can be used, and for the operator why the rest cannot. */
export interface Judged<C> {
  readonly asking?: Asking<C> | undefined;
  readonly fault?: string | undefined;
}

/** The parameters of the endpoint. @throws OAuth2Error for one that came twice, or that cannot be one */
export async function readLogout(ctx: Context): Promise<Params> {
  const { params: all, refused } = ctx.method === 'POST' ? await readForm(ctx) : readQuery(ctx);
  const twice = PARAMETERS.find((name) => refused.has(name));
  if (twice !== undefined) throw refuse(twice);
  const { params, malformed: names } = sift(all, AUTHORIZATION);
  const wrong = PARAMETERS.find((name) => names.includes(name));
  if (wrong !== undefined) throw malformed(wrong, AUTHORIZATION);
  return params;
}

/** The parameters again, for a URL. */
export function toQuery(params: Params): URLSearchParams {
  const query = new URLSearchParams();
  for (const name of PARAMETERS) {
    const value = params.get(name);
    if (value !== undefined) query.set(name, value);
  }
  return query;
}

/** The client that an ID token was issued to. With several audiences it is the authorized party. @see OpenID Connect Core §2 */
function issuedTo({ audience, claims }: IDTokenHint): string | undefined {
  const { azp } = claims;
  if (typeof azp === 'string') return audience.includes(azp) ? azp : undefined;
  return audience.length === 1 ? audience[0] : undefined;
}

/** Who asks, by the ID token that was issued to them. */
async function askingOf<C, U>(core: Core<C, U>, token: string, params: Params): Promise<Judged<C>> {
  const read = await readIDTokenHint(core, token); // §2: an expired one is accepted
  if ('fault' in read) return { fault: `id_token_hint is not valid: ${read.fault}` };
  const clientID = issuedTo(read.hint);
  if (clientID === undefined) return { fault: 'id_token_hint does not say which client it was issued to' };
  // §2: the OP MUST verify that client_id matches the client that the ID token was issued to
  if (clientID !== (params.get('client_id') ?? clientID))
    return { fault: 'client_id is not the client that id_token_hint was issued to' };
  const client = await core.findClient(clientID);
  if (!client) return { fault: 'The client that id_token_hint was issued to is gone' };
  return { asking: { client, clientID, hint: read.hint, state: params.get('state') } };
}

/**
 * What of a request counts. §4: what cannot be verified is not used, and neither is what depends on it. The user can log out all the same.
 *
 * Without a valid ID token nobody is sent anywhere: another site could use the logout to send users to a client. (§3)
 */
export async function judgeLogout<C, U>(core: Core<C, U>, params: Params): Promise<Judged<C>> {
  const token = params.get('id_token_hint');
  const uri = params.get('post_logout_redirect_uri');
  if (token === undefined)
    return uri === undefined ? {} : { fault: 'post_logout_redirect_uri came without id_token_hint' };
  const judged = await askingOf(core, token, params);
  const { asking } = judged;
  if (!asking || uri === undefined) return judged;
  if (!isRegistered(asking.client, uri))
    return { asking, fault: 'The client did not register this post_logout_redirect_uri' };
  return { asking: { ...asking, redirectURI: uri } };
}
