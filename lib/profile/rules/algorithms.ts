/** Signature algorithms that profiles forbid. */
import type { Context } from 'koa';
import { textOf } from '../../clients/member.js';
import { introspectionAlgorithm, isAskedFor } from '../../extension/introspection/signed.js';
import { endpointOf } from '../../http/endpoint-of.js';
import { idTokenAlgorithm } from '../../id-token/sign.js';
import { readJWS } from '../../keys/jws.js';
import { signingKey } from '../../keys/sign.js';
import { cameSigned } from '../../signed-request/came-signed.js';
import { scopeOf } from '../../syntax/scope.js';
import type { AnyCore, Rule } from '../rule.js';

/** FAPI 2.0 §5.4.1: with both names of EdDSA with the curve Ed25519 (RFC 8037, RFC 9864). */
export const FAPI_2: readonly string[] = ['PS256', 'ES256', 'EdDSA', 'Ed25519'];

/** FAPI CIBA §7.10. */
export const FAPI_CIBA: readonly string[] = ['PS256', 'ES256'];

/** The algorithm in the header of a JWT; undefined for a value that is not a JWT. */
function algorithmOf(jwt: unknown): string | undefined {
  if (typeof jwt !== 'string') return undefined;
  try {
    return readJWS(jwt).header.alg;
  } catch {
    return undefined;
  }
}

const why =
  'RSASSA-PKCS1-v1_5, as of RS256, is open to attacks on its padding, and a server that takes several algorithms can be made to use the weakest';

/** Judges the algorithm of a JWT that the client signs. @param what names the JWT. @param at finds its algorithm in a request */
function byClient(
  what: string,
  allowed: readonly string[],
  at: (ctx: Context) => string | undefined,
): Pick<Rule, 'request'> {
  return {
    request({ ctx }) {
      const alg = at(ctx);
      return alg === undefined || allowed.includes(alg) ? undefined : { [what]: alg, allowed };
    },
  };
}

/** The algorithms of a list that are not allowed. @param list the algorithms that the server's metadata names */
function otherIn(list: readonly string[] | undefined, allowed: readonly string[]) {
  const other = list?.filter((alg) => !allowed.includes(alg)) ?? [];
  return other.length > 0 ? { algorithms: other, allowed } : undefined;
}

function assertions(allowed: readonly string[]): Rule {
  return {
    name: 'algorithm of assertions',
    forbids: `a client assertion that is not signed by ${allowed.join(', ')}`,
    why,
    remedy: `privateKeyJwt({ algorithms: ${JSON.stringify(allowed)} })`,
    message: `The client_assertion must be signed by ${allowed.join(', ')}`,
    errors: { token: 'invalid_client' },
    configuration(core) {
      const said = core.extensions.map(({ metadata }) => metadata?.().token_endpoint_auth_signing_alg_values_supported);
      return otherIn(said.find(Boolean), allowed);
    },
    assertion: ({ header: { alg = 'none' } }) => (allowed.includes(alg) ? undefined : { came: alg, allowed }),
  };
}

function proofs(allowed: readonly string[]): Rule {
  const algorithmIn = (ctx: Context) => algorithmOf(ctx.get('DPoP'));
  return {
    name: 'algorithm of DPoP proofs',
    forbids: `a DPoP proof that is not signed by ${allowed.join(', ')}`,
    why,
    remedy: `dpop({ algorithms: ${JSON.stringify(allowed)} })`,
    message: `The DPoP proof must be signed by ${allowed.join(', ')}`,
    errors: { authorization: 'invalid_dpop_proof', token: 'invalid_dpop_proof' },
    configuration: (core) => otherIn(core.extension('dpop')?.metadata?.().dpop_signing_alg_values_supported, allowed),
    ...byClient('proof', allowed, algorithmIn),
    tokenRequest({ ctx }) {
      const alg = algorithmIn(ctx);
      return alg === undefined || allowed.includes(alg) ? undefined : { came: alg, allowed };
    },
  };
}

