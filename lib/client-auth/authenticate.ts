import type { Context } from 'koa';
import { debugAbout } from '../errors/debug.js';
import { Reason } from '../errors/reason.js';
import { toError } from '../errors/to-oauth2-error.js';
import { isBasic } from '../http/basic.js';
import { authorizationOf } from '../http/headers.js';
import { isPromise } from '../promise.js';
import { claimedClientID } from '../token/authenticated-client.js';
import { requireOneMethod } from '../token/client.js';
import type { Params } from '../types.js';
import { authenticationFailed, OtherMethodError } from './failure.js';
import type { ClientAuthMethod, ClientRequest } from './method.js';
import { SECRETS, type Settings } from './options.js';
import { throttled } from './throttle.js';
import { whyUnproved } from './why-unproved.js';

const debug = debugAbout('client-auth');

/** A client that has authenticated, and its method. */
export interface AuthenticatedClient<C> {
  readonly client: C;
  /** Name of the method, as in `token_endpoint_auth_method`. */
  readonly method: string;
}

/** A client identifier that a request claims, and the methods by which the request claims it. */
interface Claim<C> {
  readonly clientID: string;
  readonly methods: [ClientAuthMethod<C>, ...ClientAuthMethod<C>[]];
}

/** A client identifier, and the method by which it is verified. */
interface Attempt<C> {
  readonly clientID: string;
  readonly method: ClientAuthMethod<C>;
  readonly request: ClientRequest;
}

/** RFC 6749 appendix A.1: client-id = *VSCHAR. The application is never asked to find anything else. */
const CLIENT_ID = /^[\x20-\x7e]{1,2048}$/;

/** The identifiers that a request claims, the likeliest first. */
function claimsOf<C>({ methods }: Settings<C>, request: ClientRequest): readonly Claim<C>[] {
  const inForm = request.params.get('client_id');
  const claims: Claim<C>[] = [];
  for (const method of methods) {
    for (const id of method.identify(request)) {
      if (!CLIENT_ID.test(id) || (inForm ?? id) !== id) continue; // RFC 7521 §4.2: client_id must identify the same client
      const claim = claims.find(({ clientID }) => clientID === id);
      if (claim) claim.methods.push(method);
      else claims.push({ clientID: id, methods: [method] });
    }
  }
  return claims;
}

/** Verifies a request that is refused in any case, so that this refusal takes as long as others. */
async function wouldProve<C>({ clientID, method, request }: Attempt<C>, client: C): Promise<boolean> {
  try {
    return (await method.verify(client, { ...request, clientID, isPretence: true })) === true;
  } catch (error) {
    debug('pretence: %s', toError(error).message); // the request is refused in any case
    return false;
  }
}

/** Verifies against another client if the claimed one does not exist: otherwise the time of the answer would tell which clients exist. */
async function pretend<C>({ decoys }: Settings<C>, attempt: Attempt<C>): Promise<void> {
  const decoy = decoys.get(attempt.method.name);
  if (decoy !== undefined) await wouldProve(attempt, decoy);
}

/** Refuses a client that used another method than the one it registered. @throws TokenError */
async function refuseMethod<C>(settings: Settings<C>, attempt: Attempt<C>, client: C): Promise<never> {
  const { name } = attempt.method;
  const registered = settings.registered(client);
  const reason = `${attempt.clientID} came by ${name}, by another method than registered: ${registered ?? 'the registration says no method'}`;
  if (!SECRETS.has(name) || !SECRETS.has(registered ?? '')) {
    await pretend(settings, attempt);
    throw authenticationFailed(reason);
  }
  if (!settings.decoys.has(name)) settings.decoys.set(name, client);
  const isRight = await wouldProve(attempt, client); // takes as long as the refusal of a client that does not exist
  throw authenticationFailed(isRight ? new OtherMethodError(`${reason}. Its secret is right`) : reason);
}

async function prove<C>(
  settings: Settings<C>,
  claims: readonly Claim<C>[],
  likeliest: Claim<C>,
  request: ClientRequest,
): Promise<AuthenticatedClient<C>> {
  const { ctx, params } = request;
  let other: string | undefined;
  for (const { clientID, methods } of claims) {
    const found = settings.find(clientID, ctx);
    const client = isPromise(found) ? await found : found;
    const own = client ? settings.identifierOf(client, clientID) : undefined;
    if (!client || own !== clientID) {
      other ??= own;
      continue;
    }
    const method = methods.find((one) => settings.allows(client, one));
    if (!method) return refuseMethod(settings, { clientID, method: methods[0], request }, client);
    settings.decoys.set(method.name, client);
    const verified = method.verify(client, { ctx, params, clientID });
    const isProved = isPromise(verified) ? await verified : verified;
    if (isProved !== true)
      throw authenticationFailed(whyUnproved.of(ctx) ?? `The ${method.name} of ${clientID} is not right`);
    debug('%s by %s', clientID, method.name);
    return { client, method: method.name };
  }
  await pretend(settings, { clientID: likeliest.clientID, method: likeliest.methods[0], request });
  const found = other === undefined ? '' : `: find gave one whose clientID is ${other}`;
  throw authenticationFailed(`There is no client ${likeliest.clientID}${found}`);
}

/** The method that a request seems to use, for the operator. */
function methodIn({ ctx, params }: ClientRequest): string | undefined {
  if (isBasic(authorizationOf(ctx))) return 'client_secret_basic';
  if (params.has('client_assertion')) return 'private_key_jwt or client_secret_jwt';
  if (params.has('client_secret')) return 'client_secret_post';
  return params.has('client_id') ? 'none, or a certificate' : undefined;
}

function notPluggedIn<C>({ methods }: Settings<C>, request: ClientRequest): Reason {
  const values = { came: methodIn(request), methods: methods.map(({ name }) => name) };
  return new Reason('No client authentication, or none that is plugged in', values);
}

/**
 * The client that a request comes from.
 *
 * @throws TokenError `invalid_client` for every failed authentication; `invalid_request` if it uses two methods; 429 if it is throttled
 * @see RFC 6749 §2.3, §3.2.1, §5.2
 */
export function authenticate<C>(settings: Settings<C>, ctx: Context, params: Params): Promise<AuthenticatedClient<C>> {
  requireOneMethod(ctx, params);
  const request = { ctx, params };
  const claims = claimsOf(settings, request);
  const likeliest = claims[0];
  if (!likeliest) throw authenticationFailed(notPluggedIn(settings, request));
  claimedClientID.set(ctx, likeliest.clientID);
  if (!settings.throttle) return prove(settings, claims, likeliest, request);
  const attempt = { clientID: likeliest.clientID, address: ctx.ip };
  return throttled(settings.throttle, attempt, () => prove(settings, claims, likeliest, request));
}
