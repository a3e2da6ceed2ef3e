/** RFC 8705 §3: access tokens that are bound to the client's certificate, the authorization server's side. */
import { CERTIFICATE_BOUND_TOKENS_RULES } from './refusals.js';
import './confirmation.js';
import { type CertificateSource, socketCertificate, thumbprintOf } from '../../certificate/certificate.js';
import { mustBeBound } from '../../clients/bound.js';
import { requireBoolean } from '../../clients/judge-members.js';
import type { Core, Extension, Plug } from '../../core.js';
import { AuthorizationError } from '../../errors/authorization-error.js';
import { reasoned } from '../../errors/reason.js';
import { TokenError } from '../../errors/token-error.js';
import { WrongKeyError } from '../../errors/wrong-key-error.js';
import { requireKnown } from '../../options.js';
import type { AuthorizationSteps, TokenSteps } from '../../steps.js';
import { responseTypeWords } from '../../syntax/response-type.js';
import type { Authorization, Awaitable, Client, ClientMetadata, TokenRequest } from '../../types.js';
import { certificateProof } from './api.js';

declare module '../../core.js' {
  interface Extension<C, U> {
    /** Where the certificates of clients come from. Profiles compare it with their own source. */
    readonly certificate?: CertificateSource;
  }
}

declare module '../../types.js' {
  interface ServerMetadata {
    readonly tls_client_certificate_bound_access_tokens?: boolean;
    /** The URLs at which endpoints ask for certificates, if they differ from the usual ones: `{ token_endpoint: '...' }`. @see RFC 8705 §5 */
    readonly mtls_endpoint_aliases?: Readonly<Record<string, string>>;
  }
  interface ClientMetadata {
    /** Whether all access tokens of the client must be bound to its certificate. @see RFC 8705 §3.4 */
    readonly tls_client_certificate_bound_access_tokens?: boolean;
  }
}

/** The member of a registration that is read here. @see RFC 8705 §3.4 */
const BOUND = 'tls_client_certificate_bound_access_tokens';

/** Options of `certificateBoundTokens()`. */
export interface CertificateBoundOptions<C = Client> {
  /** Where the client's certificate comes from, such as `headerCertificate({ name })` behind a proxy. Default: the TLS connection, `socketCertificate`. */
  readonly certificate?: CertificateSource;
  /**
   * Whether the tokens of a client are bound. Default: true for a client that registered `tls_client_certificate_bound_access_tokens`, or whose profile
   * requires it.
   */
  readonly isBound?: (client: C) => Awaitable<boolean>;
}

/** The values of `isBound` for a client whose tokens need not be bound. Any other value binds them. */
const NOT_BOUND: ReadonlySet<unknown> = new Set([false, undefined, null]);

/** RFC 8705 §6.4: a token from the authorization endpoint cannot be bound, since the browser, and not the client, connects there. */
function notHere(type: string): AuthorizationError {
  return reasoned(
    new AuthorizationError('Tokens of this client are bound to its certificate', 'unauthorized_client'),
    'It registered tls_client_certificate_bound_access_tokens, or certificateBoundTokens({ isBound }) says so',
    { response_type: type },
  );
}

/** RFC 8705 §3. */
function missing(): TokenError {
  const error = new TokenError('A client certificate is required', 'invalid_request');
  return reasoned(
    error,
    'Tokens of this client must be bound, and certificateBoundTokens({ certificate }) found no certificate',
  );
}

/** §4: the refresh token of a public client is bound to its certificate, too. @throws WrongKeyError for another certificate */
function requireCertificate<C>({ confirmation }: Authorization, request: TokenRequest<C>): void {
  const bound = confirmation?.['x5t#S256'];
  const came = request.confirmation?.['x5t#S256'];
  if (bound === undefined || bound === came) return;
  throw reasoned(new WrongKeyError('Bound to another client certificate'), 'The thumbprints differ', { came, bound });
}

/** @throws OAuth2Error `invalid_client_metadata` */
function judgeRegistration(metadata: ClientMetadata): ClientMetadata {
  requireBoolean(metadata, BOUND);
  return metadata;
}

/** Whether a client gets bound tokens only. A value that cannot be read as "no" binds: an unbound token would work for whoever steals it. */
function whoIsBound<C, U>(core: Core<C, U>, { isBound }: CertificateBoundOptions<C>): (client: C) => Promise<boolean> {
  const says = isBound ?? ((client: C) => mustBeBound(core, client, { member: 'x5t#S256', registered: BOUND })); // §3.4
  return async (client) => !NOT_BOUND.has(await says(client));
}

function authorizationSteps<C, U>(mustBind: (client: C) => Promise<boolean>): AuthorizationSteps<C, U> {
  return {
    async parse({ client, request: { type } }) {
      if (!responseTypeWords(type).includes('token') || !(await mustBind(client))) return undefined;
      throw notHere(type);
    },
  };
}

function tokenSteps<C>(mustBind: (client: C) => Promise<boolean>, certificate: CertificateSource): TokenSteps<C> {
  return {
    async parse(_params, client, ctx) {
      if (!(await mustBind(client))) return undefined;
      const presented = certificate(ctx);
      if (!presented) throw missing();
      return { confirmation: { 'x5t#S256': thumbprintOf(presented.certificate) } };
    },
    check: requireCertificate,
  };
}

/**
 * Binds access tokens to the certificate that the client presents at the token endpoint, so that a thief cannot use them. The certificate may be self-signed,
 * and the client may be public. The token service puts the binding, `request.confirmation`, into the tokens, and so must callbacks of your own; APIs compare it
 * by `certificateProof()`, which `bearer` does by default.
 *
 * @example server.extend(certificateBoundTokens())
 * @see RFC 8705 §3, §4
 */
export function certificateBoundTokens<C = Client, U = unknown>(options: CertificateBoundOptions<C> = {}): Plug<C, U> {
  requireKnown<CertificateBoundOptions<C>>(options, { certificate: true, isBound: true }, 'certificateBoundTokens');
  const { certificate = socketCertificate } = options;
  return (core): Extension<C, U> => {
    const mustBind = whoIsBound(core, options);
    return {
      name: 'certificate-bound tokens',
      obeys: [BOUND],
      registers: [BOUND],
      spec: 'RFC 8705',
      refusals: CERTIFICATE_BOUND_TOKENS_RULES,
      adds: ['confirmation.x5t#S256'],
      certificate,
      authorization: authorizationSteps(mustBind),
      token: tokenSteps(mustBind, certificate),
      proof: certificateProof({ certificate }),
      register: judgeRegistration,
      metadata: () => ({ tls_client_certificate_bound_access_tokens: true }), // §3.3
    };
  };
}
