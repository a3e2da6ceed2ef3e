/** Reads signed requests. @see CIBA §7.1.1 */
import type { JWTPayload, ProtectedHeaderParameters } from 'jose';
import type { Context } from 'koa';
import { textOf } from '../../clients/member.js';
import { CLOCK_SKEW } from '../../clock.js';
import type { Core } from '../../core.js';
import { type ReasonValues, reasoned } from '../../errors/reason.js';
import { TokenError } from '../../errors/token-error.js';
import { ASYMMETRIC } from '../../keys/asymmetric.js';
import { clientKeys } from '../../keys/client-keys.js';
import { cameSigned } from '../../signed-request/came-signed.js';
import { isForUs, isNamed, paramsIn, untimely, wrongType } from '../../signed-request/claims.js';
import { verified } from '../../signed-request/verify.js';
import type { Params } from '../../types.js';
import type { BackchannelRequests } from './kept.js';
import { SIGNING_ALG } from './names.js';
import type { BackchannelAuthenticationOptions } from './options.js';

/** Seconds for which a signed request may be valid. @see FAPI CIBA §5.2.2 */
const MAX_LIFETIME = 3600;

/** §7.1.1: the parameters that are allowed outside a signed request. */
const BESIDE: ReadonlySet<string> = new Set([
  ...['request', 'client_id', 'client_secret', 'client_assertion', 'client_assertion_type'],
]);

/** The parameters of a request. */
export interface Read {
  readonly params: Params;
  /**
   * Marks a signed request as used. Called when all checks have passed, and before the user is asked, so that of concurrent copies one is accepted. The request
   * stays used if the user could not be asked: the client then signs another one, as it does with assertions.
   *
   * @throws TokenError if the request was used before
   */
  spend(): Promise<void>;
}

function invalid(why: string, values?: ReasonValues): TokenError {
  return reasoned(new TokenError(`Invalid signed request: ${why}`, 'invalid_request'), why, values);
}

/** What is wrong with a request whose signature is valid; undefined if nothing is. */
function faultOf(
  { typ }: ProtectedHeaderParameters,
  claims: JWTPayload,
  { clientID, issuer, now }: { readonly clientID: string; readonly issuer: string; readonly now: number },
): string | undefined {
  if ('request' in claims || 'request_uri' in claims) return 'request or request_uri is in it';
  if (claims.iss !== clientID || (claims['client_id'] ?? clientID) !== clientID) return 'iss is not the client';
  if (!isForUs(claims.aud, issuer)) return 'aud is not this issuer';
  if (claims.iat === undefined) return 'iat is missing';
  if (!isNamed(claims.jti)) return 'jti is missing, or too long';
  return wrongType(typ, false) ?? untimely(claims, { now, maxLifetime: MAX_LIFETIME });
}

/** @throws TokenError for an unsigned request that must be signed */
function requireUnsigned<C>(client: C, isRequired: boolean): void {
  if (!isRequired && textOf(client, SIGNING_ALG) === undefined) return;
  const error = new TokenError('The authentication request must be signed', 'invalid_request');
  throw reasoned(error, `backchannelAuthentication({ requireSignedRequests }) or the client's ${SIGNING_ALG} wants it`);
}

/** @throws TokenError for parameters outside the signed request that must be inside */
function requireAlone<C>(client: C, sent: Params): void {
  if (textOf(client, SIGNING_ALG) === undefined) throw invalid(`The client did not register ${SIGNING_ALG}`); // §4: the client will not send signed requests
  const beside = [...sent.keys()].find((name) => !BESIDE.has(name));
  if (beside !== undefined) throw invalid(`${beside} must be inside`); // §7.1.1: MUST NOT be present outside
}

/** @returns a function that reads the parameters of signed and unsigned requests. It throws a TokenError `invalid_request` */
export function signedReader<C, U>(
  core: Core<C, U>,
  requests: BackchannelRequests<C, U>,
  options: BackchannelAuthenticationOptions<C, U>,
): (ctx: Context, client: C, sent: Params) => Promise<Read> {
  const lookUp = clientKeys<C>({ ...options, now: () => core.now() });
  const algorithms = options.algorithms ?? ASYMMETRIC;
  const verification = { lookUp, algorithms, registeredAs: SIGNING_ALG, invalid };
  const isRequired = Boolean(options.requireSignedRequests); // a value that is no boolean requires signatures, too
  return async (ctx, client, sent) => {
    if (sent.has('request_uri')) throw new TokenError('request_uri is not supported', 'invalid_request');
    const text = sent.get('request');
    if (text === undefined) {
      requireUnsigned(client, isRequired);
      return { params: sent, spend: async () => {} };
    }
    requireAlone(client, sent);
    const { header, claims } = await verified(text, client, verification);
    const clientID = core.clientID(client) ?? '';
    const fault = faultOf(header, claims, { clientID, issuer: core.issuer ?? '', now: core.now() });
    if (fault !== undefined) throw invalid(fault, { client: clientID });
    cameSigned.set(ctx, { header, claims, mark: undefined });
    const { jti = '', exp = 0 } = claims;
    return {
      params: paramsIn(claims, core.parameters),
      async spend() {
        const key = JSON.stringify(['signed backchannel request', clientID, jti]);
        if ((await requests.store.add(key, true, Math.ceil(exp + CLOCK_SKEW))) === true) return;
        throw invalid('It came before. Sign another one for each try', { client: clientID });
      },
    };
  };
}
