import createDebug from 'debug';
import type { Context } from 'koa';
import { toError } from '../errors/to-oauth2-error.js';
import { requireOneMethod } from '../token/client.js';
import type { Params } from '../types.js';
import { authenticationFailed, OtherMethodError } from './failure.js';
import type { ClientAuthMethod, ClientRequest } from './method.js';
import { SECRETS, type Settings } from './options.js';
import { throttled } from './throttle.js';

const debug = createDebug('koauthorize:client-auth');

/** A client that has proved who it is, and the method by which. */
export interface AuthenticatedClient<C> {
  readonly client: C;
  /** Name of the method, as in `token_endpoint_auth_method`. */
  readonly method: string;
}

/** A method that the request may have used, and the client identifiers that it claims by that method, the likeliest first. */
interface Candidate<C> {
  readonly method: ClientAuthMethod<C>;
  readonly ids: readonly string[];
}

/** RFC 6749 appendix A.1: client-id = *VSCHAR. The application is never asked to find anything else. */
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

/** Verifies a request that is refused whatever comes of it, so that the refusal takes as long as others do. */
async function wouldProve<C>(
  { method }: Candidate<C>,
  client: C,
  request: ClientRequest,
  clientID: string,
): Promise<boolean> {
  try {
    return (await method.verify(client, { ...request, clientID, isPretence: true })) === true;
  } catch (error) {
    debug('pretence: %s', toError(error).message); // the request is refused in any case
    return false;
  }
}

/** Verifies against another client where the claimed one does not exist: the time of an answer must not tell which clients exist. */
async function pretend<C>({ decoys }: Settings<C>, likeliest: Candidate<C>, request: ClientRequest): Promise<void> {
  const decoy = decoys.get(likeliest.method.name);
  if (decoy !== undefined) await wouldProve(likeliest, decoy, request, likeliest.ids[0] ?? '');
}

/** A client that exists, and the request that claims to come from it. */
interface Claim<C> {
  readonly client: C;
  readonly clientID: string;
  readonly request: ClientRequest;
}

/** The client identifiers that a request claims, the likeliest first, each once. */
function claimedIDs<C>(candidates: readonly Candidate<C>[]): Iterable<string> {
  const ids = candidates.flatMap((candidate) => candidate.ids);
  return ids.length > 1 ? new Set(ids) : ids;
}

/** Refuses a client that used another method than the one it registered. @throws TokenError */
async function refuseMethod<C>(settings: Settings<C>, candidate: Candidate<C>, claim: Claim<C>): Promise<never> {
  const { client, clientID, request } = claim;
  const [{ name }, registered] = [candidate.method, settings.registered(client)];
  const reason = `${clientID} came by ${name}, by another method than registered: ${registered ?? 'none was registered'}`;
  if (!SECRETS.has(name) || !SECRETS.has(registered ?? '')) {
    await pretend(settings, candidate, request);
    throw authenticationFailed(reason);
  }
  if (!settings.decoys.has(name)) settings.decoys.set(name, client);
  const isRight = await wouldProve(candidate, client, request, clientID); // which takes as long as refusing a client that does not exist
  throw authenticationFailed(isRight ? new OtherMethodError(`${reason}. Its secret is right`) : reason);
}

async function prove<C>(
  settings: Settings<C>,
  candidates: readonly Candidate<C>[],
  likeliest: Candidate<C>,
  request: ClientRequest,
): Promise<AuthenticatedClient<C>> {
  for (const clientID of claimedIDs(candidates)) {
    const client = await settings.find(clientID, request.ctx);
    if (!client || !settings.isOf(client, clientID)) continue;
    const ways = candidates.filter(({ ids }) => ids.includes(clientID));
    const method = ways.find((way) => settings.allows(client, way.method))?.method;
    if (!method) return refuseMethod(settings, ways[0] ?? likeliest, { client, clientID, request });
    settings.decoys.set(method.name, client);
    const isProved = (await method.verify(client, { ctx: request.ctx, params: request.params, clientID })) === true;
    if (!isProved) throw authenticationFailed(`The ${method.name} of ${clientID} is not right`);
    debug('%s by %s', clientID, method.name);
    return { client, method: method.name };
  }
  await pretend(settings, likeliest, request);
  throw authenticationFailed(`There is no client ${likeliest.ids[0]}`);
}

/**
 * The client that a request comes from.
 *
 * @throws TokenError `invalid_client` for every failed authentication; `invalid_request` when it authenticates twice; 429 when throttled
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
