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

/** The client identifiers that a request claims, the likeliest first, each with the methods by which it claims it. */
type Claims<C> = ReadonlyMap<string, readonly ClientAuthMethod<C>[]>;

/** A client identifier, and a method by which a request claims it. */
interface Claim<C> {
  readonly clientID: string;
  readonly method: ClientAuthMethod<C>;
  readonly request: ClientRequest;
}

/** RFC 6749 appendix A.1: client-id = *VSCHAR. The application is never asked to find anything else. */
const CLIENT_ID = /^[\x20-\x7e]{1,2048}$/;

function claimsOf<C>({ methods }: Settings<C>, request: ClientRequest): Claims<C> {
  const inForm = request.params.get('client_id');
  const claims = new Map<string, ClientAuthMethod<C>[]>();
  for (const method of methods) {
    for (const id of method.identify(request)) {
      if (!CLIENT_ID.test(id) || (inForm ?? id) !== id) continue; // RFC 7521 §4.2: the same one
      const ways = claims.get(id);
      if (ways) ways.push(method);
      else claims.set(id, [method]);
    }
  }
  return claims;
}

/** Verifies a request that is refused whatever comes of it, so that the refusal takes as long as others do. */
async function wouldProve<C>({ clientID, method, request }: Claim<C>, client: C): Promise<boolean> {
  try {
    return (await method.verify(client, { ...request, clientID, isPretence: true })) === true;
  } catch (error) {
    debug('pretence: %s', toError(error).message); // the request is refused in any case
    return false;
  }
}

/** Verifies against another client where the claimed one does not exist: the time of an answer must not tell which clients exist. */
async function pretend<C>({ decoys }: Settings<C>, claim: Claim<C>): Promise<void> {
  const decoy = decoys.get(claim.method.name);
  if (decoy !== undefined) await wouldProve(claim, decoy);
}

/** Refuses a client that used another method than the one it registered. @throws TokenError */
async function refuseMethod<C>(settings: Settings<C>, claim: Claim<C>, client: C): Promise<never> {
  const { name } = claim.method;
  const registered = settings.registered(client);
  const reason = `${claim.clientID} came by ${name}, by another method than registered: ${registered ?? 'none was registered'}`;
  if (!SECRETS.has(name) || !SECRETS.has(registered ?? '')) {
    await pretend(settings, claim);
    throw authenticationFailed(reason);
  }
  if (!settings.decoys.has(name)) settings.decoys.set(name, client);
  const isRight = await wouldProve(claim, client); // which takes as long as refusing a client that does not exist
  throw authenticationFailed(isRight ? new OtherMethodError(`${reason}. Its secret is right`) : reason);
}

async function prove<C>(
  settings: Settings<C>,
  claims: Claims<C>,
  likeliest: Claim<C>,
  request: ClientRequest,
): Promise<AuthenticatedClient<C>> {
  for (const [clientID, methods] of claims) {
    const client = await settings.find(clientID, request.ctx);
    if (!client || !settings.isOf(client, clientID)) continue;
    const method = methods.find((one) => settings.allows(client, one));
    if (!method) return refuseMethod(settings, { clientID, method: methods[0] ?? likeliest.method, request }, client);
    settings.decoys.set(method.name, client);
    const isProved = (await method.verify(client, { ctx: request.ctx, params: request.params, clientID })) === true;
    if (!isProved) throw authenticationFailed(`The ${method.name} of ${clientID} is not right`);
    debug('%s by %s', clientID, method.name);
    return { client, method: method.name };
  }
  await pretend(settings, likeliest);
  throw authenticationFailed(`There is no client ${likeliest.clientID}`);
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
  const claims = claimsOf(settings, request);
  const [first] = claims;
  const [clientID = '', [method] = []] = first ?? [];
  if (!method) throw authenticationFailed('No client authentication, or none that is plugged in');
  const likeliest = { clientID, method, request };
  if (!settings.throttle) return prove(settings, claims, likeliest, request);
  const attempt = { clientID, address: ctx.ip };
  return throttled(settings.throttle, attempt, () => prove(settings, claims, likeliest, request));
}
