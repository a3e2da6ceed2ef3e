/** JARM: JWT Secured Authorization Response Mode for OAuth 2.0. */
import type { Core, Plug } from '../../core.js';
import { signingAlgorithms } from '../../keys/sign.js';
import { requireKnown } from '../../options.js';
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
  /** Seconds for which a response is good: 10 to 600. Default 300. @see JARM §2.1 */
  readonly lifetime?: number;
}

/** Longer is not needed by a browser that is led to its client at once. JARM §2.1: a maximum of 10 minutes is RECOMMENDED. */
const MAX_LIFETIME = 600;

/** @throws TypeError */
function requireLifetime(lifetime: number): void {
  if (!(lifetime >= 10 && lifetime <= MAX_LIFETIME))
    throw new TypeError(`jwtResponses({ lifetime }) is 10 to ${MAX_LIFETIME} seconds, not ${lifetime}`);
}

/** JARM §2.3 */
const MODES: readonly string[] = ['jwt', 'query.jwt', 'fragment.jwt', 'form_post.jwt'];

/** The four modes. Each sends one parameter, `response`, in the way that one of the modes without JWT has. */
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
 * Sends authorization responses, errors too, as a JWT that this server has signed, to clients that ask for it by `response_mode`: `jwt`, `query.jwt`,
 * `fragment.jwt` or `form_post.jwt`. The client sees who has sent a response, that it is for itself, and that nobody has changed it.
 *
 * It is signed with the key of `createServer({ keys })`: by the client's `authorization_signed_response_alg`, or else by RS256 (JARM §3), or, without such a
 * key, by the usual algorithm. Nothing is encrypted: a client that registered `authorization_encrypted_response_alg` and asks for a JWT is refused.
 *
 * @throws TypeError for a lifetime that cannot be meant
 * @throws Error before the first request, where there is no issuer or no key
 * @example server.extend(jwtResponses())
 * @see JARM (JWT Secured Authorization Response Mode for OAuth 2.0) §2
 */
export function jwtResponses<C = Client, U = unknown>(options: JWTResponsesOptions = {}): Plug<C, U> {
  requireKnown<JWTResponsesOptions>(options, { lifetime: true }, 'jwtResponses');
  const { lifetime = 300 } = options;
  requireLifetime(lifetime);
  return (core) => ({
    name: 'jwtResponses',
    spec: 'JARM',
    responseModes: modesOf(core, lifetime),
    authorization: {
      // before the user is asked; and again when it is signed, for a request that was judged when it was pushed
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
