/** Resolves request objects at the authorization endpoint and in pushed requests. @see RFC 9101 §5, §6 */
import { unableToLoad } from '../../authorization/take.js';
import { CLOCK_SKEW } from '../../clock.js';
import type { Core } from '../../core.js';
import { AuthorizationError } from '../../errors/authorization-error.js';
import { reasoned } from '../../errors/reason.js';
import { ASYMMETRIC } from '../../keys/asymmetric.js';
import { clientKeys } from '../../keys/client-keys.js';
import type { EphemeralStore } from '../../plugs.js';
import { cameSigned, type Mark } from '../../signed-request/came-signed.js';
import { paramsIn } from '../../signed-request/claims.js';
import { type SignedRequest, verified } from '../../signed-request/verify.js';
import type { AuthorizationSteps } from '../../steps.js';
import type { Params } from '../../types.js';
import { faultOf, REMEMBERED } from './claims.js';
import { invalidObject, invalidURI } from './invalid.js';
import type { RequestObjectsOptions } from './options.js';
import { referenced } from './references.js';

declare module '../../types.js' {
  interface AuthorizationRequest {
    /** The mark by which the signed object of the request is remembered, if it has a `jti`. */
    readonly requestObject?: Mark;
  }
}

/** The store for answered objects. @throws Error if there is none */
export function storeOf<C, U>(core: Core<C, U>, store: EphemeralStore | undefined): EphemeralStore {
  const found = store ?? core.tokens?.ephemeral;
  if (!found)
    throw new Error(
      'requestObjects() has no store: createServer({ tokens }), or requestObjects({ store: ephemeralStore(store) })',
    );
  return found;
}

function markOf({ claims: { jti, exp } }: SignedRequest, clientID: string, now: number): Mark | undefined {
  if (jti === undefined) return undefined;
  const key = JSON.stringify(['request object', clientID, jti]);
  return { key, expiresAt: Math.ceil((exp ?? now + REMEMBERED) + CLOCK_SKEW) };
}

/** Returns a function that reads the parameters in the object of a request. */
function reader<C, U>(core: Core<C, U>, options: RequestObjectsOptions<C>) {
  const { algorithms = ASYMMETRIC, maxLifetime } = options;
  const lookUp = clientKeys<C>({ ...options, now: () => core.now() });
  const verification = { lookUp, algorithms, registeredAs: 'request_object_signing_alg', invalid: invalidObject };
  const textAt = referenced(core, options);
  return async (sent: Params, clientID: string) => {
    const client = await core.findClient(clientID, 'may-be-new');
    if (!client)
      throw reasoned(new AuthorizationError('Unauthorized client', 'unauthorized_client'), 'There is no such client');
    const text = sent.get('request') ?? (await textAt(sent.get('request_uri') ?? '', client)).trim(); // a file may end with a line break, which is no part of the JWT
    const object = await verified(text, client, verification);
    const now = core.now();
    const rules = { clientID, issuer: core.issuer ?? '', maxLifetime, requireTyp: Boolean(options.requireTyp), now };
    const fault = faultOf(object.header, object.claims, rules);
    if (fault !== undefined) throw invalidObject(fault, { client: clientID });
    const mark = markOf(object, clientID, now);
    if (mark && (await storeOf(core, options.store).get(mark.key)) !== undefined)
      throw invalidObject('It was answered before', { client: clientID });
    return { signed: { ...object, mark }, params: paramsIn(object.claims, core.parameters) };
  };
}

/**
 * Refuses a `request` or `request_uri` that no extension has resolved. The other parameters must not be used in its place: they are not the client's real
 * request.
 *
 * @throws AuthorizationError
 */
function requireResolved(params: Params): void {
  if (params.has('request_uri')) throw invalidURI('No extension that is plugged in knows such a URI');
  if (params.has('request')) throw new AuthorizationError('request is not supported here', 'request_not_supported');
}

/** @param isRequired whether requests of a client must be signed objects */
export function stepsOf<C, U>(
  core: Core<C, U>,
  options: RequestObjectsOptions<C>,
  isRequired: (client: C) => boolean,
): AuthorizationSteps<C, U> {
  const readObject = reader(core, options);
  return {
    async resolve(params, ctx) {
      const uri = params.get('request_uri');
      if (params.has('request') && uri !== undefined)
        throw new AuthorizationError('request and request_uri must not come together', 'invalid_request'); // §5
      if (!params.has('request') && !/^https?:/i.test(uri ?? '')) return undefined;
      if (uri !== undefined && options.byReference === false)
        throw new AuthorizationError('request_uri is not supported: send request', 'request_uri_not_supported'); // §7
      const clientID = params.get('client_id');
      if (clientID === undefined)
        throw new AuthorizationError('Missing required parameter: client_id', 'invalid_request'); // §5
      const object = await readObject(params, clientID);
      cameSigned.set(ctx, object.signed);
      return object.params; // §6.3: MUST only use the parameters in the object
    },
    parse({ params, client, ctx, cannotBeSigned }) {
      requireResolved(params);
      const object = cameSigned.of(ctx);
      if (object) return object.mark && { requestObject: object.mark };
      if (cannotBeSigned || !isRequired(client)) return undefined;
      throw reasoned(
        new AuthorizationError('The authorization request must be a signed request object', 'invalid_request'), // §10.5
        "requestObjects({ required }) or the client's require_signed_request_object wants it",
      );
    },
    async take({ req: { requestObject }, res }) {
      if (!requestObject || !res) return; // an error without a decision, such as login_required, stores nothing, since anybody can cause it
      const { key, expiresAt } = requestObject;
      if ((await storeOf(core, options.store).add(key, true, expiresAt)) === true) return;
      throw unableToLoad('Its request object was answered by another dialog');
    },
  };
}
