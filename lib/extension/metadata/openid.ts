/** What OpenID Connect Discovery 1.0 requires of the document, if the server is an OpenID Provider. */
import { responseTypeWords } from '../../syntax/response-type.js';
import type { ServerMetadata } from '../../types.js';

type Document = Readonly<Partial<ServerMetadata>> & Readonly<Record<string, unknown>>;

/** Whether something in the server signs ID tokens. */
export function isOpenIDProvider(document: Document): boolean {
  return 'id_token_signing_alg_values_supported' in document;
}

/**
 * The values of these members for an OpenID Provider if no extension sets them.
 *
 * They are published explicitly, since the default of `request_uri_parameter_supported` is true (OpenID Connect Discovery §3), and that of the others is false.
 */
export const PROVIDER: Partial<ServerMetadata> & Readonly<Record<string, unknown>> = {
  subject_types_supported: ['public'],
  scopes_supported: ['openid'],
  claims_parameter_supported: false,
  request_parameter_supported: false,
  request_uri_parameter_supported: false,
};

function lists(value: unknown, word: string): boolean {
  return Array.isArray(value) && value.includes(word);
}

/** What is missing or wrong, each with its remedy. @see OpenID Connect Discovery §3 */
function faultsOf(document: Document): readonly string[] {
  const { jwks_uri, authorization_endpoint, token_endpoint, response_types_supported = [] } = document;
  const needsToken = response_types_supported.some((type) => responseTypeWords(type).includes('code'));
  const isFault: Readonly<Record<string, boolean>> = {
    'jwks_uri: plug in jwks(), by whose keys clients verify ID tokens': jwks_uri === undefined,
    'authorization_endpoint: register a grant': authorization_endpoint === undefined,
    'token_endpoint: register exchange.code()': needsToken && token_endpoint === undefined,
    'RS256 in id_token_signing_alg_values_supported: createServer({ keys }) needs a key for it': !lists(
      document['id_token_signing_alg_values_supported'],
      'RS256',
    ),
    'openid in scopes_supported: give it to scopes(), or to the profile that plugs it in, such as mcpProfile({ scopes }); without it, every request of OpenID Connect is refused':
      !lists(document.scopes_supported, 'openid'),
  };
  return Object.keys(isFault).filter((fault) => isFault[fault]);
}

/** @throws Error for the document of an OpenID Provider that clients could not use */
export function requireComplete(document: Document): void {
  const faults = isOpenIDProvider(document) ? faultsOf(document) : [];
  if (faults.length > 0) throw new Error(`The metadata of an OpenID Provider lacks ${faults.join('; ')}`);
}
