/** Reads and checks a logout request. @see OpenID Connect RP-Initiated Logout §2, §3, §4 */
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

/** A client that sent a valid ID token of this server, and where it wants the browser to be sent. */
export interface Asking<C> {
  readonly client: C;
  readonly clientID: string;
  readonly hint: IDTokenHint;
  /** A URI that the client registered. */
  readonly redirectURI?: string | undefined;
  readonly state?: string | undefined;
}

/** The valid part of a logout request, and the reason for the operator why the rest is ignored. */
export interface Judged<C> {
  readonly asking?: Asking<C> | undefined;
  readonly fault?: string | undefined;
}

/** The parameters of the endpoint. @throws OAuth2Error for a repeated or malformed parameter */
export async function readLogout(ctx: Context): Promise<Params> {
  const { params: all, refused } = ctx.method === 'POST' ? await readForm(ctx) : readQuery(ctx);
  const twice = PARAMETERS.find((name) => refused.has(name));
  if (twice !== undefined) throw refuse(twice);
  const { params, malformed: names } = sift(all, AUTHORIZATION);
  const wrong = PARAMETERS.find((name) => names.includes(name));
  if (wrong !== undefined) throw malformed(wrong, AUTHORIZATION);
  return params;
}

/** The parameters as a query, for the redirect to the same URL by GET. */
export function toQuery(params: Params): URLSearchParams {
  const query = new URLSearchParams();
  for (const name of PARAMETERS) {
    const value = params.get(name);
    if (value !== undefined) query.set(name, value);
  }
  return query;
}

/** The client that an ID token was issued to. If it has several audiences, the client is the authorized party. @see OpenID Connect Core §2 */
function issuedTo({ audience, claims }: IDTokenHint): string | undefined {
  const { azp } = claims;
  if (typeof azp === 'string') return audience.includes(azp) ? azp : undefined;
  return audience.length === 1 ? audience[0] : undefined;
}

/** The client that asks, identified by an ID token that was issued to it. */
async function askingOf<C, U>(core: Core<C, U>, token: string, params: Params): Promise<Judged<C>> {
  const read = await readIDTokenHint(core, token); // §2: an expired one is accepted
  if ('fault' in read) return { fault: `id_token_hint is not valid: ${read.fault}` };
  const clientID = issuedTo(read.hint);
  if (clientID === undefined) return { fault: 'id_token_hint does not say which client it was issued to' };
  // §2: the OP MUST verify that client_id matches the client that the ID token was issued to
  if (clientID !== (params.get('client_id') ?? clientID))
    return { fault: 'client_id is not the client that id_token_hint was issued to' };
  const client = await core.findClient(clientID);
  if (!client) return { fault: 'The client that id_token_hint was issued to was removed' };
  return { asking: { client, clientID, hint: read.hint, state: params.get('state') } };
}

/**
 * Checks a request, and returns its valid part. §4: parameters that cannot be verified are ignored, and so are those that depend on them. The user can log out
 * in any case.
 *
 * §3: without a valid ID token, the browser is not redirected. Otherwise any site could use this endpoint to send users to a client.
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
