/** Judges what stands in a document, as if the client registered with it. */
import type { Core } from '../../core.js';
import { parseJSON } from '../../http/depth.js';
import type { ClientMetadata } from '../../types.js';
import { invalid } from './fault.js';
import { requirePublicKeys } from './keys.js';
import { isShown, isURLMember, readMembers } from './members.js';
import type { ClientIDMetadataOptions, DocumentedClient } from './options.js';
import { requireRedirectURIs } from './redirect.js';

type Members = Readonly<Record<string, unknown>>;

function membersOf(text: string): Members {
  let value: unknown;
  try {
    value = parseJSON(text);
  } catch {
    throw invalid('The document is no JSON');
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Members;
  throw invalid('The document is no JSON object');
}

/** Draft §4.1: there is no way to agree on a secret that both know. */
function requireNoSecret(document: Members): void {
  const secret = Object.keys(document).find((name) => name.startsWith('client_secret'));
  if (secret !== undefined) throw invalid(`${secret} must not be there`);
}

function methodsOf<C, U>({ extensions }: Core<C, U>): readonly string[] {
  return extensions.flatMap(({ metadata }) => metadata?.().token_endpoint_auth_methods_supported ?? []);
}

/** The methods that clients with a document may use here: those without a secret that both know. Draft §4.1 */
export function usableMethods<C, U>(core: Core<C, U>): readonly string[] {
  return [...new Set(methodsOf(core))].filter((name) => !name.startsWith('client_secret'));
}

/** The method by which the client authenticates. Where the document names none it cannot be that of RFC 7591 §2, which needs a secret: it is a public client. */
function methodIn<C, U>(core: Core<C, U>, { token_endpoint_auth_method: method = 'none' }: Members): string {
  const usable = usableMethods(core);
  if (typeof method === 'string' && usable.includes(method)) return method;
  throw invalid(`token_endpoint_auth_method is one of ${usable.join(', ')}`);
}

const DISPLAYED = 200;

/** Characters that would move other text of the dialog, or make it read in another order. */
const MOVES = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

/** What the user is shown is text of a bearable length, and links lead to https. */
function requireShowable(members: Members): void {
  for (const [name, value] of Object.entries(members)) {
    if (!isShown(name)) continue;
    if (typeof value !== 'string' || MOVES.test(value)) throw invalid(`${name} must be text`);
    if (isURLMember(name) && !(value.startsWith('https://') && URL.canParse(value)))
      throw invalid(`${name} must be an https URL`);
    if (!isURLMember(name) && value.length > DISPLAYED) throw invalid(`${name} is longer than ${DISPLAYED} characters`);
  }
}

function textsOf(members: Members, name: string, usual: readonly string[]): readonly string[] {
  const { [name]: value = usual } = members;
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value;
  throw invalid(`${name} must be an array of strings`);
}

const GRANT_TYPES: readonly string[] = ['authorization_code', 'refresh_token'];

/** The registration in a document, before the extensions have judged it. @throws OAuth2Error */
function registrationIn<C, U>(
  core: Core<C, U>,
  clientID: string,
  document: Members,
  options: ClientIDMetadataOptions<C>,
): DocumentedClient {
  // Draft §4, RFC 3986 §6.2.1: compared as texts
  if (document['client_id'] !== clientID) throw invalid('client_id is not the URL of the document');
  requireNoSecret(document);
  const members = readMembers(document);
  requireShowable(members);
  const method = methodIn(core, members);
  requirePublicKeys(members, method);
  const { grantTypes: allowed = GRANT_TYPES } = options;
  return {
    ...members,
    client_id: clientID,
    redirect_uris: requireRedirectURIs(members['redirect_uris'], options),
    // RFC 7591 §2: the defaults of what is left out
    grant_types: textsOf(members, 'grant_types', ['authorization_code']).filter((type) => allowed.includes(type)),
    response_types: textsOf(members, 'response_types', ['code']),
    token_endpoint_auth_method: method,
  };
}

/** The logo that users are shown: the application's copy, if it has one. Draft §8.8 */
async function logoOf<C>(clientID: string, { logo_uri: uri }: Members, { logo }: ClientIDMetadataOptions<C>) {
  const url = typeof uri === 'string' && uri.startsWith('https://') ? await logo?.(uri, clientID) : undefined;
  return url === undefined ? {} : { logo_uri: url };
}

/**
 * The registration in a document, as it is kept.
 *
 * @throws OAuth2Error `invalid_client_metadata`, and others of RFC 7591 §3.2.2 that extensions throw
 */
export async function judgeDocument<C, U>(
  core: Core<C, U>,
  clientID: string,
  text: string,
  options: ClientIDMetadataOptions<C>,
): Promise<DocumentedClient> {
  const document = membersOf(text);
  const registration = registrationIn(core, clientID, document, options);
  let judged: ClientMetadata = registration;
  for (const { register } of core.extensions) judged = register ? await register(judged) : judged;
  return Object.assign({}, registration, judged, await logoOf(clientID, document, options));
}