function requestObjects(allowed: readonly string[]): Rule {
  return {
    name: 'algorithm of request objects',
    forbids: `a request object that is not signed by ${allowed.join(', ')}`,
    why,
    remedy: `requestObjects({ algorithms: ${JSON.stringify(allowed)} }), or the same of backchannelAuthentication()`,
    message: `The request object must be signed by ${allowed.join(', ')}`,
    errors: { authorization: 'invalid_request_object' },
    configuration(core) {
      const { request_object_signing_alg_values_supported: said } =
        core.extension('requestObjects')?.metadata?.() ?? {};
      return otherIn(said, allowed);
    },
    // the algorithm of the object that was verified: among the parameters that were sent, an empty `request` may come first, which is ignored (RFC 6749 §3.1)
    ...byClient('request', allowed, (ctx) => cameSigned.of(ctx)?.header.alg),
  };
}

/** The algorithm of response JWTs (JARM §3). If the client registered none: RS256, or that of the default key. */
function responseAlgorithm(client: unknown, { keys }: AnyCore): string | undefined {
  const registered = textOf(client, 'authorization_signed_response_alg');
  return registered ?? (signingKey(keys, 'RS256') ?? signingKey(keys))?.alg;
}

function signatures(allowed: readonly string[]): Rule {
  const isOther = (alg: string | undefined) => alg !== undefined && !allowed.includes(alg);
  return {
    name: 'algorithm of the server',
    forbids: `a JWT of the server that is not signed by ${allowed.join(', ')}`,
    why,
    remedy: `A key for one of ${allowed.join(', ')} as the first of createServer({ keys }), and id_token_signed_response_alg and authorization_signed_response_alg in the client's registration: without them it is RS256`,
    message: 'The client is not registered for a signature algorithm that is allowed',
    errors: { authorization: 'unauthorized_client', token: 'server_error' },
    // only the default key: there may be others, for other clients, and for OpenID Connect Discovery §3, which requires RS256
    configuration: ({ keys }) => otherIn(keys && [keys.signing().alg], allowed),
    request({ client, request }, core) {
      const isOpenID = core.extension('openid') && scopeOf(request)?.includes('openid');
      const idToken = isOpenID ? idTokenAlgorithm(client) : undefined;
      const userinfo = isOpenID ? textOf(client, 'userinfo_signed_response_alg') : undefined;
      const response = request.responseMode?.endsWith('jwt') ? responseAlgorithm(client, core) : undefined;
      const isWrong = [idToken, userinfo, response].some(isOther);
      return isWrong ? { id_token: idToken, userinfo, response, allowed } : undefined;
    },
    tokens({ response, request: { client }, authorization }, core) {
      const accessToken = algorithmOf(response.access_token);
      // the ID token is not in the response yet if openid() was plugged in after the profile
      const isOpenID = core.extension('openid') && authorization?.scope.includes('openid');
      const idToken = isOpenID ? idTokenAlgorithm(client) : algorithmOf(response['id_token']);
      return isOther(accessToken) || isOther(idToken)
        ? { access_token: accessToken, id_token: idToken, allowed }
        : undefined;
    },
  };
}

function introspection(allowed: readonly string[]): Rule {
  return {
    name: 'algorithm of introspection',
    forbids: `a signed introspection response that is not signed by ${allowed.join(', ')}`,
    why,
    remedy: `introspection_signed_response_alg in the registration of the API, one of ${allowed.join(', ')}: without it, it is RS256 (RFC 9701 §6)`,
    message: 'The client is not registered for an algorithm of introspection responses that is allowed',
    client({ client }, ctx, core) {
      if (endpointOf.of(ctx) !== 'introspection' || !isAskedFor(ctx)) return undefined;
      const signs = core.extension('introspection')?.metadata?.().introspection_signing_alg_values_supported;
      if (!signs) return undefined; // the answer is unsigned JSON
      const alg = introspectionAlgorithm(client);
      return allowed.includes(alg) ? undefined : { introspection_signed_response_alg: alg, allowed };
    },
  };
}

/** One rule for each kind of JWT. */
export function algorithms(allowed: readonly string[]): readonly Rule[] {
  return [assertions(allowed), proofs(allowed), requestObjects(allowed), signatures(allowed), introspection(allowed)];
}
