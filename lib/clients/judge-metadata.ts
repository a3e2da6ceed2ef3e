/**
 * Judges a registration that a stranger sent, or that was fetched from a stranger's server. Every member that this server reads is judged: by the
 * toolkit, or by the extension that reads it.
 */
import type { Core } from '../core.js';
import { hasPlainTexts } from '../syntax/plain-text.js';
import type { ClientMetadata } from '../types.js';
import { invalidMetadata } from './invalid-metadata.js';
import { judgeAuthentication } from './judge-authentication.js';
import { judgeGrants } from './judge-grants.js';
import { judgeKeys } from './judge-keys.js';
import { judgeRedirectURIs } from './judge-redirect-uris.js';
import { judgeTexts } from './judge-texts.js';
import { knownMembers } from './known-metadata.js';
import { isText } from './member.js';
import { requireObeyedMetadata } from './obeyed.js';

/** What such a client may register. */
export interface MetadataRules {
  /** Authentication methods, the default first. */
  readonly authMethods: readonly string[];
  /** Whether such a client may have a grant type of the server. */
  mayHaveGrant(grantType: string): boolean;
  /** Schemes without a dot, such as `cursor`, that redirect URIs may have. */
  readonly schemes: readonly string[];
  /** Whether the pages and logos must be at the host of a redirect URI. */
  readonly sameHost: boolean;
  /** Whether members that the server does not read are kept. */
  readonly keepsUnknown: boolean;
  /** Whether anybody can send such a registration, without a token or a statement of somebody whom the operator trusts. */
  readonly byStranger: boolean;
}

/** RFC 6749 §3.3: words of scope-token characters, each once separated by one space. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/;

const MAX_SCOPE = 2000;

/** The members that are read, or kept. RFC 7592 §2.2: null counts as absent. */
function membersOf<C, U>(core: Core<C, U>, given: object, keepsUnknown: boolean): ClientMetadata {
  const isKnown = knownMembers(core);
  const isKept = ([name, value]: readonly [string, unknown]): boolean =>
    value !== null && value !== undefined && (isKnown(name) || (keepsUnknown && name !== '__proto__'));
  return Object.fromEntries(Object.entries(given).filter(isKept));
}

function judgeScope({ scope }: ClientMetadata): void {
  if (scope === undefined || (isText(scope) && scope.length <= MAX_SCOPE && SCOPE.test(scope))) return;
  throw invalidMetadata('scope must be words separated by spaces', { came: scope });
}

/**
 * The registration as it is stored: with the defaults, and without what this server does not support.
 *
 * @param given the object that the client sent, or that was fetched
 * @throws OAuth2Error `invalid_client_metadata`, or `invalid_redirect_uri`
 * @see RFC 7591 §2, §3.2.1, §3.2.2
 */
export async function judgeMetadata<C, U>(
  core: Core<C, U>,
  given: object,
  rules: MetadataRules,
): Promise<ClientMetadata> {
  if (!hasPlainTexts(given)) throw invalidMetadata('A text has NUL, or half of a surrogate pair');
  const sent = membersOf(core, given, rules.keepsUnknown);
  const method = judgeAuthentication(core, sent, rules.authMethods);
  const types = judgeGrants(core, sent, (grantType) => rules.mayHaveGrant(grantType));
  let metadata: ClientMetadata = { ...sent, token_endpoint_auth_method: method, ...types };
  judgeRedirectURIs(metadata, { issuer: core.issuer, schemes: rules.schemes });
  judgeKeys(metadata);
  judgeTexts(metadata, rules);
  judgeScope(metadata);
  requireObeyedMetadata(core, given); // judges what was sent: `sent` lacks the members that no extension reads
  for (const { register } of core.extensions) metadata = (await register?.(metadata, rules)) ?? metadata;
  return metadata;
}
