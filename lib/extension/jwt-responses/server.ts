/** JARM: JWT Secured Authorization Response Mode for OAuth 2.0. */
import type { Core, Plug } from '../../core.js';
import { signingAlgorithms } from '../../keys/sign.js';
import { requireKnown, requireSeconds } from '../../options.js';
import type { ResponseMode } from '../../plugs.js';
import { formPost } from '../../response-mode/form-post.js';
import { fragment } from '../../response-mode/fragment.js';
import { query } from '../../response-mode/query.js';
import { responseTypeKey } from '../../syntax/response-type.js';
import type { Client } from '../../types.js';
import { judgeRegistration, REGISTERED, requireUnencrypted } from './registration.js';
import { signedResponse } from './sign.js';

declare module '../../types.js' {
  interface ServerMetadata {
    readonly authorization_signing_alg_values_supported?: readonly string[];
  }
  interface ClientMetadata {
    readonly authorization_signed_response_alg?: string;
    readonly authorization_encrypted_response_alg?: string;
    readonly authorization_encrypted_response_enc?: string;
  }
}

/** Options of `jwtResponses()`. */
export interface JWTResponsesOptions {
  /** Seconds for which a response is valid: 10 to 600. Default 300. @see JARM §2.1 */
  readonly lifetime?: number;
}

/** Seconds. The browser is redirected to the client at once, so a longer time is not needed. JARM §2.1: a maximum of 10 minutes is RECOMMENDED. */
const MAX_LIFETIME = 600;

/** JARM §2.3 */
const MODES: readonly string[] = ['jwt', 'query.jwt', 'fragment.jwt', 'form_post.jwt'];

/** The four response modes. Each sends one parameter, `response`, by the corresponding mode without JWT. */
function modesOf<C, U>(core: Core<C, U>, lifetime: number): readonly ResponseMode[] {
  const prepare: ResponseMode['prepare'] = async (txn, params) => ({
    response: await signedResponse(core, txn, params, lifetime),
  });
  const inJWT = (name: string, usual: ResponseMode): ResponseMode => ({
    name,
    ...(usual.isInQuery && { isInQuery: true }),
    prepare,
    send: (ctx, txn, params) => usual.send(ctx, txn, params),
  });
  const modes = [inJWT('query.jwt', query), inJWT('fragment.jwt', fragment), inJWT('form_post.jwt', formPost)] as const;
  const [inQuery, inFragment] = modes;
  const byType: ResponseMode = {
    name: 'jwt',
    prepare,
    // §2.3.4: the fragment for response types with a token, and the query for the others
    send(ctx, txn, params) {
      const isInFragment = core.grants.get(responseTypeKey(txn.req.type))?.responseMode === 'fragment';
      return (isInFragment ? inFragment : inQuery).send(ctx, txn, params);
    },
  };
  return [byType, ...modes];
}

/**
 * Sends authorization responses, also errors, as signed JWTs to clients that ask for it by `response_mode`: `jwt`, `query.jwt`, `fragment.jwt` or
 * `form_post.jwt`. The client can verify which server has sent the response, that the response is for this client, and that nobody has changed it.
 *
 * It is signed with a key of `createServer({ keys })`, by the client's `authorization_signed_response_alg`. For a client that registered none, the algorithm is
 * RS256 (JARM §3), or the usual algorithm of the keys if no key signs by RS256. Nothing is encrypted: a client that registered
 * `authorization_encrypted_response_alg` and asks for a JWT is refused.
 *
 * @throws TypeError for an invalid lifetime
 * @throws Error before the first request, if there is no issuer or no key
 * @example server.extend(jwtResponses())
 * @see JARM (JWT Secured Authorization Response Mode for OAuth 2.0) §2
 */
export function jwtResponses<C = Client, U = unknown>(options: JWTResponsesOptions = {}): Plug<C, U> {
  requireKnown<JWTResponsesOptions>(options, { lifetime: true }, 'jwtResponses');
  const { lifetime = 300 } = options;
  requireSeconds('jwtResponses({ lifetime })', lifetime, 10, MAX_LIFETIME);
  return (core) => ({
    name: 'jwtResponses',
    spec: 'JARM',
    responseModes: modesOf(core, lifetime),
    authorization: {
      // checked before the user is asked, and again when the response is signed, since the registration may have changed after a push
      parse({ client, request: { responseMode = '' } }) {
        if (MODES.includes(responseMode)) requireUnencrypted(client);
        return undefined;
      },
    },
    registers: REGISTERED,
    register: (metadata) => judgeRegistration(metadata, signingAlgorithms(core.keys)),
    metadata: () => ({ authorization_signing_alg_values_supported: signingAlgorithms(core.keys) }), // §4
    ready() {
      if (core.issuer === undefined) throw new Error('jwtResponses() needs an issuer: createServer({ issuer })');
      if (signingAlgorithms(core.keys).length === 0)
        throw new Error('jwtResponses() needs a key that signs: createServer({ keys })');
    },
  });
}
