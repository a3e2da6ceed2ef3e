import createDebug from 'debug';
import type { Context } from 'koa';
import { toError } from '../errors/to-oauth2-error.js';
import { requireOneMethod } from '../middleware/client.js';
import type { Params } from '../types.js';
import { authenticationFailed } from './failure.js';
import type { ClientAuthMethod, ClientRequest } from './method.js';
import type { Settings } from './options.js';
import { throttled } from './throttle.js';

const debug = createDebug('koauthorize:client-auth');

/** A client that proved who it is, and how. */
export interface AuthenticatedClient<C> {
  readonly client: C;
  /** Name of the method, as in `token_endpoint_auth_method`. */
  readonly method: string;
}

/** A method in which the request may be made, and whom it names in that way: the likeliest first. */
interface Candidate<C> {
  readonly method: ClientAuthMethod<C>;
  readonly ids: readonly string[];
}

/** RFC 6749 appendix A.1: client-id = *VSCHAR. Nothing else is ever looked up. */
const CLIENT_ID = /^[\x20-\x7e]{1,2048}$/;

function candidatesFor<C>({ methods }: Settings<C>, request: ClientRequest): readonly Candidate<C>[] {
  const inForm = request.params.get('client_id');
  const isPossible = (id: string): boolean => CLIENT_ID.test(id) && (inForm ?? id) === id; // RFC 7521 §4.2: the same one
  const candidates: Candidate<C>[] = [];
  for (const method of methods) {
    const ids = method.identify(request).filter(isPossible);
    if (ids.length > 0) candidates.push({ method, ids });
  }
  return candidates;
}

/** The work of a verification, for a client that there is not: names cannot be told by the time that it takes. */
async function pretend<C>({ decoys }: Settings<C>, { method, ids }: Candidate<C>, request: ClientRequest) {
  const decoy = decoys.get(method.name);
  if (decoy === undefined) return;
  try {
    await method.verify(decoy, { ...request, clientID: ids[0] ?? '', isPretence: true });
  } catch (error) {
    debug('decoy: %s', toError(error).message); // whatever it was, it is none of this request's
  }
}

async function prove<C>(
  settings: Settings<C>,
  candidates: readonly Candidate<C>[],
  likeliest: Candidate<C>,
  request: ClientRequest,
): Promise<AuthenticatedClient<C>> {
  for (const clientID of new Set(candidates.flatMap(({ ids }) => ids))) {
    const client = await settings.find(clientID);
    if (!client || !settings.isOf(client, clientID)) continue;
    const own = candidates.find(({ method, ids }) => ids.includes(clientID) && settings.allows(client, method));
    if (!own) break;
    const { method } = own; // the one that this client registered
    settings.decoys.set(method.name, client);
    const isProved = (await method.verify(client, { ctx: request.ctx, params: request.params, clientID })) === true;
    if (!isProved) throw authenticationFailed(`The ${method.name} of ${clientID} is not right`);
    debug('%s by %s', clientID, method.name);
    return { client, method: method.name };
  }
  await pretend(settings, likeliest, request);
  throw authenticationFailed('No such client, or not by this method');
}

/**
 * The client that a request comes from.
 *
 * @throws TokenError `invalid_client`, whatever was wrong; `invalid_request` when it authenticates twice; 429 when throttled
 * @see RFC 6749 §2.3, §3.2.1, §5.2
 */
export function authenticate<C>(settings: Settings<C>, ctx: Context, params: Params): Promise<AuthenticatedClient<C>> {
  requireOneMethod(ctx, params);
  const request = { ctx, params };
  const candidates = candidatesFor(settings, request);
  const likeliest = candidates[0];
  if (!likeliest) throw authenticationFailed('No client authentication, or none that is plugged in');
  if (!settings.throttle) return prove(settings, candidates, likeliest, request);
  const attempt = { clientID: likeliest.ids[0] ?? '', address: ctx.ip };
  return throttled(settings.throttle, attempt, () => prove(settings, candidates, likeliest, request));
}
