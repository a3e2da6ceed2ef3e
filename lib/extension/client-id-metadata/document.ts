/** Checks the content of a document, as if the client had sent it to register. */
import { invalidMetadata } from '../../clients/invalid-metadata.js';
import { announcedMethods, isBySecret } from '../../clients/judge-authentication.js';
import { judgeMetadata, type MetadataRules } from '../../clients/judge-metadata.js';
import type { Core } from '../../core.js';
import { parseJSON } from '../../http/depth.js';
import type { ClientMetadata } from '../../types.js';
import type { ClientIDMetadataOptions, DocumentedClient } from './options.js';
import { requireWebURIs } from './redirect.js';

function membersOf(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = parseJSON(text);
  } catch {
    throw invalidMetadata('The document is no JSON');
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw invalidMetadata('The document is no JSON object');
}

/** The authentication methods that clients with a document may use: those without a shared secret. Most use `none`. Draft §4.1 */
export function usableMethods<C, U>(core: Core<C, U>): readonly string[] {
  const usable = announcedMethods(core).filter((method) => !isBySecret(method));
  return usable.includes('none') ? ['none', ...usable.filter((method) => method !== 'none')] : usable;
}

const GRANT_TYPES: readonly string[] = ['authorization_code', 'refresh_token'];

/** Members that are defined by the application alone are dropped: one of them could give the client rights. */
function rulesFor<C, U>(core: Core<C, U>, { grantTypes = GRANT_TYPES }: ClientIDMetadataOptions<C>): MetadataRules {
  return {
    authMethods: usableMethods(core),
    mayHaveGrant: (grantType) => grantTypes.includes(grantType),
    schemes: [],
    sameHost: false, // the dialog shows the host of the client's identifier, too
    keepsUnknown: false,
    byStranger: true,
  };
}

/** The registration without the logos of the client. Users see the application's copy, if it has one. Draft §8.8 */
async function withLogo<C>(clientID: string, judged: ClientMetadata, { logo }: ClientIDMetadataOptions<C>) {
  const { logo_uri: uri } = judged;
  const others = Object.entries(judged).filter(([name]) => !/^logo_uri(?:#|$)/.test(name));
  const copy = uri === undefined ? undefined : await logo?.(uri, clientID);
  const registration: ClientMetadata = Object.fromEntries(others);
  return copy === undefined ? registration : { ...registration, logo_uri: copy };
}

/**
 * The registration in a document, in the form that is kept.
 *
 * @throws OAuth2Error `invalid_client_metadata`, and others of RFC 7591 §3.2.2
 */
export async function judgeDocument<C, U>(
  core: Core<C, U>,
  clientID: string,
  text: string,
  options: ClientIDMetadataOptions<C>,
): Promise<DocumentedClient> {
  const document = membersOf(text);
  // Draft §4, RFC 3986 §6.2.1: compared as texts
  if (document['client_id'] !== clientID) throw invalidMetadata('client_id is not the URL of the document');
  // Draft §4.1: client and server have no way to agree on a secret
  const secret = Object.keys(document).find((name) => name.startsWith('client_secret'));
  if (secret !== undefined) throw invalidMetadata(`${secret} must not be there`);
  const judged = await judgeMetadata(core, document, rulesFor(core, options));
  const { redirect_uris = [], grant_types = [], response_types = [], token_endpoint_auth_method = 'none' } = judged;
  if (options.allowPrivateSchemes !== true) requireWebURIs(redirect_uris);
  const shown = await withLogo(clientID, judged, options);
  return { ...shown, client_id: clientID, redirect_uris, grant_types, response_types, token_endpoint_auth_method };
}
