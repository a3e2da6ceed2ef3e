/** Sectors: clients of one sector get the same pairwise `sub` for a user. @see OpenID Connect Core §8.1, OpenID Connect Registration §5 */
import { invalidMetadata } from '../../clients/invalid-metadata.js';
import { isText, listOf } from '../../clients/member.js';
import { OAuth2Error } from '../../errors/oauth2-error.js';
import { type ReasonValues, reasoned } from '../../errors/reason.js';
import { parseJSON } from '../../http/depth.js';
import { type Fetch, fetchText, TooLargeError } from '../../http/fetch-text.js';
import { publicFetch } from '../../http/public-fetch.js';
import { isHTTPSOrLoopback, isPlain, isSecureURL } from '../../syntax/url.js';
import type { ClientMetadata } from '../../types.js';

/** The sector of a client, or the reason why it has none. */
export type Sector = { readonly sector: string } | { readonly fault: string };

/** The members from which a sector follows. */
export interface SectorSource {
  /** `sector_identifier_uri` of the registration. */
  readonly uri?: string | undefined;
  readonly redirectURIs?: readonly string[] | undefined;
}

function isSectorURI(uri: string): boolean {
  return isSecureURL(uri) && !isPlain(uri); // Registration §2: MUST be https
}

/** The host of a redirect URI; undefined if the URI has no single owner, such as `app:/callback` and `http://127.0.0.1/callback`. */
function hostOf(uri: string): string | undefined {
  if (!URL.canParse(uri)) return undefined;
  const { protocol, hostname } = new URL(uri);
  if (protocol !== 'https:' && protocol !== 'http:') return undefined;
  const isOnMachine = isHTTPSOrLoopback(new URL(`http://${hostname}`));
  return isOnMachine ? undefined : hostname;
}

/**
 * The host of `sector_identifier_uri`, or else the one host that all redirect URIs have.
 *
 * @see OpenID Connect Core §8.1
 */
export function sectorOf({ uri, redirectURIs = [] }: SectorSource): Sector {
  if (uri !== undefined) {
    if (typeof uri === 'string' && isSectorURI(uri)) return { sector: new URL(uri).hostname };
    return { fault: 'sector_identifier_uri must be an https URL' };
  }
  const [host, ...others] = new Set(redirectURIs.map(hostOf));
  // unrelated programs share such URIs, and would get the same sub for a user
  if (host === undefined)
    return { fault: 'subject_type pairwise needs sector_identifier_uri, or redirect URIs at a host of one owner' };
  if (others.length > 0) return { fault: 'redirect URIs at several hosts need sector_identifier_uri' };
  return { sector: host };
}

/** Grants that give a client data about a user only after a browser was sent to its redirect URI. */
const BY_REDIRECT: ReadonlySet<string> = new Set([
  ...['authorization_code', 'implicit', 'refresh_token', 'client_credentials'],
]);

/** Whether one of these grants gives a client data about users without a browser at its redirect URI; undefined if the client may use any grant. */
export function needsNoRedirect(grantTypes: readonly string[] | undefined): boolean | undefined {
  return grantTypes?.some((type) => !BY_REDIRECT.has(type));
}

const NO_LIST = 'sector_identifier_uri gives no JSON array of redirect URIs';

/** @param values for the operator */
export function invalid(message: string, why: string, values: ReasonValues = {}): OAuth2Error {
  return reasoned(invalidMetadata(message), why, values);
}

/**
 * The list cannot be fetched now, which is not a fault of the client. After `invalid_client`, a client with a document would discard its tokens. RFC 6749 §5.2
 */
export function unavailable(uri: string, why: string, retryAfter = 5): OAuth2Error {
  const message = 'sector_identifier_uri cannot be fetched now';
  const more = { headers: { 'Retry-After': String(retryAfter) } };
  return reasoned(new OAuth2Error(message, 'temporarily_unavailable', undefined, 503, more), why, { uri });
}

async function fetchList(uri: string, fetch: Fetch): Promise<string> {
  const { status, text } = await fetchText(
    uri,
    { headers: { accept: 'application/json' } },
    { fetch, timeout: 5 },
  ).catch((error: unknown) => {
    if (error instanceof TooLargeError) throw invalid(NO_LIST, String(error));
    throw unavailable(uri, `There is no answer: ${error}`); // the reason is not sent: an attacker could scan internal addresses by it
  });
  if (status >= 500 || status === 429) throw unavailable(uri, `The answer has the status ${status}`);
  return text; // `fetchText` reads no text unless the status is 200
}

/** The URIs in the document of a sector. @throws OAuth2Error */
export async function fetchURIs(uri: string, fetch: Fetch = publicFetch()): Promise<readonly unknown[]> {
  const text = await fetchList(uri, fetch);
  let list: unknown;
  try {
    list = parseJSON(text);
  } catch (error) {
    throw invalid(NO_LIST, 'It is no JSON', { error: String(error) });
  }
  if (Array.isArray(list)) return list;
  throw invalid(NO_LIST, 'It is no array');
}

/**
 * Checks, when a client is registered, that it belongs to the sector that it names: the document of the sector lists all its redirect URIs, and its `jwks_uri`
 * if it has a grant that needs no redirect. Without this check, a client could name the sector of other clients, and get the same `sub` as they for each user.
 *
 * @param fetch fetches the document without following redirects. Default: `publicFetch()`, which connects to public addresses only
 * @throws OAuth2Error `invalid_client_metadata`; `temporarily_unavailable` (503) if the document cannot be fetched now
 * @example await verifySector({ redirect_uris: ['https://a.example/cb'], sector_identifier_uri: 'https://a.example/sector.json' });
 * @see OpenID Connect Registration §5, OpenID Connect Core §8.1, CIBA §4
 */
export function verifySector(metadata: ClientMetadata, fetch: Fetch = publicFetch()): Promise<void> {
  return verifySectorBy(metadata, (uri) => fetchURIs(uri, fetch));
}

/** `verifySector`, with a function that gives the list of a sector. It is called only if the registration itself is in order. */
export async function verifySectorBy(
  metadata: ClientMetadata,
  listAt: (uri: string) => Promise<readonly unknown[]>,
): Promise<void> {
  const { sector_identifier_uri: uri, subject_type, grant_types, jwks_uri } = metadata;
  if (uri === undefined && subject_type !== 'pairwise') return;
  const redirectURIs = listOf(metadata, 'redirect_uris', isText) ?? [];
  const found = sectorOf({ uri, redirectURIs });
  if ('fault' in found) throw invalid(found.fault, 'No sector follows from the registration');
  if (typeof uri !== 'string') return;
  const listed = await listAt(uri);
  const missing = redirectURIs.find((one) => !listed.includes(one));
  // Registration §5, CIBA §4: MUST be included
  if (missing !== undefined)
    throw invalid('sector_identifier_uri does not list every redirect URI', `It lacks ${missing}`);
  if (jwks_uri === undefined || needsNoRedirect(grant_types) !== true || listed.includes(jwks_uri)) return;
  throw invalid('sector_identifier_uri does not list jwks_uri', `It lacks ${jwks_uri}`);
}
